"""Facenet's weights over real HTTP from a server of our own; nobody's network is needed."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from ekyc import fetch_vggface2 as fetching
from ekyc.weights_cli import app
from pipeline.errors import WeightsError
from pipeline.weights import open_weights, read_manifest

RIGHT = b"PK\x03\x04" + b"weights" * 300
PIN = f"{fetching.NAME}.pin.toml"


@dataclass
class Release:
    """What the server gives, and how often it was asked."""

    url: str = ""
    body: bytes = RIGHT
    status: int = 200
    #: Promised beyond what is sent.
    missing: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0


@pytest.fixture
def release() -> Iterator[Release]:
    given = Release()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given.asked += 1
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/file")
                self.end_headers()
                return
            self.send_response(given.status)
            self.send_header("Content-Length", str(len(given.body) + given.missing))
            self.end_headers()
            self.wfile.write(given.body)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        given.url = f"http://127.0.0.1:{server.server_port}/file"
        yield given
        server.shutdown()
        thread.join()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(fetching, "LEAST_BYTES", 1000)
    monkeypatch.setattr(fetching, "MOST_BYTES", 5000)
    (tmp_path / "manifest.toml").write_text("")
    return tmp_path


def files(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "fetched").iterdir())


def invoke(root: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["fetch", "vggface2", "--root", str(root), *more])
    return result.exit_code, " ".join(result.output.split())


def test_the_first_fetch_pins_what_came_and_says_so(root, release):
    code, said = invoke(root, "--url", release.url)
    digest = hashlib.sha256(RIGHT).hexdigest()
    assert code == 0
    assert digest in said
    assert "nobody published" in said
    assert files(root) == [fetching.NAME, PIN]
    entry = open_weights(fetching.WEIGHTS, root)
    assert (entry.ref.sha256, entry.optional) == (digest, True)
    assert release.url in entry.source


def test_verify_knows_it_from_then_on(root, release):
    invoke(root, "--url", release.url)
    verify = ["verify", "--root", str(root)]
    result = CliRunner().invoke(app, verify)
    assert (result.exit_code, "ok" in result.output) == (0, True)
    (root / "fetched" / fetching.NAME).write_bytes(b"altered")
    result = CliRunner().invoke(app, verify)
    assert result.exit_code == 1
    assert "ALTERED" in result.output


def test_what_is_there_as_pinned_is_not_fetched_again(root, release):
    invoke(root, "--url", release.url)
    code, said = invoke(root, "--url", release.url)
    assert (code, release.asked) == (0, 1)
    assert "as pinned" in said


def test_a_lost_file_is_fetched_again_but_no_other_one_is_taken(root, release):
    invoke(root, "--url", release.url)
    (root / "fetched" / fetching.NAME).unlink()
    release.body = RIGHT + b"another"
    code, said = invoke(root, "--url", release.url)
    assert code == 1
    assert "differs" in said
    assert files(root) == [PIN]
    release.body = RIGHT
    code, said = invoke(root, "--url", release.url)
    assert code == 0
    assert "nobody published" not in said
    assert files(root) == [fetching.NAME, PIN]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"body": b"<html>" + b"x" * 2000}, "what came is no"),
        ({"body": RIGHT[:500]}, "what came is no"),
        ({"body": RIGHT * 9}, "larger than"),
        ({"status": 404}, "404"),
        ({"status": 503}, "503"),
        ({"missing": 100}, "RemoteProtocolError"),
    ],
)
def test_what_is_not_the_file_is_neither_kept_nor_pinned(root, release, changes, message):
    for name, value in changes.items():
        setattr(release, name, value)
    code, said = invoke(root, "--url", release.url)
    assert code == 1
    assert message in said
    assert files(root) == []
    assert read_manifest(root) == {}


def test_offline_it_says_what_to_do(root):
    with socket.socket() as taken:  # bound and not listening: refused
        taken.bind(("127.0.0.1", 0))
        code, said = invoke(root, "--url", f"http://127.0.0.1:{taken.getsockname()[1]}/file")
    assert code == 1
    assert "is there a network?" in said
    assert "dlib backend works without it" in said
    assert files(root) == []


def test_a_release_moves_its_readers_on(root, release):
    code, _ = invoke(root, "--url", release.url.replace("/file", "/moved"))
    assert (code, release.asked) == (0, 2)


def test_a_protected_address_never_leads_to_an_unprotected_one():
    hop = httpx.Response(302, request=httpx.Request("GET", "https://a.example/"))
    plain = httpx.Response(200, request=httpx.Request("GET", "http://b.example/"), history=[hop])
    with pytest.raises(WeightsError, match="unprotected"):
        fetching._require_same_safety("https://a.example/", plain)


def test_a_file_that_is_here_already_is_taken(root, tmp_path):
    here = tmp_path / "carried.pt"
    here.write_bytes(b"\x80\x02" + b"x" * 2000)
    code, _ = invoke(root, "--checkpoint", str(here))
    assert code == 0
    assert open_weights(fetching.WEIGHTS, root).path.read_bytes() == here.read_bytes()
    code, said = invoke(root / "fetched" / "..", "--checkpoint", str(tmp_path / "none.pt"))
    assert (code, "as pinned" in said) == (0, True)
    (root / "fetched" / fetching.NAME).unlink()
    code, said = invoke(root, "--checkpoint", str(tmp_path / "none.pt"))
    assert (code, "no file none.pt" in said) == (1, True)


def test_another_name_is_wrong_usage(root):
    assert CliRunner().invoke(app, ["fetch", "nothing", "--root", str(root)]).exit_code == 2
