"""The real client against the real gateway, workers and engines, to a verdict: what a scripted branch does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from capture_client.headless import Exit
from ekyc.home import open_home
from ekyc.up import System, running_system, wait_ready
from specimen.bundle import SCENARIOS, card_and_selfie

ROOT = Path(__file__).parents[2]
#: Story -> how the run may end: a photo held before the camera is rejected, or asked to be done again.
STORIES = {
    "genuine": {Exit.APPROVED},
    "waved_photo": {Exit.REJECTED, Exit.RETAKE},
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    home = open_home(tmp_path_factory.mktemp("home"))
    with running_system(home) as running:
        wait_ready(running, timeout_s=120)
        yield running


@pytest.mark.timeout(600)
@pytest.mark.parametrize("story", STORIES)
def test_evidence_gets_the_verdict_it_deserves(system: System, tmp_path: Path, story: str) -> None:
    run = _start(system, story, tmp_path)
    out, _ = run.communicate(timeout=560)
    told = json.loads(out)
    assert told["exit"] in STORIES[story], told
    assert told["exit"] == run.returncode
    assert list((tmp_path / "spool").glob("*/*.bin")) == []
    if told["exit"] != Exit.APPROVED:
        assert told["guidance"], told


def _start(system: System, story: str, folder: Path) -> subprocess.Popen[bytes]:
    stills = card_and_selfie(SCENARIOS[story], 7, datetime.now(UTC).date()).by_kind()
    for kind, data in stills.items():
        (folder / f"{kind}.jpg").write_bytes(data)
    command = [
        sys.executable, "-m", "capture_client", "--headless", "--json", "--gateway", system.url,
        "--spool", str(folder / "spool"), "--card-front", str(folder / "card_front.jpg"),
        "--card-back", str(folder / "card_back.jpg"), "--selfie", str(folder / "selfie.jpg"),
        "--recorder", f"{sys.executable} -m tests.e2e.recorder {story}",
        "--consent", "identity_verification", "--consent", "biometric_processing",
        "--reference", f"e2e-{story}", "--timeout-s", "540",
    ]  # fmt: skip
    environment = {
        **os.environ, "EKYC_CAPTURE_KEY": system.keys["capture"], "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
