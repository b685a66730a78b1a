"""Values as they are printed, turned into one form: digits repaired, dates ISO, text NFC."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from pipeline.card.phrases import fold, fold_with_index
from pipeline.findings import NO_EXPIRY

#: Letters that recognisers write for digits. Applied inside numbers and dates only.
_DIGIT_OF = str.maketrans(
    {
        **dict.fromkeys("OoDQU", "0"),
        **dict.fromkeys("IilL|!", "1"),
        **dict.fromkeys("Zz", "2"),
        **dict.fromkeys("Ss", "5"),
        **dict.fromkeys("Gb", "6"),
        **dict.fromkeys("gq", "9"),
        "B": "8",
    }
)
_NUMBERS = {length: re.compile(rf"(?<!\d)\d{{{length}}}(?!\d)") for length in (12, 9)}
_DATE = re.compile(r"(?<!\d)(\d{2})[/.\-]?(\d{2})[/.\-]?(\d{4})(?!\d)")
#: `Ngày 15 tháng 08 năm 2021`, the words misread or not.
_DATE_IN_WORDS = re.compile(r"(?<!\d)(\d{1,2})[^\W\d]{4,6}(\d{1,2})[^\W\d]{2,4}(\d{4})(?!\d)")
_WRITTEN_DATE = re.compile(r"(?<!\d)\d{2}\s?[/.\-]\s?\d{2}\s?[/.\-]\s?\d{4}(?!\d)")
#: A Roman number (`Phường VII`) whose I was taken for an l; no Vietnamese word is made of these letters.
_ROMAN = re.compile(r"\b(?=[IVXl]*[VX])[IVXl]{2,}\b")
_ENDS = " ,.;:/-"
#: A capital read with less is doubtful; of the three that validation cards had wrong none had more than 0.88.
_SURE_CAPITAL = 0.95
#: With fewer true digits a match would be made of letters.
_LEAST_DIGITS_OF_A_DATE, _LEAST_DIGITS_OF_A_NUMBER = 5, 7


_WORD = re.compile(r"\w+")
#: The words of nearly all descriptions of marks; no two of them differ by a dot below alone.
_MARK_WORDS = (
    "Không", "có", "Nốt", "ruồi", "Sẹo", "chấm", "trên", "dưới", "trước", "sau", "trái", "phải", "lông", "mày", "cánh",
    "mũi", "mép", "miệng", "đuôi", "đầu", "cách", "trán", "cằm", "bên", "vành",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A normalised value and the probability of each character it was made from."""

    text: str
    scores: tuple[float, ...]


def nfc(text: str) -> str:
    """Return a text composed, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def repair_digits(text: str) -> str:
    """Return a text with the letters that look like digits replaced, character by character."""
    return text.translate(_DIGIT_OF)


def parse_date(text: str) -> date | None:
    """Return the date of a text `dd/mm/yyyy`, also with dots, dashes or lost separators."""
    found = _DATE.search(text)
    return make_date(*(int(part) for part in reversed(found.groups()))) if found else None


def make_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None if there is no such day between 1900 and 2199."""
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if 1900 <= year < 2200 else None


def find_date(text: str, scores: Sequence[float]) -> Value | None:
    """Return the first printed date of a text, ISO, after repairing digits."""
    packed, kept = _without_spaces(text, scores)
    if sum(c.isdigit() for c in packed) < _LEAST_DIGITS_OF_A_DATE:
        return None
    for found in (*_DATE.finditer(repair_digits(packed)), *_DATE_IN_WORDS.finditer(packed)):
        day = make_date(*(int(part) for part in reversed(found.groups())))
        if day:
            return Value(text=day.isoformat(), scores=kept[found.start() : found.end()])
    return None


