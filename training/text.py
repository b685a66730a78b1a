"""Random text of the kinds that stand on both versions and both sides of a Vietnamese card."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from training import captions
from training.addresses import address, printed_unit
from training.charset import nfc
from training.lexicon import Lexicon, Part, Place, places_of
from training.machine import machine_line
from training.syllables import other_tone_placement, syllable

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
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a line in one style."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line as a detector crops it; spans stand side by side. No span: nothing to read."""

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


# The weights are shares of a hundred; the three kinds of random syllables hold 34.
TRAINING_MIX: dict[Kind, int] = {
    Kind.NAME: 13,
    Kind.ADDRESS: 14,
    Kind.NUMBER: 5,
    Kind.DATE: 5,
    Kind.CAPTION: 8,
    Kind.FIELD: 9,
    Kind.MRZ: 9,
    Kind.SYLLABLES_LOWER: 5,
    Kind.SYLLABLES_TITLE: 8,
    Kind.SYLLABLES_UPPER: 21,
    Kind.EMPTY: 3,
}

# Of the lines of a wrapped address, those cut where a unit's name ends.
_COMMA_END_SHARE = 0.3
# Both `Hòa` and `Hoà` are printed; the lexicon spells each name one way.
_OTHER_PLACEMENT_SHARE = 0.25


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
        spans = _MAKERS[kind](source, rng)
        if rng.random() < _OTHER_PLACEMENT_SHARE:
            spans = tuple(replace(span, text=other_tone_placement(span.text)) for span in spans)
        line = TextLine(kind=kind, spans=spans)
        if len(line.truth) <= MAX_CHARACTERS:
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
    ends_at_comma = "," in line and rng.random() < _COMMA_END_SHARE
    return line[: line.rindex(",") + 1] if ends_at_comma else line


def _value(text: str) -> tuple[Span, ...]:
    return (Span(text=nfc(text), role=Role.VALUE),)


def _name_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    name = full_name(source, rng)
    return _value(name.upper() if rng.random() < 0.8 else name)


def _address_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    text = rng.choice(source.lexicon.marks) if rng.random() < 0.07 else _address(source, rng)
    return _value(_wrapped(text, rng))


def _address(source: TextSource, rng: random.Random) -> str:
    return address(source.places, source.lexicon.streets, rng)


def _number_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    number = id_number(rng)
    return _value(number[:9] if rng.random() < 0.12 else number)


def _date_line(_: TextSource, rng: random.Random) -> tuple[Span, ...]:
    pick = rng.random()
    if pick < 0.08:
        return _value(rng.choice(("Không thời hạn", "Không thời hạn", "KHÔNG THỜI HẠN")))
    if pick < 0.2:
        day, month = f"{rng.randint(1, 31):02d}", f"{rng.randint(1, 12):02d}"
        word = rng.choice(("Ngày", "Ngày", "ngày"))
        return _value(f"{word} {day} tháng {month} năm {rng.randint(1999, 2026)}")
    text = date(rng)
    return _value(text if pick < 0.9 else text.replace("/", rng.choice("-.")))


def _caption_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    if rng.random() < 0.4:
        return (Span(text=captions.title(_provinces(source.places), rng), role=Role.TITLE),)
    return (Span(text=captions.caption(rng), role=Role.CAPTION),)


def _provinces(places: tuple[Place, ...]) -> tuple[str, ...]:
    """The province of one place in fifty, without its prefix."""
    return tuple(printed_unit(place.units[-1]) for place in places[::50])


def _two_fields(
    pairs: tuple[tuple[str, str], tuple[str, str]], rng: random.Random
) -> tuple[Span, ...]:
    """Two short fields that share a printed line, whole or cut by the detector."""
    roles = (Role.CAPTION, Role.VALUE)
    texts = [text for pair in pairs for text in pair]
    spans = tuple(Span(text=text, role=roles[index % 2]) for index, text in enumerate(texts))
    return rng.choice((spans, spans[:2], spans[2:], spans[:3], spans[1:]))


def _sex_and_nationality(rng: random.Random) -> tuple[Span, ...]:
    sex = captions.caption(rng, captions.SEX_CAPTIONS), rng.choice(("Nam", "Nữ"))
    nationality = captions.caption(rng, captions.NATIONALITY_CAPTIONS), "Việt Nam"
    return _two_fields((sex, nationality), rng)


def _people_and_religion(rng: random.Random) -> tuple[Span, ...]:
    people = rng.choice(("Dân tộc:", "Dân tộc")), rng.choice(captions.PEOPLES)
    religion = rng.choice(("Tôn giáo:", "Tôn giáo")), rng.choice(captions.RELIGIONS)
    return _two_fields((people, religion), rng)


def _field_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    """A caption and its value side by side, as the detector often joins them."""
    pick = rng.random()
    if pick < 0.16:
        return _sex_and_nationality(rng)
    if pick < 0.22:
        return _people_and_religion(rng)
    if pick < 0.45:
        among, value = captions.NUMBER_CAPTIONS, _number_line(source, rng)[0].text
    elif pick < 0.6:
        among, value = captions.NAME_CAPTIONS, full_name(source, rng).upper()
    elif pick < 0.78:
        among, value = captions.DATE_CAPTIONS, _date_line(source, rng)[0].text
    elif pick < 0.83:
        among, value = captions.MARK_CAPTIONS, _wrapped(rng.choice(source.lexicon.marks), rng)
    else:
        among, value = captions.PLACE_CAPTIONS, _wrapped(_address(source, rng), rng)
    caption = Span(text=captions.caption(rng, among), role=Role.CAPTION)
    return (caption, Span(text=nfc(value), role=Role.VALUE))


def _mrz_line(source: TextSource, rng: random.Random) -> tuple[Span, ...]:
    text = machine_line(lambda: full_name(source, rng), rng)
    return (Span(text=text, role=Role.MACHINE),)


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


def _empty_line(_: TextSource, __: random.Random) -> tuple[Span, ...]:
    return ()


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
    Kind.EMPTY: _empty_line,
}
