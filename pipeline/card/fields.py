"""The fields of a side, found by their labels and by where text stands relative to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pipeline.card.authority import read_authority
from pipeline.card.geometry import join_boxes
from pipeline.card.pieces import Label, Page, Piece, cut_page, join_pieces
from pipeline.card.places import below, gap, joined_runs, right_of, rows_of, same_row
from pipeline.card.plausible import with_plausibility
from pipeline.card.printed import PrintedField
from pipeline.card.side_text import SideText, printed_value
from pipeline.card.text import TextLine
from pipeline.card.unlabelled import Parser, read_unlabelled
from pipeline.card.values import (
    Value,
    find_date,
    find_date_in_words,
    find_expiry,
    find_id_number,
    find_marks,
    find_name,
    find_nationality,
    find_place,
    find_sex,
    is_name_part,
)
from pipeline.findings import CardVersion, FieldName

_F, _V = FieldName, CardVersion
#: Heights of the label within which a date or a sex is looked for; columns of values stand up to 7 away.
_REACH = 9.0
#: Labels of one field, one language below or beside the other, stand this close.
_SAME_LABEL = 2.5
#: Two words with a slash between them: a caption that was not recognised, not a value.
_CAPTION = re.compile(r"[^\W\d_]{2,}\s*/\s*[^\W\d_]{2,}")


_Reader = Callable[[SideText, FieldName], PrintedField | None]


def read_fields(
    lines: Sequence[TextLine],
    version: CardVersion,
    side: str,
    card_width_px: float | None = None,
) -> dict[FieldName, PrintedField]:
    """Return the fields printed on a side. What cannot be found is missing.

    Args:
        lines: of the side, upright, in pixels of the rectified side.
        version: of the card; decides which fields the side can carry.
        side: "front" or "back".
        card_width_px: of the rectified card, so that a value whose label is unreadable can be found by its place; None
            if the card's border was not found, which leaves such a value missing.
    """
    text = SideText(page=cut_page(lines), version=version, side=side, card_width_px=card_width_px)
    expected = _EXPECTED.get((version, side), ())
    read = {name: _READERS[name](text, name) for name in expected}
    found = {name: printed for name, printed in read.items() if printed is not None}
    found |= read_unlabelled(text, [name for name in expected if name not in found])
    authority = read_authority(lines, version) if side == "back" else None
    if authority is not None:
        found[_F.ISSUING_AUTHORITY] = authority
    return {name: with_plausibility(name, printed) for name, printed in found.items()}


# ---------------------------------------------------------------- values with a shape of their own


def _read_id_number(side: SideText, _name: FieldName) -> PrintedField | None:
    """The number is found by its shape: its label is the shortest on the card and the first to be lost."""
    lengths = (9, 12) if side.version is _V.CMND_9 else (12,)
    whole = _shaped(side.page.pieces, lengths)
    found = whole or _shaped(joined_runs(side.page.pieces), lengths)
    if not found:
        return None
    piece, value = max(found, key=lambda pair: pair[0].height)
    side.take(piece)
    return printed_value(value, [piece])


def _shaped(pieces: Sequence[Piece], lengths: Sequence[int]) -> list[tuple[Piece, Value]]:
    values = ((piece, find_id_number(piece.text, piece.scores, lengths)) for piece in pieces)
    return [(piece, value) for piece, value in values if value is not None]


def _nearest(parse: Parser) -> _Reader:
    """A reader that takes the value of the right shape that stands nearest to the label, right of or below it."""

    def read(side: SideText, name: FieldName) -> PrintedField | None:
        pieces = side.free.pieces
        near = _nearest_of(side, name, parse, pieces)
        # Only what has the shape in no single piece was cut in two.
        near = near or _nearest_of(side, name, parse, joined_runs(pieces))
        if near is None:
            return None
        side.take(near[0])
        return printed_value(near[1], [near[0]])

    return read


def _nearest_of(
    side: SideText, name: FieldName, parse: Parser, pieces: Sequence[Piece]
) -> tuple[Piece, Value] | None:
    candidates = [
        (gap(label.box, piece.box), piece, value)
        for piece in pieces
        if (value := parse(piece.text, piece.scores)) is not None
        for label in side.page.labels_of(name)
        if piece.middle > label.box[1] - 1.5 * label.height and _belongs(side.page, label, piece)
    ]
    away, piece, value = min(candidates, key=lambda found: found[0], default=(_REACH, None, None))
    return (piece, value) if piece is not None and value is not None and away < _REACH else None


def _belongs(page: Page, label: Label, piece: Piece) -> bool:
    """A value belongs to the label nearest to it among all labels with a field, on its own row if it has a label."""
    others = [other for other in page.labels if other.field not in (None, label.field)]
    if same_row(label.box, piece.box):
        others = [other for other in others if same_row(other.box, piece.box)]
    mine = min(gap(own.box, piece.box) for own in page.labels if own.field is label.field)
    return all(_closeness(other, piece) >= mine for other in others)


def _closeness(label: Label, piece: Piece) -> float:
    """Gap to a label that could own the piece; a label right of it or below it could not."""
    is_above = (label.box[1] + label.box[3]) / 2 < piece.box[3]
    could = is_above and label.box[0] < piece.box[0] + label.height
    return gap(label.box, piece.box) if could else float("inf")


def _read_date_of_issue(side: SideText, name: FieldName) -> PrintedField | None:
    """A back of the older cards says `Ngày 15 tháng 08 năm 2021`, without another label."""
    labelled = _nearest(find_date)(side, name)
    if labelled is not None:
        return labelled
    pieces = side.free.pieces
    row = (join_pieces(row, " ") for row in rows_of(pieces))
    for piece in (*pieces, *row):
        value = find_date_in_words(piece.text, piece.scores)
        if value is not None:
            side.take(piece)
            return printed_value(value, [piece])
    return None


# ---------------------------------------------------------------- running text


def _beside_or_below(parse: Parser, rows: int, fits: Callable[[str], bool]) -> _Reader:
    """A reader that joins what stands right of the label and the rows below it, down to the next label."""

    def read(side: SideText, name: FieldName) -> PrintedField | None:
        for group in _groups(side.page.labels_of(name)):
            pieces = _collect(side.free, group, rows, fits)
            if not pieces:
                continue
            joined = join_pieces(pieces, " ")
            printed = printed_value(parse(joined.text, joined.scores), pieces)
            if printed is not None:
                side.taken.extend(pieces)
                return printed
        return None

    return read


def _groups(labels: Sequence[Label]) -> list[list[Label]]:
    """Labels of one field, those that adjoin together: two languages of one label."""
    groups: list[list[Label]] = []
    for label in sorted(labels, key=lambda label: label.box[1]):
        near = (g for g in groups if gap(g[-1].box, label.box) <= _SAME_LABEL)
        group = next(near, None)
        if group is None:
            groups.append([label])
        else:
            group.append(label)
    return groups


def _collect(
    page: Page, group: Sequence[Label], rows: int, fits: Callable[[str], bool]
) -> list[Piece]:
    """The pieces of a value in reading order."""
    whole = Label(field=group[0].field, box=join_boxes([label.box for label in group]))
    # A value may stand beside each of a label's two rows, or half way between them.
    beside = _beside(page, group, fits) or _beside(page, [whole], fits)
    left, _, right, _ = whole.box
    lowest = Label(field=whole.field, box=(left, group[-1].box[1], right, group[-1].box[3]))
    under = below(page.without(beside), lowest, rows=rows - len(rows_of(beside)), fits=fits)
    return [*beside, *(piece for row in under for piece in row)]


def _beside(page: Page, labels: Sequence[Label], fits: Callable[[str], bool]) -> list[Piece]:
    found = (piece for label in labels for piece in right_of(page, label) if fits(piece.text))
    return list(dict.fromkeys(found))


def _is_running_text(text: str) -> bool:
    """No caption, date or number."""
    scores = (1.0,) * len(text)
    shaped = find_date(text, scores) or find_id_number(text, scores)
    return shaped is None and _CAPTION.search(text) is None


_READERS: dict[FieldName, _Reader] = {
    _F.ID_NUMBER: _read_id_number,
    _F.DATE_OF_BIRTH: _nearest(find_date),
    _F.DATE_OF_ISSUE: _read_date_of_issue,
    _F.DATE_OF_EXPIRY: _nearest(find_expiry),
    _F.SEX: _nearest(find_sex),
    _F.NATIONALITY: _beside_or_below(find_nationality, 1, _is_running_text),
    _F.FULL_NAME: _beside_or_below(find_name, 2, is_name_part),
    _F.PLACE_OF_ORIGIN: _beside_or_below(find_place, 3, _is_running_text),
    _F.PLACE_OF_BIRTH: _beside_or_below(find_place, 3, _is_running_text),
    _F.PLACE_OF_RESIDENCE: _beside_or_below(find_place, 3, _is_running_text),
    _F.PERSONAL_IDENTIFICATION: _beside_or_below(find_marks, 3, _is_running_text),
}
_PERSON = (_F.ID_NUMBER, _F.DATE_OF_BIRTH, _F.SEX, _F.NATIONALITY, _F.FULL_NAME)
_PLACES_AND_EXPIRY = (_F.DATE_OF_EXPIRY, _F.PLACE_OF_ORIGIN, _F.PLACE_OF_RESIDENCE)
_EXPECTED: dict[tuple[CardVersion, str], tuple[FieldName, ...]] = {
    (_V.CHIP_2021, "front"): (*_PERSON, *_PLACES_AND_EXPIRY),
    (_V.CHIP_2021, "back"): (_F.DATE_OF_ISSUE, _F.PERSONAL_IDENTIFICATION),
    (_V.CAN_CUOC_2024, "front"): _PERSON,
    (_V.CAN_CUOC_2024, "back"): (
        _F.DATE_OF_ISSUE,
        _F.DATE_OF_EXPIRY,
        _F.PLACE_OF_RESIDENCE,
        _F.PLACE_OF_BIRTH,
    ),
    (_V.BARCODE_2016, "front"): (*_PERSON, *_PLACES_AND_EXPIRY),
    (_V.BARCODE_2016, "back"): (_F.DATE_OF_ISSUE, _F.PERSONAL_IDENTIFICATION),
    (_V.CMND_9, "front"): (
        _F.ID_NUMBER,
        _F.DATE_OF_BIRTH,
        _F.SEX,
        _F.FULL_NAME,
        _F.PLACE_OF_ORIGIN,
        _F.PLACE_OF_RESIDENCE,
    ),
    (_V.CMND_9, "back"): (_F.DATE_OF_ISSUE, _F.PERSONAL_IDENTIFICATION),
}
