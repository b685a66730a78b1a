"""`ekyc-capture --headless` as a script runs it: real processes against the real gateway."""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from capture_client.headless import Exit
from pipeline.findings import Rejection
from pipeline.reasons import ReasonCode
from pipeline.stages import Stage
from store.api_keys import revoke_key
from tests.integration.capture_client.bad_line import BadLine
from tests.integration.capture_client.bank import Bank
from tests.integration.capture_client.conftest import Gateway
from tests.unit.api import files
from tests.unit.pipeline import factories

ROOT = Path(__file__).parents[3]
KINDS = ("card_front", "card_back", "selfie", "clip")
CLIP_BYTES = 1_200_000


class Script:
    """A branch's script: files, a spool and the key of the branch."""

    def __init__(self, folder: Path, api_key: str) -> None:
        self.folder, self.api_key = folder, api_key
        self.spool = folder / "spool"
        for place, kind in enumerate(KINDS[:3]):
            (folder / f"{kind}.jpg").write_bytes(files.picture(colour=10 * place))
        (folder / "clip.mp4").write_bytes(files.film(payload=os.urandom(CLIP_BYTES)))

    def command(self, url: str, *more: str) -> list[str]:
        return [
            sys.executable, "-m", "capture_client", "--headless", "--json", "--gateway", url,
            "--spool", str(self.spool), "--card-front", str(self.folder / "card_front.jpg"),
            "--card-back", str(self.folder / "card_back.jpg"), "--selfie", str(self.folder / "selfie.jpg"),
            "--clip", str(self.folder / "clip.mp4"), "--language", "en", "--reference", "A-17",
            "--consent", "identity_verification", "--consent", "biometric_processing", *more,
        ]  # fmt: skip

    def start(self, url: str, *more: str, **options: Any) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "EKYC_CAPTURE_KEY": self.api_key, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            self.command(url, *more), cwd=ROOT, env=environment, stdout=subprocess.PIPE, **options
        )

    def run(self, url: str, *more: str, **options: Any) -> dict[str, Any]:
        child = self.start(url, *more, **options)
        out, _ = child.communicate(timeout=120)
        told: dict[str, Any] = json.loads(out)
        assert told["exit"] == child.returncode
        return told

    def digests(self) -> dict[str, str]:
        found = {}
        for kind in KINDS:
            (path,) = self.folder.glob(f"{kind}.*")
            found[kind] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def left_on_disk(self) -> list[str]:
        return [path.name for path in self.spool.rglob("*") if path.suffix in {".bin", ".step"}]


@pytest.fixture
def script(tmp_path: Path, api_key: str) -> Script:
    return Script(tmp_path, api_key)


def assert_arrived_once(bank: Bank, script: Script) -> None:
    case_id = bank.only_case()
    assert bank.digests(case_id) == script.digests()
    events = bank.events(case_id)
    once = ["case_opened", "case_submitted", *(f"evidence_received {kind}" for kind in KINDS)]
    assert {name: events.count(name) for name in once} == dict.fromkeys(once, 1)
    assert len(bank.rows("SELECT id FROM blobs")) == len(KINDS)
    assert bank.rows("SELECT start_byte FROM upload_chunks") == []


def test_a_script_gets_the_verdict_and_leaves_nothing_behind(
    gateway: Gateway, bank: Bank, script: Script
) -> None:
    told = script.run(gateway.url)
    assert (told["exit"], told["status"]) == (Exit.APPROVED, "approved")
    assert_arrived_once(bank, script)
    assert script.left_on_disk() == []
    again = script.run(gateway.url)
    assert (again["exit"], again["case_id"]) == (Exit.APPROVED, told["case_id"])
    assert_arrived_once(bank, script)


