from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.errors import CannotJudge
from pipeline.face.clip_faces import pick_faces
from pipeline.face.find import Step
from pipeline.face.fusion import mean_similarity
from pipeline.face.quality import measure
from pipeline.findings import Band
from specimen.cast import selfie
from specimen.photos import Subject
from specimen.puppet import Pose
from tests.unit.pipeline.face.pictures import card_of, clip_of, photo_of, posed

OWN, OTHER = Subject.ASTRONAUT, Subject.GRACE_HOPPER


@pytest.fixture(scope="module")
def clip() -> bytes:
    """Frontal, turned, frontal, eyes shut, frontal: 0.8 s each."""
    frontal, turned, shut = (
        posed(OWN, Pose(**pose)) for pose in ({}, {"yaw_deg": 28}, {"blink": 1.0})
    )
    return clip_of([frontal, turned, frontal, shut, frontal])


def test_only_frontal_open_eyed_frames_are_picked(clip, finder):
    found = pick_faces(clip, finder)
    assert 2 <= len(found) <= 4  # three pictures of five, about one look each
    assert all(face.height_px > 80 for face in found)
    assert len(pick_faces(clip, finder, most=1)) == 1


def test_no_more_frames_get_landmarks_than_are_asked_for(finder, monkeypatch):
    sharp, soft = posed(OWN, Pose()), posed(OWN, Pose(yaw_deg=2))
    soft = cv2.GaussianBlur(soft, (0, 0), 2.5)
    clip = clip_of([soft, sharp, soft, soft])
    confirmed, looked_at = finder.confirmed, []

    def counted(rgb, found):
        looked_at.append(rgb)
        return confirmed(rgb, found)

    monkeypatch.setattr(finder, "confirmed", counted)
    (best,) = pick_faces(clip, finder, most=1)
    assert len(looked_at) == 1
    assert (
        measure(best).sharpness
        > 2 * measure(confirmed(soft, finder.detections(soft, Step.WHOLE))[0]).sharpness
    )


def test_frames_of_the_person_join_the_selfie(matcher, clip):
    card = photo_of(card_of(OWN))
    alone = matcher.compare(card, selfie(OWN, np.random.default_rng(5))).finding
    joined = matcher.compare(card, selfie(OWN, np.random.default_rng(5)), clip=clip).finding
    assert joined.quality["clip_frames"] >= 2
    assert joined.quality["clip_frames_unlike"] == 0
    assert "clip_frames" not in alone.quality
    assert joined.similarity != alone.similarity
    assert joined.band is Band.MATCH


def test_frames_of_somebody_else_do_not(matcher, clip):
    card = photo_of(card_of(OTHER))
    alone = matcher.compare(card, selfie(OTHER, np.random.default_rng(5))).finding
    joined = matcher.compare(card, selfie(OTHER, np.random.default_rng(5)), clip=clip).finding
    assert joined.quality["clip_frames"] == 0
    assert joined.quality["clip_frames_unlike"] >= 2
    assert joined.similarity == pytest.approx(alone.similarity)


def test_a_clip_that_cannot_be_read_adds_nothing(matcher, finder):
    with pytest.raises(CannotJudge):
        pick_faces(b"no clip", finder)
    found = matcher.compare(
        photo_of(card_of(OWN)), selfie(OWN, np.random.default_rng(5)), clip=b"no clip"
    ).finding
    assert found.quality["clip_frames"] == 0
    assert found.band is Band.MATCH


def test_similarities_are_averaged_so_that_no_stranger_gains():
    rng = np.random.default_rng(0)
    known, *seen = (np.asarray(part, np.float32) for part in rng.normal(size=(5, 128)))

    def compare(a, b):
        return float(a @ b)

    each = [compare(known, one) for one in seen]
    assert mean_similarity(known, seen, compare) == pytest.approx(np.mean(each))
    assert mean_similarity(known, seen, compare) <= max(each)
    assert mean_similarity(known, seen[:1], compare) == each[0]
