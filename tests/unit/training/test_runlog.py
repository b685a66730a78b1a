from pathlib import Path

import pytest

from training.runlog import Progress, append_progress, draw_curve, read_progress, rewind

BEFORE = Progress(
    trained_s=0,
    lines_seen=0,
    loss=None,
    rate=0,
    character_error_rate=0.04,
    exact_rate=0.6,
    upper_error_rate=0.05,
)
LATER = Progress(trained_s=9.5, lines_seen=256, loss=0.1, rate=4e-4)


def test_a_log_reads_back_as_it_was_written(tmp_path: Path) -> None:
    log = tmp_path / "progress.jsonl"
    append_progress(log, BEFORE)
    append_progress(log, LATER)
    assert read_progress(log) == [BEFORE, LATER]


def test_a_resumed_run_forgets_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    log = tmp_path / "progress.jsonl"
    for progress in (BEFORE, LATER):
        append_progress(log, progress)
    rewind(log, lines_seen=100)
    assert read_progress(log) == [BEFORE]


def test_the_curve_is_drawn_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / "progress.jsonl"
    append_progress(log, LATER)
    with pytest.raises(ValueError, match="no validation"):
        draw_curve(log, tmp_path / "curve.png")
    append_progress(log, BEFORE)
    draw_curve(log, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
