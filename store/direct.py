"""One statement, one transaction, one round trip: straight to the driver, for what runs many times a case.

The result layer of SQLAlchemy costs three times what the driver itself does. The pool, the texts and the exceptions are
SQLAlchemy's here too, so that a caller sees no difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Engine, PoolProxiedConnection, TextClause
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


def run(engine: Engine, statement: TextClause, values: Mapping[str, Any]) -> list[Any]:
    """Execute a statement and return its rows, whose columns are attributes.

    Args:
        engine: one whose connections commit each statement.
        statement: a constant of its module: how it reads in the driver's words is kept for ever.
        values: its parameters, as types that the driver knows: no enumerations.

    Raises:
        DBAPIError: the subclass that SQLAlchemy raises for the same error, with parameters hidden.
    """
    sql, connection = _in_words_of_driver(statement), None
    try:
        connection = engine.raw_connection()
        with _driver(connection).cursor(row_factory=namedtuple_row) as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        lost = connection is not None and _driver(connection).closed
        if lost:
            _drop_all(engine, connection, error)
        raise DBAPIError.instance(
            sql, None, error, psycopg.Error,
            hide_parameters=True, connection_invalidated=lost, dialect=engine.dialect,
        ) from error  # fmt: skip
    finally:
        if connection is not None and connection.is_valid:
            connection.close()


@cache
def _in_words_of_driver(statement: TextClause) -> str:
    return str(statement.compile(dialect=_DIALECT))


def _driver(connection: PoolProxiedConnection) -> psycopg.Connection[Any]:
    driver = connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("the store speaks to Postgres through psycopg alone")
    return driver


def _drop_all(engine: Engine, connection: PoolProxiedConnection | None, error: Exception) -> None:
    """The server went away: the idle connections beside the broken one are of no use either."""
    if connection is not None:
        connection.invalidate(error)
    engine.dispose()
