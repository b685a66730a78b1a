"""The fields of a side, found by their labels and by where text stands relative to them.

Confidence of a printed value: see `printed_confidence`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from pipeline.card.geometry import join_boxes
from pipeline.card.phrases import MINISTRY, POLICE_DEPARTMENT, fold
from pipeline.card.pieces import Label, Page, Piece, below, cut_page, gap, right_of
from pipeline.card.text import TextLine
from pipeline.card.values import (
    Value,
    find_date,
    find_expiry,
    find_id_number,
    find_name,
    find_nationality,
    find_sex,
    find_text,
)
from pipeline.findings import Box, CardVersion, FieldName

_F = FieldName
Parser = Callable[[str, Sequence[float]], Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedField:
    """A value as printed on one side; `weakest` is the probability of its least certain character."""

    value: str
    confidence: float
    weakest: float
    box: Box


def printed_confidence(scores: Sequence[float]) -> float:
    """Return how likely a value is right as a whole, from the probabilities of its characters.

    The product over the characters assumes that errors are independent; they are not (blur hits a whole line), and the
    greedy path's probability already holds the weakest character. The square root of the product is a first estimate,
    not a calibration: it was checked on a few drawn cards only (docs/reports/card-2026-11.md).
    """
    if not len(scores):
        return 0.0
    logs = np.log(np.clip(np.asarray(scores, np.float64), 1e-6, 1.0))
    return float(np.exp(0.5 * logs.sum()))


def _field(value: Value | None, pieces: Sequence[Piece]) -> PrintedField | None:
    if value is None or not pieces:
        return None
    return PrintedField(
        value=value.text,
        confidence=printed_confidence(value.scores),
        weakest=min(value.scores, default=0.0),
        box=join_boxes([piece.box for piece in pieces]),
    )


def read_fields(
    lines: Sequence[TextLine], version: CardVersion, side: str
) -> dict[FieldName, PrintedField]:
    """Return the fields printed on a side.

    Args:
        lines: of the side, upright, in pixels of the rectified side.
        version: of the card; decides which fields the side can carry.
        side: "front" or "back".
    """
    page = cut_page(lines)
    found: dict[FieldName, PrintedField] = {}
    taken: list[Piece] = []
    for name in _EXPECTED.get((version, side), ()):
        printed = _READERS[name](page, name, taken)
        if printed is not None:
            found[name] = printed
    return found


# ---------------------------------------------------------------- kinds of fields


def _read_id_number(page: Page, name: FieldName, taken: list[Piece]) -> PrintedField | None:
    """The number is found by its shape: its label is the shortest on the card and the first to be lost."""
    found = [
        (piece, value)
        for piece in page.pieces
        if (value := find_id_number(piece.text, piece.scores)) is not None
    ]
    if not found:
        return None
    piece, value = max(found, key=lambda pair: (len(pair[1].text), pair[0].height))
    taken.append(piece)
    return _field(value, [piece])


def _nearest(parse: Parser, reach: float) -> Callable[..., PrintedField | None]:
    """A reader that takes the value of the right shape that stands nearest to the label, right of or below it."""

    def read(page: Page, name: FieldName, taken: list[Piece]) -> PrintedField | None:
        near = sorted(
            (
                (gap(label.box, piece.box), piece, value)
                for label in page.labels_of(name)
                for piece in page.pieces
                if piece not in taken
                and piece.middle > label.box[1] - 1.5 * (label.box[3] - label.box[1])
                and (value := parse(piece.text, piece.scores)) is not None
                and _belongs(page, label, piece)
            ),
            key=lambda found: found[0],
        )
        if not near or near[0][0] > reach:
            return None
        _, piece, value = near[0]
        taken.append(piece)
        return _field(value, [piece])

    return read


def _belongs(page: Page, label: Label, piece: Piece) -> bool:
    """A value belongs to the label nearest to it among all labels with a field."""
    others = (other for other in page.labels if other.field not in (None, label.field))
    mine = min(gap(own.box, piece.box) for own in page.labels if own.field is label.field)
    return all(_closeness(other, piece) >= mine for other in others)


def _closeness(label: Label, piece: Piece) -> float:
    """Gap to a label that could own the piece; a label right of it or below it could not."""
    height = label.box[3] - label.box[1]
    could = label.box[0] < piece.box[0] + height and label.box[1] < piece.box[1] + height
    return gap(label.box, piece.box) if could else float("inf")


def _beside_or_below(parse: Parser, rows: int) -> Callable[..., PrintedField | None]:
    """A reader that joins what stands right of the label and the rows below it, down to the next label."""

    def read(page: Page, name: FieldName, taken: list[Piece]) -> PrintedField | None:
        labels = page.labels_of(name)
        if not labels:
            return None
        label = Label(field=name, box=join_boxes([own.box for own in labels]))
        pieces = [piece for piece in _collect(page, label, rows) if piece not in taken]
        taken += pieces
        text = " ".join(piece.text for piece in pieces)
        return _field(parse(text, _joined_scores(pieces)), pieces)

    return read


def _collect(page: Page, label: Label, rows: int) -> Iterator[Piece]:
    beside = right_of(page, label)
    yield from beside
    for row in below(page, label, rows=rows - bool(beside)):
        yield from row


def _joined_scores(pieces: Sequence[Piece]) -> tuple[float, ...]:
    scores: list[float] = []
    for piece in pieces:
        scores += [*([1.0] if scores else []), *piece.scores]
    return tuple(scores)


_READERS: dict[FieldName, Callable[..., PrintedField | None]] = {
    _F.ID_NUMBER: _read_id_number,
    _F.DATE_OF_BIRTH: _nearest(find_date, 6),
    _F.DATE_OF_ISSUE: _nearest(find_date, 6),
    _F.DATE_OF_EXPIRY: _nearest(find_expiry, 6),
    _F.SEX: _nearest(find_sex, 6),
    _F.NATIONALITY: _beside_or_below(find_nationality, 1),
    _F.FULL_NAME: _beside_or_below(find_name, 2),
    _F.PLACE_OF_ORIGIN: _beside_or_below(find_text, 2),
    _F.PLACE_OF_BIRTH: _beside_or_below(find_text, 3),
    _F.PLACE_OF_RESIDENCE: _beside_or_below(find_text, 3),
    _F.PERSONAL_IDENTIFICATION: _beside_or_below(find_text, 3),
}
_PERSON = (_F.ID_NUMBER, _F.DATE_OF_BIRTH, _F.SEX, _F.NATIONALITY, _F.FULL_NAME)
_PLACES_AND_EXPIRY = (_F.DATE_OF_EXPIRY, _F.PLACE_OF_ORIGIN, _F.PLACE_OF_RESIDENCE)
_EXPECTED: dict[tuple[CardVersion, str], tuple[FieldName, ...]] = {
    (CardVersion.CHIP_2021, "front"): (*_PERSON, *_PLACES_AND_EXPIRY),
    (CardVersion.CHIP_2021, "back"): (_F.DATE_OF_ISSUE, _F.PERSONAL_IDENTIFICATION),
    (CardVersion.CAN_CUOC_2024, "front"): _PERSON,
    (CardVersion.CAN_CUOC_2024, "back"): (
        _F.DATE_OF_ISSUE,
        _F.DATE_OF_EXPIRY,
        _F.PLACE_OF_RESIDENCE,
        _F.PLACE_OF_BIRTH,
    ),
    (CardVersion.BARCODE_2016, "front"): (*_PERSON, *_PLACES_AND_EXPIRY),
    (CardVersion.BARCODE_2016, "back"): (_F.PERSONAL_IDENTIFICATION,),
    (CardVersion.CMND_9, "front"): (
        _F.ID_NUMBER,
        _F.DATE_OF_BIRTH,
        _F.FULL_NAME,
        _F.PLACE_OF_ORIGIN,
        _F.PLACE_OF_RESIDENCE,
    ),
}


def read_authority(lines: Sequence[TextLine], version: CardVersion) -> PrintedField | None:
    """Return who issued the card: a known title, as printed, or None if it is not on these lines.

    The title has no label and few forms, so the printed words only choose among them.
    """
    known = {
        CardVersion.CHIP_2021: POLICE_DEPARTMENT,
        CardVersion.BARCODE_2016: POLICE_DEPARTMENT,
        CardVersion.CAN_CUOC_2024: (MINISTRY,),
    }.get(version, ())
    return max(
        (found for title in known if (found := _match_title(lines, title)) is not None),
        key=lambda found: found.confidence,
        default=None,
    )


def _match_title(lines: Sequence[TextLine], title: str) -> PrintedField | None:
    """Match a title with the lines that are parts of it."""
    wanted = fold(title)
    parts = [
        line
        for line in lines
        if len(folded := fold(line.text)) >= 6
        and len(folded) <= len(wanted) + 3
        and fuzz.partial_ratio(folded, wanted) >= 85
    ]
    parts.sort(key=lambda line: line.box[1])
    ratio = fuzz.ratio("".join(fold(line.text) for line in parts), wanted)
    if ratio < 80:
        return None
    scores = [score for line in parts for score in line.char_scores]
    return PrintedField(
        value=title,
        confidence=ratio / 100,
        weakest=min(scores),
        box=join_boxes([line.box for line in parts]),
    )
