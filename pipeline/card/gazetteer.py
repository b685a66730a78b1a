"""All administrative units of Vietnam that cards name: three levels until July 2025, two since.

Units are looked up by their letters without case and marks, inside their parent. The data file is made by
training/gazetteer.py from packages whose licence allows it (NOTICE).
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pipeline.card.phrases import fold

DATA_FILE = Path(__file__).with_name("gazetteer.txt.gz")
#: Kinds of units as lists and cards write them, longest first, with their abbreviations.
KINDS: dict[str, tuple[str, ...]] = {
    "Thành phố": ("thanhpho", "tp"),
    "Thị trấn": ("thitran", "tt"),
    "Thị xã": ("thixa", "tx"),
    "Phường": ("phuong", "p"),
    "Huyện": ("huyen", "h"),
    "Quận": ("quan", "q"),
    "Tỉnh": ("tinh", "t"),
    "Đặc khu": ("dackhu",),
    "Xã": ("xa", "x"),
}
#: Names that cards shorten.
_SHORT = {"hochiminh": ("hcm",)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unit:
    """A unit by its bare name (`Hoằng Hóa`, `1`); `inside` holds its parts by `key_of` of their names."""

    name: str
    is_commune: bool = False
    inside: dict[str, list[Unit]] = field(default_factory=dict)


def key_of(name: str) -> str:
    """Return what a bare name is looked up by: folded letters; a number without leading zeros."""
    folded = fold(name)
    return folded.lstrip("0") or folded if folded.isdigit() else folded


def bare_name(name: str) -> str:
    """Return a listed name without its kind: `Thành phố Huế` becomes `Huế`, `Phường 9` becomes `9`."""
    kind = next((kind for kind in KINDS if name.startswith(f"{kind} ")), "")
    return name[len(kind) :].strip()


@lru_cache(maxsize=1)
def load_gazetteer() -> Unit:
    """Return the country: its `inside` are provinces of both schemes.

    A province whose name stayed holds districts and, of the two-level scheme, communes side by side.
    """
    country = Unit(name="Việt Nam")
    for line in gzip.decompress(DATA_FILE.read_bytes()).decode().splitlines():
        province, district, communes = line.split("\t")
        parent = _unit_in(country, province)
        if district:
            parent = _unit_in(parent, district)
        for commune in filter(None, communes.split(";")):
            _unit_in(parent, commune, is_commune=True)
    return country


def _unit_in(parent: Unit, listed: str, *, is_commune: bool = False) -> Unit:
    """The part of a unit with a listed name, added if it is new. Kinds differ over the years, names stay."""
    name = bare_name(listed)
    key = key_of(name)
    same = parent.inside.setdefault(key, [])
    known = (unit for unit in same if unit.name == name and unit.is_commune is is_commune)
    found = next(known, None)
    if found is None:
        found = Unit(name=name, is_commune=is_commune)
        same.append(found)
        for short in _SHORT.get(key, ()):
            parent.inside.setdefault(short, []).append(
                Unit(name=short.upper(), inside=found.inside)
            )
    return found
