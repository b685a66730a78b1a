"""Machine readable zone of chip cards, found among the lines that were read (its layout: pipeline/card/td1.py).

A check digit that fails means "read again" first: only what stays wrong after that, and was clearly seen, is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from pipeline.card.geometry import Quad, join_boxes
from pipeline.card.mrz_repair import Repaired, repair_zone
from pipeline.card.recognise import TextRecogniser
from pipeline.card.td1 import Td1, latin_name
from pipeline.card.text import TextLine, crop_line
from pipeline.findings import Box, FieldName
from pipeline.image import RgbImage

#: Runs of fillers are matched at any length, because recognisers drop or double some of a long run.
_FIRST = re.compile(
    r"[I1L|]?[D0OQ][VYU][NMH][MNH](?P<number>\w{9})(?P<number_check>\w)(?P<id_number>\w{12})"
    r"[<KC]+(?P<optional_check>\w)$"
)
_SECOND = re.compile(
    r"^(?P<birth>\w{6})(?P<birth_check>\w)(?P<sex>[MF])(?P<expiry>\w{6})(?P<expiry_check>\w)"
    r"[VYU][NMH][MNH][<KC]+(?P<composite>\w)$"
)
_NAME = re.compile(r"^[A-Z]+<<[A-Z]+[A-Z<]*$")
_LEAST_LENGTH = 22
_LETTER_OF = str.maketrans("01568", "OISGB")
_FILLER_LIKE = frozenset("«‹([{")
#: Below this a character of the MRZ was guessed, so a failing check digit says nothing about the card.
_TRUSTED_SCORE = 0.6
#: Lines of a back that are looked at again: long, and in the lower part of the card.
_LEAST_LENGTH_AGAIN, _LOWER_PART = 16, 0.5
#: Enlargement, contrast and sharpness of the second look.
_AGAIN_SCALE, _AGAIN_CLIP, _AGAIN_SHARP = 1.5, 2.0, 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class MrzContent:
    """What the MRZ says.

    `fields` are normalised as printed ones are, except the name, which is A-Z and comes from a line without check
    digit. `failed` names the check digits that do not fit, `repaired` the characters that were put right. `trusted` is
    False if any character was read with little certainty.
    """

    fields: dict[FieldName, str]
    failed: tuple[str, ...]
    name_is_cut: bool
    trusted: bool
    box: Box
    repaired: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether every check digit fits."""
        return not self.failed


def read_mrz(
    lines: Sequence[TextLine], card: RgbImage, recognise: TextRecogniser
) -> MrzContent | None:
    """Return the MRZ of a back; its lines are looked at once more if it is not there or a check digit fails.

    Args:
        lines: what was read of the back.
        card: the upright card, H x W x 3, uint8, RGB.
        recognise: reads the crops of the second look.
    """
    content = parse_mrz(lines)
    if content is not None and content.sound:
        return content
    again = _look_again(lines, card, recognise)
    return parse_mrz([*lines, *again]) if again else content


def parse_mrz(lines: Sequence[TextLine]) -> MrzContent | None:
    """Return the MRZ among the lines of a back, or None if its two lines of numbers are not both there.

    Lines that were read twice stand twice; the pair whose check digits fit best is taken, earlier ones first.
    """
    tidy = [_tidy(line) for line in lines]
    long = [row for row in tidy if len(row.text) >= _LEAST_LENGTH]
    firsts = [(m, row) for row in long if (m := _FIRST.search(row.text))]
    seconds = [(m, row) for row in long if (m := _SECOND.search(row.text))]
    pairs = [
        (_zone(first, second), first[1], second[1]) for first, second in product(firsts, seconds)
    ]
    if not pairs:
        return None
    repaired, first, second = min(pairs, key=lambda pair: len(pair[0].zone.failed_checks()))
    name = _name_below(long, second)
    used = [first.line, second.line, *([name.line] if name else [])]
    latin = {FieldName.FULL_NAME: latin_name(name.text)} if name else {}
    return MrzContent(
        fields=repaired.zone.fields() | latin,
        failed=repaired.zone.failed_checks(),
        name_is_cut=name is not None and not name.text.endswith("<"),
        trusted=all(min(line.char_scores) >= _TRUSTED_SCORE for line in used[:2]),
        box=join_boxes([line.box for line in used]),
        repaired=repaired.places,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A line in the characters of an MRZ, with the probability of each."""

    text: str
    scores: tuple[float, ...]
    line: TextLine


def _tidy(line: TextLine) -> _Row:
    """Drop blanks; brackets and guillemets are what recognisers make of fillers."""
    kept = [
        ("<" if c in _FILLER_LIKE else c.upper()[:1], score)
        for c, score in zip(line.text, line.char_scores, strict=True)
        if not c.isspace()
    ]
    return _Row(text="".join(c for c, _ in kept), scores=tuple(s for _, s in kept), line=line)


def _zone(first: tuple[re.Match[str], _Row], second: tuple[re.Match[str], _Row]) -> Repaired:
    parts = {
        name: (text, row.scores[slice(*match.span(name))])
        for match, row in (first, second)
        for name, text in match.groupdict().items()
    }
    zone = Td1(**{name: text for name, (text, _) in parts.items()})
    return repair_zone(zone, {name: scores for name, (_, scores) in parts.items()})


def _name_below(rows: Sequence[_Row], second: _Row) -> _Row | None:
    """The line of the name, the one that was read best if it was read twice."""
    names = [
        _Row(text=text, scores=row.scores, line=row.line)
        for row in rows
        if row.line.box[1] > second.line.box[1]
        and _NAME.match(text := row.text.translate(_LETTER_OF))
    ]
    return max(names, key=lambda row: row.line.score, default=None)


# ---------------------------------------------------------------- a second look


def _look_again(
    lines: Sequence[TextLine], card: RgbImage, recognise: TextRecogniser
) -> list[TextLine]:
    """Read the long lines of the lower part again, larger, evened out and sharpened."""
    middle = _LOWER_PART * card.shape[0]
    chosen = [
        line for line in lines if len(line.text) >= _LEAST_LENGTH_AGAIN and line.box[1] > middle
    ]
    if not chosen:
        return []
    readings = recognise([_clearer(crop_line(card, line.corners)) for line in chosen])
    return [
        TextLine(
            text=reading.text,
            char_scores=reading.scores,
            char_x=_places(reading.positions, line.corners),
            corners=line.corners,
            box=line.box,
        )
        for reading, line in zip(readings, chosen, strict=True)
        if reading.text
    ]


def _places(positions: Sequence[float], quad: Quad) -> tuple[float, ...]:
    left, right = float(quad[0][0] + quad[3][0]) / 2, float(quad[1][0] + quad[2][0]) / 2
    return tuple(left + (right - left) * place for place in positions)


def _clearer(crop: RgbImage) -> RgbImage:
    size = (round(_AGAIN_SCALE * crop.shape[1]), round(_AGAIN_SCALE * crop.shape[0]))
    grey = cv2.cvtColor(cv2.resize(crop, size, interpolation=cv2.INTER_CUBIC), cv2.COLOR_RGB2GRAY)
    even = cv2.createCLAHE(clipLimit=_AGAIN_CLIP, tileGridSize=(1, 8)).apply(grey)
    soft = cv2.GaussianBlur(even, (0, 0), 2.0)
    sharp = cv2.addWeighted(even, 1 + _AGAIN_SHARP, soft, -_AGAIN_SHARP, 0)
    return RgbImage(np.repeat(np.asarray(sharp, np.uint8)[..., None], 3, axis=2))
