"""Blanks that a recogniser swallows and where they stood."""

import pytest

from pipeline.card.recognise import Reading, with_blank_after_colon


def reading(text: str, gap: float) -> Reading:
    """Letters at even steps, but for the gap behind each colon, in steps."""
    places = [0.0]
    for before in text[:-1]:
        places.append(places[-1] + (gap if before == ":" else 1.0))
    scores = tuple(0.9 + 0.001 * i for i in range(len(text)))
    return Reading(text=text, scores=scores, positions=tuple(p / 100 for p in places[: len(text)]))


@pytest.mark.parametrize(
    ("text", "gap", "spaced"),
    [
        ("Sẹo C:1,5cm trên mắt", 1.6, "Sẹo C: 1,5cm trên mắt"),
        ("Sẹo C:1,5cm trên mắt", 1.1, "Sẹo C:1,5cm trên mắt"),
        ("Nơi sinh:Huế", 1.6, "Nơi sinh:Huế"),
        ("Số: 5", 1.6, "Số: 5"),
        ("C:", 1.0, "C:"),
        ("", 1.0, ""),
    ],
)
def test_a_wide_gap_between_a_colon_and_a_digit_is_a_blank(
    text: str, gap: float, spaced: str
) -> None:
    found = with_blank_after_colon(reading(text, gap))
    assert found.text == spaced
    assert len(found.scores) == len(found.positions) == len(spaced)
    assert sorted(found.positions) == list(found.positions)
