from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekyc.liveness_cli import app, parse_steps
from pipeline.challenge import Action


def test_actions_get_even_windows_in_order():
    blink, turn, smile = parse_steps("blink:2,turn_left,smile", None, 9.0)
    assert (blink.action, blink.count, blink.start_s, blink.end_s) == (Action.BLINK, 2, 0, 3)
    assert (turn.action, turn.count, turn.start_s, turn.end_s) == (Action.TURN_LEFT, 1, 3, 6)
    assert (smile.action, smile.end_s) == (Action.SMILE, 9)


def test_windows_can_be_given():
    steps = parse_steps("blink,smile", "1.2-4.4,4.4-7.6", 9.0)
    assert [(s.start_s, s.end_s) for s in steps] == [(1.2, 4.4), (4.4, 7.6)]


@pytest.mark.parametrize(
    ("actions", "windows"),
    [("", None), ("wink", None), ("blink:0", None), ("blink:x", None), ("blink", "0-1,1-2"),
     ("blink", "2-1"), ("blink", "a-b")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(actions, windows):
    with pytest.raises(ValueError, match=r".+"):
        parse_steps(actions, windows, 9.0)


def test_a_broken_clip_is_not_judged(tmp_path: Path):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"not a clip")
    result = CliRunner().invoke(app, ["score", str(clip), "--actions", "smile", "--json"])
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["passed"] is None
    assert answer["rejected"]["code"] == "evidence_undecodable"
