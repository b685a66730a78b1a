"""Running and operating the system: its processes, its keys and its queue."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from pipeline.errors import EkycError
from pipeline.stages import QUEUES, Stage

if TYPE_CHECKING:
    from store.database import Store

app = typer.Typer()
key_app = typer.Typer(help="API keys of clients: create, list, revoke.", no_args_is_help=True)
stage_app = typer.Typer(help="Stages in the queue: start one again.", no_args_is_help=True)
health_app = typer.Typer(
    help="Health of one process, for probes: exit 0 or 1.", no_args_is_help=True
)
app.add_typer(health_app, name="health")
app.add_typer(key_app, name="key")
app.add_typer(stage_app, name="stage")

console = Console()
#: Who did it, in the audit chain, when it was done from this command line.
ACTOR = "cli"
RUNTIME_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def open_store_here() -> Store:
    """Return the store that the environment describes."""
    from ekyc.environment import read_store_settings
    from store.database import open_store

    return open_store(read_store_settings())


def refuse(error: Exception) -> typer.Exit:
    """Say what is wrong without a traceback, and end with 2."""
    code = f"{error.code}: " if isinstance(error, EkycError) else ""
    typer.secho(f"{code}{error}", fg="red", err=True)
    return typer.Exit(2)


# ---------------------------------------------------------------- processes


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema. Several at once are harmless."""
    from ekyc.environment import read_store_settings
    from store.migrate import upgrade

    upgrade(read_store_settings().database_url)


@app.command()
def gateway(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8080,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    threads: Annotated[int, typer.Option(help="Threads of each process.")] = 8,
) -> None:
    """Serve the HTTP API (gunicorn)."""
    from ekyc.gateway import serve
    from ekyc.logs import configure_logging

    configure_logging()
    serve(host=host, port=port, workers=workers, threads=threads)


@app.command()
def worker(
    queue: Annotated[str, typer.Argument(help=f"One of: {', '.join(QUEUES.values())}.")],
    concurrency: Annotated[int, typer.Option(help="Children; keep 1 for queues with models.")] = 1,
) -> None:
    """Serve one queue until SIGTERM, which lets the running stage finish."""
    if queue not in QUEUES.values():
        raise typer.BadParameter(f"{queue!r} is none of {', '.join(QUEUES.values())}")
    from ekyc.logs import configure_logging
    from workers.settings import WorkerSettings

    settings = WorkerSettings()
    for (
        name
    ) in RUNTIME_THREADS:  # read by the runtimes when they are loaded, which is later, in the child
        os.environ.setdefault(name, str(settings.threads))
    configure_logging()
    from ekyc.worker import serve

    try:
        code = serve(settings, queue, concurrency=concurrency)
    except EkycError as error:
        raise refuse(error) from error
    raise typer.Exit(code)


@app.command()
def sweeper() -> None:
    """Ring again for what nobody answered and deliver webhooks, until SIGTERM. Several at once are harmless."""
    from ekyc.environment import read_record_settings, read_store_settings
    from ekyc.logs import configure_logging
    from store.anchors import open_notary
    from store.doorbell import make_producer
    from workers.courier import start_courier
    from workers.settings import WorkerSettings
    from workers.sweeper import run_sweeper
    from workers.webhook_settings import WebhookSettings

    configure_logging()
    stop, store = threading.Event(), open_store_here()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    wait_for_courier = start_courier(store, WebhookSettings(), stop)
    bell = make_producer(read_store_settings().broker_url)
    run_sweeper(store, bell, WorkerSettings(), stop, notary=open_notary(read_record_settings()))
    wait_for_courier()


Home = Annotated[Path, typer.Option("--home", help="Folder of data, secrets and logs.")]
Port = Annotated[int, typer.Option(help="Port of the gateway; the next free one if it is taken.")]


@app.command()
def up(home: Home = Path(".ekyc"), port: Port = 8080) -> None:
    """Run everything here: Postgres, Valkey, gateway, workers, sweeper. Ctrl-C stops it all."""
    from ekyc.home import open_home
    from ekyc.logs import configure_logging
    from ekyc.up import interruptible, keep_running

    configure_logging()
    try:
        with interruptible():
            keep_running(open_home(home), port=port, console=console)
    except KeyboardInterrupt:
        console.print("stopped")
    except EkycError as error:
        raise refuse(error) from error


