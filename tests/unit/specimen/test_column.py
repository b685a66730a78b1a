"""Setting fields into a column, with a ruler on which every letter is half an em wide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from specimen.column import Cell, Column, DoesNotFit, Place, PlacedText, Row, Type, set_column

_TYPE = Type(font="any", em_mm=2.0, colour=(0, 0, 0))


def _measure(text: str, _: str, em_mm: float) -> float:
    return len(text) * em_mm / 2


def _cell(value: str, place: Place, **more: float) -> Cell:
    return Cell(
        field="f",
        label="label",
        value=value,
        label_type=_TYPE,
        value_type=_TYPE,
        place=place,
        **more,
    )


def _set(rows: Sequence[Row], width: float = 30.0, height: float = 40.0) -> list[PlacedText]:
    column = Column(left_mm=10, top_mm=5, bottom_mm=5 + height, right_at=lambda _: 10 + width)
    return set_column(rows, column, _measure, jitter_mm=0.0, rng=np.random.default_rng(1))


def _lines(texts: list[PlacedText]) -> list[str]:
    return [text.text for text in texts if text.role == "f"]


def test_a_value_beside_its_label_shares_its_baseline() -> None:
    label, value = _set([(_cell("value", Place.BESIDE),)])
    assert label.baseline_mm == value.baseline_mm
    assert value.x_mm > label.x_mm + _measure("label", "any", 2.0)


def test_a_value_that_does_not_fit_beside_its_label_goes_below() -> None:
    label, *values = _set([(_cell("one two three four five", Place.BESIDE),)], width=16)
    assert values[0].baseline_mm > label.baseline_mm
    assert values[0].x_mm == label.x_mm


def test_a_hanging_value_starts_beside_its_label_and_wraps_to_the_margin() -> None:
    label, first, second = _set([(_cell("one two three four", Place.HANGING),)], width=16)
    assert first.baseline_mm == label.baseline_mm
    assert second.x_mm == label.x_mm
    assert _lines([first, second]) == ["one two", "three four"]


def test_less_width_for_addresses_makes_more_lines() -> None:
    wide, narrow = (
        _lines(_set([(_cell("one two three four", Place.BELOW, width=share),)]))
        for share in (1.0, 0.3)
    )
    assert len(wide) == 1
    assert len(narrow) > 1
    assert " ".join(narrow) == wide[0]


def test_a_tab_lines_values_up() -> None:
    texts = _set(
        [(_cell("a", Place.BESIDE, tab_mm=12.0),), (_cell("bb", Place.BESIDE, tab_mm=12.0),)]
    )
    assert {text.x_mm for text in texts if text.role == "f"} == {22.0}


def test_rows_that_are_too_many_are_set_smaller() -> None:
    rows = [(_cell("value", Place.BELOW),) for _ in range(5)]
    roomy, tight = (_set(rows, height=height) for height in (40, 20))
    assert roomy[0].em_mm == 2.0
    assert tight[0].em_mm < 2.0
    assert max(text.baseline_mm for text in tight) < 25


def test_cells_share_a_line_only_if_they_fit() -> None:
    row = (_cell("one", Place.BESIDE), _cell("two", Place.BESIDE))
    together, apart = (_set([row], width=width) for width in (30, 14))
    assert len({text.baseline_mm for text in together}) == 1
    assert len({text.baseline_mm for text in apart}) == 2


def test_the_right_margin_may_depend_on_the_height() -> None:
    column = Column(
        left_mm=0, top_mm=0, bottom_mm=40, right_at=lambda top: 8.0 if top < 5 else 40.0
    )
    texts = set_column(
        [(_cell("aa bb cc dd ee ff gg hh", Place.BELOW),)],
        column,
        _measure,
        jitter_mm=0.0,
        rng=np.random.default_rng(1),
    )
    first, *_, last = _lines(texts)
    assert len(first) < len(last)


def test_what_fits_at_no_readable_size_is_an_error() -> None:
    with pytest.raises(DoesNotFit):
        _set([(_cell("w" * 200, Place.BELOW),)])
