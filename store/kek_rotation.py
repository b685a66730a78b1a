"""Rotation of the key-encryption key: every wrapped key is opened by its former KEK and wrapped by the current one.

What the keys seal is not touched, so a rotation costs a few bytes a case, whatever its evidence weighs. Each batch is
its own transaction and the rows themselves say what is left, so a rotation that was killed is simply started again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from store.audit import append
from store.database import Store
from store.errors import KekMissing
from store.keyring import Keyring

#: Some milliseconds a batch: writers of the same rows wait no longer than that.
BATCH_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrapped:
    """A table whose rows hold `wrapped` and `kek_id`, and its primary key."""

    table: str
    key: str


_WRAPPED = (
    _Wrapped(table="case_keys", key="case_id"),
    _Wrapped(table="webhook_secrets", key="id"),
    _Wrapped(table="index_keys", key="name"),
)


def kek_usage(store: Store) -> dict[str, int]:
    """Return how many keys each key-encryption key wraps now, by its id."""
    counts = " UNION ALL ".join(f"SELECT kek_id FROM {kept.table}" for kept in _WRAPPED)
    query = text(f"SELECT kek_id, count(*) FROM ({counts}) AS kept GROUP BY kek_id ORDER BY kek_id")
    with store.hot() as connection:
        return {str(kek_id): int(number) for kek_id, number in connection.execute(query)}


def rotate_kek(
    store: Store, *, actor: str, progress: Callable[[int], None], batch_rows: int = BATCH_ROWS
) -> int:
    """Wrap every key by the current key-encryption key; return how many were wrapped by another before.

    Args:
        store: the open store; its keyring holds the current KEK and the former ones.
        actor: who rotates, for the record.
        progress: told after each batch how many keys are done.
        batch_rows: keys a transaction.

    Raises:
        KekMissing: keys are wrapped by a KEK that the keyring does not hold; nothing was changed.
        SealBroken: a KEK is not the one that wrapped a key; the batches before it stay done.
    """
    usage, current = kek_usage(store), store.keyring.current
    missing = sorted(usage.keys() - store.keyring.keks.keys())
    if missing:
        raise KekMissing(missing)
    former = {kek_id: number for kek_id, number in usage.items() if kek_id != current}
    if not former:
        return 0
    append(
        store, actor=actor, case_id=None, kind="kek_rotation_started",
        payload={"to": current, "from": former},
    )  # fmt: skip
    done = 0
    for kept in _WRAPPED:
        last = None
        while rows := _rewrap(store, kept, after=last, limit=batch_rows):
            last, done = rows[-1], done + len(rows)
            progress(done)
    append(
        store, actor=actor, case_id=None, kind="kek_rotation_finished",
        payload={"to": current, "rewrapped": done},
    )  # fmt: skip
    return done


def _rewrap(store: Store, kept: _Wrapped, *, after: object, limit: int) -> list[Any]:
    with store.engine.begin() as connection:
        return _rewrap_batch(connection, store.keyring, kept, after=after, limit=limit)


def _rewrap_batch(
    connection: Connection, keyring: Keyring, kept: _Wrapped, *, after: object, limit: int
) -> list[Any]:
    """Wrap some keys anew, in the order of their primary key from `after` on; return the primary keys."""
    beyond = f" AND {kept.key} > :after" if after is not None else ""
    rows = connection.execute(
        text(
            f"SELECT {kept.key} AS id, wrapped, kek_id FROM {kept.table} WHERE kek_id <> :kek_id{beyond}"
            f" ORDER BY {kept.key} LIMIT :limit FOR UPDATE"
        ),
        {"kek_id": keyring.current, "limit": limit, **({"after": after} if beyond else {})},
    ).all()
    if rows:
        connection.execute(
            text(
                f"UPDATE {kept.table} SET wrapped = :wrapped, kek_id = :kek_id WHERE {kept.key} = :id"
            ),
            [
                {
                    "id": row.id, "kek_id": keyring.current,
                    "wrapped": keyring.wrap(keyring.unwrap(row.wrapped, row.kek_id)),
                }
                for row in rows
            ],
        )  # fmt: skip
    return [row.id for row in rows]
