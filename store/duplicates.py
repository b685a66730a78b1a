"""The same identity number in another case, without keeping the number: by an HMAC under a key of its own."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from sqlalchemy import text

from pipeline.case import CaseStatus
from store.database import Store
from store.errors import Erased
from store.keyring import CaseKey

_NAME = "id_number"
#: Cases that count as another one: being judged, waiting for a person, approved. A rejected or abandoned application
#: may be made again.
_COUNTS = (CaseStatus.PROCESSING, CaseStatus.REVIEW, CaseStatus.APPROVED)
#: Enough for a person to see that it is not one slip.
_AT_MOST = 20

_KEY = text("SELECT wrapped, kek_id FROM index_keys WHERE name = :name")
_FIRST_KEY = text(
    "INSERT INTO index_keys (name, wrapped, kek_id) VALUES (:name, :wrapped, :kek_id) ON CONFLICT DO NOTHING"
)
#: No row for a case without a key: what was erased is not indexed again by a late worker.
_INDEX = text(
    "INSERT INTO id_number_index (case_id, mac) SELECT case_id, :mac FROM case_keys WHERE case_id = :case_id"
    " ON CONFLICT (case_id) DO UPDATE SET mac = excluded.mac, indexed_at = now() RETURNING case_id"
)
_OTHERS = text(
    "SELECT i.case_id FROM id_number_index i JOIN cases c ON c.id = i.case_id"
    " WHERE i.mac = :mac AND i.case_id <> :case_id AND c.status = ANY(:counts)"
    " ORDER BY c.created_at, c.id LIMIT :at_most"
)


def cases_of_same_number(store: Store, case_id: UUID, id_number: str) -> tuple[UUID, ...]:
    """Index the number of a case, then return other cases of the same number, the oldest first.

    The index is written and committed before anybody looks, so of two cases that are decided at the same moment at
    least one sees the other.

    Args:
        store: the open store.
        case_id: the case.
        id_number: what it is taken to be; everything but digits is ignored.

    Raises:
        Erased: the case was erased meanwhile.
    """
    mac = _mac(store, id_number)
    if not store.run(_INDEX, {"case_id": case_id, "mac": mac}):
        raise Erased("the key of the case was destroyed")
    values = {
        "mac": mac, "case_id": case_id, "counts": [str(s) for s in _COUNTS], "at_most": _AT_MOST,
    }  # fmt: skip
    return tuple(row.case_id for row in store.run(_OTHERS, values))


def _mac(store: Store, id_number: str) -> bytes:
    digits = "".join(filter(str.isdigit, id_number))
    return hmac.digest(_index_key(store).secret, digits.encode(), hashlib.sha256)


def _index_key(store: Store) -> CaseKey:
    rows = store.run(_KEY, {"name": _NAME})
    if not rows:
        _, wrapped = store.keyring.new_key()
        first = {"name": _NAME, "wrapped": wrapped, "kek_id": store.keyring.current}
        with store.hot() as connection:
            connection.execute(_FIRST_KEY, first)
        rows = store.run(_KEY, {"name": _NAME})  # another process may have been faster
    return store.keyring.unwrap(rows[0].wrapped, rows[0].kek_id)
