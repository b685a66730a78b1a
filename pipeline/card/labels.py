"""Labels and other fixed words inside a line of text, found although it was misread a little."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipeline.card.phrases import (
    BOILERPLATE,
    BOILERPLATE_LINES,
    LABELS,
    LEADING_LABELS,
    MARK_LINES,
    MARK_WORD,
    POLICE_DEPARTMENT,
    fold,
    fold_with_index,
    least_ratio,
)
from pipeline.card.provinces import PROVINCES
from pipeline.findings import FieldName

#: A phrase of fewer letters also turns up inside other words, so it must begin and end where a word does.
_ANYWHERE = 12
_MARK_RATIO, _ISSUER_RATIO = 85.0, 90.0
#: With fewer digits a number is a house's.
_LEAST_DIGITS = 8
#: The start of TD1 lines, and what their fillers are read as.
_MRZ = re.compile(r"<.*<|^[A-Z0-9]{28,}$|IDVNM")
#: " / " and words without Vietnamese letters up to a colon or the end: a label's English wording that we do not know.
_TRANSLATION = re.compile(r"\s*/\s*[A-Za-z][A-Za-z ,.()]{2,}(?::|$)|[a-z ,.()]{1,25}:")
#: A date in words resembles the label `Ngày, tháng, năm`.
_DATE_IN_WORDS = re.compile(r"\d{1,2}\s*t\w{3,5}\s*\d{1,2}\s*n\w{1,3}\s*\d{4}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSpan:
    """A label inside a text: characters `start` to `stop`. `field` is None for fixed text that labels nothing."""

    field: FieldName | None
    start: int
    stop: int
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    field: FieldName | None
    folded: str


_SEARCHED = (
    *(_Pattern(field=f, folded=fold(text)) for f, texts in LABELS.items() for text in texts),
    *(_Pattern(field=None, folded=fold(text)) for text in BOILERPLATE),
)
_LEADING = tuple(
    _Pattern(field=f, folded=fold(text)) for f, texts in LEADING_LABELS.items() for text in texts
)
_WHOLE = frozenset(fold(text) for text in BOILERPLATE_LINES)
_ISSUERS = tuple(fold(title) for title in POLICE_DEPARTMENT)
_MARKS = frozenset(fold(text) for text in MARK_LINES)
#: `Tuyên Quang`, and `Nguyễn Xuân` or `Nguyễn Huân` in names, are as near to `Nguyên quán` as a misread label.
_FAMILY = fold("Nguyễn")
_PROVINCES = frozenset(fold(name) for name in PROVINCES.values())


def is_mark(text: str) -> bool:
    """Return whether a line says nothing but that the card is a specimen; `Mau` may be the end of `Cà Mau`."""
    return (fold(text) in _MARKS and text.isupper()) or _is_mark_word(text)


def is_part_of_issuer(text: str) -> bool:
    """Return whether a line is a row of the police department's title, however it is broken into rows."""
    folded = fold(text)
    return len(folded) >= _ANYWHERE and any(
        len(folded) <= len(title) and fuzz.partial_ratio(folded, title) >= _ISSUER_RATIO
        for title in _ISSUERS
    )


