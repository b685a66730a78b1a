"""MiniFASNet from the two .pth files to a cue: with random weights, and with the published ones where they are."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ekyc import fetch_minifasnet as fetching
from ekyc.weights_cli import app
from pipeline.errors import WeightsError
from pipeline.face.models import load_face_models
from pipeline.image import RgbImage, decode_image
from pipeline.liveness.facemesh import FaceMesh
from pipeline.liveness.passive import PassiveNetwork, load_passive, passive_cue
from pipeline.weights import DEFAULT_ROOT, open_weights, read_manifest

torch = pytest.importorskip("torch", reason="the extra ekyc[facenet] is not installed")
pytest.importorskip("onnx", reason="the extra ekyc[fetch] is not installed")
#: Where EKYC_SHARED points to a folder of models and pictures that are not ours to ship.
WEIGHTS = Path("weights", "minivision")
STILLS = Path("data", "clips", "spoof")


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both files with random weights, under the names of the keys that several GPUs leave."""
    from ekyc.minifasnet import MiniFasNet
    from ekyc.minifasnet_to_onnx import ARCHITECTURES

    folder = tmp_path_factory.mktemp("minivision")
    torch.manual_seed(0)
    for name, architecture in zip(fetching.SOURCES, ARCHITECTURES, strict=True):
        state = MiniFasNet(architecture).state_dict()
        torch.save({f"module.{key}": value for key, value in state.items()}, folder / name)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "manifest.toml").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def taken(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The random files are the ones that are pinned."""
    known = {
        name: hashlib.sha256((checkpoints / name).read_bytes()).hexdigest()
        for name in fetching.SOURCES
    }
    monkeypatch.setattr(fetching, "SOURCES", known)
    return checkpoints


def test_two_checkpoints_become_an_entry_that_runs(taken, root):
    made = fetching.fetch_minifasnet(root, folder=taken)
    assert made == root / "fetched" / "minifasnet.onnx"
    entry = open_weights("minifasnet", root)
    assert "Apache-2.0" in entry.licence
    assert all(name in entry.source for name in fetching.SOURCES)
    passive = load_passive("minifasnet", root)
    frame = RgbImage(np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8))
    cue = passive_cue(passive, [passive.crops(frame, np.array([100.0, 60, 180, 160]))] * 3)
    assert 0 < cue.score < 1
    assert cue.threshold == fetching.SUSPECT_BELOW


def test_the_export_is_torchs_networks_on_crops_of_their_own(taken):
    from ekyc import minifasnet_to_onnx as making

    data = [(taken / name).read_bytes() for name in fetching.SOURCES]
    networks = [
        making._network(one, kind) for one, kind in zip(data, making.ARCHITECTURES, strict=True)
    ]
    crops = torch.rand(1, 2, 3, 80, 80) * 255
    both = making.Pair(networks).eval()(crops)
    alone = [net(crops[:, i]).softmax(1) for i, net in enumerate(networks)]
    assert not torch.allclose(alone[0], alone[1], atol=1e-3)
    assert torch.allclose(both, (alone[0] + alone[1]) / 2, atol=1e-6)


def test_an_export_that_computes_something_else_is_refused(taken, root, monkeypatch):
    monkeypatch.setattr("ekyc.minifasnet_to_onnx.greatest_difference", lambda *_: 1e-3)
    with pytest.raises(WeightsError, match="differs from torch"):
        fetching.fetch_minifasnet(root, folder=taken)
    assert read_manifest(root) == {}


def test_what_is_there_is_left_alone_and_what_was_altered_is_made_anew(taken, root):
    made = fetching.fetch_minifasnet(root, folder=taken)
    assert fetching.fetch_minifasnet(root, folder=Path("nowhere")) is None
    right = made.read_bytes()
    made.write_bytes(b"altered")
    with pytest.raises(WeightsError, match="differs"):
        load_passive("minifasnet", root)
    fetching.fetch_minifasnet(root, folder=taken)
    assert made.read_bytes() == right


def test_other_files_than_the_published_ones_are_refused(checkpoints, root, tmp_path):
    with pytest.raises(WeightsError, match=r"sha256 of 2\.7_80x80"):
        fetching.fetch_minifasnet(root, folder=checkpoints)
    with pytest.raises(WeightsError, match="cannot be read"):
        fetching.fetch_minifasnet(root, folder=tmp_path / "nowhere")
    with pytest.raises(WeightsError, match="could not be downloaded"):
        fetching.fetch_minifasnet(root, url="http://127.0.0.1:9")
    assert read_manifest(root) == {}


@pytest.fixture
def mirror(checkpoints: Path) -> Iterator[str]:
    """The folder with both files over real HTTP."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    handler = partial(Quiet, directory=str(checkpoints))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_mirror_gives_the_same(taken, root, mirror, monkeypatch):
    assert fetching.fetch_minifasnet(root, url=mirror) is not None
    assert open_weights("minifasnet", root).path.is_file()
    monkeypatch.setattr(fetching, "_MOST_BYTES", 1000)
    (root / "fetched" / "minifasnet.onnx").unlink()
    with pytest.raises(WeightsError, match="larger than 1000 bytes"):
        fetching.fetch_minifasnet(root, url=mirror)
    with pytest.raises(WeightsError, match="404"):
        fetching.fetch_minifasnet(root, url=f"{mirror}nowhere")


@pytest.mark.parametrize("missing", ["torch", "onnx"])
def test_without_what_makes_it_the_extras_are_named(taken, root, monkeypatch, missing):
    monkeypatch.delitem(sys.modules, "ekyc.minifasnet_to_onnx", raising=False)
    monkeypatch.delitem(sys.modules, "ekyc.minifasnet", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(WeightsError, match=rf"{missing} is missing; install .*fetch,facenet"):
        fetching.fetch_minifasnet(root, folder=taken)
    assert read_manifest(root) == {}


def test_a_file_that_is_no_checkpoint_is_refused_in_words():
    from ekyc.minifasnet_to_onnx import convert

    with pytest.raises(WeightsError, match="no weights of MiniFASNet"):
        convert([b"PK\x03\x04 nothing", b""])


def test_the_command_says_what_it_did(taken, root):
    said = CliRunner().invoke(
        app, ["fetch", "minifasnet", "--root", str(root), "--checkpoint", str(taken)]
    )
    assert (said.exit_code, "made minifasnet.onnx" in said.stdout) == (0, True)
    again = CliRunner().invoke(app, ["fetch", "minifasnet", "--root", str(root)])
    assert (again.exit_code, "as pinned" in again.stdout) == (0, True)


# ---------------------------------------------------------------- the published weights


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> PassiveNetwork:
    shared = Path(os.environ.get("EKYC_SHARED", ""))
    if not (shared / WEIGHTS).is_dir():
        pytest.skip(f"EKYC_SHARED has no {WEIGHTS}")
    root = tmp_path_factory.mktemp("weights")
    (root / "manifest.toml").write_text("", encoding="utf-8")
    fetching.fetch_minifasnet(root, folder=shared / WEIGHTS)
    return load_passive("minifasnet", root)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("minivision_image_T1.jpg", 0.9, 1.0), ("minivision_image_F2.jpg", 0.0, 0.1)],
)
def test_their_own_stills_are_told_apart(published, name, least, most):
    path = Path(os.environ["EKYC_SHARED"]) / STILLS / name
    if not path.is_file():
        pytest.skip(f"EKYC_SHARED has no {STILLS / name}")
    picture = decode_image(path.read_bytes(), evidence="selfie")
    face = FaceMesh(load_face_models(DEFAULT_ROOT)).track(picture)
    assert least <= published.alive(published.crops(picture, face.box)) <= most
