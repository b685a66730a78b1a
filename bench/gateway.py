"""How much the gateway costs: opening cases, polling them, and the whole capture flow, as CPU-ms and per second.

    python -m bench.gateway [--seconds 6] [--clients 6] [--report docs/reports/gateway.md]

Real gunicorn (2 processes, 8 threads each), Postgres and Valkey on this machine; the clients run here too, so that the
rates are low and noisy; the CPU-ms are counted over the server processes alone and are what to compare.
"""

from __future__ import annotations

import base64
import http.client
import io
import itertools
import json
import os
import secrets
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
from PIL import Image
from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from capture_client.api_client import CaptureApi, sha256_header
from ekyc import embedded
from ekyc.gateway import gunicorn_command
from pipeline.stages import EvidenceKind
from store.api_keys import Scope, create_key
from store.database import open_store
from store.migrate import migrate
from store.settings import StoreSettings

PICTURE_BYTES, CLIP_BYTES = 400_000, 3_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The running system and what its processes have used so far."""

    port: int
    key: str
    gateway: psutil.Process
    servers: tuple[psutil.Process, ...]

    def cpu_s(self) -> tuple[float, float]:
        """CPU seconds of the gateway's processes, and of Postgres and Valkey."""
        return _tree_cpu_s([self.gateway]), _tree_cpu_s(self.servers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report."""

    name: str
    count: int
    wall_s: float
    gateway_cpu_s: float
    servers_cpu_s: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as text."""
        return (
            self.name,
            str(self.count),
            f"{self.count / self.wall_s:.0f}",
            f"{self.gateway_cpu_s / self.count * 1000:.2f}",
            f"{self.servers_cpu_s / self.count * 1000:.2f}",
        )


COLUMNS = ("what", "done", "per second", "gateway CPU-ms", "Postgres + Valkey CPU-ms")


def _tree_cpu_s(roots: list[psutil.Process] | tuple[psutil.Process, ...]) -> float:
    """What a tree of processes used, with those of its processes that have ended."""
    return sum(_family_cpu_s(root) for root in roots)


def _family_cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    own = float(times.user + times.system + times.children_user + times.children_system)
    return own + sum(_family_cpu_s(child) for child in process.children())


@contextmanager
def running_gateway(home: Path) -> Iterator[Bench]:
    """Start everything on an empty database."""
    with embedded.running(home, durable=False) as servers:
        settings = StoreSettings(
            database_url=servers.database_url,
            broker_url=servers.broker_url,
            blob_url=_folder(home / "blobs").as_uri(),
            kek=SecretStr(base64.b64encode(secrets.token_bytes(32)).decode()),
        )
        migrate(settings)
        store = open_store(settings)
        key, _ = create_key(store, name="bench", scopes={Scope.CAPTURE}, branch=None, actor="bench")
        store.engine.dispose()
        port = _free_port()
        child = subprocess.Popen(
            gunicorn_command(host="127.0.0.1", port=port, workers=2, threads=8),
            env={**os.environ, **_environment(settings)},
        )
        try:
            _wait_until_live(port)
            yield Bench(
                port=port,
                key=key,
                gateway=psutil.Process(child.pid),
                servers=tuple(psutil.Process(pid) for pid in servers.children),
            )
        finally:
            child.terminate()
            child.wait(timeout=60)


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _environment(settings: StoreSettings) -> dict[str, str]:
    return {
        "EKYC_DATABASE_URL": settings.database_url,
        "EKYC_BROKER_URL": settings.broker_url,
        "EKYC_BLOB_URL": settings.blob_url,
        "EKYC_KEK": settings.kek.get_secret_value(),
        "EKYC_RATE_LIMIT": "10000000/minute",
        "EKYC_LOG_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_live(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the gateway did not start")


class Caller:
    """A keep-alive connection; http.client costs the clients least."""

    def __init__(self, bench: Bench) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", bench.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {bench.key}"}

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """Send a request and read its answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, f"/v1{path}", body, {**self._headers, **named})
        answer = self._connection.getresponse()
        self.body = answer.read()
        return answer


Job = Callable[[Caller], None]


def measure(name: str, bench: Bench, job: Job, *, seconds: float, clients: int) -> Figure:
    """Let `clients` repeat a job for a while."""
    ends_at, done = time.monotonic() + seconds, itertools.count()

    def client() -> None:
        caller = Caller(bench)
        while time.monotonic() < ends_at:
            job(caller)
            next(done)

    job(Caller(bench))  # connections and caches are warm
    began, cpu = time.monotonic(), bench.cpu_s()
    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = [after - before for before, after in zip(cpu, bench.cpu_s(), strict=True)]
    return Figure(
        name=name,
        count=next(done),
        wall_s=time.monotonic() - began,
        gateway_cpu_s=used[0],
        servers_cpu_s=used[1],
    )


def open_case(caller: Caller) -> None:
    """POST /cases."""
    answer = caller.ask(
        "POST", "/cases", b"{}", Content_Type="application/json", Idempotency_Key=uuid.uuid4().hex
    )
    assert answer.status == http.HTTPStatus.CREATED, caller.body


def poll_of(bench: Bench) -> Job:
    """GET of an unchanged case."""
    caller = Caller(bench)
    open_case(caller)
    case_id = json.loads(caller.body)["id"]
    etag = caller.ask("GET", f"/cases/{case_id}").headers["ETag"]

    def poll(caller: Caller) -> None:
        answer = caller.ask("GET", f"/cases/{case_id}", If_None_Match=etag)
        assert answer.status == http.HTTPStatus.NOT_MODIFIED, caller.body

    return poll


def look_of(bench: Bench) -> Job:
    """GET of a case with its body."""
    caller = Caller(bench)
    open_case(caller)
    case_id = json.loads(caller.body)["id"]

    def look(caller: Caller) -> None:
        assert caller.ask("GET", f"/cases/{case_id}").status == http.HTTPStatus.OK, caller.body

    return look


def upload_of(bench: Bench) -> Job:
    """PUT of a picture that replaces the one before."""
    caller, numbers = Caller(bench), itertools.count()
    open_case(caller)
    case_id = json.loads(caller.body)["id"]
    picture = _picture()

    def upload(caller: Caller) -> None:
        data = picture + str(next(numbers)).encode()
        answer = caller.ask(
            "PUT", f"/cases/{case_id}/evidence/card_back", data, Content_Digest=sha256_header(data)
        )
        assert answer.status == http.HTTPStatus.OK, caller.body

    return upload


def flow_of(bench: Bench, picture: bytes, clip: bytes) -> Job:
    """Create, three pictures, challenge, clip in chunks of 1 MB, submit."""

    def flow(_caller: Caller) -> None:
        with CaptureApi(f"http://127.0.0.1:{bench.port}", bench.key) as api:
            case_id = api.create_case().id
            for number, kind in enumerate(list(EvidenceKind)[:3]):
                api.put_evidence(case_id, kind, picture + bytes([number]))
            api.upload_clip(case_id, clip, nonce=api.request_challenge(case_id).nonce)
            api.submit(case_id)

    return flow


def _picture(side: int = 640, size: int = PICTURE_BYTES) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), secrets.token_bytes(side * side * 3)).save(out, "JPEG")
    data = out.getvalue()
    return data + bytes(max(0, size - len(data)))


def _clip(size: int = CLIP_BYTES) -> bytes:
    boxes = ((b"ftyp", b"isom\0\0\2\0"), (b"mdat", secrets.token_bytes(size)), (b"moov", b""))
    return b"".join((8 + len(body)).to_bytes(4, "big") + name + body for name, body in boxes)


def main(
    seconds: Annotated[float, typer.Option(help="How long to measure each thing.")] = 6.0,
    clients: Annotated[int, typer.Option(help="How many clients at once.")] = 6,
    report: Annotated[Path | None, typer.Option(help="Write the table here as well.")] = None,
) -> None:
    """Measure and print a table."""
    with (
        tempfile.TemporaryDirectory(prefix="ekyc-bench-") as folder,
        running_gateway(Path(folder)) as bench,
    ):
        jobs: list[tuple[str, Job]] = [
            ("open a case (POST)", open_case),
            ("poll, unchanged (304)", poll_of(bench)),
            ("look at a case (GET)", look_of(bench)),
            ("upload a 0.4 MB picture (PUT)", upload_of(bench)),
            ("create to submit, 11 requests, 4.2 MB", flow_of(bench, _picture(), _clip())),
            ("create to submit, 7 requests, 10 kB", flow_of(bench, _picture(64, 0), _clip(500))),
        ]  # fmt: skip
        figures = [
            measure(name, bench, job, seconds=seconds, clients=clients) for name, job in jobs
        ]
    table = Table(*COLUMNS)
    for figure in figures:
        table.add_row(*figure.cells)
    Console().print(table)
    if report:
        rows = [COLUMNS, ("---",) * len(COLUMNS), *(figure.cells for figure in figures)]
        text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
        report.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
