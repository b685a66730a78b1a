"""Anchors: signed heads of the audit chain, kept outside the database, each with the root of the events since the last.

An anchor says: at this time the chain ended with event `seq`, whose hash is `hash`, and the events after `since` up to
`seq` have this Merkle root. Whoever rewrites the chain, or cuts its tail, contradicts it; and one event can be proved
to be in the chain without showing any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import obstore
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, text

from store import merkle
from store.blobs import open_blobs, put_blob
from store.database import Store
from store.errors import AnchorBroken
from store.settings import RecordSettings
from store.signing import ANCHOR, Signer, canonical, open_signer

if TYPE_CHECKING:
    from obstore.store import ObjectStore

FOLDER = "anchors"
#: A year of anchors is some fifty thousand objects, each one round trip.
READERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What was signed. Hashes are hex, `at` is ISO 8601 in UTC."""

    chain: str
    since: int
    seq: int
    hash: str
    root: str
    at: str
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAnchor:
    """An anchor and the signature over its canonical JSON."""

    anchor: Anchor
    signature: str

    @property
    def message(self) -> bytes:
        """What is under the signature."""
        return canonical(asdict(self.anchor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notary:
    """Who signs, and where anchors are kept."""

    signer: Signer
    anchors: ObjectStore


_SIGNED = TypeAdapter(SignedAnchor)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('ekyc.anchor'))")
_KEEP = text("SELECT head_seq, head_hash FROM audit.keep_anchor()")
_HASHES = text("SELECT seq, hash FROM audit.event WHERE seq > :since AND seq <= :seq ORDER BY seq")
_HASH = text("SELECT hash FROM audit.event WHERE seq = :seq")


def open_notary(settings: RecordSettings) -> Notary | None:
    """Return the notary of the settings, None when no place for anchors is named."""
    if settings.anchor_url is None:
        return None
    return Notary(signer=signer_of(settings), anchors=open_blobs(settings.anchor_url))


def signer_of(settings: RecordSettings) -> Signer:
    """Return the signer of the settings."""
    seed = settings.signing_key.get_secret_value() if settings.signing_key else None
    return open_signer(seed, settings.trusted_keys)


def list_anchors(notary: Notary) -> list[SignedAnchor]:
    """Return all anchors in the order of the chain, their signatures verified.

    Raises:
        AnchorBroken: one cannot be read, or no trusted key signed it.
    """
    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(lambda name: _read(notary, name), _names(notary)))


def _names(notary: Notary) -> list[str]:
    pages: Any = obstore.list(notary.anchors, prefix=f"{FOLDER}/")
    return sorted(str(entry["path"]) for page in pages for entry in page)


def _read(notary: Notary, name: str) -> SignedAnchor:
    try:
        signed = _SIGNED.validate_json(bytes(obstore.get(notary.anchors, name).bytes()))
    except ValidationError:
        raise AnchorBroken(f"{name} is not an anchor") from None
    anchor = signed.anchor
    if not notary.signer.verifies(anchor.key_id, ANCHOR, signed.message, signed.signature):
        raise AnchorBroken(f"{name} is not signed by a trusted key")
    if name != _name(anchor):
        raise AnchorBroken(f"{name} is an anchor of another place")
    return signed


def _name(anchor: Anchor) -> str:
    return f"{FOLDER}/{anchor.seq:020d}.json"


def make_anchor(store: Store, notary: Notary) -> Anchor | None:
    """Sign the head of the chain and keep it outside; None when nothing happened since the last anchor.

    Raises:
        AnchorBroken: the chain no longer fits the last anchor; what does not hold is not vouched for.
        ValueError: there is no key to sign with.
    """
    with store.engine.begin() as connection:
        connection.execute(_LOCK)  # two sweepers: the second finds the anchor of the first
        names = _names(notary)
        last = _read(notary, names[-1]).anchor if names else None
        head = connection.execute(_KEEP).one_or_none()
        if head is None:
            _require(last is None, "the chain is empty and was not")
            return None
        if last is not None:
            _require(
                _hash_of(connection, last.seq) == last.hash,
                "the chain differs from its last anchor",
            )
            if head.head_seq == last.seq:
                return None
        anchor = _anchor(connection, notary, last.seq if last else 0, head.head_seq, head.head_hash)
        signed = SignedAnchor(
            anchor=anchor, signature=notary.signer.sign(ANCHOR, canonical(asdict(anchor)))
        )
        put_blob(notary.anchors, _name(anchor), json.dumps(asdict(signed), indent=1).encode())
    return anchor


def _anchor(connection: Connection, notary: Notary, since: int, seq: int, head: bytes) -> Anchor:
    hashes = event_hashes(connection, since, seq)
    _require(len(hashes) == seq - since and hashes[-1] == bytes(head), "events are missing")
    return Anchor(
        chain="main", since=since, seq=seq, hash=bytes(head).hex(), root=merkle.root(hashes).hex(),
        at=datetime.now(UTC).isoformat(timespec="seconds"), key_id=notary.signer.key_id or "",
    )  # fmt: skip


def event_hashes(connection: Connection, since: int, seq: int) -> list[bytes]:
    """Return the hashes of the events after `since` up to `seq`."""
    rows: Iterator[Any] = iter(connection.execute(_HASHES, {"since": since, "seq": seq}))
    return [bytes(row.hash) for row in rows]


def _hash_of(connection: Connection, seq: int) -> str | None:
    row = connection.execute(_HASH, {"seq": seq}).one_or_none()
    return bytes(row.hash).hex() if row else None


def _require(holds: bool, what: str) -> None:  # noqa: FBT001 - it reads as a sentence
    if not holds:
        raise AnchorBroken(what)