def expiry_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where dates with separators, or the words for no expiry, stand in a text, as (start, stop)."""
    dates = tuple(found.span() for found in _WRITTEN_DATE.finditer(text))
    folded, index = fold_with_index(text)
    place = fuzz.partial_ratio_alignment(fold(NO_EXPIRY), folded, score_cutoff=90)
    if place is None or len(folded) < len(fold(NO_EXPIRY)):
        return dates
    return (*dates, (index[place.dest_start], index[place.dest_end - 1] + 1))


def find_expiry(text: str, scores: Sequence[float]) -> Value | None:
    """Return the printed date of expiry: ISO, or the words for a card that never expires."""
    folded = fold(text)
    words = fold(NO_EXPIRY)
    if len(folded) >= 0.8 * len(words) and fuzz.partial_ratio(words, folded) >= 85:
        return Value(text=NO_EXPIRY, scores=tuple(scores))
    return find_date(text, scores)


def find_date_in_words(text: str, scores: Sequence[float]) -> Value | None:
    """Return the date of a text `Ngày 15 tháng 08 năm 2021`, ISO: these words label themselves."""
    packed, _ = _without_spaces(text, scores)
    return find_date(text, scores) if _DATE_IN_WORDS.search(packed) else None


def find_id_number(
    text: str, scores: Sequence[float], lengths: Sequence[int] = (12, 9)
) -> Value | None:
    """Return the number of a text after repairing digits.

    Args:
        text: as read.
        scores: one probability per character.
        lengths: how many digits it may have, in order of preference: 12, or the 9 of an old identity card.
    """
    packed, kept = _without_spaces(text, scores)
    if sum(c.isdigit() for c in packed) < _LEAST_DIGITS_OF_A_NUMBER:
        return None
    patterns = [_NUMBERS[length] for length in lengths]
    tries = ((pattern, form) for pattern in patterns for form in (packed, repair_digits(packed)))
    found = next((match for pattern, form in tries if (match := pattern.search(form))), None)
    if found is None:
        return None
    return Value(text=found.group(), scores=kept[found.start() : found.end()])


def _without_spaces(text: str, scores: Sequence[float]) -> tuple[str, tuple[float, ...]]:
    kept = [(c, s) for c, s in zip(text, scores, strict=True) if not c.isspace()]
    return "".join(c for c, _ in kept), tuple(s for _, s in kept)


def find_sex(text: str, scores: Sequence[float]) -> Value | None:
    """Return `Nam` or `Nữ`; a value of another length is not a sex."""
    folded = fold(text)
    if folded in ("nam", "nu"):
        return Value(text="Nam" if folded == "nam" else "Nữ", scores=tuple(scores))
    return None


def find_nationality(text: str, scores: Sequence[float]) -> Value | None:
    """Return the nationality; near spellings of `Việt Nam` become that."""
    near = fuzz.ratio(fold(text), "vietnam") >= 80
    return Value(text="Việt Nam" if near else nfc(text), scores=tuple(scores)) if text else None


def find_name(text: str, scores: Sequence[float]) -> Value | None:
    """Return a name in capitals, as cards print it: letters, single spaces, and an apostrophe inside a word (H'HEN)."""
    pairs = list(zip(text.replace("’", "'"), scores, strict=True))
    kept = [
        (c, s)
        for i, (c, s) in enumerate(pairs)
        if c.isalpha() or c.isspace() or (c == "'" and _is_inside_word(text, i))
    ]
    name = nfc("".join(c for c, _ in kept)).upper()
    return Value(text=name, scores=tuple(s for _, s in kept)) if len(name) >= 2 else None


def is_name_part(text: str) -> bool:
    """Return whether a text can be part of a name: capitals, some of them taken for small letters, and no digits."""
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return bool(letters) and capitals >= 0.6 * len(letters) and not any(c.isdigit() for c in text)


def _is_inside_word(text: str, i: int) -> bool:
    return 0 < i < len(text) - 1 and text[i - 1].isalpha() and text[i + 1].isalpha()


def find_text(text: str, scores: Sequence[float]) -> Value | None:
    """Return running text, such as a description. One score per character of the tidied text."""
    return _without_ends(_spaced_dashes(_tidied(text, scores)))


def find_place(text: str, scores: Sequence[float]) -> Value | None:
    """Return an address or a place; blanks beside its dashes are left to who knows the units (addresses.py)."""
    return _without_ends(
        _tidied(_ROMAN.sub(lambda found: found[0].replace("l", "I"), text), scores)
    )


def _tidied(text: str, scores: Sequence[float]) -> list[tuple[str, float]]:
    kept: list[tuple[str, float]] = []
    for i, (c, score) in enumerate(zip(text, scores, strict=True)):
        if c.isspace():
            inside = kept and kept[-1][0] in " '"  # Ea H'leo is one word
            kept += [] if inside or not kept else [(" ", 1.0)]
        elif c == "," and not (text[i - 1 : i].isdigit() and text[i + 1 : i + 2].isdigit()):
            while kept and kept[-1][0] in " ,":  # 1,5 cm keeps its comma, `Huế ,, ` only one
                kept.pop()
            kept += [(",", score), (" ", 1.0)]
        else:
            kept.append((c, score))
    return kept


def _without_ends(kept: Sequence[tuple[str, float]]) -> Value | None:
    start, stop = 0, len(kept)
    while start < stop and kept[start][0] in _ENDS:
        start += 1
    while start < stop and kept[stop - 1][0] in _ENDS:
        stop -= 1
    tidy = "".join(c for c, _ in kept[start:stop])
    if sum(c.isalpha() for c in tidy) < 2:
        return None
    return Value(text=tidy, scores=tuple(score for _, score in kept[start:stop]))


def find_marks(text: str, scores: Sequence[float]) -> Value | None:
    """Return a description of marks; a doubtful capital inside it is a small letter: `c` and `l` look like theirs."""
    found = find_text(text, scores)
    if found is None:
        return None
    letters = list(_without_stray_dots(found.text))
    for i in range(1, len(letters) - 1):
        begins_word = letters[i - 1] == " " and letters[i + 1].islower()
        if begins_word and letters[i].isupper() and found.scores[i] < _SURE_CAPITAL:
            letters[i] = letters[i].lower()
    return Value(text="".join(letters), scores=found.scores)


def _without_stray_dots(text: str) -> str:
    """A description whose common words have the dots below that they are spelt with: rules add dots, crops cut them."""
    return _WORD.sub(lambda found: _SPELT.get(_undotted(found[0]), found[0]), text)


def _undotted(word: str) -> str:
    plain = unicodedata.normalize("NFD", word).replace("\u0323", "")
    return unicodedata.normalize("NFC", plain)


_SPELT = {_undotted(word): word for word in _MARK_WORDS}


def _spaced_dashes(pairs: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Give a dash that has a blank on one side one on the other, too: `Bà Rịa -Vũng Tàu`."""
    spaced: list[tuple[str, float]] = []
    for i, (c, score) in enumerate(pairs):
        before, after = (
            (pairs[i - 1][0] if i else ""),
            (pairs[i + 1][0] if i + 1 < len(pairs) else ""),
        )
        if c == "-" and before.isalpha() and after == " ":
            spaced += [(" ", 1.0), (c, score)]
        elif c == "-" and before == " " and after.isalpha():
            spaced += [(c, score), (" ", 1.0)]
        else:
            spaced.append((c, score))
    return spaced
