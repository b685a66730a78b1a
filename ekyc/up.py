"""The whole system on one machine: servers, migrations, keys, then gateway, workers and sweeper as own processes."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType

from pydantic import SecretStr
from rich.console import Console

from ekyc.embedded import running
from ekyc.home import Home, kek_of, read_kept, signing_key_of, write_kept
from ekyc.probes import gateway_answers
from ekyc.supervisor import Service, Supervisor, ekyc_command
from pipeline.errors import EkycError
from pipeline.stages import QUEUES
from store import api_keys, heartbeats, users
from store.database import Store, open_store
from store.migrate import upgrade
from store.settings import StoreSettings
from store.users import Role

HOST = "127.0.0.1"
PORT = 8080
PORTS_TRIED = 50
#: Models load in seconds; a first run on a cold disk takes longer.
READY_TIMEOUT_S = 180.0
TEND_EVERY_S = 0.5
#: Who can sign in to the console of one machine. Two reviewers: some approvals need a second pair of eyes.
PEOPLE = {
    "reviewer": Role.REVIEWER,
    "reviewer-2": Role.REVIEWER,
    "auditor": Role.AUDITOR,
    "admin": Role.ADMIN,
}
PASSWORD_BYTES = 12
Progress = Callable[[str], None]


class NotReady(EkycError):
    """The system did not come up in time; the logs say why."""

    code = "not_ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A running system."""

    home: Home
    url: str
    keys: Mapping[str, str]
    #: Of the people of this machine's console, by name, as they were first given.
    passwords: Mapping[str, str]
    started_at: datetime
    settings: StoreSettings
    store: Store
    supervisor: Supervisor


