"""Machine readable zone of chip cards, found among the lines that were read (its layout: pipeline/card/td1.py)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.card.geometry import join_boxes
from pipeline.card.td1 import Td1, latin_name
from pipeline.card.text import TextLine
from pipeline.card.values import repair_digits
from pipeline.findings import Box, FieldName

#: Runs of fillers are matched at any length, because recognisers drop or double some of a long run.
_FIRST = re.compile(
    r"[I1L]DVNM(?P<number>\w{9})(?P<number_check>\w)(?P<id>\w{12})<+(?P<optional_check>\w)$"
)
_SECOND = re.compile(
    r"^(?P<birth>\w{6})(?P<birth_check>\w)(?P<sex>[MF])(?P<expiry>\w{6})(?P<expiry_check>\w)"
    r"VNM<+(?P<composite>\w)$"
)
_NAME = re.compile(r"^[A-Z]+<<[A-Z]+[A-Z<]*$")
_LEAST_LENGTH = 22
_LETTER_OF = str.maketrans("01568", "OISGB")
#: Below this a character of the MRZ was guessed, so a failing check digit says nothing about the card.
_TRUSTED_SCORE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class MrzContent:
    """What the MRZ says.

    `fields` are normalised as printed ones are, except the name, which is A-Z. `failed` names the check digits that
    do not fit. `trusted` is False if any character was read with little certainty.
    """

    fields: dict[FieldName, str]
    failed: tuple[str, ...]
    name_is_cut: bool
    trusted: bool
    box: Box

    @property
    def sound(self) -> bool:
        """Whether every check digit fits."""
        return not self.failed


def parse_mrz(lines: Sequence[TextLine]) -> MrzContent | None:
    """Return the MRZ among the lines of a back, or None if its two lines of numbers are not both there."""
    tidy = [(_tidy(line.text), line) for line in lines]
    long = [(text, line) for text, line in tidy if len(text) >= _LEAST_LENGTH]
    first = next(((m, line) for text, line in long if (m := _FIRST.search(text))), None)
    second = next(((m, line) for text, line in long if (m := _SECOND.search(text))), None)
    if first is None or second is None:
        return None
    below = [(t, line) for t, line in long if line.box[1] > second[1].box[1]]
    name = next(((n, line) for t, line in below if _NAME.match(n := t.translate(_LETTER_OF))), None)
    used = [first[1], second[1], *([name[1]] if name else [])]
    zone = _zone(first[0].groupdict() | second[0].groupdict())
    latin = {FieldName.FULL_NAME: latin_name(name[0])} if name else {}
    return MrzContent(
        fields=zone.fields() | latin,
        failed=zone.failed_checks(),
        name_is_cut=name is not None and not name[0].endswith("<"),
        trusted=all(min(line.char_scores) >= _TRUSTED_SCORE for line in used[:2]),
        box=join_boxes([line.box for line in used]),
    )


def _tidy(text: str) -> str:
    """Drop blanks; brackets and guillemets are what recognisers make of fillers."""
    return re.sub(r"[«‹(\[{]", "<", "".join(text.split())).upper()


def _zone(parts: dict[str, str]) -> Td1:
    """Letters that stand where only digits can are digits misread."""
    digits = {name: repair_digits(text) for name, text in parts.items() if name != "sex"}
    return Td1(
        number=digits["number"],
        number_check=digits["number_check"],
        id_number=digits["id"],
        optional_check=digits["optional_check"],
        birth=digits["birth"],
        birth_check=digits["birth_check"],
        sex=parts["sex"],
        expiry=digits["expiry"],
        expiry_check=digits["expiry_check"],
        composite=digits["composite"],
    )