@pytest.mark.timeout(900)
def test_a_client_that_is_killed_twenty_times_loses_and_doubles_nothing(
    line: BadLine, bank: Bank, script: Script
) -> None:
    rng, killed_at = random.Random(17), []
    # Large enough that the clip is still on its way after twenty parts of it.
    (script.folder / "clip.mp4").write_bytes(files.film(payload=os.urandom(12_000_000)))
    bank.is_at_work, bank.is_patient, line.bytes_per_s = False, True, 1_000_000
    while len(killed_at) < 20:
        before, child = line.sent_bytes, script.start(line.url)
        _let_send(line, child, before + rng.randrange(1, 1_600_000))
        child.send_signal(signal.SIGKILL)
        child.wait()
        killed_at.append(line.sent_bytes - before)
    assert len(set(killed_at)) > 10, killed_at
    bank.is_at_work, line.bytes_per_s = True, None
    assert script.run(line.url)["exit"] == Exit.APPROVED
    assert_arrived_once(bank, script)
    assert script.left_on_disk() == []


def _let_send(line: BadLine, child: subprocess.Popen[bytes], until_bytes: int) -> None:
    """Wait until so much was sent, or for 4 s from the first byte on."""
    before, ends_at = line.sent_bytes, float("inf")
    while line.sent_bytes < until_bytes and time.monotonic() < ends_at:
        assert child.poll() is None, child.communicate()
        if ends_at == float("inf") and line.sent_bytes > before:
            ends_at = time.monotonic() + 4
        time.sleep(0.01)


def test_without_a_gateway_everything_is_kept_and_sent_when_it_is_back(
    gateway: Gateway, bank: Bank, script: Script
) -> None:
    gateway.stop()
    told = script.run(gateway.url, "--timeout-s", "4")
    assert (told["exit"], told["code"], told["case_id"]) == (Exit.KEPT, "unreachable", None)
    assert "kept on this PC" in told["message"]
    assert len([name for name in script.left_on_disk() if name.endswith(".bin")]) == 3
    gateway.start()
    assert script.run(gateway.url)["exit"] == Exit.APPROVED
    assert_arrived_once(bank, script)


def test_what_waits_is_listed_without_a_line_and_sent_without_anybody(
    gateway: Gateway, bank: Bank, script: Script
) -> None:
    gateway.stop()
    script.run(gateway.url, "--timeout-s", "4")
    common = [sys.executable, "-m", "capture_client", "--json", "--spool", str(script.spool)]
    listed = subprocess.run([*common, "--queue"], stdout=subprocess.PIPE, cwd=ROOT, check=False)
    row = json.loads(listed.stdout)
    assert (listed.returncode, row["reference"], row["code"]) == (Exit.KEPT, "A-17", "sending")
    gateway.start()
    sent = subprocess.run([*common, "--send"], stdout=subprocess.PIPE, cwd=ROOT, check=False)
    assert json.loads(sent.stdout)["code"] == "person"  # the challenge needs the customer
    assert set(bank.digests(bank.only_case())) == set(KINDS[:3])
    assert script.run(gateway.url)["exit"] == Exit.APPROVED
    assert_arrived_once(bank, script)


def test_a_gateway_that_breaks_down_in_the_middle_of_a_chunk_is_waited_for(
    gateway: Gateway, line: BadLine, bank: Bank, script: Script
) -> None:
    line.bytes_per_s = 600_000
    child = script.start(line.url)
    while line.sent_bytes < 500_000:
        assert child.poll() is None
        time.sleep(0.02)
    gateway.stop()
    time.sleep(2)
    gateway.start()
    out, _ = child.communicate(timeout=120)
    assert json.loads(out)["exit"] == Exit.APPROVED
    assert_arrived_once(bank, script)