@contextmanager
def running_system(
    home: Home, *, port: int = PORT, environment: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> Iterator[System]:  # fmt: skip
    """Run everything for the length of a `with` block; the processes start, but may not be ready yet.

    Args:
        home: where data, secrets and logs lie.
        port: first port to try for the gateway.
        environment: settings of the processes besides those of store and broker.
        progress: told what is being done.
    """
    with ExitStack() as stack:
        settings = _store_settings(home, stack, progress)
        progress("migrating the database")
        upgrade(settings.database_url)
        store = open_store(settings)
        stack.callback(store.engine.dispose)
        keys, passwords = ensure_keys(home, store), ensure_people(home, store)
        supervisor = stack.enter_context(Supervisor(home.logs))
        free, started_at = free_port(port), datetime.now(UTC)
        progress("starting gateway, workers and sweeper")
        for service in services(settings, free, environment or {}, _record(home)):
            supervisor.start(service)
        yield System(
            home=home, url=f"http://{HOST}:{free}", keys=keys, passwords=passwords, started_at=started_at,
            settings=settings, store=store, supervisor=supervisor,
        )  # fmt: skip


def _store_settings(home: Home, stack: ExitStack, progress: Progress) -> StoreSettings:
    """Settings from the environment where it has them, embedded servers and the home's own key where not."""
    database_url = os.environ.get("EKYC_DATABASE_URL")
    broker_url = os.environ.get("EKYC_BROKER_URL")
    if not (database_url and broker_url):
        progress("starting Postgres and Valkey")
        servers = stack.enter_context(running(home.servers, tied=True))
        database_url = database_url or servers.database_url
        broker_url = broker_url or servers.broker_url
    return StoreSettings(
        database_url=database_url,
        broker_url=broker_url,
        blob_url=os.environ.get("EKYC_BLOB_URL", home.blobs.as_uri()),
        kek=SecretStr(os.environ.get("EKYC_KEK") or kek_of(home)),
        kek_id=os.environ.get("EKYC_KEK_ID", "k1"),
    )


def _record(home: Home) -> dict[str, str]:
    return {
        "EKYC_SIGNING_KEY": os.environ.get("EKYC_SIGNING_KEY") or signing_key_of(home),
        "EKYC_ANCHOR_URL": os.environ.get("EKYC_ANCHOR_URL", home.anchors.as_uri()),
    }


def ensure_keys(home: Home, store: Store) -> dict[str, str]:
    """Return one API key a scope: those kept in the home, new ones where the database does not know them."""
    keys = read_kept(home.keys_file)
    for scope in api_keys.Scope:
        if scope not in keys or api_keys.authenticate(store, keys[scope]) is None:
            keys[scope], _ = api_keys.create_key(
                store, name=f"local {scope}", scopes={scope}, branch=None, actor="up"
            )
    write_kept(home.keys_file, keys)
    return keys


def ensure_people(home: Home, store: Store) -> dict[str, str]:
    """Return the password of each of `PEOPLE`; who is not there yet gets a new one, others keep theirs."""
    passwords = read_kept(home.passwords_file)
    known = {user.name for user in users.list_users(store)}
    for name, role in PEOPLE.items():
        if name not in known:
            passwords[name] = secrets.token_urlsafe(PASSWORD_BYTES)
            users.create_user(
                store, name=name, role=role, branch=None, password=passwords[name], actor="up"
            )
    write_kept(home.passwords_file, passwords)
    return {name: passwords[name] for name in PEOPLE if name in passwords}


def services(
    settings: StoreSettings, port: int, environment: Mapping[str, str], record: Mapping[str, str]
) -> Iterator[Service]:
    """Yield the processes of one machine; `record` is what the sweeper alone is told: how to sign the audit chain."""
    common = {
        "EKYC_DATABASE_URL": settings.database_url,
        "EKYC_BROKER_URL": settings.broker_url,
        "EKYC_BLOB_URL": settings.blob_url,
        "EKYC_KEK": settings.kek.get_secret_value(),
        "EKYC_KEK_ID": settings.kek_id,
        **environment,
    }
    gateway = ekyc_command("gateway", "--host", HOST, "--port", str(port), "--workers", "1")
    yield Service(name="gateway", command=gateway, environment=common)
    for queue in QUEUES.values():
        # The name is stable over restarts, so that a new worker lets go at once what its killed self held.
        named = {**common, "EKYC_WORKER_NAME": f"{socket.gethostname()}-{queue}"}
        yield Service(
            name=f"worker-{queue}", command=ekyc_command("worker", queue), environment=named
        )
    yield Service(name="sweeper", command=ekyc_command("sweeper"), environment={**common, **record})


def tend(system: System) -> None:
    """Start again what ended.

    Raises:
        NotReady: a service gives up whenever it is started; its log says why.
    """
    system.supervisor.tend()
    if hopeless := system.supervisor.hopeless():
        logs = ", ".join(str(system.home.logs / f"{name}.log") for name in hopeless)
        raise NotReady(f"{', '.join(hopeless)} cannot start, see {logs}")


def wait_ready(system: System, *, timeout_s: float = READY_TIMEOUT_S) -> None:
    """Wait until the gateway answers and every queue has a worker whose models are warm.

    Raises:
        NotReady: not in time, or something cannot start; names what is missing.
    """
    deadline = time.monotonic() + timeout_s
    while missing := not_ready(system):
        tend(system)
        if time.monotonic() > deadline:
            raise NotReady(
                f"{', '.join(missing)} not ready in {timeout_s:.0f} s, see {system.home.logs}"
            )
        time.sleep(0.25)


def wait_for_gateway(system: System, *, timeout_s: float = READY_TIMEOUT_S) -> None:
    """Wait until cases can be sent in; the models may still be loading, the queue keeps the work.

    Raises:
        NotReady: the gateway does not answer in time, or something cannot start.
    """
    deadline = time.monotonic() + timeout_s
    while not gateway_answers(system.url):
        tend(system)
        if time.monotonic() > deadline:
            raise NotReady(f"gateway not ready in {timeout_s:.0f} s, see {system.home.logs}")
        time.sleep(0.2)


def not_ready(system: System) -> list[str]:
    """Return what is still missing: `gateway` or names of queues."""
    workers = heartbeats.list_workers(system.store)
    warm = {worker.queue for worker in workers if worker.last_seen >= system.started_at}
    missing = [queue for queue in QUEUES.values() if queue not in warm]
    return missing if gateway_answers(system.url) else ["gateway", *missing]


def keep_running(home: Home, *, port: int, console: Console) -> None:
    """Run everything until interrupted; say where it is and with which keys."""
    with running_system(home, port=port, progress=console.print) as system:
        wait_ready(system)
        console.print(_greeting(system))
        while True:
            system.supervisor.tend()
            time.sleep(TEND_EVERY_S)


def _greeting(system: System) -> str:
    keys = "\n".join(f"  {scope:10} {key}" for scope, key in system.keys.items())
    return (
        f"[bold green]ready[/] at [bold]{system.url}[/]  (OpenAPI: {system.url}/v1/openapi.json)\n"
        f"console: [bold]{system.url}/console/[/], sign in with\n{people_of(system)}\n"
        f"API keys of this machine ({system.home.keys_file}):\n{keys}\n"
        f"logs: {system.home.logs}   stop with Ctrl-C"
    )


def people_of(system: System) -> str:
    """Return who may sign in to the console, one a line."""
    return "\n".join(f"  {name:12} {password}" for name, password in system.passwords.items())


def free_port(first: int) -> int:
    """Return the first port from `first` on that nobody listens on.

    Raises:
        NotReady: none of the next ports is free.
    """
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise NotReady(f"no free port from {first} to {first + PORTS_TRIED - 1}")


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM into KeyboardInterrupt; later ones must not disturb the clean-up."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {n: signal.signal(n, interrupt) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