def mark_words(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the word SPECIMEN stands in a text, as (start, stop)."""
    return tuple(found.span() for found in re.finditer(r"\w+", text) if _is_mark_word(found[0]))


def _is_mark_word(word: str) -> bool:
    return fuzz.ratio(fold(word), fold(MARK_WORD)) >= _MARK_RATIO


def is_mrz(text: str) -> bool:
    """Return whether a text looks like a line of the machine-readable zone."""
    return len(text) >= 15 and _MRZ.search(text.replace(" ", "")) is not None


def find_labels(text: str) -> tuple[LabelSpan, ...]:
    """Return the labels inside a line of text, from left to right, without overlaps.

    Where several labels fit the same place, the one that explains the most characters wins. Its misfit counts thrice: a
    longer label that is not there must not swallow the value beside a shorter one that is.
    """
    folded, index = fold_with_index(text)
    if folded in _WHOLE or is_mrz(text):
        return (LabelSpan(field=None, start=0, stop=len(text), ratio=100.0),)
    searched = (_search(pattern, text, folded, index) for pattern in _SEARCHED)
    found = [span for span in searched if span and not _is_name(text, span)]
    chosen: list[LabelSpan] = []
    for span in sorted(found, key=lambda s: (s.stop - s.start) * s.ratio**3, reverse=True):
        if all(span.stop <= other.start or span.start >= other.stop for other in chosen):
            chosen.append(span)
    chosen = chosen or _leading(text, folded, index)
    return tuple(sorted((_to_colon(span, text) for span in chosen), key=lambda span: span.start))


def _search(pattern: _Pattern, text: str, folded: str, index: tuple[int, ...]) -> LabelSpan | None:
    if len(folded) < 0.8 * len(pattern.folded):
        return None
    least = least_ratio(pattern.folded)
    if len(folded) < len(pattern.folded) and fuzz.ratio(pattern.folded, folded) < least:
        return None  # a part of a longer label would claim the value beside it
    place = fuzz.partial_ratio_alignment(pattern.folded, folded, score_cutoff=least)
    if place is None or place.dest_end <= place.dest_start:
        return None
    start, stop = index[place.dest_start], index[place.dest_end - 1] + 1
    if len(pattern.folded) >= _ANYWHERE:
        stop = _past_last_letter(text, stop)
    worded = _DATE_IN_WORDS.search(text)
    if worded and start < worded.end() and stop > worded.start():
        return None
    if len(pattern.folded) < _ANYWHERE and not _is_words(text, start, stop):
        return None
    return LabelSpan(field=pattern.field, start=start, stop=stop, ratio=place.score)


def _is_name(text: str, span: LabelSpan) -> bool:
    """Whether a label was found in a name: of a province, of a person, or of a place named after one.

    No card prints labels in capitals, and `NGUYỄN QUÂN` is `Nguyên quán` but for its marks; a label goes on in small
    letters, a name does not.
    """
    words = text[span.start : span.stop]
    is_capital = span.field is not None and words.isupper() and span.ratio < 100
    is_family = fold(words).startswith(_FAMILY) and words.split()[-1][:1].isupper()
    return is_capital or is_family or _is_province(text, span.start, span.stop)


def _is_province(text: str, start: int, stop: int) -> bool:
    while start and text[start - 1].isalpha():
        start -= 1
    while stop < len(text) and text[stop].isalpha():
        stop += 1
    return fold(text[start:stop]) in _PROVINCES


def _past_last_letter(text: str, stop: int) -> int:
    """Where a label ends if one letter of its last word is left over, as behind a letter read twice."""
    is_inside = text[stop - 1].isalpha() and text[stop : stop + 1].isalpha()
    return stop + 1 if is_inside and not text[stop + 1 : stop + 2].isalpha() else stop


def _is_words(text: str, start: int, stop: int) -> bool:
    begins = start == 0 or not text[start - 1].isalpha()
    # A value may follow without a space, but then in capitals or digits.
    ends = stop == len(text) or not text[stop].isalpha() or text[stop - 1 : stop + 1].istitle()
    return begins and ends


def _leading(text: str, folded: str, index: tuple[int, ...]) -> list[LabelSpan]:
    for pattern in _LEADING:
        if not folded.startswith(pattern.folded):
            continue
        stop = index[len(pattern.folded) - 1] + 1
        rest = text[stop:].lstrip(" ./")
        if not rest or rest[0] == ":" or _starts_with_number(rest):
            return [LabelSpan(field=pattern.field, start=0, stop=stop, ratio=100.0)]
    return []


def _starts_with_number(text: str) -> bool:
    """A date or a card's number: an address may begin with `Số 154`."""
    return text[:1].isdigit() and sum(c.isdigit() for c in text) >= _LEAST_DIGITS


def _to_colon(span: LabelSpan, text: str) -> LabelSpan:
    """End a label at its colon if there is one about where the label ends, or after the words of its translation."""
    colon = text.find(":", span.start + int(0.6 * (span.stop - span.start)), span.stop + 4)
    rest = _TRANSLATION.match(text, span.stop) if span.field is not None else None
    stop = colon + 1 if colon >= 0 else rest.end() if rest else span.stop
    return LabelSpan(field=span.field, start=span.start, stop=stop, ratio=span.ratio)
