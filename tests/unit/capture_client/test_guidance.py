"""Guidance says what the server's gates say, and where it says more it is named in guidance/__init__.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from capture_client.camera.frames import Frame, encode_still
from capture_client.guidance.card import CardGuide
from capture_client.guidance.face import FaceGuide
from capture_client.guidance.hints import HOLD_STILL, INTO_THE_OVAL, READY, Hint
from capture_client.guidance.stillness import MOST_MOVED_SHARE, Rest
from pipeline.card.gates import leaves_frame
from pipeline.card.geometry import Quad
from pipeline.card.quality import measure_quality, reason_unreadable
from pipeline.card.rectify import rectify
from pipeline.errors import CannotJudge, WeightsError
from pipeline.face.find import FaceFinder
from pipeline.face.models import FaceModels, load_face_models
from pipeline.face.quality import measure, require_selfie
from pipeline.face.selfie import find_selfie
from pipeline.image import RgbImage, decode_image
from pipeline.reasons import ReasonCode
from specimen.bundle import SCENARIOS, printed_card
from specimen.cast import selfie_jpeg
from specimen.photos import Subject
from specimen.scene import PLAIN_LOOK, Shot, photograph

SIZE = (1280, 720)
#: A frame every 40 ms, as a webcam gives them.
FRAME_S = 0.04


@pytest.fixture(scope="module")
def front() -> RgbImage:
    _, (front, _) = printed_card(SCENARIOS["genuine"], 3, date(2026, 11, 23))
    return front.image


def shot(front: RgbImage, **how: object) -> RgbImage:
    return photograph(front, Shot(size=SIZE, **how), np.random.default_rng(5)).image  # type: ignore[arg-type]


def hold(guide: CardGuide | FaceGuide, rgb: RgbImage, frames: int = 22) -> Hint:
    """What is said after a picture was held before the camera for a while."""
    for number in range(frames):
        hint = guide.look(Frame(rgb=rgb, time_s=number * FRAME_S, number=number))
        if hint.is_ready:
            break
    return hint


# ---------------------------------------------------------------- card


def test_a_good_card_is_taken_after_a_rest(front: RgbImage) -> None:
    hint = hold(CardGuide(), shot(front, share=0.7))
    assert hint.code == READY
    assert hint.best is not None


def test_before_the_rest_is_over_it_says_so(front: RgbImage) -> None:
    hint = hold(CardGuide(), shot(front, share=0.7), frames=5)
    assert hint.code == HOLD_STILL
    assert 0 < hint.rest < 1


LOOKS = {
    "good": ({"share": 0.7}, None),
    "turned": ({"share": 0.7, "rotation_deg": 180.0}, None),
    "small": ({"share": 0.35}, ReasonCode.CARD_TOO_SMALL),
    "blurred": ({"share": 0.7, "look": replace(PLAIN_LOOK, blur_px=6.0)}, ReasonCode.CARD_BLURRED),
    "dark": (
        {"share": 0.7, "look": replace(PLAIN_LOOK, balance=(0.2, 0.2, 0.2))},
        ReasonCode.CARD_DARK,
    ),
}


@pytest.mark.parametrize(("how", "code"), LOOKS.values(), ids=LOOKS.keys())
def test_a_card_is_told_what_the_gates_would_blame(
    front: RgbImage, how: dict[str, object], code: ReasonCode | None
) -> None:
    photo = shot(front, **how)
    hint = hold(CardGuide(), photo)
    assert hint.code == (code or READY)
    assert _gates_say(photo, hint) == code


def _gates_say(photo: RgbImage, hint: Hint) -> ReasonCode | None:
    """The server's own functions, with the card where guidance saw it."""
    corners = Quad(np.array(hint.outline, np.float32))
    if leaves_frame(corners, SIZE):
        return ReasonCode.CARD_CUT_OFF
    return reason_unreadable(measure_quality(rectify(photo, corners)))


@pytest.mark.parametrize("aside", [0.16, 0.2, 0.25, 0.4])
def test_a_card_that_is_cut_off_is_never_taken_by_itself(front: RgbImage, aside: float) -> None:
    hint = hold(CardGuide(), shot(front, share=0.8, offset=(aside, 0.0)))
    assert hint.code in (ReasonCode.CARD_CUT_OFF, ReasonCode.CARD_NOT_FOUND)
    assert not hint.is_ready


def test_the_still_that_is_sent_measures_as_the_frame_did(front: RgbImage) -> None:
    photo = shot(front, share=0.7)
    hint = hold(CardGuide(), photo)
    corners = Quad(np.array(hint.outline, np.float32))
    sent = decode_image(encode_still(photo), evidence="card_front")
    seen, then = (measure_quality(rectify(one, corners)) for one in (photo, sent))
    assert then.sharpness == pytest.approx(seen.sharpness, rel=0.03)
    assert then.glare_share == pytest.approx(seen.glare_share, abs=0.003)


