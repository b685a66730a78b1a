from __future__ import annotations

from dataclasses import replace

import numpy as np
import zxingcpp

from pipeline.image import RgbImage
from specimen.card import CardOrder, PrintedSide, print_card, printed_values
from specimen.layout import Side
from specimen.mrz import encode_mrz
from specimen.people import CardVersion, Person, draw_person
from specimen.qr import qr_payload
from tests.unit.specimen.conftest import TODAY

Sides = tuple[PrintedSide, PrintedSide]

FIELDS = {
    (CardVersion.CHIP_2021, Side.FRONT): {
        *("id_number", "full_name", "date_of_birth", "sex", "nationality", "place_of_origin"),
        *("place_of_residence", "date_of_expiry"),
    },
    (CardVersion.CHIP_2021, Side.BACK): {"personal_identification", "date_of_issue", "mrz"},
    (CardVersion.CAN_CUOC_2024, Side.FRONT): {
        *("id_number", "full_name", "date_of_birth", "sex", "nationality"),
    },
    (CardVersion.CAN_CUOC_2024, Side.BACK): {
        *("place_of_residence", "place_of_birth", "date_of_issue", "date_of_expiry", "mrz"),
    },
}


def _codes(image: RgbImage) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


def test_each_side_carries_its_fields(sides: Sides, version: CardVersion) -> None:
    for side in sides:
        assert set(side.field_boxes()) == FIELDS[version, side.side]


def test_printed_values_are_the_persons(sides: Sides, person: Person) -> None:
    values = printed_values(person)
    for side in sides:
        for field in set(side.field_boxes()) - {"mrz"}:
            assert side.field_text(field) == values[field]


def test_mrz_lines_are_the_persons(sides: Sides, person: Person) -> None:
    lines = tuple(line.text for line in sides[1].lines if line.role == "mrz")
    assert lines == encode_mrz(person)


def test_boxes_lie_on_the_card_and_fields_do_not_overlap(sides: Sides) -> None:
    for side in sides:
        height, width = side.image.shape[:2]
        boxes = [line.box for line in side.lines]
        for x1, y1, x2, y2 in [*boxes, *side.regions.values()]:
            assert 0 <= x1 < x2 <= width
            assert 0 <= y1 < y2 <= height
        values = [line.box for line in side.lines if line.role != "caption"]
        assert not [(a, b) for i, a in enumerate(values) for b in values[:i] if _overlap(a, b)]


def test_no_caption_runs_into_a_value_or_the_portrait(sides: Sides) -> None:
    for side in sides:
        values = [line.box for line in side.lines if line.role != "caption"]
        solid = [box for name, box in side.regions.items() if name in ("portrait", "qr", "chip")]
        captions = [line.box for line in side.lines if line.role == "caption"]
        assert not [(a, b) for a in captions for b in [*values, *solid] if _overlap(a, b)]
        assert not [(a, b) for a in values for b in solid if _overlap(a, b)]


def test_ink_lies_inside_the_boxes(order: CardOrder, sides: Sides) -> None:
    """Print the card of another person: it may differ only inside the boxes of either print."""
    other = draw_person(np.random.default_rng(99), version=order.version, today=TODAY)
    for mine, theirs in zip(sides, print_card(replace(order, person=other)), strict=True):
        differs = (mine.image != theirs.image).any(2)
        for side in (mine, theirs):
            for x1, y1, x2, y2 in [*(line.box for line in side.lines), *side.regions.values()]:
                differs[int(y1) - 1 : int(y2) + 2, int(x1) - 1 : int(x2) + 2] = False
        assert not differs.any()


def test_qr_decodes_to_the_payload_of_its_version(
    sides: Sides, person: Person, version: CardVersion
) -> None:
    with_code = sides[0] if version is CardVersion.CHIP_2021 else sides[1]
    without = sides[1] if version is CardVersion.CHIP_2021 else sides[0]
    assert _codes(with_code.image) == [qr_payload(person, version)]
    assert _codes(without.image) == []


def test_qr_payload_has_the_fields_of_its_version(person: Person, version: CardVersion) -> None:
    fields = qr_payload(person, version).split("|")
    assert len(fields) == (7 if version is CardVersion.CHIP_2021 else 11)
    assert fields[0] == person.id_number
    assert fields[1] == (person.old_id_number or "")
    assert fields[3] == f"{person.date_of_birth:%d%m%Y}"
    assert fields[6] == f"{person.date_of_issue:%d%m%Y}"
    assert not any(fields[7:])


def test_cards_can_contradict_themselves(order: CardOrder) -> None:
    other = draw_person(np.random.default_rng(99), version=order.version, today=TODAY)
    forged = replace(order, qr_person=other, mrz_person=other, wrong_mrz_digit=True)
    front, back = print_card(forged)
    assert (_codes(front.image) + _codes(back.image)) == [qr_payload(other, order.version)]
    lines = [line.text for line in back.lines if line.role == "mrz"]
    assert lines[0][:14] == encode_mrz(other)[0][:14]
    assert lines[0][14] != encode_mrz(other)[0][14]
    assert front.field_text("id_number") == order.person.id_number


def test_long_values_shrink_into_their_slots(order: CardOrder) -> None:
    crowded = replace(
        order.person,
        full_name="Công Tằng Tôn Nữ Hoàng Bảo Khánh Phương Thảo",
        place_of_residence="Tổ dân phố 17B, khu phố Đông Bình Hòa Mới, " * 2 + "Hồ Chí Minh",
        date_of_expiry=None,
    )
    for side in print_card(replace(order, person=crowded)):
        values = [line.box for line in side.lines if line.role != "caption"]
        assert not [(a, b) for i, a in enumerate(values) for b in values[:i] if _overlap(a, b)]
        assert max(box[2] for box in values) < side.image.shape[1]


def test_2021_residence_starts_on_the_line_of_its_label(order: CardOrder) -> None:
    moved = replace(order.person, place_of_residence="Thôn Đông, Xã Đông Hội, Đông Anh, Hà Nội")
    front = print_card(replace(order, person=moved, version=CardVersion.CHIP_2021))[0]
    lines = [line for line in front.lines if line.role == "place_of_residence"]
    label = next(line for line in front.lines if line.text.startswith("Nơi thường trú"))
    assert len(lines) == 2
    assert lines[0].box[0] > label.box[2]
    assert lines[0].box[1] < label.box[3]
    assert lines[1].box[0] < label.box[2]


def test_size_is_a_parameter(order: CardOrder) -> None:
    front, _ = print_card(replace(order, width_px=800))
    assert front.image.shape == (504, 800, 3)


def test_printing_is_deterministic(order: CardOrder, sides: Sides) -> None:
    again = print_card(order)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(sides, again, strict=True))


def test_specimen_mark_is_printed_beside_every_field(sides: Sides, version: CardVersion) -> None:
    """The red word covers no value: values are black, so red ink in their boxes would be the mark."""
    for side in sides:
        pixels = side.image.astype(int)
        red = (pixels[..., 0] > 170) & (pixels[..., 1] < 70) & (pixels[..., 2] < 80)
        assert red[:, int(side.image.shape[1] * 0.95) :].sum() > 1500
        for field in FIELDS[version, side.side]:
            x1, y1, x2, y2 = (int(v) for v in side.field_boxes()[field])
            assert not red[y1:y2, x1:x2].any()


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
