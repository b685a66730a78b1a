"""Verifying the audit chain without trusting the database: its rows are read, and everything else is computed here.

`audit.verify()` in SQL does the same faster, but whoever owns the database could replace that function.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from store import merkle
from store.anchors import Anchor, Notary, list_anchors
from store.database import Store
from store.errors import AnchorBroken

GENESIS = b"\x00"
#: Rows in memory at once.
BATCH_ROWS = 2000
COLUMNS = (
    "seq, (extract(epoch FROM at) * 1000000)::bigint AS at_us, actor, db_user, case_id::text AS case_id, kind,"
    " payload::text AS payload, prev_hash, hash"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What the walk found. `first_bad` is the first event that does not hold, None when all do.

    `anchors` is how many were compared, None when no place for them is named; `anchored` is the newest of them.
    """

    checked: int
    first_bad: int | None = None
    reason: str | None = None
    anchors: int | None = None
    anchored: Anchor | None = None


class _Bad(Exception):
    """The walk ends here."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(reason)
        self.seq, self.reason = seq, reason


_HEAD = text("SELECT seq, hash FROM audit.chain_head WHERE chain = 'main'")
_WALK = text(f"SELECT {COLUMNS} FROM audit.event ORDER BY seq")


def event_digest(row: Any, prev_hash: bytes) -> bytes:
    """Return the hash that an event must have after `prev_hash`: sha256 over a JSON array as Postgres writes it.

    Args:
        row: with the columns of `COLUMNS`; `payload` is the text that Postgres gives for it.
        prev_hash: hash of the event before.
    """
    words = [
        str(row.seq), str(row.at_us), _quoted(row.actor), _quoted(row.db_user), _quoted(row.case_id),
        _quoted(row.kind), row.payload, _quoted(prev_hash.hex()),
    ]  # fmt: skip
    return hashlib.sha256(f"[{', '.join(words)}]".encode()).digest()


def _quoted(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def verify_chain(store: Store, notary: Notary | None) -> ChainReport:
    """Walk the chain and compare it with the anchors outside the database.

    Args:
        store: the open store.
        notary: where the anchors are and whose signature is trusted; None: they are not looked at.
    """
    try:
        signed = list_anchors(notary) if notary else []
    except AnchorBroken as error:
        return ChainReport(checked=0, first_bad=0, reason=str(error), anchors=0)
    anchors = [one.anchor for one in signed]
    walk = _Walk(anchors)
    found: dict[str, Any] = {}
    try:
        with store.auditor() as connection:
            _walk(connection, walk)
        walk.finish(demand_anchor=notary is not None)
    except _Bad as bad:
        found = {"first_bad": bad.seq, "reason": bad.reason}
    return ChainReport(
        checked=walk.checked, anchors=len(anchors) if notary else None,
        anchored=anchors[-1] if anchors else None, **found,
    )  # fmt: skip


def _walk(connection: Connection, walk: _Walk) -> None:
    # First the head: what is written meanwhile only makes the walk longer.
    head = connection.execute(_HEAD).one()
    rows: Iterator[Any] = iter(
        connection.execution_options(stream_results=True, yield_per=BATCH_ROWS).execute(_WALK)
    )
    for row in rows:
        walk.take(row)
        if row.seq == head.seq and bytes(row.hash) != bytes(head.hash):
            raise _Bad(row.seq, "differs from the head of the chain")
    if walk.checked < head.seq:
        raise _Bad(head.seq, "tail cut off")


class _Walk:
    """State of a walk: the last event, the hashes since the last anchor, the anchors still ahead."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        self.checked, self._hash = 0, GENESIS
        self._ahead, self._since = list(reversed(anchors)), 0
        self._seen_anchor = bool(anchors)
        self._hashes: list[bytes] = []

    def take(self, row: Any) -> None:
        """Check one event; raise `_Bad` when it does not follow from the one before it."""
        if row.seq != self.checked + 1:
            raise _Bad(row.seq, "gap")
        if bytes(row.prev_hash) != self._hash:
            raise _Bad(row.seq, "broken link")
        if bytes(row.hash) != event_digest(row, self._hash):
            raise _Bad(row.seq, "row altered")
        self.checked, self._hash = row.seq, bytes(row.hash)
        if self._ahead:
            self._hashes.append(self._hash)
            if self._ahead[-1].seq == row.seq:
                self._compare(self._ahead.pop())

    def _compare(self, anchor: Anchor) -> None:
        if anchor.since != self._since:
            raise _Bad(self._since + 1, "an anchor outside the database is missing")
        if anchor.hash != self._hash.hex() or anchor.root != merkle.root(self._hashes).hex():
            raise _Bad(anchor.seq, "differs from its anchor outside the database")
        self._since, self._hashes = anchor.seq, []

    def finish(self, *, demand_anchor: bool) -> None:
        """Check that nothing that was anchored is missing at the end."""
        if self._ahead:
            raise _Bad(self._ahead[-1].seq, "tail cut off, says an anchor outside the database")
        if demand_anchor and self.checked and not self._seen_anchor:
            raise _Bad(self.checked, "no anchor outside the database vouches for the chain")
