"""What the demo shows holds the reasons in both languages, the times of the stages, and never hides a wrong verdict."""

from __future__ import annotations

import io

from rich.console import Console

from ekyc.demo_screen import CaseProgress, case_object, live_table, show_verdicts
from pipeline.case import CaseStatus

ANSWER = {
    "status": "rejected",
    "verdict": {
        "reasons": [{"code": "face_no_match", "weight": "hard", "retake": [], "facts": {}}],
        "retake": [],
    },
    "stages": [
        {
            "stage": "match_face",
            "started_at": "2026-11-23T07:00:00+00:00",
            "finished_at": "2026-11-23T07:00:01.500000+00:00",
        },
        {"stage": "decide", "started_at": None, "finished_at": None},
    ],
}


def rejected(*, right: bool) -> CaseProgress:
    return CaseProgress(
        name="impostor_selfie", title="Somebody else", status=CaseStatus.REJECTED, case_id="c-1",
        answer=ANSWER, right=right, began_s=1.0, ended_s=3.5,
    )  # fmt: skip


def shown(*cases: CaseProgress) -> str:
    console = Console(file=io.StringIO(), width=120, color_system=None)
    show_verdicts(console, cases, "look there")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_verdict_shows_reason_in_both_languages_and_stage_times() -> None:
    text = shown(rejected(right=True))
    assert "face_no_match" in text
    assert "Khuôn mặt không khớp" in text
    assert "The face does not match the card" in text
    assert "match_face 1.5 s" in text
    assert "1 of 1 verdicts are as expected" in text


def test_wrong_verdict_is_said_so() -> None:
    text = shown(rejected(right=False), rejected(right=True))
    assert "NOT as expected" in text
    assert "1 of 2 verdicts" in text


def test_failed_case_shows_its_error() -> None:
    assert "gateway is away" in shown(
        CaseProgress(name="genuine", title="Genuine", error="gateway is away", right=False)
    )


def test_live_table_shows_stage_and_seconds() -> None:
    case = CaseProgress(
        name="a", title="A", step="filming", stages={"read_card": "running"}, began_s=1.0
    )
    console = Console(file=io.StringIO(), width=80, color_system=None)
    console.print(live_table([case], "judging", 3.0))
    assert isinstance(console.file, io.StringIO)
    (row,) = [line.split() for line in console.file.getvalue().splitlines() if "2.0" in line]
    assert row == ["a", "run", "filming", "2.0"]


def test_json_object_of_a_case() -> None:
    assert case_object(rejected(right=True)) == {
        "scenario": "impostor_selfie",
        "case_id": "c-1",
        "status": "rejected",
        "as_expected": True,
        "reasons": [{"code": "face_no_match", "weight": "hard", "retake": []}],
        "stage_ms": {"match_face": 1500.0},
        "seconds": 2.5,
        "error": None,
    }
