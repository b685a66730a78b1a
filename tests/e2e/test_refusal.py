"""A worker whose models do not fit refuses to start and says why, instead of judging badly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.weights import DEFAULT_ROOT, read_manifest, sha256_of

RECOGNISER = "vn_card_rec"
LOST_LETTER = "ẫ"


def altered_weights(folder: Path) -> Path:
    """The project's weights, but the recogniser's dictionary has a full stop where `ẫ` was."""
    onnx = pytest.importorskip("onnx", reason="the extra `fetch` is not installed")
    source = read_manifest()[RECOGNISER].path
    model = onnx.load(source)
    [dictionary] = [entry for entry in model.metadata_props if entry.key == "character"]
    dictionary.value = dictionary.value.replace(LOST_LETTER, ".")
    onnx.save(model, folder / source.name)
    manifest = (DEFAULT_ROOT / "manifest.toml").read_text(encoding="utf-8")
    right, wrong = sha256_of(source), sha256_of(folder / source.name)
    (folder / "manifest.toml").write_text(manifest.replace(right, wrong), encoding="utf-8")
    (folder / "fetched").symlink_to(DEFAULT_ROOT / "fetched")
    return folder


def run_ocr_worker(weights: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ekyc", "worker", "ocr"],
        env={**os.environ, "EKYC_WEIGHTS_ROOT": str(weights)},
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip


@pytest.mark.usefixtures("environment", "broker")
def test_recogniser_without_all_vietnamese_letters_is_refused(tmp_path: Path) -> None:
    done = run_ocr_worker(altered_weights(tmp_path))
    assert done.returncode == 2
    assert f"1 of 134 Vietnamese letters: {LOST_LETTER}" in done.stderr


@pytest.mark.usefixtures("environment", "broker")
def test_altered_weights_are_refused(tmp_path: Path) -> None:
    altered_weights(tmp_path)
    (tmp_path / "manifest.toml").write_text(
        (DEFAULT_ROOT / "manifest.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    done = run_ocr_worker(tmp_path)
    assert done.returncode == 2
    assert "sha256" in done.stderr
