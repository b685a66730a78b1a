"""Random text of the kinds that stand on both versions and both sides of a Vietnamese card."""

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from training.charset import nfc, phrases
from training.lexicon import Lexicon, Part, Place, places_of
from training.syllables import syllable

MAX_CHARACTERS = 60


class Role(StrEnum):
    """How a piece of a line is printed."""

    CAPTION = "caption"
    VALUE = "value"
    TITLE = "title"
    MACHINE = "machine"


class Kind(StrEnum):
    """What a line is; scores are given by kind."""

    NAME = "name"
    ADDRESS = "address"
    NUMBER = "number"
    DATE = "date"
    CAPTION = "caption"
    FIELD = "field"
    MRZ = "mrz"
    SYLLABLES_LOWER = "syllables_lower"
    SYLLABLES_TITLE = "syllables_title"
    SYLLABLES_UPPER = "syllables_upper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a line in one style."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line as a detector crops it; spans stand side by side."""

    kind: Kind
    spans: tuple[Span, ...]

    @property
    def truth(self) -> str:
        """What a reader should write: the spans with one space between them."""
        return " ".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSource:
    """A lexicon cut down to what one part may use."""

    lexicon: Lexicon
    places: tuple[Place, ...]


# The weights are shares of a hundred; the three kinds of random syllables hold 32.
TRAINING_MIX: dict[Kind, int] = {
    Kind.NAME: 13,
    Kind.ADDRESS: 16,
    Kind.NUMBER: 6,
    Kind.DATE: 5,
    Kind.CAPTION: 9,
    Kind.FIELD: 10,
    Kind.MRZ: 9,
    Kind.SYLLABLES_LOWER: 5,
    Kind.SYLLABLES_TITLE: 8,
    Kind.SYLLABLES_UPPER: 19,
}

_TITLES = phrases(
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM|SOCIALIST REPUBLIC OF VIET NAM|Độc lập - Tự do - Hạnh phúc|"
    "Independence - Freedom - Happiness|CĂN CƯỚC CÔNG DÂN|Citizen Identity Card|CĂN CƯỚC|IDENTITY CARD|"
    "CĂN CƯỚC CÔNG DÂN / Citizen Identity Card|CĂN CƯỚC / IDENTITY CARD|GIẤY CHỨNG MINH NHÂN DÂN|"
    "BỘ CÔNG AN|MINISTRY OF PUBLIC SECURITY|BỘ CÔNG AN / MINISTRY OF PUBLIC SECURITY|SPECIMEN|"
    "CỤC TRƯỞNG CỤC CẢNH SÁT|QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI|MẪU / SPECIMEN|"
    "DIRECTOR GENERAL OF THE POLICE DEPARTMENT|FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER"
)
_NUMBER_CAPTIONS = phrases(
    "Số / No.:|Số / No:|Số/No.:|Số:|Số định danh cá nhân / Personal identification number:"
)
_NAME_CAPTIONS = phrases(
    "Họ và tên / Full name:|Họ và tên:|Họ, chữ đệm và tên khai sinh / Full name:"
)
_DATE_CAPTIONS = phrases(
    "Ngày sinh / Date of birth:|Ngày, tháng, năm sinh / Date of birth:|Có giá trị đến:|Date of expiry:|"
    "Có giá trị đến / Date of expiry:|Ngày, tháng, năm / Date, month, year:|Ngày, tháng, năm sinh:|"
    "Ngày, tháng, năm cấp / Date of issue:|Ngày, tháng, năm hết hạn / Date of expiry:"
)
_PLACE_CAPTIONS = phrases(
    "Quê quán / Place of origin:|Nơi thường trú / Place of residence:|Nơi cư trú / Place of residence:|"
    "Nơi đăng ký khai sinh / Place of birth:|Quê quán:|Nơi thường trú:"
)
_OTHER_CAPTIONS = phrases(
    "Giới tính / Sex:|Quốc tịch / Nationality:|Đặc điểm nhân dạng / Personal identification:|Giới tính:|"
    "Đặc điểm nhận dạng / Personal identification:|Ngón trỏ trái|Left index finger|Ngón trỏ phải|"
    "Right index finger|Ngón trỏ trái / Left index finger|Ngón trỏ phải / Right index finger|Quốc tịch:"
)
_CAPTIONS = _NUMBER_CAPTIONS + _NAME_CAPTIONS + _DATE_CAPTIONS + _PLACE_CAPTIONS + _OTHER_CAPTIONS
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
_MACHINE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
_CONFUSABLE = "O0DQI1LS5B8Z2G6<"


def text_source(lexicon: Lexicon, part: Part) -> TextSource:
    """Cut a lexicon down to one part.

    Raises:
        ValueError: the lexicon has no place for this part.
    """
    places = places_of(lexicon, part)
    if not places:
        raise ValueError(f"the lexicon ({lexicon.source}) has no place for {part}")
    return TextSource(lexicon=lexicon, places=places)


def draw_line(source: TextSource, rng: random.Random) -> TextLine:
    """Draw a line of a random kind of the training mix."""
    kind = rng.choices(list(TRAINING_MIX), list(TRAINING_MIX.values()))[0]
    return draw_line_of(kind, source, rng)


def draw_line_of(kind: Kind, source: TextSource, rng: random.Random) -> TextLine:
    """Draw a line of one kind, at most MAX_CHARACTERS long."""
    while True:
        line = TextLine(kind=kind, spans=_MAKERS[kind](source, rng))
        if 0 < len(line.truth) <= MAX_CHARACTERS:
            return line


def full_name(source: TextSource, rng: random.Random) -> str:
    """A personal name in title case, two to five syllables."""
    lexicon = source.lexicon
    middles = [rng.choice(lexicon.middles) for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    return " ".join((rng.choice(lexicon.surnames), *middles, rng.choice(lexicon.givens)))


def date(rng: random.Random) -> str:
    """A date as printed, dd/mm/yyyy."""
    return f"{rng.randint(1, 31):02d}/{rng.randint(1, 12):02d}/{rng.randint(1930, 2049)}"


def id_number(rng: random.Random) -> str:
    """Twelve digits of which only the century digit is bound to be plausible."""
    return f"{rng.randint(0, 99):03d}{rng.randint(0, 3)}{rng.randint(0, 99_999_999):08d}"


def address(source: TextSource, rng: random.Random) -> str:
    """A whole address as printed, usually longer than a line."""
    units = rng.choice(source.places).units
    style = rng.random()
    parts = [_street_part(source, rng)] if rng.random() < 0.55 else []
    return ", ".join((*parts, *(_unit(unit, style) for unit in units)))


def _unit(unit: str, style: float) -> str:
    """Cards mostly print a unit without its prefix, unless only a number would be left."""
    prefix = next((prefix for prefix in _UNIT_PREFIXES if unit.startswith(prefix)), "")
    bare = unit.removeprefix(prefix)
    if style < 0.65 and not bare.isdigit():
        return bare
    return _SHORT_PREFIXES.get(prefix, prefix) + bare if style > 0.9 else unit


def _street_part(source: TextSource, rng: random.Random) -> str:
    place = _unit(rng.choice(source.places).units[0], 0.0)
    form = rng.choice(_STREET_FORMS)
    street = rng.choice(source.lexicon.streets)
    return form.format(n=rng.randint(1, 399), m=rng.randint(1, 99), S=street, P=place)


def _wrapped(text: str, rng: random.Random) -> str:
    """One line of a text that wraps: a run of whole words that fits the card."""
    words = text.split(" ")
    start = 0 if rng.random() < 0.5 else rng.randrange(len(words))
    width = rng.randint(14, 48)
    line = words[start]
    for word in words[start + 1 :]:
        if len(line) + 1 + len(word) > width:
            break
        line += " " + word
    return line


def _value(text: str) -> tuple[Span, ...]:
    return (Span(text=nfc(text), role=Role.VALUE),)


def _name_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    name = full_name(source, rng)
    return _value(name.upper() if rng.random() < 0.8 else name)


def _address_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    text = rng.choice(source.lexicon.marks) if rng.random() < 0.07 else address(source, rng)
    return _value(_wrapped(text, rng))


def _number_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    number = id_number(rng)
    return _value(number[:9] if rng.random() < 0.08 else number)


def _date_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    pick = rng.random()
    if pick < 0.06:
        return _value("Không thời hạn")
    if pick < 0.12:
        return _value(
            f"Ngày {rng.randint(1, 31):02d} tháng {rng.randint(1, 12):02d} năm {rng.randint(2016, 2026)}"
        )
    return _value(date(rng))


def _caption_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    if rng.random() < 0.45:
        return (Span(text=rng.choice(_TITLES), role=Role.TITLE),)
    return (Span(text=rng.choice(_CAPTIONS), role=Role.CAPTION),)


def _sex_and_nationality(rng: random.Random) -> tuple[Span, ...]:
    spans = (
        Span(text="Giới tính / Sex:", role=Role.CAPTION),
        Span(text=rng.choice(("Nam", "Nữ")), role=Role.VALUE),
        Span(text="Quốc tịch / Nationality:", role=Role.CAPTION),
        Span(text="Việt Nam", role=Role.VALUE),
    )
    return rng.choice((spans, spans[:2], spans[2:], spans[:3], spans[1:]))


def _field_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    """A caption and its value side by side, as the detector often joins them."""
    pick = rng.random()
    if pick < 0.2:
        return _sex_and_nationality(rng)
    if pick < 0.45:
        caption, value = rng.choice(_NUMBER_CAPTIONS), id_number(rng)
    elif pick < 0.6:
        caption, value = rng.choice(_NAME_CAPTIONS), full_name(source, rng).upper()
    elif pick < 0.8:
        caption, value = rng.choice(_DATE_CAPTIONS), _date_line(source, rng)[0].text
    else:
        caption, value = rng.choice(_PLACE_CAPTIONS), _wrapped(address(source, rng), rng)
    return (Span(text=caption, role=Role.CAPTION), Span(text=nfc(value), role=Role.VALUE))


def _mrz_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    """A line of the machine-readable zone (TD1, 30 characters), or machine characters at random."""
    makers = (_mrz_number, _mrz_dates, lambda part: _mrz_name(source, part), _machine_noise)
    text = rng.choice(makers)(rng)
    return (Span(text=text, role=Role.MACHINE),)


def _digits(count: int, rng: random.Random) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _mrz_number(rng: random.Random) -> str:
    return f"IDVNM{_digits(10, rng)}{_digits(12, rng)}<<{_digits(1, rng)}"


def _mrz_dates(rng: random.Random) -> str:
    return f"{_digits(7, rng)}{rng.choice('MF')}{_digits(7, rng)}VNM{'<' * 11}{_digits(1, rng)}"


def _mrz_name(source: TextSource, rng: random.Random) -> str:
    surname, *given = _without_marks(full_name(source, rng)).upper().replace("'", "").split(" ")
    return f"{surname}<<{'<'.join(given)}".ljust(30, "<")[:30]


def _without_marks(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(character for character in plain if not unicodedata.combining(character))


def _machine_noise(rng: random.Random) -> str:
    alphabet = rng.choice((_MACHINE_CHARACTERS, _CONFUSABLE))
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(8, 30)))


def _syllables(rng: random.Random) -> list[str]:
    return [syllable(rng) for _ in range(rng.randint(1, 6))]


def _joined(words: list[str], rng: random.Random) -> tuple[Span, ...]:
    return _value(rng.choice((" ", " ", " ", ", ", " - ")).join(words))


def _lower_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    return _joined([word.lower() for word in _syllables(rng)], rng)


def _title_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    return _joined([word[0].upper() + word[1:] for word in _syllables(rng)], rng)


def _upper_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    return _joined([word.upper() for word in _syllables(rng)], rng)


_MAKERS: dict[Kind, Callable[[TextSource, random.Random], tuple[Span, ...]]] = {
    Kind.NAME: _name_line,
    Kind.ADDRESS: _address_line,
    Kind.NUMBER: _number_line,
    Kind.DATE: _date_line,
    Kind.CAPTION: _caption_line,
    Kind.FIELD: _field_line,
    Kind.MRZ: _mrz_line,
    Kind.SYLLABLES_LOWER: _lower_line,
    Kind.SYLLABLES_TITLE: _title_line,
    Kind.SYLLABLES_UPPER: _upper_line,
}