@app.command()
def demo(
    home: Home = Path(".ekyc"),
    port: Port = 8080,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a case.")] = False,  # noqa: FBT002
) -> None:
    """The main job end to end: cases through the HTTP API, judged by the real engines.

    Exit 0 only if every verdict is the expected one.
    """
    from ekyc.demo import run_demo
    from ekyc.home import open_home
    from ekyc.up import interruptible

    try:
        with interruptible():
            as_expected = run_demo(open_home(home), port=port, as_json=as_json, console=console)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except EkycError as error:
        raise refuse(error) from error
    raise typer.Exit(0 if as_expected else 1)


# ---------------------------------------------------------------- keys


@key_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who will use it, e.g. 'counter tablets'.")],
    scope: Annotated[
        list[str], typer.Option(help="capture, backoffice, reviewer, auditor, admin.")
    ],
    branch: Annotated[str | None, typer.Option(help="Bind it to one branch.")] = None,
) -> None:
    """Make an API key and show it; it is never shown again."""
    from store import api_keys

    try:
        scopes = {api_keys.Scope(word) for word in scope}
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    plaintext, _ = api_keys.create_key(
        open_store_here(), name=name, scopes=scopes, branch=branch, actor=ACTOR
    )
    typer.echo(plaintext)


@key_app.command("list")
def list_keys() -> None:
    """Show all API keys, without the keys themselves."""
    from store import api_keys

    table = Table("prefix", "name", "scopes", "branch", "created", "revoked")
    for key in api_keys.list_keys(open_store_here()):
        table.add_row(
            key.prefix, key.name, ", ".join(sorted(key.scopes)), key.branch or "all",
            f"{key.created_at:%Y-%m-%d %H:%M}", f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "",
        )  # fmt: skip
    console.print(table)


@key_app.command("revoke")
def revoke_key(prefix: Annotated[str, typer.Argument(help="See `ekyc key list`.")]) -> None:
    """Make an API key worthless, within seconds."""
    from store import api_keys

    try:
        api_keys.revoke_key(open_store_here(), prefix, actor=ACTOR)
    except EkycError as error:
        raise refuse(error) from error


@key_app.command("rotate-kek")
def rotate_kek() -> None:
    """Wrap every case key by EKYC_KEK; the former KEK must be in EKYC_KEK_OLD. Killed, it is started again.

    Exit 0 when no key is left under a former KEK, which can then be taken away.
    """
    from store import kek_rotation

    store = open_store_here()
    try:
        done = kek_rotation.rotate_kek(
            store, actor=ACTOR, progress=lambda keys: typer.echo(f"{keys} keys wrapped anew")
        )
    except EkycError as error:
        raise refuse(error) from error
    usage = kek_rotation.kek_usage(store)
    left = {kek_id: keys for kek_id, keys in usage.items() if kek_id != store.keyring.current}
    if left:
        # A process that still writes by a former KEK was not restarted with the current one.
        typer.secho(f"keys came in meanwhile under {', '.join(sorted(left))}", fg="red", err=True)
        raise typer.Exit(1)
    typer.echo(f"{done} keys moved to {store.keyring.current}; no other KEK is in use")


# ---------------------------------------------------------------- queue


@stage_app.command("requeue")
def requeue(
    case_id: Annotated[UUID, typer.Argument(metavar="CASE")],
    stage: Annotated[Stage, typer.Argument(help="Which stage to start again.")],
) -> None:
    """Start a dead stage again, with its attempts counted anew."""
    from ekyc.environment import read_store_settings
    from store import queue
    from store.doorbell import make_producer, ring

    try:
        stages = queue.requeue(open_store_here(), case_id, stage, actor=ACTOR)
    except EkycError as error:
        raise refuse(error) from error
    ring(make_producer(read_store_settings().broker_url), stages)


# ---------------------------------------------------------------- probes


@health_app.command("gateway")
def gateway_health(url: Annotated[str, typer.Option()] = "http://127.0.0.1:8080") -> None:
    """Whether the gateway of this machine answers."""
    from ekyc.probes import gateway_answers

    raise typer.Exit(0 if gateway_answers(url) else 1)


@health_app.command("worker")
def worker_health(queue: Annotated[str, typer.Argument(help="Its queue.")]) -> None:
    """Whether a worker of this host has given a sign of life lately, its models loaded."""
    from ekyc.probes import is_alive_here

    raise typer.Exit(0 if is_alive_here(open_store_here(), queue) else 1)


@health_app.command("sweeper")
def sweeper_health() -> None:
    """Whether the sweeper of this host has given a sign of life lately."""
    from ekyc.probes import is_alive_here
    from workers.sweeper import NAME

    raise typer.Exit(0 if is_alive_here(open_store_here(), NAME) else 1)