def test_an_empty_table_and_a_dark_room_are_no_card() -> None:
    table = np.random.default_rng(0).normal(120, 3, (720, 1280, 3)).astype(np.uint8)
    assert hold(CardGuide(), RgbImage(table), 3).code == ReasonCode.CARD_NOT_FOUND
    assert hold(CardGuide(), RgbImage(table // 6), 3).code == ReasonCode.CARD_DARK


def test_a_card_that_moves_is_not_taken(front: RgbImage) -> None:
    photo, guide = shot(front, share=0.7), CardGuide()
    for number in range(24):
        moved = RgbImage(np.roll(photo, 14 * (number % 2), axis=1))
        hint = guide.look(Frame(rgb=moved, time_s=number * FRAME_S, number=number))
        assert not hint.is_ready


# ---------------------------------------------------------------- face


@pytest.fixture(scope="module")
def models() -> FaceModels:
    try:
        return load_face_models()
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")


@pytest.fixture(scope="module")
def selfie() -> RgbImage:
    picture = decode_image(
        selfie_jpeg(Subject.ASTRONAUT, np.random.default_rng(4)), evidence="selfie"
    )
    return in_frame(picture, 720 / picture.shape[0])


def in_frame(picture: RgbImage, scale: float, left: int | None = None) -> RgbImage:
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.full((SIZE[1], SIZE[0], 3), 110, np.uint8)
    height, width = small.shape[:2]
    top = (SIZE[1] - height) // 2
    left = (SIZE[0] - width) // 2 if left is None else left
    frame[top : top + height, left : left + width] = small
    return RgbImage(frame)


def server_says(models: FaceModels, rgb: RgbImage) -> ReasonCode | None:
    try:
        require_selfie(measure(find_selfie(rgb, FaceFinder(models.detector, models.mesh))))
    except CannotJudge as refusal:
        return refusal.reason
    return None


def test_a_good_face_is_taken_and_the_server_takes_it(models: FaceModels, selfie: RgbImage) -> None:
    hint = hold(FaceGuide(models), selfie)
    assert hint.code == READY
    assert hint.best is not None
    assert server_says(models, decode_image(encode_still(hint.best.rgb), evidence="selfie")) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("dark", ReasonCode.FACE_DARK),
        ("blurred", ReasonCode.FACE_BLURRED),
        ("small", ReasonCode.FACE_TOO_SMALL),
        ("nobody", ReasonCode.FACE_NOT_FOUND),
        ("two", ReasonCode.FACE_SEVERAL),
    ],
)
def test_a_face_is_told_what_the_server_would_refuse(
    models: FaceModels, selfie: RgbImage, name: str, code: ReasonCode
) -> None:
    rgb = spoilt(selfie, name)
    assert hold(FaceGuide(models), rgb, 2).code == code
    assert server_says(models, rgb) == code


def spoilt(selfie: RgbImage, name: str) -> RgbImage:
    half = cv2.resize(selfie, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    match name:
        case "dark":
            return RgbImage((selfie * 0.12).astype(np.uint8))
        case "blurred":
            return RgbImage(cv2.GaussianBlur(selfie, (0, 0), 7))
        case "small":
            return in_frame(selfie, 0.3)
        case "two":
            return in_frame(RgbImage(np.hstack([half, half])), 1.0)
        case _:
            return RgbImage(np.full_like(selfie, 110))


def test_a_face_beside_the_oval_is_asked_into_it_though_the_server_would_take_it(
    models: FaceModels, selfie: RgbImage
) -> None:
    aside = RgbImage(np.roll(selfie, -330, axis=1))
    assert hold(FaceGuide(models), aside, 2).code == INTO_THE_OVAL
    assert server_says(models, aside) is None


# ---------------------------------------------------------------- rest


@pytest.mark.parametrize(("share", "is_over"), [(0.8, True), (1.3, False)])
def test_rest_bears_a_trembling_hand_but_no_movement(share: float, is_over: bool) -> None:
    rest, size = Rest(rest_s=0.5), 800.0
    for number in range(15):
        x = size * MOST_MOVED_SHARE * share * (number % 2)
        frame = Frame(
            rgb=RgbImage(np.zeros((2, 2, 3), np.uint8)), time_s=number / 20, number=number
        )
        done = rest.see(np.array([[x, 0.0]]), size, frame=frame, sharpness=1.0)
    assert (done >= 1.0) is is_over


def test_the_sharpest_frame_of_the_rest_is_kept() -> None:
    rest = Rest()
    for number, sharpness in enumerate((0.3, 0.6, 0.5)):
        frame = Frame(
            rgb=RgbImage(np.zeros((2, 2, 3), np.uint8)), time_s=number / 20, number=number
        )
        rest.see(np.zeros((1, 2)), 100.0, frame=frame, sharpness=sharpness)
    assert rest.best is not None
    assert rest.best.number == 1
