"""Whether a recogniser can write Vietnamese: a CTC head only writes the characters of its own dictionary."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pipeline.errors import CharsetError

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")


def _accented_letters() -> tuple[str, ...]:
    composed = (unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES)
    lower = (*(letter for letter in composed if not letter.isascii()), "đ")
    return (*lower, *(letter.upper() for letter in lower))


#: The 67 accented letters of the Vietnamese alphabet in lower and in upper case.
ACCENTED_LETTERS = _accented_letters()


def missing_letters(characters: Iterable[str]) -> tuple[str, ...]:
    """Return the accented Vietnamese letters that a dictionary lacks, in alphabetical order."""
    known = frozenset(characters)
    return tuple(letter for letter in ACCENTED_LETTERS if letter not in known)


def require_vietnamese(characters: Iterable[str]) -> None:
    """Refuse a dictionary that would silently drop tone marks.

    Raises:
        CharsetError: at least one of the 134 letters is missing; the message names them.
    """
    missing = missing_letters(characters)
    if missing:
        raise CharsetError(
            f"the recogniser cannot write {len(missing)} of {len(ACCENTED_LETTERS)} "
            f"Vietnamese letters: {' '.join(missing)}"
        )
