"""Puts single misread characters of an MRZ right where the check digits leave no choice, and says where it did.

Two rules. A letter where only digits can stand is the digit it looks like. A digit that the recogniser was not sure of
may be another that looks like it, if exactly one such change makes every check digit fit. A digit that was clearly seen
is never changed: a wrong check digit on the card must stay one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations, product

from pipeline.card.td1 import Td1
from pipeline.card.values import repair_digits

#: Less probable characters are open to change; letters that stood for digits always are.
_OPEN_BELOW = 0.90
#: The least certain open characters that are tried, and how many may change at once: beyond, chance would do the rest.
_MOST_OPEN, _MOST_CHANGES = 8, 2
#: Digits that look alike in OCR-B when blurred.
_LIKE = {
    "0": "869", "1": "74", "2": "7", "3": "895", "4": "19", "5": "638", "6": "850", "7": "12", "8": "0369", "9": "830",
}  # fmt: skip

Scores = dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A zone and the places that were changed: part and position from 1, as `birth:3`."""

    zone: Td1
    places: tuple[str, ...]


def repair_zone(zone: Td1, scores: Scores) -> Repaired:
    """Return the zone with what must be misreadings put right.

    Args:
        zone: as it was read.
        scores: probability of each character, by part of the zone.
    """
    read = {part: getattr(zone, part) for part in _digit_parts(zone)}
    digits = replace(zone, **{part: repair_digits(text) for part, text in read.items()})
    letters = tuple(
        (part, place)
        for part, text in read.items()
        for place, (before, after) in enumerate(zip(text, getattr(digits, part), strict=True))
        if before != after
    )
    if not digits.failed_checks():
        return Repaired(zone=digits, places=_names(letters))
    fitting = [
        (changed, places)
        for changed, places in _variants(digits, _open_places(digits, scores, letters))
        if not changed.failed_checks()
    ]
    if len({changed for changed, _ in fitting}) != 1:
        return Repaired(zone=digits, places=_names(letters))
    changed, places = fitting[0]
    return Repaired(zone=changed, places=_names(tuple(dict.fromkeys((*letters, *places)))))


Place = tuple[str, int]


def _digit_parts(zone: Td1) -> Iterator[str]:
    return (field.name for field in fields(zone) if field.name != "sex")


def _names(places: Sequence[Place]) -> tuple[str, ...]:
    return tuple(f"{part}:{place + 1}" for part, place in places)


def _open_places(zone: Td1, scores: Scores, letters: Sequence[Place]) -> list[Place]:
    doubtful = [
        (0.0 if (part, place) in letters else score, (part, place))
        for part in _digit_parts(zone)
        for place, score in enumerate(scores[part])
    ]
    doubtful = [row for row in doubtful if row[0] < _OPEN_BELOW]
    return [place for _, place in sorted(doubtful)[:_MOST_OPEN]]


def _variants(zone: Td1, places: Sequence[Place]) -> Iterator[tuple[Td1, tuple[Place, ...]]]:
    """Every change of the fewest places that has any fit is tried before more are changed at once."""
    for count in range(1, _MOST_CHANGES + 1):
        for chosen in combinations(places, count):
            others = [_LIKE.get(getattr(zone, part)[place], "") for part, place in chosen]
            for digits in product(*others):
                yield _with(zone, chosen, digits), chosen


def _with(zone: Td1, places: Sequence[Place], digits: Sequence[str]) -> Td1:
    for (part, place), digit in zip(places, digits, strict=True):
        text = getattr(zone, part)
        zone = replace(zone, **{part: text[:place] + digit + text[place + 1 :]})
    return zone
