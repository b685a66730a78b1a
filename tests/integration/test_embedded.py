"""The embedded servers: start, survive being killed, be taken over, stop without a trace."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from ekyc import embedded, embedded_binaries


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("h")


def _ping(servers: embedded.Servers) -> bool:
    return bool(redis.Redis(unix_socket_path=str(servers.valkey_socket)).ping())


def _start_and_die(home: Path) -> None:
    servers = embedded.start(home, durable=False)
    (home / "postgres.pid").write_text(str(embedded.postgres_pid(servers)))
    os.kill(os.getpid(), signal.SIGKILL)


def test_data_survives_killed_servers_and_a_stop(home: Path) -> None:
    with embedded.running(home, durable=False) as servers:
        with psycopg.connect(servers.dsn_of(embedded.DATABASE), autocommit=True) as db:
            db.execute("CREATE TABLE kept AS SELECT 7 AS n")
        embedded.restart_postgres(servers, kill=True)
        embedded.restart_valkey(servers, kill=True)
        assert _ping(servers)
    assert embedded.postgres_pid(servers) is None
    assert embedded.valkey_pid(servers) is None
    with (
        embedded.running(home, durable=False) as again,
        psycopg.connect(again.dsn_of(embedded.DATABASE)) as db,
    ):
        assert db.execute("SELECT n FROM kept").fetchone() == (7,)


def test_servers_of_a_killed_owner_are_taken_over_and_stopped(home: Path) -> None:
    owner = multiprocessing.get_context("spawn").Process(target=_start_and_die, args=(home,))
    owner.start()
    owner.join()
    assert owner.exitcode == -signal.SIGKILL
    postmaster = int((home / "postgres.pid").read_text())
    with embedded.running(home, durable=False) as servers:
        assert embedded.postgres_pid(servers) == postmaster
        assert _ping(servers)
    assert embedded.postgres_pid(servers) is None


def test_one_owner_at_a_time(home: Path) -> None:
    with embedded.running(home, durable=False), pytest.raises(embedded.HomeInUse):
        embedded.start(home)


def test_only_sockets_in_a_folder_that_only_the_owner_may_enter(servers: embedded.Servers) -> None:
    with psycopg.connect(servers.dsn_of("postgres")) as db:
        assert db.execute("SHOW listen_addresses").fetchone() == ("",)
    assert servers.sockets.stat().st_mode & 0o077 == 0
    assert len(os.fsencode(servers.sockets / ".s.PGSQL.5432.lock")) <= 107


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is demoted")
def test_root_runs_the_servers_as_nobody_and_below_a_closed_home(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with embedded.running(closed / "deep", durable=False) as servers:
        pid = embedded.postgres_pid(servers)
        assert Path(f"/proc/{pid}").stat().st_uid == servers.demotion.uid
        assert not servers.postgres_data.is_relative_to(closed)
    assert closed.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is demoted")
def test_binaries_below_a_closed_folder_are_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_runs, asked = embedded_binaries._runs, []

    def runs_only_as_a_copy(binary: Path, demotion: embedded_binaries.Demotion) -> bool:
        asked.append(binary)
        return "site-packages" not in str(binary) and real_runs(binary, demotion)

    monkeypatch.setattr(embedded_binaries, "_runs", runs_only_as_a_copy)
    temp = Path(tempfile.gettempdir())
    for folder in (home, *(f for f in home.parents if f.is_relative_to(temp) and f != temp)):
        folder.chmod(0o755)
    monkeypatch.setattr(embedded_binaries.tempfile, "gettempdir", lambda: str(home))
    demotion = embedded_binaries.find_demotion()
    folder = embedded_binaries.find_postgres_bin(demotion)
    assert folder.is_relative_to(home)
    assert embedded_binaries.find_valkey(demotion).is_relative_to(home)
    assert len(asked) == 4


def test_a_named_folder_without_binaries_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EKYC_PG_BIN", str(home))
    with pytest.raises(embedded.EmbeddedError, match="EKYC_PG_BIN"):
        embedded.start(home)


def test_a_socket_path_that_is_too_long_is_refused(home: Path) -> None:
    with pytest.raises(embedded.EmbeddedError, match="107"):
        embedded._check_socket_path(home / ("x" * 100))
