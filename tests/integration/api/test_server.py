"""The gateway as it is served: gunicorn, real sockets, clients that misbehave, and its end."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import redis

from ekyc.gateway import gunicorn_command
from store.api_keys import Scope, create_key
from store.database import Store

START_S = 30


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(
    environment: dict[str, str], broker: redis.Redis, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    command = gunicorn_command(host="127.0.0.1", port=port, workers=1, threads=4)
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ends_at = time.monotonic() + START_S
    while _live(port) != 200:
        assert child.poll() is None
        assert time.monotonic() < ends_at
        time.sleep(0.1)
    yield child
    child.kill()
    child.wait()


def _live(port: int) -> int:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/health/live")
            return connection.getresponse().status
    except OSError:
        return 0


def _say(port: int, text: bytes, *, hang_up: bool = False) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(text)
        if hang_up:
            return b""
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_clients_that_misbehave_harm_nobody(
    server: subprocess.Popen[bytes], port: int, store: Store
) -> None:
    key, _ = create_key(store, name="k", scopes={Scope.CAPTURE}, branch=None, actor="test")
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "a-key-0001"}
        connection.request(
            "POST", "/v1/cases", b"{}", {**headers, "Content-Type": "application/json"}
        )
        case_id = json.loads(connection.getresponse().read())["id"]
    start = (
        f"PUT /v1/cases/{case_id}/evidence/selfie HTTP/1.1\r\nHost: g\r\nConnection: close\r\n"
        f"Authorization: Bearer {key}\r\n"
        "Content-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:\r\n"
    ).encode()
    for _ in range(10):
        _say(port, start + b"Content-Length: 900000\r\n\r\n" + b"x" * 5000, hang_up=True)
    chunked = _say(port, start + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    assert b"411" in chunked.split(b"\r\n")[0]
    assert b"length_required" in chunked
    huge = _say(port, start + b"Content-Length: 99000000000\r\n\r\n")
    assert b"413" in huge.split(b"\r\n")[0]
    assert b"body_too_large" in huge
    _say(port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", hang_up=True)
    assert _live(port) == 200


def test_it_ends_when_told_to(server: subprocess.Popen[bytes], port: int) -> None:
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=20) == 0
    assert _live(port) == 0
