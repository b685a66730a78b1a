from __future__ import annotations

import numpy as np
import pytest

from pipeline.challenge import Action, ChallengeStep
from specimen.attacks import EDITS, ClipKind
from specimen.clips import Film, Frame
from specimen.edits import Footage, shuffled_steps
from specimen.photos import Subject
from specimen.prints import Grip, Holes, hold_print

FILM = Film(size=(240, 180), fps=10.0)
TURN = (ChallengeStep(action=Action.TURN_LEFT, count=1, start_s=0.3, end_s=1.5),)
BLINK = (ChallengeStep(action=Action.BLINK, count=1, start_s=0.3, end_s=1.5),)


def held(grip: Grip, steps: tuple[ChallengeStep, ...]) -> list[np.ndarray]:
    frames = hold_print(Subject.ASTRONAUT, steps, np.random.default_rng(2), grip, FILM)
    return [frame.image.astype(int) for frame in frames]


def paper_width(image: np.ndarray) -> int:
    """Columns between the white borders, in the middle row."""
    bright = np.flatnonzero(image[85:95].min(2).mean(0) > 215)
    return int(np.ptp(bright)) if len(bright) else 0


def test_a_turned_print_becomes_narrow_and_comes_back():
    widths = [paper_width(image) for image in held(Grip(turn=1.3), TURN)]
    middle = len(widths) // 2
    assert min(widths[middle - 2 : middle + 2]) < 0.88 * widths[1]
    assert widths[-1] == pytest.approx(widths[1], abs=6)


def test_a_bent_print_is_narrower_than_a_flat_one():
    flat, bent = (paper_width(held(Grip(bend_rad=bend), BLINK)[1]) for bend in (0.0, 0.9))
    assert 0 < bent < 0.92 * flat


def change_in_blink(holes: Holes) -> float:
    """How much the middle of the print changes between just before a blink and its middle."""
    before, shut = (held(Grip(holes=holes), BLINK)[i][50:130, 80:160] for i in (7, 9))
    return float(np.sort(np.abs(shut - before).mean(2).ravel())[-80:].mean())


def test_lids_move_in_the_holes_of_a_print_and_nowhere_in_a_whole_one():
    assert change_in_blink(Holes.EYES) > 1.4 * change_in_blink(Holes.NONE)


# ---------------------------------------------------------------- recordings

STEPS = tuple(
    ChallengeStep(action=action, count=1, start_s=1.0 + i, end_s=2.0 + i)
    for i, action in enumerate((Action.BLINK, Action.SMILE, Action.TURN_LEFT))
)


def numbered(first: int) -> list[Frame]:
    """Frames of ten a second whose grey is the number of the frame."""
    return [
        Frame(image=np.full((60, 80, 3), first + i, np.uint8), time_s=i / 10) for i in range(44)
    ]


def edited(kind: ClipKind) -> list[int]:
    footage = Footage(
        steps=STEPS, own=lambda: numbered(0), again=lambda: numbered(50),
        other=lambda: numbered(100), shuffled=lambda: numbered(150),
    )  # fmt: skip
    frames = list(EDITS[kind](footage, np.random.default_rng(1)))
    assert [frame.time_s for frame in frames] == [i / 10 for i in range(44)]
    return [int(frame.image[30, 5, 0]) for frame in frames]


def test_shuffled_steps_keep_the_windows():
    shuffled = shuffled_steps(STEPS)
    assert [s.action for s in shuffled] == [Action.TURN_LEFT, Action.BLINK, Action.SMILE]
    assert [s.start_s for s in shuffled] == [s.start_s for s in STEPS]


def test_a_splice_puts_every_part_where_it_was_asked_for():
    shown = edited(ClipKind.SPLICE)
    assert shown[10:20] == [150 + i for i in range(20, 30)]
    assert shown[20:30] == [150 + i for i in range(30, 40)]
    assert shown[30:40] == [150 + i for i in range(10, 20)]
    assert shown[:10] == [150 + i for i in range(10)]


def test_a_loop_plays_a_stretch_again_and_then_goes_on():
    shown = edited(ClipKind.LOOPED)
    again = [i for i, number in enumerate(shown) if number != i]
    assert again
    assert again == list(range(again[0], again[-1] + 1))
    assert all(i - shown[i] == again[0] - shown[again[0]] for i in again)


@pytest.mark.parametrize(
    ("kind", "share"),
    [(ClipKind.SWITCH_EARLY, 0.2), (ClipKind.IDENTITY_SWITCH, 0.5), (ClipKind.SWITCH_LATE, 0.8)],
)
def test_a_switch_comes_when_it_should_and_stays(kind: ClipKind, share: float):
    shown = edited(kind)
    first_other = next(i for i, number in enumerate(shown) if number >= 100)
    assert first_other == pytest.approx(share * 43, abs=1)
    assert shown == [i + (100 if i >= first_other else 0) for i in range(44)]


def test_a_cut_goes_on_with_the_second_recording():
    shown = edited(ClipKind.CUT)
    assert shown[0] == 0
    assert shown[-1] == 93
    assert all(number in {i, 50 + i} for i, number in enumerate(shown))


def test_a_replay_is_the_other_recording():
    assert edited(ClipKind.REPLAY) == [150 + i for i in range(44)]
