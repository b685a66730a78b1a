"""The quality gates on prints with one thing wrong each; no model is loaded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from pipeline.card.copies import colour_spread, find_grid
from pipeline.card.gate_profile import GATES_2026_12
from pipeline.card.gates import (
    CAPTURE_GATES,
    explain_unread,
    judge_sides,
    leaves_frame,
    why_no_card,
)
from pipeline.card.geometry import CARD_MM, Quad, rectangle_quad
from pipeline.card.look import CardRead, SideLook, look_at
from pipeline.card.quality import measure_quality
from pipeline.card.rectify import rectify
from pipeline.card.regions import REGIONS_MM
from pipeline.card.surface import Surface, look_at_surface, measured_picture
from pipeline.findings import CardVersion, Check, FieldName, FieldReading, Source
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode
from specimen.card import CardOrder, print_card
from specimen.people import CardVersion as Printed
from specimen.people import draw_person

_CODE = ReasonCode
#: Everything on the front of a 2021 card that is judged, but for the codes.
FIELDS = tuple(
    name for name in REGIONS_MM[CardVersion.CHIP_2021, "front"] if name in set(FieldName)
)
Paint = Callable[[RgbImage], RgbImage]


@pytest.fixture(scope="module")
def front() -> RgbImage:
    person = draw_person(
        np.random.default_rng(3), version=Printed.CHIP_2021, today=date(2026, 11, 23)
    )
    rng = np.random.default_rng(1)  # a portrait with some texture and other colours than the card
    portrait = cv2.resize(rng.integers(40, 160, (12, 8, 3), dtype=np.uint8), (400, 600))
    order = CardOrder(person=person, version=Printed.CHIP_2021, portrait=RgbImage(portrait))
    return print_card(order)[0].image


def reading(name: str, **changes: object) -> FieldReading:
    plain = FieldReading(value="x", confidence=0.99, source=Source.OCR, side="front")
    return replace(plain, **changes)  # type: ignore[arg-type]


def look(
    photo: RgbImage, *, unread: str = "", codes: str = "qr", corners: Quad | None = None
) -> SideLook:
    height, width = photo.shape[:2]
    card = rectify(photo, rectangle_quad(width, height) if corners is None else corners)
    read = CardRead(
        version=CardVersion.CHIP_2021,
        fields={FieldName(n): reading(n) for n in FIELDS if n != unread},
        codes=frozenset(codes.split()),
    )
    quality = measure_quality(card)
    picture = measured_picture(card.image)
    return look_at(
        "front", read, photo=photo, card=card, picture=picture, quality=quality, bordered=True
    )


def painted(photo: RgbImage, name: str, colour: int) -> RgbImage:
    """A copy of the photo with a region in one colour."""
    x1, y1, x2, y2 = (
        round(edge * photo.shape[1] / CARD_MM[0])
        for edge in REGIONS_MM[CardVersion.CHIP_2021, "front"][name]
    )
    out = photo.copy()
    out[y1:y2, x1:x2] = colour
    return RgbImage(out)


def failed(checks: tuple[Check, ...]) -> dict[ReasonCode, object]:
    return {check.code: dict(check.facts) for check in checks if check.passed is False}


def test_a_clean_card_passes_every_gate_and_each_was_evaluated(front: RgbImage) -> None:
    checks = judge_sides([look(front)])
    assert {check.code: check.passed for check in checks} == dict.fromkeys(
        (*CAPTURE_GATES, _CODE.CARD_PHOTOCOPY, _CODE.CARD_SCREEN, _CODE.CARD_PRINT), True
    )


@pytest.mark.parametrize(("colour", "code"), [(230, _CODE.CARD_COVERED), (255, _CODE.CARD_GLARE)])
def test_an_unread_field_names_what_lies_on_it(
    colour: int, code: ReasonCode, front: RgbImage
) -> None:
    photo = painted(front, FieldName.FULL_NAME, colour)
    checks = judge_sides([look(photo, unread="full_name")])
    assert failed(checks) == {code: {"front": "full_name"}}
    assert next(c for c in checks if c.code is code).fields == ("full_name",)


def lined(ground: float, patch: float, *, lightness: float = 200.0) -> Surface:
    """A side with fine lines of one contrast, but for a patch of 13 x 10 mm in the middle, which is lighter or not."""
    picture = np.full((432, 685), 190.0)
    contrast = np.full_like(picture, ground)
    picture[176:256, 290:394], contrast[176:256, 290:394] = lightness, patch
    picture += contrast * np.sin(np.arange(685) * 1.2)
    rgb = cv2.cvtColor(np.clip(picture, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
    size = (685, 432)
    return look_at_surface(RgbImage(np.asarray(rgb)), rectangle_quad(*size), size, None)


@pytest.mark.parametrize(("patch", "covers"), [(2.0, True), (8.7, False)])
def test_what_lies_on_a_card_is_much_smoother_than_its_ground(patch: float, covers: bool) -> None:
    assert (lined(20.0, patch).covered_in((37, 23, 48, 31)) > 0.8) is covers


def test_a_large_slip_covers_the_card_although_its_own_noise_lies_around_it(
    front: RgbImage,
) -> None:
    k = front.shape[1] / CARD_MM[0]
    photo = front.copy()
    noise = np.random.default_rng(2).normal(225, 9, (round(16 * k), round(76 * k), 1))
    top, left = round(36 * k), round(5 * k)
    photo[top : top + noise.shape[0], left : left + noise.shape[1]] = np.clip(noise, 0, 255)
    seen = look(RgbImage(photo), unread="place_of_residence")
    assert failed(judge_sides([seen])).get(_CODE.CARD_COVERED) is not None


def test_ground_that_light_has_washed_out_is_glare_and_nothing_lies_there() -> None:
    for lightness, glare in ((200.0, False), (240.0, False), (244.0, True)):
        surface = lined(20.0, 0.5, lightness=lightness)
        assert (surface.glare_in((38, 24, 47, 30)) == 1.0) is glare
        assert (surface.covered_in((38, 24, 47, 30)) == 0.0) is glare


def test_what_lies_beside_an_unread_field_covers_it(front: RgbImage) -> None:
    photo = painted(front, FieldName.DATE_OF_BIRTH, 230)  # ends half a millimetre above the sex
    assert failed(judge_sides([look(photo, unread="sex")])) == {
        _CODE.CARD_COVERED: {"front": "sex"}
    }
    assert failed(judge_sides([look(photo, unread="place_of_residence")])) == {}


def test_an_unread_card_is_blamed_on_what_explains_another_part(front: RgbImage) -> None:
    photo = painted(front, FieldName.SEX, 230)
    seen = look(photo, unread="sex")
    assert explain_unread(seen, ["full_name"]) is _CODE.CARD_COVERED
    assert explain_unread(look(photo), ["full_name"]) is None


def test_glare_on_a_field_that_was_read_refuses_nothing(front: RgbImage) -> None:
    assert failed(judge_sides([look(painted(front, FieldName.SEX, 255))])) == {}


def test_half_a_name_that_ends_at_something_is_covered(front: RgbImage) -> None:
    photo = painted(front, FieldName.FULL_NAME, 230)
    seen = look(photo)
    ends_there = replace(seen, exposed={"full_name": (10.0, 29.0, 22.5, 32.5)})
    ends_before = replace(seen, exposed={"full_name": (5.0, 29.0, 18.0, 32.5)})
    assert failed(judge_sides([ends_there])) == {_CODE.CARD_COVERED: {"front": "full_name"}}
    assert failed(judge_sides([ends_before])) == {}


def test_a_code_confirms_a_value_and_takes_it_out_of_question(front: RgbImage) -> None:
    card = rectify(front, rectangle_quad(*front.shape[1::-1]))
    fields = {
        FieldName.FULL_NAME: reading("full_name", box=(1.0, 1.0, 9.0, 9.0), checks=("qr_same",)),
        FieldName.ID_NUMBER: reading("id_number", box=(1.0, 1.0, 9.0, 9.0)),
    }
    read = CardRead(version=CardVersion.CHIP_2021, fields=fields, codes=frozenset({"qr"}))
    quality = measure_quality(card)
    picture = measured_picture(card.image)
    seen = look_at(
        "front", read, photo=front, card=card, picture=picture, quality=quality, bordered=True
    )
    assert set(seen.exposed) == {"id_number"}
    assert "date_of_birth" in seen.unread


def test_a_covered_code_is_named_even_if_the_other_code_was_read(front: RgbImage) -> None:
    photo = painted(front, "qr", 230)
    assert failed(judge_sides([look(photo, codes="mrz")])) == {_CODE.CARD_COVERED: {"front": "qr"}}


def test_a_code_under_glare_matters_only_if_no_other_code_was_read(front: RgbImage) -> None:
    photo = painted(front, "qr", 255)
    assert failed(judge_sides([look(photo, codes="mrz")])) == {}
    assert failed(judge_sides([look(photo, codes="")])) == {_CODE.CARD_GLARE: {"front": "qr"}}


def test_a_finger_across_the_portraits_border_covers_it(front: RgbImage) -> None:
    photo = front.copy()
    k = front.shape[1] / CARD_MM[0]
    cv2.rectangle(photo, (0, round(24 * k)), (round(14 * k), round(38 * k)), (198, 140, 104), -1)
    assert failed(judge_sides([look(RgbImage(photo))])) == {
        _CODE.CARD_COVERED: {"front": "portrait"}
    }


def dark(photo: RgbImage) -> RgbImage:
    return RgbImage(photo // 6)


def burnt(photo: RgbImage) -> RgbImage:
    return RgbImage(np.clip(photo.astype(np.int32) * 3, 0, 255).astype(np.uint8))


def blurred(photo: RgbImage) -> RgbImage:
    return RgbImage(cv2.GaussianBlur(photo, (0, 0), 9))


def small(photo: RgbImage) -> RgbImage:
    return RgbImage(cv2.resize(photo, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (dark, _CODE.CARD_DARK),
        (burnt, _CODE.CARD_OVEREXPOSED),
        (blurred, _CODE.CARD_BLURRED),
        (small, _CODE.CARD_TOO_SMALL),
    ],
)
def test_what_spoils_the_whole_side_is_blamed_only_for_what_was_not_read(
    spoil: Paint, code: ReasonCode, front: RgbImage
) -> None:
    photo = spoil(front)
    assert failed(judge_sides([look(photo, unread="sex")])) == {code: {"front": "sex"}}
    assert code not in failed(judge_sides([look(photo)]))
    assert explain_unread(look(photo), ["full_name"]) is code


def test_a_part_beyond_the_frame_is_cut_off(front: RgbImage) -> None:
    height, width = front.shape[:2]
    kept = RgbImage(np.ascontiguousarray(front[:, : round(0.8 * width)]))
    seen = look(kept, unread="place_of_residence", corners=rectangle_quad(width, height))
    assert failed(judge_sides([seen])) == {_CODE.CARD_CUT_OFF: {"front": "place_of_residence"}}


@pytest.mark.parametrize(
    ("box", "leaves"),
    [
        ((100, 100, 900, 600), False),
        ((0, 100, 800, 600), True),
        ((0, 0, 999, 699), False),
        ((-40, 100, 760, 600), True),
    ],
)
def test_a_card_leaves_its_frame(box: tuple[int, ...], leaves: bool) -> None:
    x1, y1, x2, y2 = box
    corners = Quad(np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]], np.float32))
    assert leaves_frame(corners, (1000, 700)) is leaves


def test_where_the_ground_shows_no_lines_covering_is_not_evaluated(front: RgbImage) -> None:
    plain = RgbImage(np.full_like(front, (214, 226, 220)))
    checks = {check.code: check for check in judge_sides([look(plain)])}
    assert checks[_CODE.CARD_COVERED].passed is None
    assert checks[_CODE.CARD_COVERED].facts == {"not_evaluated": "front"}


def test_a_grey_card_is_a_copy_and_the_light_does_not_matter(front: RgbImage) -> None:
    grey = RgbImage(cv2.cvtColor(cv2.cvtColor(front, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))
    warm = RgbImage((grey * np.array([0.95, 0.85, 0.6])).astype(np.uint8))
    for photo in (grey, warm):
        assert set(failed(judge_sides([look(photo)]))) == {_CODE.CARD_PHOTOCOPY}
    lit = RgbImage((front * np.array([0.95, 0.85, 0.6])).astype(np.uint8))
    assert (colour_spread(lit) or 0.0) > GATES_2026_12.least_colour


def test_a_red_title_is_colour_enough_on_the_palest_card() -> None:
    pale = np.full((630, 1000, 3), (222, 226, 220), np.uint8)
    assert (colour_spread(RgbImage(pale)) or 0.0) < GATES_2026_12.least_colour
    pale[100:160, 300:700] = (196, 32, 38)
    assert (colour_spread(RgbImage(pale)) or 0.0) > GATES_2026_12.least_colour


def test_colour_is_not_judged_in_the_dark(front: RgbImage) -> None:
    checks = {check.code: check for check in judge_sides([look(RgbImage(front // 12))])}
    assert checks[_CODE.CARD_PHOTOCOPY].passed is None


def with_grid(photo: RgbImage, angle_deg: float, depth: float = 0.1) -> RgbImage:
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]]
    turn = np.radians(angle_deg)
    wave = np.cos((x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / 4.3)
    return RgbImage(np.clip(photo * (1 - depth + depth * wave[..., None]), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("angle_deg", "code"), [(2, _CODE.CARD_SCREEN), (88, _CODE.CARD_SCREEN), (45, _CODE.CARD_PRINT)]
)
def test_a_grid_is_a_screens_along_the_card_and_a_printers_across_it(
    angle_deg: float, code: ReasonCode, front: RgbImage
) -> None:
    assert set(failed(judge_sides([look(with_grid(front, angle_deg))]))) == {code}


@pytest.mark.parametrize("angle_deg", [2, 45])
def test_fine_lines_printed_on_the_card_are_no_grid(angle_deg: float, front: RgbImage) -> None:
    """A scan without noise shows them as regular as a grid, but faint."""
    scan = with_grid(front, angle_deg, depth=0.01)
    grid = find_grid(scan, rectangle_quad(scan.shape[1], scan.shape[0]))
    assert grid is not None
    assert grid.peak > GATES_2026_12.grid_peak
    assert not failed(judge_sides([look(scan)]))


def test_a_grid_is_not_looked_for_in_a_small_or_blurred_photo(front: RgbImage) -> None:
    assert find_grid(small(front), rectangle_quad(400, 252)) is None
    checks = {check.code: check.passed for check in judge_sides([look(blurred(front))])}
    assert checks[_CODE.CARD_SCREEN] is None
    assert checks[_CODE.CARD_PRINT] is None


def test_a_photo_without_a_card_says_so_or_why_none_was_seen() -> None:
    grey = np.full((300, 400, 3), 120, np.uint8)
    assert why_no_card(RgbImage(grey)) is _CODE.CARD_NOT_FOUND
    assert why_no_card(RgbImage(grey // 8)) is _CODE.CARD_DARK
    assert why_no_card(RgbImage(grey * 0 + 255)) is _CODE.CARD_OVEREXPOSED


def test_the_gates_need_no_model_runtime() -> None:
    """The capture client uses them, and has none."""
    code = (
        "import sys, pipeline.card.gates\n"
        "heavy = {'onnxruntime', 'paddleocr', 'paddle', 'zxingcpp', 'scipy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
