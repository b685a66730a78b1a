from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from capture_client.cli import main
from capture_client.desk_values import Means
from capture_client.film import FileClip, FilmFailed, RecorderProgram
from capture_client.flow_state import OpenChallenge
from capture_client.headless import Exit, Job
from capture_client.problems import GatewayAddress
from capture_client.sign_in import KEY_VARIABLE, gateway_address
from pipeline.consent import Purpose
from pipeline.stages import EvidenceKind
from tests.unit.capture_client.desk_events import NOW, STEPS

CHALLENGE = OpenChallenge(id="c", nonce="n", steps=STEPS, asked_at=NOW, lasts_s=30)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for kind in ("card_front", "selfie"):
        (tmp_path / f"{kind}.jpg").write_bytes(kind.encode())
    return tmp_path


def wrong(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == Exit.USAGE
    return capsys.readouterr().err


def test_what_is_missing_is_told(capsys: pytest.CaptureFixture[str], pictures: Path) -> None:
    assert "--gateway" in wrong(capsys, "--headless")
    base = ("--headless", "--gateway", "https://g", "--source", str(pictures))
    assert "consent" in wrong(capsys, *base)
    consent = ("--consent", "identity_verification")
    both = ("--clip", "a.mp4", "--recorder", "r")
    assert "not from both" in wrong(capsys, *base, *consent, *both)
    absent = ("--clip", str(pictures / "absent.mp4"))
    assert "there is no file" in wrong(capsys, *base, *consent, *absent)
    assert "invalid" in wrong(capsys, *base, "--consent", "everything")


@pytest.mark.parametrize(
    "text", ["g", "ftp://g", "http://bank.example", "https://", "https://u:p@g", "https://g:x", ""]
)
def test_an_address_to_which_a_key_must_not_go_is_refused(text: str) -> None:
    with pytest.raises(GatewayAddress):
        gateway_address(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://bank.example/", "https://bank.example"),
        (" https://Bank.example:8443/v1 ", "https://bank.example:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_an_address_is_taken_without_its_path(text: str, address: str) -> None:
    assert gateway_address(text) == address


def test_an_address_that_is_none_ends_with_words(
    capsys: pytest.CaptureFixture[str], pictures: Path
) -> None:
    code = main(
        ["--headless", "--gateway", "http://bank.example", "--source", str(pictures), "--spool",
         str(pictures / "s"), "--consent", "identity_verification", "--language", "en"]
    )  # fmt: skip
    assert code == Exit.USAGE
    assert "https://" in capsys.readouterr().err


def job(folder: Path, **changes: object) -> Job:
    given: dict[str, object] = {
        "gateway": "https://g",
        "stills": {EvidenceKind.SELFIE: folder / "selfie.jpg"},
        "filmer": RecorderProgram("rec"),
        "purposes": (Purpose.IDENTITY_VERIFICATION,),
    }
    return Job(**{**given, **changes})  # type: ignore[arg-type]


def test_a_job_is_named_by_its_reference_or_else_by_its_files(pictures: Path) -> None:
    plain, named = job(pictures), job(pictures, reference="A-17")
    assert plain.idempotency_key() == job(pictures).idempotency_key()
    (pictures / "selfie.jpg").write_bytes(b"another")
    assert plain.idempotency_key() != named.idempotency_key()
    assert named.idempotency_key() == job(pictures, reference="A-17").idempotency_key()
    assert named.idempotency_key() != job(pictures, reference="A-18").idempotency_key()
    assert plain.idempotency_key() == job(pictures).idempotency_key()


def test_a_recorder_gets_the_challenge_without_the_key_and_gives_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "ekyc_secret")
    program = tmp_path / "rec.py"
    program.write_text(
        "import os, sys\n"
        f"assert {KEY_VARIABLE!r} not in os.environ\n"
        "sys.stdout.write(sys.stdin.read().upper())\n"
    )
    filmed = RecorderProgram(f"{sys.executable} {program}").film(CHALLENGE)
    asked = json.loads(filmed.data.lower())
    assert asked["steps"][0]["action"] == "turn_left"
    assert filmed.origin.means is Means.RECORDER


@pytest.mark.parametrize("source", ["import sys; sys.exit(3)", ""])
def test_a_recorder_that_gives_no_clip_is_told(tmp_path: Path, source: str) -> None:
    program = tmp_path / "rec.py"
    program.write_text(source)
    with pytest.raises(FilmFailed, match="recorder_failed"):
        RecorderProgram(f"{sys.executable} {program}").film(CHALLENGE)
    with pytest.raises(FilmFailed, match="recorder_failed"):
        RecorderProgram(str(tmp_path / "absent")).film(CHALLENGE)


def test_a_clip_that_exists_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"clip")
    assert FileClip(tmp_path / "clip.mp4").film(CHALLENGE).data == b"clip"


def test_an_empty_queue_is_listed_without_a_line_and_without_heavy_imports(tmp_path: Path) -> None:
    """What a script starts for every case must not load a window or a model."""
    code = (
        "import sys; from capture_client.cli import main; code = main(sys.argv[1:]);"
        "heavy = {'PySide6', 'cv2', 'av', 'numpy', 'onnxruntime', 'torch', 'sqlalchemy'} & set(sys.modules);"
        "assert not heavy, heavy; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--queue", "--spool", str(tmp_path / "spool")],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0
