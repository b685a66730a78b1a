"""Addresses against the administrative units: parsed from the right, slips of tone and hat put right, nothing invented.

A unit is only respelt where its letters without marks are those of exactly one unit inside the parent that was read,
and the spelling as read is no unit there. A comma that was lost before a unit is put back: cards always print it, and
detectors cut it off at the end of a row. A unit is never added, dropped or replaced, and what stands left of the units
(hamlet, street, house) is never touched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.card.crosscheck import place_tone
from pipeline.card.gazetteer import KINDS, Unit, key_of, load_gazetteer
from pipeline.card.phrases import fold
from pipeline.card.values import Value

#: Letters of one unit that may be respelt: a recogniser slips at one; more makes it another reading. Dots below may
#: differ in several: a dotted rule under a word adds one to each of its letters (`Thạnh Liệm`).
_MOST_SLIPS = 1
#: A letter read more surely than this stays as it is: lists have gaps and slips of their own, and cards print spellings
#: that lists do not have (Đăk Lăk).
_SURE_OF_A_LETTER = 0.98
_DOT_BELOW = "\u0323"
#: A dash with a blank on one side alone, which no card prints.
_HALF_SPACED = re.compile(r"(?<=\w)(?: -(?=\w)|- (?=\w))")
#: Parts from the right that can be units.
_MOST_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address after comparison with the units.

    `levels` is how many of its last parts are units, each inside the next; `known` whether they reach down to
    one without parts. `corrected` says whether the text differs from the reading.
    """

    text: str
    levels: int
    known: bool
    corrected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Characters `start` to `stop` of an address, between two commas."""

    text: str
    start: int
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """A part read as one of `units`, which share a spelling; `text` is the part in that spelling.

    `surest` is the probability of the most surely read letter that differs, `by_dots` whether all that differ do so by
    the dot below alone.
    """

    text: str
    slips: int
    surest: float
    units: tuple[Unit, ...]
    by_dots: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parse:
    """The parts of an address, the matches of its last ones from right to left, and what the next one would be in."""

    parts: tuple[_Part, ...]
    matches: tuple[_Match, ...]
    inside: tuple[Unit, ...]

    @property
    def rest(self) -> _Part | None:
        """The last part that is no unit."""
        left = len(self.parts) - len(self.matches)
        return self.parts[left - 1] if left else None


def compare_with_units(value: Value) -> Address:
    """Parse an address from its right end and put single slips right.

    Args:
        value: the address in NFC, parts separated by commas; one score per character.
    """
    parse, text = _parse(value), value
    while (found := _with_comma(text, parse)) is not None:
        text = found
        parse = _parse(text)
    letters = list(text.text)
    for part, match in zip(reversed(parse.parts), parse.matches, strict=False):
        letters[part.start : part.start + len(part.text)] = _with_dashes(match.text, match.units)
    spelt = _HALF_SPACED.sub(" - ", "".join(letters))
    levels = len(parse.matches)
    return Address(
        text=spelt,
        levels=levels,
        known=levels > 1 and any(not unit.inside for unit in parse.inside),
        corrected=spelt != value.text,
    )


def _with_dashes(text: str, units: Sequence[Unit]) -> str:
    """A unit without the blank that was read on one side of a dash, if it is listed without.

    Of 10 drawn lines `Phan Rang-Tháp Chàm` 6 were read with one blank and 2 with two, of 10 with two blanks none was
    read otherwise.
    """
    tight = _HALF_SPACED.sub("-", text)
    return tight if any(unit.name in tight for unit in units) else text


def _parse(value: Value) -> _Parse:
    parts = _split(value)
    inside: tuple[Unit, ...] = (load_gazetteer(),)
    matches: list[_Match] = []
    for part in reversed(parts[-_MOST_LEVELS:]):
        match = _match(part, inside)
        if match is None:
            break
        matches.append(match)
        inside = match.units
    return _Parse(parts=tuple(parts), matches=tuple(matches), inside=inside)


def _with_comma(value: Value, parse: _Parse) -> Value | None:
    """The address with one more comma, if the last part that is no unit ends in one that another text runs into.

    What is left of the comma must be a unit too, or what is right of it must name its kind (`Tổ 5 Phường 9`).
    """
    part = parse.rest
    if (
        part is None
        or len(parse.matches) == _MOST_LEVELS
        or not any(u.inside for u in parse.inside)
    ):
        return None
    for blank in (i for i, c in enumerate(part.text) if c == " "):
        right = _slice(part, blank + 1, len(part.text))
        left = _slice(part, 0, len(part.text[:blank].rstrip(" .")))
        match = _match(right, parse.inside)
        if match is None or not left.text:
            continue
        if _names_kind(right.text) or _match(left, match.units) is not None:
            at, stop = part.start + len(left.text), part.start + blank
            return Value(
                text=f"{value.text[:at]},{value.text[stop:]}",
                scores=(*value.scores[:at], 0.5, *value.scores[stop:]),
            )
    return None


def _slice(part: _Part, start: int, stop: int) -> _Part:
    return _Part(
        text=part.text[start:stop], start=part.start + start, scores=part.scores[start:stop]
    )


def _names_kind(text: str) -> bool:
    """Whether a text begins with a kind of unit in full: an abbreviation may be anything."""
    return any(
        skip and kind and text[:1].isupper() and len(kind) > 1 for skip, kind in _forms(text)
    )


def _split(value: Value) -> list[_Part]:
    parts: list[_Part] = []
    start = 0
    for piece in value.text.split(","):
        text = piece.strip()
        at = start + piece.index(text) if text else start
        parts.append(_Part(text=text, start=at, scores=value.scores[at : at + len(text)]))
        start += len(piece) + 1
    return parts


def _match(part: _Part, parents: Sequence[Unit]) -> _Match | None:
    """The one way to read a part as a unit inside the parents; None if there is none, or more than one."""
    found = [
        match
        for skip, kinds in _forms(part.text)
        for parent in parents
        for unit in parent.inside.get(key_of(part.text[skip:]), ())
        if (match := _respell(part, skip, kinds, unit)) is not None
    ]
    # A spelling further away than one slip is no candidate, so it makes no other one doubtful.
    found = [match for match in found if match.slips <= _MOST_SLIPS or match.by_dots]
    if not found:
        return None
    least = min(match.slips for match in found)
    best = [match for match in found if match.slips == least]
    best.sort(key=lambda match: match.surest)  # Kiến Thụy or Kiến Thuỵ: the least sure letter tells
    spellings = {tuple(map(place_tone, match.text.casefold().split())) for match in best}
    if least and (len(spellings) > 1 or _is_as_printed(best[0])):
        return None
    units = tuple(unit for match in best for unit in match.units)
    return _Match(text=best[0].text, slips=least, surest=best[0].surest, units=units)


def _forms(text: str) -> list[tuple[int, str]]:
    """Where the bare name may begin and the kind before it: `Phường 9`, `TP. Huế`, `Q.1`, or no kind at all."""
    forms = [] if text.isdigit() else [(0, "")]
    for kind, written in KINDS.items():
        for form in written:
            stop = _end_of(text, form)
            if stop is not None:
                forms.append((stop, kind if form == fold(kind) else ""))
    return forms


def _end_of(text: str, form: str) -> int | None:
    """Where a folded kind ends at the beginning of a text, if it is followed by something else."""
    folded = ""
    for i, letter in enumerate(text):
        folded += fold(letter)
        if folded == form and i + 1 < len(text):
            stop = i + 1
            while stop < len(text) and text[stop] in " .":
                stop += 1
            return stop if stop > i + 1 and stop < len(text) else None
        if not form.startswith(folded):
            return None
    return None


def _respell(part: _Part, skip: int, kind: str, unit: Unit) -> _Match | None:
    """A part in the spelling of a unit; None if their words do not line up."""
    wanted = (f"{kind} " if kind else "") + unit.name
    start = 0 if kind else skip
    words, targets = part.text[start:].split(), wanted.split()
    if unit.name.isdigit() or unit.name.isupper():  # 09 for 9, HCM: nothing to respell
        words, targets = words[: len(kind.split())], kind.split()
    if [fold(word) for word in words] != [fold(word) for word in targets]:
        same_letters = fold(part.text[start:]) == fold(wanted)
        return _as_read(part, unit) if same_letters else None
    text, slips, surest, by_dots = list(part.text), 0, 0.0, True
    at = start
    for word, target in zip(words, targets, strict=True):
        at = part.text.index(word, at)
        text[at : at + len(word)] = _as_kinds_are(word, target, part.scores[at : at + len(word)])
        if place_tone(word.casefold()) != place_tone(target.casefold()):
            changed = _spell_as(word, target)
            differing = [i for i, c in enumerate(changed) if c != word[i]]
            slips += len(differing)
            surest = max([surest, *(part.scores[at + i] for i in differing)])
            by_dots &= all(_same_but_for_dot(changed[i], word[i]) for i in differing)
            text[at : at + len(word)] = changed
        at += len(word)
    return _Match(
        text="".join(text), slips=slips, surest=surest, units=(unit,), by_dots=by_dots and slips > 0
    )


def _is_as_printed(match: _Match) -> bool:
    """Whether what differs was read too surely to be a slip.

    A dot below says nothing of that: rules under a text add dots, crops cut them off, and the reader sees neither.
    """
    return match.surest >= _SURE_OF_A_LETTER and not match.by_dots


def _same_but_for_dot(a: str, b: str) -> bool:
    """Whether letters differ by the dot below alone."""
    return _undotted(a) == _undotted(b)


def _undotted(letter: str) -> str:
    return unicodedata.normalize("NFD", letter).replace(_DOT_BELOW, "")


def _as_kinds_are(word: str, target: str, scores: Sequence[float]) -> str:
    """A word that differs from a kind's by a doubtful capital alone, in the kind's case: x and X look alike."""
    is_doubtful = scores[0] < _SURE_OF_A_LETTER
    return target if is_doubtful and word == target.capitalize() and target.islower() else word


def _as_read(part: _Part, unit: Unit) -> _Match:
    return _Match(text=part.text, slips=0, surest=0.0, units=(unit,))


def _spell_as(word: str, target: str) -> str:
    """A word with the marks of a target that has the same letters, in its own case and with its own punctuation."""
    letters = iter(c for c in target if fold(c))
    return "".join(
        (wanted.upper() if c.isupper() else wanted.lower())
        if fold(c) and (wanted := next(letters))
        else c
        for c in word
    )
