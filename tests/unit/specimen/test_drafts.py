"""Cards as many designers would draw them: every version, both sides, any style."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import zxingcpp

from specimen.card import CardOrder, PrintedSide, print_card, printed_values
from specimen.cast import card_portrait
from specimen.layout import Side
from specimen.lexicon import BUILT_IN_WITH_MERGED
from specimen.people import CardVersion, draw_person
from specimen.photos import Subject
from specimen.qr import qr_payload
from specimen.style import Faces, MarkPlace, PrintStyle, draw_style
from specimen.truth import true_fields
from tests.unit.specimen.conftest import TODAY

SEEDS = range(4)
_FRONT = {"id_number", "full_name", "date_of_birth"}
FIELDS = {
    (CardVersion.CHIP_2021, Side.FRONT): _FRONT
    | {"sex", "nationality", "place_of_origin", "place_of_residence", "date_of_expiry"},
    (CardVersion.CHIP_2021, Side.BACK): {
        *("personal_identification", "date_of_issue", "issuing_authority", "mrz"),
    },
    (CardVersion.CAN_CUOC_2024, Side.FRONT): _FRONT | {"sex", "nationality"},
    (CardVersion.CAN_CUOC_2024, Side.BACK): {
        *("place_of_residence", "place_of_birth", "date_of_issue", "date_of_expiry"),
        *("issuing_authority", "mrz"),
    },
    (CardVersion.BARCODE_2016, Side.FRONT): _FRONT
    | {"sex", "nationality", "place_of_origin", "place_of_residence", "date_of_expiry"},
    (CardVersion.BARCODE_2016, Side.BACK): {
        *("personal_identification", "date_of_issue", "issuing_authority"),
    },
    (CardVersion.CMND_9, Side.FRONT): _FRONT | {"place_of_origin", "place_of_residence"},
    (CardVersion.CMND_9, Side.BACK): {
        *("ethnicity", "religion", "personal_identification", "date_of_issue"),
        "issuing_authority",
    },
}


def order_of(version: CardVersion, seed: int) -> CardOrder:
    rng = np.random.default_rng(seed)
    person = draw_person(rng, version=version, today=TODAY, words=BUILT_IN_WITH_MERGED)
    return CardOrder(
        person=person,
        version=version,
        portrait=card_portrait(Subject.ASTRONAUT),
        style=draw_style(rng, Faces()),
        width_px=1200,
    )


@pytest.fixture(
    scope="module",
    params=[(version, seed) for version in CardVersion for seed in SEEDS],
    ids=lambda pair: f"{pair[0]}-{pair[1]}",
)
def drawn(request: pytest.FixtureRequest) -> tuple[CardOrder, tuple[PrintedSide, PrintedSide]]:
    order = order_of(*request.param)
    return order, print_card(order)


Drawn = tuple[CardOrder, tuple[PrintedSide, PrintedSide]]


def test_each_side_carries_the_fields_of_its_version(drawn: Drawn) -> None:
    order, sides = drawn
    for side in sides:
        assert set(side.field_boxes()) == FIELDS[order.version, side.side]


def test_printed_values_are_the_persons(drawn: Drawn) -> None:
    order, sides = drawn
    values = printed_values(order.person)
    for side in sides:
        for field in set(side.field_boxes()) & set(values):
            text = side.field_text(field)
            in_words = order.version is CardVersion.CMND_9 and field == "date_of_issue"
            assert in_words or text == values[field]


def test_values_lie_on_the_card_apart_from_one_another_and_from_all_that_hides_them(
    drawn: Drawn,
) -> None:
    _, sides = drawn
    for side in sides:
        height, width = side.image.shape[:2]
        values = [line for line in side.lines if line.role != "caption"]
        for i, line in enumerate(values):
            x1, y1, x2, y2 = line.box
            assert 0 <= x1 < x2 <= width, line
            assert 0 <= y1 < y2 <= height, line
            # Rows may touch by the height of a tone mark, as they do on real cards.
            assert not [other for other in values[:i] if _overlap(line.box, other.box, 2)], line
        hard = [box for name, box in side.regions.items() if name in ("portrait", "qr", "chip")]
        assert not [line for line in side.lines if any(_overlap(line.box, b, 1) for b in hard)]


def test_codes_of_a_draft_can_be_read(drawn: Drawn) -> None:
    order, sides = drawn
    assert order.style is not None
    holder = order.person
    if not order.style.qr_old_number:
        holder = replace(holder, old_id_number=None)
    codes = [code.text for side in sides for code in zxingcpp.read_barcodes(side.image)]
    if order.version in (CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024):
        assert codes == [qr_payload(holder, order.version)]
    elif order.version is CardVersion.BARCODE_2016:
        assert codes == [f"{holder.id_number}|{holder.full_name}"]
    else:
        assert codes == []


def test_drafting_is_deterministic_and_seeds_differ() -> None:
    one, same = (print_card(order_of(CardVersion.CHIP_2021, 3))[0].image for _ in range(2))
    other = print_card(order_of(CardVersion.CHIP_2021, 2))[0].image
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_the_serial_is_always_zero_and_specimen_is_printed() -> None:
    for version in CardVersion:
        order = order_of(version, 1)
        assert order.person.id_number.endswith("000000")
        marked = [
            print_card(replace(order, style=PrintStyle(mark=mark)))[0].image for mark in MarkPlace
        ]
        for one, other in combinations(marked, 2):
            assert (one != other).any(2).sum() > 2000


def test_truth_has_iso_dates_and_the_authority() -> None:
    order = order_of(CardVersion.BARCODE_2016, 1)
    front, back = print_card(order)
    truth = true_fields(order.person, order.version, (front, back))
    assert truth["date_of_birth"] == order.person.date_of_birth.isoformat()
    assert truth["issuing_authority"].startswith("CỤC TRƯỞNG")
    assert "issuing_authority" not in true_fields(order.person, order.version, (front,))
    assert set(truth) == (FIELDS[order.version, Side.FRONT] | FIELDS[order.version, Side.BACK])


def _overlap(a: tuple[float, ...], b: tuple[float, ...], slack: float) -> bool:
    return (
        a[0] + slack < b[2] and b[0] + slack < a[2] and a[1] + slack < b[3] and b[1] + slack < a[3]
    )
