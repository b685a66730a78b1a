"""The fonts that lines are drawn with: which exist, which may train, and which are held back by whole families."""

import functools
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

from pipeline.card.charset import ACCENTED_LETTERS
from training.lexicon import Part

FONT_DIR_VARIABLE = "EKYC_FONT_DIR"
_SYSTEM_FONT_DIR = Path("/usr/share/fonts")

# File name up to the first dash (lower case), so that "Roboto" does not catch "RobotoCondensed".
TEST_FAMILIES = (
    "roboto",
    "freesans",
    "freesansbold",
    "freesansoblique",
    "freesansboldoblique",
    "notoserif",
    "lato",
)
VALIDATION_FAMILIES = ("cantarell", "texgyreheros", "texgyreheroscn")
CARD_LIKE_FAMILIES = (
    "liberationsans",
    "arimo",
    "notosans",
    "opensans",
    "robotocondensed",
    "dejavusans",
    "dejavusanscondensed",
    "carlito",
    "inter",
)
# No card is printed in these; they would only teach noise.
_TOO_ODD = (
    "thin",
    "hairline",
    "extralight",
    "black",
    "heavy",
    "mathtex",
    "mono",
    "code",
    "chorus",
    "comfortaa",
    "ocr",
    "serifdisplay",
)
_MACHINE_FAMILIES = ("ocrb", "liberationmono", "dejavusansmono", "cousine")
# OCRBL is OCR-B of another weight: the only held-back machine font that Debian has.
_MACHINE_TEST_FAMILIES = ("ocrbl", "notosansmono")
_MACHINE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
_CARD_LIKE_SHARE = 0.7
_OCR_B_SHARE = 0.6
# Cards print numbers and names in bold or narrow cuts, where marks run together.
_HARD_CUT_SHARE = 0.3
_HARD_CUTS = ("bold", "condensed", "narrow")


class FontsMissing(Exception):
    """No usable font was found: name a folder with Vietnamese fonts in EKYC_FONT_DIR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FontShelf:
    """The font files of one part. Each group is a tuple of families, each family a tuple of files."""

    card_like: tuple[tuple[Path, ...], ...]
    other: tuple[tuple[Path, ...], ...]
    machine: tuple[tuple[Path, ...], ...]

    def pick(self, rng: random.Random) -> Path:
        """Draw a font for Vietnamese text, card-like families more often, every family equally likely."""
        group = self.card_like if rng.random() < _CARD_LIKE_SHARE else self.other
        family = rng.choice(group or self.card_like or self.other)
        cuts = [path for path in family if is_bold_or_narrow(path)]
        return rng.choice(cuts if cuts and rng.random() < _HARD_CUT_SHARE else family)

    def pick_machine(self, rng: random.Random) -> Path:
        """Draw a font for a machine-readable line: mostly OCR-B, now and then another monospaced one."""
        ocr_b = [family for family in self.machine if family_of(family[0]).startswith("ocrb")]
        group = ocr_b if ocr_b and rng.random() < _OCR_B_SHARE else list(self.machine)
        return rng.choice(rng.choice(group))


def font_folder(environment: Mapping[str, str]) -> Path:
    """The folder that EKYC_FONT_DIR names, else the system's."""
    return Path(environment.get(FONT_DIR_VARIABLE, _SYSTEM_FONT_DIR))


def family_of(path: Path) -> str:
    """The family of a font file, from its name: `LiberationSans-Bold.ttf` is `liberationsans`."""
    return path.stem.split("-")[0].lower()


def is_bold_or_narrow(path: Path) -> bool:
    """Whether a file is a bold or narrow cut of its family, by its name."""
    return any(cut in path.stem.lower() for cut in _HARD_CUTS)


@functools.cache
def load_shelf(folder: Path, part: Part) -> FontShelf:
    """Collect the fonts of one part.

    Raises:
        FontsMissing: not one usable font, or no font for machine-readable lines.
    """
    written = [path for path in _text_fonts(folder) if _part_of(family_of(path)) is part]
    card_like = _by_family([path for path in written if family_of(path) in CARD_LIKE_FAMILIES])
    other = _by_family([path for path in written if family_of(path) not in CARD_LIKE_FAMILIES])
    wanted = _MACHINE_TEST_FAMILIES if part is Part.TEST else _MACHINE_FAMILIES
    machine = [
        path
        for path in _font_files(folder)
        if family_of(path) in wanted and covers(path, _MACHINE_CHARACTERS)
    ]
    if not (card_like or other) or not machine:
        raise FontsMissing(
            f"{folder}: {len(written)} text and {len(machine)} machine fonts for {part}"
        )
    return FontShelf(card_like=card_like, other=other, machine=_by_family(machine))


def covers(path: Path, characters: str) -> bool:
    """Whether a font has a glyph for every character; without this check boxes get drawn silently."""
    try:
        with TTFont(path, lazy=True, fontNumber=0) as font:
            known = font.getBestCmap() or {}
    except (TTLibError, OSError):
        return False
    return all(ord(character) in known for character in characters)


@functools.cache
def _font_files(folder: Path) -> tuple[Path, ...]:
    return tuple(
        sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".ttf", ".otf"))
    )


@functools.cache
def _text_fonts(folder: Path) -> tuple[Path, ...]:
    plain = [
        path
        for path in _font_files(folder)
        if not any(odd in path.stem.lower() for odd in _TOO_ODD)
    ]
    return tuple(path for path in plain if covers(path, "".join(ACCENTED_LETTERS)))


def _part_of(family: str) -> Part:
    if family in TEST_FAMILIES:
        return Part.TEST
    return Part.VALIDATION if family in VALIDATION_FAMILIES else Part.TRAIN


def _by_family(paths: list[Path]) -> tuple[tuple[Path, ...], ...]:
    families: dict[str, list[Path]] = {}
    for path in paths:
        families.setdefault(family_of(path), []).append(path)
    return tuple(tuple(families[name]) for name in sorted(families))
