"""Fixtures for tests on real servers: one Postgres + Valkey per pytest process, a fresh database per test.

servers       the embedded pair (URLs, restart functions of `ekyc.embedded`), started once
database_url  a fresh, migrated database, cloned from a template (20-40 ms)
settings      StoreSettings on that database, the broker and a blob folder of this test
environment   the same as EKYC_* variables, for processes that the test starts
store         an open Store on `settings`
broker        a client of an empty Valkey
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    import redis

    from ekyc.embedded import Servers
    from store.database import Store
    from store.settings import StoreSettings

TEMPLATE = "t_template"
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    from ekyc import embedded

    running = _start_in_free_home()
    yield running
    embedded.stop(running)


def _start_in_free_home() -> Servers:
    """Homes are numbered and reused: parallel runs never meet, and a killed run leaves nothing for ever."""
    from ekyc import embedded

    tag = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    for number in count():
        home = Path(tempfile.gettempdir()) / f"ekyc-tests-{os.geteuid()}-{tag}-{number}"
        try:
            return embedded.start(home, durable=False)
        except embedded.HomeInUse:
            continue
    raise AssertionError


@pytest.fixture(scope="session")
def _template(servers: Servers) -> str:
    from store.migrate import upgrade

    with psycopg.connect(servers.dsn_of("postgres"), autocommit=True) as admin:
        for (name,) in admin.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, 't_')"
        ).fetchall():
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.execute(f"CREATE DATABASE {TEMPLATE}")
    upgrade(servers.url_of(TEMPLATE))
    return TEMPLATE


@pytest.fixture
def empty_database_url(servers: Servers) -> Iterator[str]:
    yield from _database(servers, "template1")


@pytest.fixture
def database_url(servers: Servers, _template: str) -> Iterator[str]:
    yield from _database(servers, _template)


def _database(servers: Servers, template: str) -> Iterator[str]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(servers.dsn_of("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield servers.url_of(name)
    with psycopg.connect(servers.dsn_of("postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(servers: Servers, database_url: str, tmp_path: Path) -> StoreSettings:
    from pydantic import SecretStr

    from store.settings import StoreSettings

    blobs = tmp_path / "blobs"
    blobs.mkdir()
    return StoreSettings(
        database_url=database_url,
        broker_url=servers.broker_url,
        blob_url=blobs.as_uri(),
        kek=SecretStr(base64.b64encode(os.urandom(32)).decode()),
    )


@pytest.fixture
def environment(settings: StoreSettings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Sets the variables here too, so that child processes inherit them."""
    values = {
        "EKYC_DATABASE_URL": settings.database_url,
        "EKYC_BROKER_URL": settings.broker_url,
        "EKYC_BLOB_URL": settings.blob_url,
        "EKYC_KEK": settings.kek.get_secret_value(),
        "EKYC_KEK_ID": settings.kek_id,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@pytest.fixture
def store(settings: StoreSettings) -> Iterator[Store]:
    from store.database import open_store

    opened = open_store(settings)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def broker(servers: Servers) -> Iterator[redis.Redis]:
    import redis

    client = redis.Redis(unix_socket_path=str(servers.valkey_socket))
    client.flushall()
    yield client
    client.close()
