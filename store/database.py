"""The open store: a pool of connections as `ekyc_app`, the blobs and the keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, text

from store import direct
from store.blobs import open_blobs
from store.keyring import Keyring, keyring_of
from store.settings import StoreSettings

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: The login role may be a superuser (embedded) or a member of ekyc_app and ekyc_auditor (production): every
#: connection begins as ekyc_app, so that both are alike. Timeouts keep a stuck statement from holding a lock for ever.
SESSION = (
    "-c role=ekyc_app -c timezone=UTC -c jit=off -c lock_timeout=10000 -c statement_timeout=30000"
)
CONNECT_TIMEOUT_S = 5
POOL_SIZE = 5
#: A gateway serves 8 requests at once a process; a burst may borrow more.
MAX_OVERFLOW = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What every function of the store works with. Both engines share one pool."""

    #: For transactions of several statements.
    engine: Engine
    #: Each statement is its own transaction.
    single: Engine
    blobs: ObjectStore
    keyring: Keyring

    def run(self, statement: TextClause, values: Mapping[str, Any]) -> list[Any]:
        """Execute one statement as its own transaction, at the least cost; see `store.direct`."""
        return direct.run(self.single, statement, values)

    @contextmanager
    def hot(self) -> Iterator[Connection]:
        """A connection on which each statement is its own transaction."""
        with self.single.connect() as connection:
            yield connection

    @contextmanager
    def auditor(self) -> Iterator[Connection]:
        """A transaction as `ekyc_auditor`, who may read the record; ekyc_app may not."""
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL ROLE ekyc_auditor"))
            yield connection


def open_store(settings: StoreSettings, *, ping: bool = True) -> Store:
    """Return the store that the settings describe; connections are made when they are needed, after a fork too.

    Args:
        settings: where things are.
        ping: ask before each use whether a connection still lives. A caller that tries again by itself can do
            without: it halves the round trips.
    """
    single = create_engine(
        settings.database_url,
        # What connections are set to when they are made costs nothing when they are taken.
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_pre_ping=ping,
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        hide_parameters=True,
        connect_args={"options": SESSION, "connect_timeout": CONNECT_TIMEOUT_S},
    )
    return Store(
        engine=single.execution_options(isolation_level="READ COMMITTED"), single=single,
        blobs=open_blobs(settings.blob_url), keyring=keyring_of(settings),
    )  # fmt: skip


def ping(store: Store) -> None:
    """Ask the database for an answer.

    Raises:
        sqlalchemy.exc.OperationalError: it does not answer.
    """
    with store.hot() as connection:
        connection.execute(text("SELECT 1"))