def test_a_revoked_key_is_told_and_nothing_is_lost(
    gateway: Gateway, bank: Bank, script: Script
) -> None:
    from store.api_keys import Scope, create_key

    revoke_key(bank.store, script.api_key.split("_")[1], actor="test")
    told = script.run(gateway.url)
    assert (told["exit"], told["code"]) == (Exit.KEY_REFUSED, "key_refused")
    assert "Sign in with a new one" in told["message"]
    script.api_key, _ = create_key(
        bank.store, name="new", scopes={Scope.CAPTURE}, branch="HN-01", actor="test"
    )
    assert script.run(gateway.url)["exit"] == Exit.APPROVED
    assert_arrived_once(bank, script)


def test_a_full_disk_is_told_before_anything_is_half_kept(
    gateway: Gateway, bank: Bank, script: Script
) -> None:
    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    told = script.run(gateway.url, preexec_fn=no_large_files)
    assert (told["exit"], told["code"]) == (Exit.DISK, "disk_full")
    assert "disk is full" in told["message"]
    assert not [name for name in script.left_on_disk() if name.endswith(".tmp")]
    assert script.run(gateway.url)["exit"] == Exit.APPROVED
    assert_arrived_once(bank, script)


def test_an_expired_challenge_needs_the_customer_again(
    line: BadLine, bank: Bank, script: Script
) -> None:
    line.bytes_per_s = 200_000
    child = script.start(line.url)
    while not bank.rows("SELECT id FROM challenges"):
        time.sleep(0.05)
    bank.execute("UPDATE challenges SET expires_at = now() - interval '1 s'")
    out, _ = child.communicate(timeout=120)
    told = json.loads(out)
    assert (told["exit"], told["code"]) == (Exit.CUSTOMER_NEEDED, "challenge_expired")
    assert "Ask the customer" in told["message"]
    line.bytes_per_s = None
    assert script.run(line.url)["exit"] == Exit.APPROVED
    assert bank.events(bank.only_case()).count("evidence_received clip") == 1


def test_a_retake_names_what_to_do_and_goes_on_with_another_file(
    gateway: Gateway, bank: Bank, script: Script
) -> None:
    bank.findings[Stage.MATCH_FACE] = factories.face(
        similarity=None, fmr=None, band=None, rejected=Rejection(code=ReasonCode.FACE_BLURRED)
    )
    told = script.run(gateway.url)
    assert told["exit"] == Exit.RETAKE
    assert [one["retake"] for one in told["guidance"]] == [["selfie"]]
    same = script.run(gateway.url)
    assert (same["exit"], same["code"]) == (Exit.RETAKE, "evidence_missing")
    bank.findings[Stage.MATCH_FACE] = factories.face()
    (script.folder / "selfie.jpg").write_bytes(files.picture(colour=200))
    assert script.run(gateway.url)["exit"] == Exit.APPROVED
    assert bank.digests(bank.only_case()) == script.digests()


def test_evidence_that_is_no_picture_is_told(gateway: Gateway, bank: Bank, script: Script) -> None:
    (script.folder / "selfie.jpg").write_bytes(b"%PDF-1.7")
    told = script.run(gateway.url)
    assert (told["exit"], told["code"]) == (Exit.NOT_TAKEN, "evidence_type_refused")


def test_the_clip_can_come_from_a_recorder_that_is_told_the_challenge(
    gateway: Gateway, bank: Bank, script: Script, tmp_path: Path
) -> None:
    recorder = tmp_path / "recorder.py"
    recorder.write_text(
        "import json, pathlib, sys\n"
        "asked = json.load(sys.stdin)\n"
        "assert asked['steps'][0]['action'] and asked['lasts_s'] > 100\n"
        f"sys.stdout.buffer.write(pathlib.Path({str(script.folder / 'clip.mp4')!r}).read_bytes())\n"
    )
    command = script.command(gateway.url, "--recorder", f"{sys.executable} {recorder}")
    at = command.index("--clip")
    del command[at : at + 2]
    environment = {**os.environ, "EKYC_CAPTURE_KEY": script.api_key, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=False, timeout=120
    )
    assert json.loads(done.stdout)["exit"] == Exit.APPROVED
    assert_arrived_once(bank, script)
