from __future__ import annotations

from datetime import date

import cv2
import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.face.matcher import load_face_matcher
from pipeline.face.profile import DLIB
from pipeline.findings import Band
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode
from pipeline.weights import DEFAULT_ROOT
from specimen.card import CardOrder, print_card
from specimen.cast import card_portrait, selfie
from specimen.people import CardVersion, Sex, draw_person
from specimen.photos import Subject
from specimen.scene import Shot, photograph

SUBJECTS = (Subject.ASTRONAUT, Subject.GRACE_HOPPER)


@pytest.fixture(scope="module")
def fronts() -> dict[Subject, RgbImage]:
    person = draw_person(
        np.random.default_rng(1),
        version=CardVersion.CHIP_2021,
        today=date(2026, 11, 23),
        sex=Sex.FEMALE,
    )
    return {
        subject: print_card(
            CardOrder(person=person, version=CardVersion.CHIP_2021, portrait=card_portrait(subject))
        )[0].image
        for subject in SUBJECTS
    }


def selfie_of(subject: Subject) -> RgbImage:
    return selfie(subject, np.random.default_rng(5))


def photo_of(front: RgbImage, rotation_deg: float = 0.0, share: float = 0.82) -> RgbImage:
    shot = Shot(rotation_deg=rotation_deg, share=share)
    return photograph(front, shot, np.random.default_rng(3)).image


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("rotation_deg", [0, 90, 200])
def test_the_holder_matches_whichever_way_the_card_lies(matcher, fronts, subject, rotation_deg):
    found = matcher.match(photo_of(fronts[subject], rotation_deg), selfie_of(subject))
    assert found.band is Band.MATCH
    assert found.rejected is None
    assert found.fmr <= 1e-4
    assert {model.name for model in found.models} >= {"dlib_resnet", "facemesh_mesh"}
    assert set(found.timing_ms) == {"find_portrait", "find_selfie", "embed", "total"}


def test_pictures_are_the_upright_faces_that_were_compared(matcher, fronts):
    judged = matcher.compare(photo_of(fronts[SUBJECTS[0]], 200), selfie_of(SUBJECTS[0]))
    assert [picture.name for picture in judged.pictures] == ["portrait", "face"]
    again = matcher.compare_photos(judged.pictures[0].rgb, judged.pictures[1].rgb)
    assert again.finding.band is Band.MATCH
    assert set(again.faces) == {"portrait", "face"}


def test_faces_that_were_refused_are_pictures_too(matcher, fronts):
    nobody = RgbImage(np.full((480, 640, 3), 127, np.uint8))
    judged = matcher.compare(photo_of(fronts[SUBJECTS[0]]), nobody)
    assert judged.finding.rejected.code is ReasonCode.FACE_NOT_FOUND
    assert [picture.name for picture in judged.pictures] == ["portrait"]


def test_the_template_is_of_the_selfie_and_names_the_network(matcher, fronts):
    judged = matcher.compare(photo_of(fronts[Subject.ASTRONAUT]), selfie_of(Subject.ASTRONAUT))
    other = matcher.compare(photo_of(fronts[Subject.ASTRONAUT]), selfie_of(Subject.GRACE_HOPPER))
    assert (judged.template.backend, judged.template.vector.shape) == ("dlib", (128,))
    by_name = {model.name: model.sha256 for model in judged.finding.models}
    assert judged.template.model_sha256 == by_name["dlib_resnet"]
    assert DLIB.compare(judged.template.vector, other.template.vector) < DLIB.duplicate_at
    refused = matcher.compare(np.full((400, 600, 3), 90, np.uint8), selfie_of(Subject.ASTRONAUT))
    assert refused.template is None


def test_another_person_does_not_match(matcher, fronts):
    found = matcher.match(photo_of(fronts[Subject.ASTRONAUT]), selfie_of(Subject.GRACE_HOPPER))
    assert found.band is Band.NO_MATCH
    assert found.rejected is None


def test_a_card_without_a_portrait_is_never_compared(matcher, fronts):
    back = RgbImage(np.full((600, 960, 3), 200, np.uint8))
    found = matcher.match(back, selfie_of(Subject.ASTRONAUT))
    assert found.similarity is found.band is found.fmr is None
    assert found.rejected.code is ReasonCode.PORTRAIT_NOT_FOUND


def grey_selfie(_: RgbImage) -> RgbImage:
    return RgbImage(np.full((640, 480, 3), 128, np.uint8))


def two_people(picture: RgbImage) -> RgbImage:
    other = cv2.resize(selfie_of(Subject.GRACE_HOPPER), picture.shape[1::-1])
    return RgbImage(np.hstack([picture, other]))


def dark(picture: RgbImage) -> RgbImage:
    return RgbImage((picture * 0.15).astype(np.uint8))


def blurred(picture: RgbImage) -> RgbImage:
    return RgbImage(cv2.GaussianBlur(picture, (0, 0), 9))


def far_away(picture: RgbImage) -> RgbImage:
    small = cv2.resize(picture, None, fx=0.12, fy=0.12, interpolation=cv2.INTER_AREA)
    return RgbImage(cv2.copyMakeBorder(small, 200, 200, 200, 200, cv2.BORDER_REPLICATE))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (grey_selfie, ReasonCode.FACE_NOT_FOUND),
        (two_people, ReasonCode.FACE_SEVERAL),
        (dark, ReasonCode.FACE_DARK),
        (blurred, ReasonCode.FACE_BLURRED),
        (far_away, ReasonCode.FACE_TOO_SMALL),
    ],
)
def test_a_selfie_that_cannot_be_judged_says_why(matcher, fronts, spoil, reason):
    picture = spoil(selfie_of(Subject.ASTRONAUT))
    found = matcher.match(fronts[Subject.ASTRONAUT], picture)
    assert found.similarity is None
    assert found.rejected.code is reason


def test_an_unknown_backend_is_an_error():
    with pytest.raises(WeightsError, match="no face backend"):
        load_face_matcher(DEFAULT_ROOT, backend="guess")
