"""Random addresses in the forms that cards print: house, hamlet or street, then the administrative units."""

import random

from training.charset import phrases
from training.lexicon import Place

_STREET_FORMS = phrases(
    "Số {n} {S}|Số nhà {n}|{n}/{m} {S}|{n} Ngõ {m} Phố {S}|{n}/{m} Hẻm {S}|{n} Đường {S}|Tổ {n}|Tổ dân phố {n}|"
    "Khu phố {n}|Khóm {n}|Xóm {n}|Ấp {n}|Thôn {n}|Thôn {P}|Ấp {P}|Bản {P}|Buôn {P}|Khu {n}|Tổ {n}, Khu phố {m}|"
    "{n}A/{m} {S}|CH {n}, Chung cư {P}"
)
_UNIT_PREFIXES = (
    "Thành phố ",
    "Tỉnh ",
    "Thị xã ",
    "Thị trấn ",
    "Quận ",
    "Huyện ",
    "Phường ",
    "Xã ",
    "Đặc khu ",
)
_SHORT_PREFIXES = {
    "Thành phố ": "TP. ",
    "Thị xã ": "TX. ",
    "Thị trấn ": "TT. ",
    "Phường ": "P. ",
    "Quận ": "Q. ",
}


def address(places: tuple[Place, ...], streets: tuple[str, ...], rng: random.Random) -> str:
    """A whole address as printed, usually longer than a line."""
    units = rng.choice(places).units
    style = rng.random()
    parts = [_street_part(places, streets, rng)] if rng.random() < 0.55 else []
    return ", ".join((*parts, *(printed_unit(unit, style) for unit in units)))


def printed_unit(unit: str, style: float = 0.0) -> str:
    """A unit as cards print it: mostly without its prefix, unless only a number would be left."""
    prefix = next((prefix for prefix in _UNIT_PREFIXES if unit.startswith(prefix)), "")
    bare = unit.removeprefix(prefix)
    if style < 0.65 and not bare.isdigit():
        return bare
    return _SHORT_PREFIXES.get(prefix, prefix) + bare if style > 0.9 else unit


def _street_part(places: tuple[Place, ...], streets: tuple[str, ...], rng: random.Random) -> str:
    place = printed_unit(rng.choice(places).units[0])
    form = rng.choice(_STREET_FORMS)
    street = rng.choice(streets)
    return form.format(n=rng.randint(1, 399), m=rng.randint(1, 99), S=street, P=place)
