from __future__ import annotations

import unicodedata

import pytest
from fontTools.ttLib import TTFont

from specimen import lexicon
from specimen.canvas import BOLD, FONTS, OCR_B, REGULAR, Canvas, GlyphMissing
from specimen.ground import card_ground
from specimen.layout import LAYOUTS, Side
from specimen.people import CardVersion

_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
LETTERS = {unicodedata.normalize("NFC", v + t) for v in _VOWELS for t in _TONES} | {"đ"}


def _glyphs(name: str) -> set[str]:
    with TTFont(FONTS / name) as font:
        return {chr(code) for code in font.getBestCmap()}


@pytest.mark.parametrize("name", [REGULAR, BOLD])
def test_every_vietnamese_letter_has_a_glyph(name: str) -> None:
    needed = LETTERS | {letter.upper() for letter in LETTERS}
    assert len({c for c in needed if not c.isascii()}) == 134
    assert needed <= _glyphs(name)


@pytest.mark.parametrize("name", [REGULAR, BOLD])
def test_everything_that_can_be_printed_has_a_glyph(name: str) -> None:
    captions = {
        c for layout in LAYOUTS.values() for caption in layout.captions for c in caption.text
    }
    words = "".join(
        (
            *lexicon.SURNAMES,
            *lexicon.MIDDLE_NAMES_FEMALE,
            *lexicon.MIDDLE_NAMES_MALE,
            *lexicon.GIVEN_NAMES_FEMALE,
            *lexicon.GIVEN_NAMES_MALE,
            *lexicon.HAMLETS,
            *lexicon.STREETS,
            *lexicon.MARKS,
            *(p.name for p in lexicon.PROVINCES),
            *(c for p in lexicon.PROVINCES for c in p.communes),
        )
    )
    assert captions | set(words) | set(words.upper()) | set("0123456789/") <= _glyphs(name)


def test_mrz_font_has_the_mrz_alphabet() -> None:
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<") <= _glyphs(OCR_B)


def test_fonts_come_with_their_licences() -> None:
    assert "SIL OPEN FONT LICENSE" in (FONTS / "LICENSE-LiberationSans.txt").read_text()
    assert "freely use" in (FONTS / "LICENSE-OCRB.txt").read_text()


def test_a_font_without_the_letter_is_refused_instead_of_drawing_a_box() -> None:
    canvas = Canvas(card_ground(CardVersion.CHIP_2021, Side.FRONT, 400))
    with pytest.raises(GlyphMissing, match="no glyph for ễ"):
        canvas.text("caption", "Nguyễn", (5, 5), (OCR_B, 2.0), (0, 0, 0))
    assert canvas.lines == []
