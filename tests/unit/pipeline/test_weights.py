from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.weights import open_weights, read_manifest


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "net.onnx").write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    rows = [
        f'[net]\nfile = "net.onnx"\nsha256 = "{digest}"',
        f'[gone]\nfetched = "gone.onnx"\nsha256 = "{digest}"',
        f'[absent]\npackage = "no_such_package/x.dat"\nsha256 = "{digest}"',
    ]
    text = "\n".join(f'{row}\nlicence = "test"\nsource = "test"\n' for row in rows)
    (tmp_path / "manifest.toml").write_text(text)
    return tmp_path


def test_weights_carry_their_name_and_sha256(root: Path) -> None:
    assert open_weights("net", root).ref.sha256 == hashlib.sha256(b"weights").hexdigest()


def test_an_altered_file_is_refused(root: Path) -> None:
    (root / "net.onnx").write_bytes(b"Weights")
    with pytest.raises(WeightsError, match="sha256"):
        open_weights("net", root)


@pytest.mark.parametrize("name", ["gone", "absent", "unknown"])
def test_a_missing_file_is_refused(root: Path, name: str) -> None:
    with pytest.raises(WeightsError):
        open_weights(name, root)


def test_the_manifest_of_the_project_is_complete() -> None:
    for entry in read_manifest().values():
        assert len(entry.sha256) == 64
        assert entry.licence
        assert entry.source


def pin(root: Path, text: str) -> None:
    (root / "fetched").mkdir(exist_ok=True)
    (root / "fetched" / "x.pin.toml").write_text(text)


def test_a_pin_file_adds_weights(root: Path) -> None:
    pin(root, '[more]\nfetched = "m"\nsha256 = "0"\nlicence = "l"\nsource = "s"\n')
    assert read_manifest(root)["more"].path == root / "fetched" / "m"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[net]\nfetched = "m"\nsha256 = "0"\nlicence = "l"\nsource = "s"\n', "are known: net"),
        ("[more\n", "no manifest"),
        ("more = 3\n", "no manifest"),
        ('[more]\nfetched = "m"\n', "lacks 'sha256'"),
    ],
)
def test_a_pin_file_can_change_nothing_and_must_be_whole(
    root: Path, text: str, message: str
) -> None:
    pin(root, text)
    with pytest.raises(WeightsError, match=message):
        read_manifest(root)
