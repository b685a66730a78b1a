from __future__ import annotations

import dataclasses

import pytest

from pipeline.errors import CannotJudge
from pipeline.face.quality import (
    PORTRAIT,
    SELFIE,
    FaceQuality,
    require_portrait,
    require_selfie,
    selfie_fault,
)
from pipeline.reasons import REASONS, ReasonCode

GOOD = FaceQuality(
    height_px=300, yaw_deg=3, sharpness=40, brightness=140, contrast=120, pitch_deg=2, roll_deg=1,
    eyes_open=0.25, eyes_shown=0.17, mouth_shown=4,
)  # fmt: skip
R = ReasonCode
#: measure -> its limit, a step to the bad side, and the reason.
LIMITS = [
    ("height_px", SELFIE.min_height_px, -0.1, R.FACE_TOO_SMALL),
    ("brightness", SELFIE.min_brightness, -0.1, R.FACE_DARK),
    ("brightness", SELFIE.max_brightness, 0.1, R.FACE_OVEREXPOSED),
    ("contrast", SELFIE.min_contrast, -0.1, R.FACE_OVEREXPOSED),
    ("yaw_deg", SELFIE.max_yaw_deg, 0.1, R.FACE_NOT_FRONTAL),
    ("yaw_deg", -SELFIE.max_yaw_deg, -0.1, R.FACE_NOT_FRONTAL),
    ("pitch_deg", SELFIE.max_pitch_deg, 0.1, R.FACE_NOT_FRONTAL),
    ("pitch_deg", -SELFIE.max_pitch_deg, -0.1, R.FACE_NOT_FRONTAL),
    ("roll_deg", SELFIE.max_roll_deg, 0.1, R.FACE_TILTED),
    ("roll_deg", -SELFIE.max_roll_deg, -0.1, R.FACE_TILTED),
    ("sharpness", SELFIE.min_sharpness, -0.1, R.FACE_BLURRED),
    ("eyes_shown", SELFIE.min_eyes_shown, -0.001, R.FACE_COVERED),
    ("mouth_shown", SELFIE.min_mouth_shown, -0.01, R.FACE_COVERED),
    ("eyes_open", SELFIE.min_eyes_open, -0.001, R.FACE_EYES_CLOSED),
]


def test_a_good_face_is_taken():
    assert selfie_fault(GOOD) is None
    require_selfie(GOOD)


@pytest.mark.parametrize(("measure", "limit", "step", "reason"), LIMITS)
def test_each_gate_opens_at_its_limit_and_closes_beyond(measure, limit, step, reason):
    assert selfie_fault(dataclasses.replace(GOOD, **{measure: limit})) is None
    beyond = dataclasses.replace(GOOD, **{measure: limit + step})
    assert selfie_fault(beyond) is reason
    with pytest.raises(CannotJudge) as caught:
        require_selfie(beyond)
    assert caught.value.reason is reason
    assert caught.value.facts[measure] == pytest.approx(limit + step)


@pytest.mark.parametrize("reason", sorted({row[-1] for row in LIMITS}))
def test_each_reason_tells_the_customer_what_to_do(reason):
    spec = REASONS[reason]
    assert spec.customer_vi
    assert spec.customer_en
    assert spec.retake


def test_a_face_without_contrast_is_told_which_way_to_go():
    assert selfie_fault(dataclasses.replace(GOOD, contrast=20, brightness=60)) is R.FACE_DARK
    assert selfie_fault(dataclasses.replace(GOOD, contrast=20, brightness=200)) is (
        R.FACE_OVEREXPOSED
    )


def test_the_most_useful_advice_comes_first():
    poor = dataclasses.replace(GOOD, height_px=10, sharpness=1, brightness=1, mouth_shown=-9)
    assert selfie_fault(poor) is R.FACE_TOO_SMALL
    blurred = dataclasses.replace(GOOD, sharpness=1, mouth_shown=-9)
    assert selfie_fault(blurred) is R.FACE_BLURRED


PORTRAIT_LIMITS = [
    ("height_px", PORTRAIT.min_height_px, -0.1),
    ("brightness", PORTRAIT.min_brightness, -0.1),
    ("brightness", PORTRAIT.max_brightness, 0.1),
    ("contrast", PORTRAIT.min_contrast, -0.1),
    ("yaw_deg", PORTRAIT.max_yaw_deg, 0.1),
    ("pitch_deg", -PORTRAIT.max_pitch_deg, -0.1),
    ("sharpness", PORTRAIT.min_sharpness, -0.1),
]


@pytest.mark.parametrize(("measure", "limit", "step"), PORTRAIT_LIMITS)
def test_a_poor_portrait_is_refused_beyond_each_limit(measure, limit, step):
    require_portrait(dataclasses.replace(GOOD, **{measure: limit}))
    with pytest.raises(CannotJudge) as caught:
        require_portrait(dataclasses.replace(GOOD, **{measure: limit + step}))
    assert caught.value.reason is R.PORTRAIT_POOR
    assert measure in caught.value.facts


def test_print_that_hides_eyes_and_mouth_is_no_fault_of_a_portrait():
    require_portrait(dataclasses.replace(GOOD, eyes_open=0.0, eyes_shown=0.01, mouth_shown=-5))
