"""Alembic's entry: one migration at a time, and none that waits for ever on a busy table.

Started by `store.migrate`, which passes the URL; there is no alembic.ini.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

#: Several gateways may migrate at start: the first does the work, the others wait and find it done.
LOCK = text("SELECT pg_advisory_lock(hashtext('ekyc.alembic'))")
LIMITS = "-c timezone=UTC -c lock_timeout=5000 -c statement_timeout=60000"


def run() -> None:
    url = context.config.attributes["database_url"]
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": LIMITS})
    with engine.connect() as connection:
        # Waiting for another migration is no fault, so the limits begin after the lock.
        connection.execute(text("SET lock_timeout = 0"))
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(LOCK)
        connection.execute(text("SET lock_timeout = 5000"))
        connection.execute(text("SET statement_timeout = 60000"))
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run()
