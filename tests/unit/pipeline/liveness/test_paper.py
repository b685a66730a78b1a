from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.challenge import Action
from pipeline.liveness.attacks import paper_turn
from pipeline.liveness.face_patch import SIDE_PX, face_patch, to_patch
from pipeline.liveness.paper import PAPER, SheetFit, fit_sheet
from pipeline.liveness.signals import Signals, Track
from pipeline.liveness.trace import Event
from tests.unit.pipeline.liveness.tracks import times_of

SIDE, EYES_PX = 240, 80.0
BOX = np.array([50.0, 40.0, 190.0, 200.0])
MIDDLE = np.array([120.0, 100.0])
#: Eye corners, mouth corners and chin from the middle of the eyes, in eye distances; a nose before them.
ANCHORS = np.array(
    [[0, 0.5], [-0.5, 0], [-0.17, 0], [0.17, 0], [0.5, 0], [-0.28, 0.8], [0.28, 0.8], [0, 1.2]]
)


def texture(contrast: float) -> np.ndarray:
    rough = np.random.default_rng(7).uniform(-1, 1, (SIDE, SIDE)).astype(np.float32)
    smooth = cv2.GaussianBlur(rough, (0, 0), 5)
    y, x = np.mgrid[:SIDE, :SIDE]
    u, v = (x - MIDDLE[0]) / EYES_PX, (y - MIDDLE[1]) / EYES_PX
    # A face has its edges about the nose; cheeks and forehead are even.
    edges = 0.2 + np.exp(-((u / 0.35) ** 2) - ((v - 0.45) / 0.4) ** 2)
    return (128 + smooth * edges * (contrast / smooth.std())).astype(np.float32)


def depth(u: np.ndarray, v: np.ndarray, nose: float) -> np.ndarray:
    """Of a bent sheet; with a nose, columns have a profile too: forehead, nose, mouth, chin."""
    return -0.45 * u * u + nose * np.cos(2 * np.pi * (v - 0.45) / 0.9) * np.exp(-((u / 0.5) ** 2))


def turned(picture: np.ndarray, angle_deg: float, nose: float) -> np.ndarray:
    """The picture on a bent sheet, or on one with a nose, turned about its vertical axis."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)
    seen, v = (x - MIDDLE[0]) / EYES_PX, (y - MIDDLE[1]) / EYES_PX
    angle, u = np.radians(angle_deg), seen.copy()
    for _ in range(30):
        u = np.clip((seen - depth(u, v, nose) * np.sin(angle)) / np.cos(angle), -2, 2)
    at = (u * EYES_PX + MIDDLE[0]).astype(np.float32)
    return cv2.remap(picture, at, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def fit(
    nose: float, *, contrast: float = 35.0, noise: float = 1.5, tilt_deg: float = 0.0
) -> SheetFit:
    times, picture, rng = times_of(2, 15.0), texture(contrast), np.random.default_rng(8)
    angles = 30 * np.clip((times - 0.6) / 0.6, 0, 1)
    tilt = np.radians(tilt_deg)
    rotation = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    rigid = ANCHORS @ rotation * EYES_PX + MIDDLE
    rows, patches = [], []
    for t, angle in zip(times, angles, strict=True):
        rows.append(
            Signals(
                time_s=float(t), open_right=0.3, open_left=0.3, mouth=0.36, yaw_deg=float(angle),
                tall=0.7, eyes_px=EYES_PX, rigid=rigid, box=BOX,
            )
        )  # fmt: skip
        seen = turned(picture, float(angle), nose) + rng.normal(0, noise, picture.shape)
        grey = np.clip(seen, 0, 255).astype(np.uint8)
        patches.append(face_patch(np.repeat(grey[..., None], 3, axis=2), BOX))
    turn = Event(
        action=Action.TURN_LEFT, start_s=0.7, peak_s=1.9, end_s=1.9, strength=30, returned=False
    )
    return fit_sheet(Track(rows), patches, turn)


@pytest.mark.parametrize("tilt_deg", [0.0, 12.0])
def test_a_bent_sheet_that_turns_is_paper_however_the_face_is_tilted_on_it(tilt_deg: float):
    found = fit(nose=0.0, tilt_deg=tilt_deg)
    assert found.alike > 0.9
    assert found.unlike < PAPER
    assert found.nose < 0.1
    assert paper_turn([found]).suspicious is True


def test_a_nose_is_no_paper():
    found = fit(nose=0.5)
    assert found.nose > 0.2
    assert found.unlike > PAPER
    assert paper_turn([found]).suspicious is False


@pytest.mark.parametrize(
    ("left_over", "nose", "suspicious"),
    [(0.010, 0.03, True), (0.010, 0.30, False), (0.025, 0.03, False), (0.025, 0.30, False)],
)
def test_paper_has_no_nose_and_leaves_nothing_over(left_over, nose, suspicious):
    found = SheetFit(left_over=left_over, nose=nose, alike=0.9)
    assert paper_turn([found]).suspicious is suspicious


def test_a_sheet_that_was_not_found_tells_nothing_unless_a_nose_shows():
    assert paper_turn([SheetFit(left_over=0.010, nose=0.03, alike=0.3)]).suspicious is None
    assert paper_turn([SheetFit(left_over=0.010, nose=0.30, alike=0.3)]).suspicious is False


def test_one_turn_of_paper_is_enough():
    cue = paper_turn([fit(nose=0.5), fit(nose=0.0)])
    assert cue.suspicious is True


def test_a_face_without_texture_tells_nothing():
    found = fit(nose=0.5, contrast=0.0, noise=0.0)
    assert not found.told
    cue = paper_turn([found])
    assert cue.suspicious is None
    assert cue.score is None


def test_nothing_turned_is_not_evaluated():
    assert paper_turn([]).suspicious is None


@pytest.mark.parametrize("box", [[60, 50, 160, 170], [-30, -20, 60, 90], [150, 120, 260, 260]])
def test_a_point_of_the_frame_is_found_in_its_patch(box: list[int]):
    frame = np.full((240, 240, 3), 40, np.uint8)
    middle = np.clip(np.array(box, float).reshape(2, 2).mean(0).round(), 5, 234)
    x, y = middle.astype(int)
    frame[y - 2 : y + 3, x - 2 : x + 3] = 255
    sides = np.array(box, float)
    patch = face_patch(frame, sides).astype(float) - 40
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    seen = np.array([(columns * patch).sum(), (rows * patch).sum()]) / patch.sum()
    assert patch.shape == (SIDE_PX, SIDE_PX)
    assert seen == pytest.approx(to_patch(middle[None], sides)[0], abs=1.0)
