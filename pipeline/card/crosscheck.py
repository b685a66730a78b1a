"""Do print, QR code and MRZ say the same? A slip of the recogniser is not a forgery, another digit of the number is.

Digits, dates and sex must be equal. Names and addresses are compared letter by letter without case and marks, because a
lost tone mark is the recogniser's commonest slip and no forger's gain.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from pipeline.card.phrases import fold
from pipeline.card.printed import PrintedField
from pipeline.findings import FieldName

_F = FieldName
EXACT_FIELDS = frozenset(
    {_F.ID_NUMBER, _F.DATE_OF_BIRTH, _F.DATE_OF_ISSUE, _F.DATE_OF_EXPIRY, _F.SEX}
)

#: A printed value all of whose characters are at least this probable was really seen: a difference is the card's.
SEEN_CLEARLY = 0.90
#: A digit less probable than this was guessed: a difference is the recogniser's, and the value is uncertain.
_GUESSED = 0.50
#: Share of letters (case and marks dropped) that may differ. A name is short and read in capitals; an address is long.
_SLIPS_IN_NAME, _SLIPS_IN_ADDRESS = 0.10, 0.15
_SLIPS_IF_CLEAR = 0.04

#: Old and new placement of the tone mark in open syllables: hoà/hòa, khoẻ/khỏe, thuý/thúy.
_NUCLEI = ("oa", "oe", "uy")
_TONES = "\u0300\u0301\u0303\u0309\u0323"


class Agreement(StrEnum):
    """How a printed value compares with a machine-readable one."""

    SAME = "same"
    #: Differs no more than the recogniser does.
    SLIP = "slip"
    #: The print was too unclear to say.
    UNSURE = "unsure"
    DIFFERENT = "different"


def compare(name: FieldName, printed: PrintedField, coded: str) -> Agreement:
    """Compare a printed value with one from the QR code."""
    if name in EXACT_FIELDS:
        return _compare_exact(printed, coded)
    if same_text(printed.value, coded):
        return Agreement.SAME
    return _compare_letters(name, printed, coded)


def _compare_exact(printed: PrintedField, coded: str) -> Agreement:
    if printed.value == coded:
        return Agreement.SAME
    return Agreement.UNSURE if printed.weakest < _GUESSED else Agreement.DIFFERENT


def _compare_letters(name: FieldName, printed: PrintedField, coded: str) -> Agreement:
    ours, theirs = fold(printed.value), fold(coded)
    share = Levenshtein.distance(ours, theirs) / max(len(ours), len(theirs), 1)
    clear = printed.weakest >= SEEN_CLEARLY
    allowed = _SLIPS_IN_NAME if name is _F.FULL_NAME else _SLIPS_IN_ADDRESS
    if share > (_SLIPS_IF_CLEAR if clear else allowed):
        return Agreement.DIFFERENT
    if _numbers(printed.value) != _numbers(coded):
        return Agreement.DIFFERENT if clear else Agreement.UNSURE
    return Agreement.SLIP


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def compare_latin_name(printed: PrintedField, latin: str, *, cut: bool) -> Agreement:
    """Compare a printed name with the A-Z name of an MRZ, which may be cut off at its end.

    The line of the name has no check digit, so a letter may be misread on either side.
    """
    ours, theirs = fold(printed.value), fold(latin)
    if cut:
        ours = ours[: len(theirs)]
    distance = Levenshtein.distance(ours, theirs)
    if distance == 0:
        return Agreement.SAME
    return (
        Agreement.SLIP
        if distance <= max(1, round(2 * _SLIPS_IN_NAME * len(ours)))
        else Agreement.DIFFERENT
    )


def same_text(a: str, b: str) -> bool:
    """Return whether two texts are equal but for case, spacing, punctuation and the placement of tone marks."""
    return _canonical(a) == _canonical(b)


def _canonical(text: str) -> str:
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())
    return " ".join(place_tone(word) for word in words)


def place_tone(word: str) -> str:
    """Return a lower-case word with the tone mark of a final oa, oe, uy on its first letter: hoà becomes hòa."""
    letters = unicodedata.normalize("NFD", word)
    tone = next((c for c in letters if c in _TONES), "")
    bare = "".join(c for c in letters if c not in _TONES)
    plain_end = bare[-2:] if len(bare) >= 2 else ""
    if not tone or plain_end not in _NUCLEI or bare[-3:] == "quy":
        return unicodedata.normalize("NFC", word)
    return unicodedata.normalize("NFC", bare[:-1] + tone + bare[-1])
