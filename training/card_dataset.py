"""Writes a data set of photographed SPECIMEN cards in held-back fonts and places.

    python -m training.card_dataset OUT --part validation --cards 60 --seed 11

Part `validation` is what one looks at and tunes on; part `test` is scored once, at the end, and never looked at. The
families are those that `training.fonts` holds back for the part, the wards those of `training.lexicon`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from pipeline.card.charset import ACCENTED_LETTERS
from pipeline.card.provinces import PROVINCES
from specimen.canvas import OCR_B
from specimen.dataset import write_dataset
from specimen.dice import pick
from specimen.lexicon import Province, Words
from specimen.oddities import draw_oddity
from specimen.samples import Source, draw_entry
from specimen.style import Faces
from training.fonts import FontsMissing, covers, family_of, font_folder
from training.lexicon import Lexicon, Part, Place, load_lexicon, places_of

#: Debian keeps TeX Gyre apart from all other fonts.
_TEX_FONTS = Path("/usr/share/texmf/fonts/opentype")
_CHARACTERS = "".join(ACCENTED_LETTERS) + "0123456789/,.:;-()'"
#: Regular and bold file of each upright face, without their endings.
Pair = tuple[str, str]
_SANS: Mapping[Part, tuple[Pair, ...]] = {
    Part.TRAIN: (
        ("LiberationSans-Regular", "LiberationSans-Bold"),
        ("NotoSans-Regular", "NotoSans-Bold"),
        ("OpenSans-Regular", "OpenSans-Bold"),
        ("RobotoCondensed-Regular", "RobotoCondensed-Bold"),
        ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"),
        ("Carlito-Regular", "Carlito-Bold"),
        ("Inter-Regular", "Inter-Bold"),
    ),
    Part.VALIDATION: (
        ("texgyreheros-regular", "texgyreheros-bold"),
        ("texgyreheroscn-regular", "texgyreheroscn-bold"),
        ("Cantarell-Regular", "Cantarell-Bold"),
    ),
    Part.TEST: (
        ("Roboto-Regular", "Roboto-Bold"),
        ("Roboto-Regular", "Roboto-Medium"),
        ("FreeSans", "FreeSansBold"),
        ("Lato-Regular", "Lato-Bold"),
    ),
}
_SERIF: Mapping[Part, tuple[Pair, ...]] = {
    Part.TRAIN: (("LiberationSerif-Regular", "LiberationSerif-Bold"),),
    Part.VALIDATION: (),
    Part.TEST: (("NotoSerif-Regular", "NotoSerif-Bold"),),
}
_MACHINE: Mapping[Part, tuple[str, ...]] = {
    Part.TRAIN: (),
    Part.VALIDATION: (),
    Part.TEST: ("OCRBL",),
}
#: Cards whose captions and values are all sans, and cards with captions in another family than the values.
_SANS_SHARE, _TWO_FAMILIES_SHARE = 0.85, 0.3
# Decides which cards are valid; fixed, so that a seed always draws the same cards.
_TODAY = date(2026, 11, 23)
#: Provinces whose present name is not that of any code.
_RENAMED = {"Huế": "Thừa Thiên Huế"}
_STARTS = 3000
_START_FORMS = (
    *("Số {n} {S}", "Số nhà {n}", "{n}/{m} {S}", "{n} Đường {S}", "Tổ {n}", "Tổ dân phố {n}"),
    *("Khu phố {n}", "Khóm {n}", "Xóm {n}", "Ấp {n}", "Thôn {n}", "Thôn {P}", "Ấp {P}", "Bản {P}"),
    *("Tổ {n}, Khu phố {m}", "{n}A/{m} {S}", "CH {n}, Chung cư {P}", "{n} Ngõ {m} {S}"),
)
_PREFIXES = ("Thành phố ", "Tỉnh ", "Thị xã ", "Thị trấn ", "Quận ", "Huyện ", "Phường ", "Xã ")
Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePool:
    """Font files of one part."""

    sans: tuple[tuple[Path, Path], ...]
    serif: tuple[tuple[Path, Path], ...]
    machine: tuple[Path, ...]

    def draw(self, rng: Rng) -> Faces:
        """Draw the fonts of one card."""
        serif = self.serif and rng.random() > _SANS_SHARE
        regular, bold = pick(rng, self.serif if serif else self.sans)
        two = not serif and rng.random() < _TWO_FAMILIES_SHARE
        caption, caption_bold = pick(rng, self.sans) if two else (regular, bold)
        machine = pick(rng, self.machine) if self.machine and rng.random() < 0.5 else OCR_B
        return Faces(
            regular=str(regular),
            bold=str(bold),
            caption=str(caption),
            caption_bold=str(caption_bold),
            machine=str(machine),
        )

    def families(self) -> tuple[str, ...]:
        """Names of all families, for the record."""
        files = [path for pair in (*self.sans, *self.serif) for path in pair]
        return tuple(dict.fromkeys(family_of(path) for path in (*files, *self.machine)))


def load_faces(part: Part, folders: Iterable[Path]) -> FacePool:
    """Find the font files of a part.

    Args:
        part: decides the families.
        folders: where to look, with all folders inside.

    Raises:
        FontsMissing: a file is not there, or lacks a Vietnamese letter.
    """
    known = {
        path.stem: path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (".ttf", ".otf")
    }

    def find(stem: str, characters: str) -> Path:
        if stem not in known or not covers(known[stem], characters):
            raise FontsMissing(f"{stem}: not found, or a letter is missing in it")
        return known[stem]

    def pairs(wanted: tuple[Pair, ...]) -> tuple[tuple[Path, Path], ...]:
        return tuple((find(a, _CHARACTERS), find(b, _CHARACTERS)) for a, b in wanted)

    return FacePool(
        sans=pairs(_SANS[part]),
        serif=pairs(_SERIF[part]),
        machine=tuple(find(stem, "ABCXYZ0123456789<") for stem in _MACHINE[part]),
    )


def words_of(lexicon: Lexicon, part: Part, rng: Rng) -> Words:
    """Names of the lexicon, and the wards of a part in the spellings that cards print.

    Args:
        lexicon: where all comes from.
        part: decides the wards.
        rng: draws the beginnings of addresses.
    """
    places = places_of(lexicon, part)
    wards = tuple(_short(place.units[0]) for place in places)
    return Words(
        surnames=lexicon.surnames,
        middles_female=lexicon.middles,
        middles_male=tuple(word for word in lexicon.middles if not word.startswith("Thị")),
        givens_female=lexicon.givens,
        givens_male=lexicon.givens,
        starts=tuple(_start(rng, lexicon.streets, wards) for _ in range(_STARTS)),
        marks=lexicon.marks,
        provinces=_provinces(place for place in places if len(place.units) == 3),
        merged_provinces=_provinces(place for place in places if len(place.units) == 2),
    )


def _start(rng: Rng, streets: tuple[str, ...], wards: tuple[str, ...]) -> str:
    n, m = (int(x) for x in rng.integers(1, 200, 2))
    return pick(rng, _START_FORMS).format(n=n, m=m, S=pick(rng, streets), P=pick(rng, wards))


def _provinces(places: Iterable[Place]) -> tuple[Province, ...]:
    """Every province three times: all prefixes printed, none, and that of the ward alone."""
    spellings: tuple[tuple[Callable[[str], str], Callable[[str], str]], ...] = (
        (_as_is, _as_is),
        (_short, _short),
        (_as_is, _short),
    )
    grouped: dict[str, list[Place]] = {}
    for place in places:
        grouped.setdefault(place.units[-1], []).append(place)
    return tuple(
        Province(
            code=_code(name),
            name=higher(name),
            communes=tuple(
                ", ".join((ward(p.units[0]), *(higher(unit) for unit in p.units[1:-1])))
                for p in members
            ),
        )
        for name, members in sorted(grouped.items())
        for ward, higher in spellings
    )


def _as_is(unit: str) -> str:
    return unit


def _short(unit: str) -> str:
    """A unit without its kind; numbered ones keep it."""
    for prefix in _PREFIXES:
        rest = unit.removeprefix(prefix)
        if rest != unit and not rest[0].isdigit():
            return rest
    return unit


def _code(province: str) -> str:
    """The first three digits of numbers issued in a province, whichever way its tone mark is placed."""
    plain = _short(province)
    wanted = _RENAMED.get(plain, plain)
    for code, name in PROVINCES.items():
        if sorted(name.casefold()) == sorted(wanted.casefold()) or _bare(name) == _bare(wanted):
            return code
    raise KeyError(f"no code is known for {province}")


def _bare(name: str) -> str:
    """A name without the place of its tone: `Hoà` and `Hòa` are one."""
    pairs = (("oà", "òa"), ("oá", "óa"), ("oả", "ỏa"), ("uý", "úy"), ("uỳ", "ùy"), (" - ", "-"))
    for new, old in pairs:
        name = name.replace(new, old)
    return name.casefold()


def main(
    out: Annotated[Path, typer.Argument(help="Folder for the data set.")],
    part: Annotated[Part, typer.Option(help="Whose fonts and wards.")] = Part.VALIDATION,
    cards: Annotated[int, typer.Option(min=1)] = 60,
    seed: Annotated[int, typer.Option(min=0)] = 11,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that draw.")] = 1,
    odd: Annotated[bool, typer.Option("--odd", help="Mistakes and frauds instead.")] = False,  # noqa: FBT002
) -> None:
    """Write a data set in held-back fonts and places."""
    cv2.setNumThreads(1)
    faces = load_faces(part, (font_folder(os.environ), _TEX_FONTS))
    lexicon = load_lexicon(os.environ)
    source = Source(
        part=str(part),
        words=words_of(lexicon, part, np.random.default_rng(seed)),
        faces=faces.draw,
        fonts=faces.families(),
        today=_TODAY,
    )
    make = draw_oddity if odd else draw_entry
    command = (
        f"python -m training.card_dataset OUT --part {part} --cards {cards} --seed {seed}"
        f"{' --odd' if odd else ''}"
    )
    entries = write_dataset(
        out, make, cards=cards, seed=seed, source=source, command=command, jobs=jobs
    )
    for _ in track(entries, total=cards, description="cards"):
        pass
    Console().print(f"{cards} cards in {out}, names and places from {lexicon.source}")


if __name__ == "__main__":
    typer.run(main)
