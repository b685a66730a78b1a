"""The alphabet of the recogniser: what a Vietnamese card can carry, in the order of the network's classes.

A CTC head can only write characters of its own dictionary, and the stock PaddleOCR dictionaries
lack between 88 and 123 of the 134 accented Vietnamese letters.
"""

import unicodedata
from collections.abc import Sequence

from pipeline.card.charset import ACCENTED_LETTERS

TONE_MARKS = ("\u0300", "\u0301", "\u0309", "\u0303", "\u0323")


def nfc(text: str) -> str:
    """Compose a text, so that every Vietnamese letter is one code point."""
    return unicodedata.normalize("NFC", text)


def words(text: str) -> tuple[str, ...]:
    """Cut a list written as one string at its blanks."""
    return tuple(nfc(text).split())


def phrases(text: str) -> tuple[str, ...]:
    """Cut a list written as one string at its bars; a phrase may hold blanks."""
    return tuple(nfc(text).split("|"))


PRINTABLE_ASCII = tuple(chr(code) for code in range(33, 127))

# CTC decoders of PaddleOCR and RapidOCR prepend the blank and append the space themselves.
CHARACTERS = (*PRINTABLE_ASCII, *ACCENTED_LETTERS)
BLANK = "<blank>"
CLASSES = (BLANK, *CHARACTERS, " ")
CLASS_OF = {character: index for index, character in enumerate(CLASSES)}


def without_tone(character: str) -> str:
    """Return the same letter without its tone mark; the hats of ă â ê ô ơ ư and đ stay."""
    parts = unicodedata.normalize("NFD", character)
    return nfc("".join(part for part in parts if part not in TONE_MARKS))


def encode(text: str) -> list[int]:
    """Return the class of every character.

    Raises:
        KeyError: the text holds a character that no class writes.
    """
    return [CLASS_OF[character] for character in text]


def decode(class_ids: Sequence[int], classes: Sequence[str] = CLASSES) -> str:
    """Read the best class of every time step as text: drop repeats, then blanks (greedy CTC)."""
    pairs = zip([0, *class_ids], class_ids, strict=False)
    return "".join(classes[now] for before, now in pairs if now not in (before, 0))
