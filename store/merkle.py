"""Merkle trees as RFC 9162 (Certificate Transparency 2.0, section 2.1) builds them, over hashes of audit events.

The root of a tree is signed; a path of a few hashes then proves that one event is in it and says nothing of the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf; the prefix keeps a leaf from passing as a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def root(entries: Sequence[bytes]) -> bytes:
    """Return the root over entries in their order; of none it is the hash of nothing."""
    if not entries:
        return hashlib.sha256().digest()
    level = [leaf_hash(entry) for entry in entries]
    while len(level) > 1:
        # Pairing from the left and carrying an odd one up gives the tree of the RFC.
        paired = [_node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def path(entries: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from entry `index` to the root, the nearest first.

    Raises:
        IndexError: there is no such entry.
    """
    if not 0 <= index < len(entries):
        raise IndexError(index)
    if len(entries) == 1:
        return []
    split = _split(len(entries))
    if index < split:
        return [*path(entries[:split], index), root(entries[split:])]
    return [*path(entries[split:], index - split), root(entries[:split])]


def root_from_path(entry: bytes, index: int, size: int, siblings: Sequence[bytes]) -> bytes | None:
    """Return the root to which a path leads (RFC 9162, 2.1.3.2); None when the path does not fit the tree's size."""
    if not 0 <= index < size:
        return None
    place, last, digest = index, size - 1, leaf_hash(entry)
    for sibling in siblings:
        if last == 0:
            return None
        if place & 1 or place == last:
            digest = _node_hash(sibling, digest)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            digest = _node_hash(digest, sibling)
        place, last = place >> 1, last >> 1
    return digest if last == 0 else None
