"""The shortest way to the database: what a caller sees is what SQLAlchemy would have shown."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from store.database import Store, open_store
from store.settings import StoreSettings

_PID = text("SELECT pg_backend_pid() AS pid")
_KEY = text("INSERT INTO case_keys (case_id, wrapped, kek_id) VALUES (NULL, :secret, 'k1')")
_PERCENT = text("SELECT 7 % 4 AS rest, ':' || CAST(:word AS text) AS word")
_EVENT = text("INSERT INTO audit.event (actor, kind, payload) VALUES ('t', 'undone', '{}')")


def test_rows_have_their_columns_as_attributes(store: Store) -> None:
    (row,) = store.run(_PERCENT, {"word": "a%b", "unused": 1})
    assert (row.rest, row.word) == (3, ":a%b")


def test_errors_are_those_of_sqlalchemy_without_parameters(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught:
        store.run(_KEY, {"secret": b"001199000000"})
    assert "parameters" not in str(caught.value)


def test_a_lost_connection_is_an_operational_error_once_and_then_replaced(
    store: Store, settings: StoreSettings
) -> None:
    other = open_store(settings, ping=False)
    (before,) = other.run(_PID, {})
    with store.engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE NONE"))
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before.pid})
    with pytest.raises(OperationalError) as caught:
        other.run(_PID, {})
    (after,) = other.run(_PID, {})
    other.engine.dispose()
    assert caught.value.connection_invalidated
    assert after.pid != before.pid


def test_a_transaction_is_undone_as_a_whole_and_leaves_no_trace_on_its_connection(
    store: Store,
) -> None:
    with pytest.raises(DataError):
        _write_and_fail(store)
    with store.auditor() as connection:
        undone = connection.execute(text("SELECT seq FROM audit.event WHERE kind = 'undone'")).all()
    assert not undone
    ids = {store.run(text("SELECT txid_current() AS id"), {})[0].id for _ in range(3)}
    assert len(ids) == 3  # each statement commits by itself again


def _write_and_fail(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(_EVENT)
        _divide_by_zero(connection)


def _divide_by_zero(connection: Connection) -> None:
    connection.execute(text("SELECT 1 / 0"))
