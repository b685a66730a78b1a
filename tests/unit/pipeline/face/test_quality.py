from __future__ import annotations

import dataclasses

import pytest

from pipeline.errors import CannotJudge
from pipeline.face.quality import FaceQuality, require_portrait, require_selfie, selfie_fault
from pipeline.reasons import ReasonCode

GOOD = FaceQuality(height_px=300, yaw_deg=3, sharpness=40, brightness=140, contrast=120)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"height_px": 79}, ReasonCode.FACE_TOO_SMALL),
        ({"brightness": 30}, ReasonCode.FACE_DARK),
        ({"brightness": 250}, ReasonCode.FACE_DARK),
        ({"contrast": 20}, ReasonCode.FACE_DARK),
        ({"yaw_deg": -30}, ReasonCode.FACE_NOT_FRONTAL),
        ({"sharpness": 5}, ReasonCode.FACE_BLURRED),
        ({"height_px": 10, "sharpness": 1, "brightness": 1}, ReasonCode.FACE_TOO_SMALL),
    ],
)
def test_a_selfie_is_told_what_is_wrong_with_it(change, reason):
    quality = dataclasses.replace(GOOD, **change)
    assert selfie_fault(quality) is reason
    if reason is not None:
        with pytest.raises(CannotJudge) as caught:
            require_selfie(quality)
        assert caught.value.reason is reason


@pytest.mark.parametrize(
    "change", [{"height_px": 40}, {"brightness": 10}, {"yaw_deg": 50}, {"sharpness": 1}]
)
def test_a_poor_portrait_is_refused(change):
    require_portrait(GOOD)
    with pytest.raises(CannotJudge) as caught:
        require_portrait(dataclasses.replace(GOOD, **change))
    assert caught.value.reason is ReasonCode.PORTRAIT_POOR
    assert "height_px" in caught.value.facts
