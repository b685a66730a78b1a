"""Counts with their uncertainty, and distances between texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from scipy.stats import beta

from pipeline.card.crosscheck import place_tone

#: The two-sided 95 % point of the normal distribution.
_Z = 1.959964
_DASH = re.compile(r" ?- ?")
_BOOTSTRAP_DRAWS, _BOOTSTRAP_SEED = 1000, 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`part` of `whole`, with the bounds of its 95 % interval (Wilson 1927); all bounds are shares, 0 to 1."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Lowest and highest plausible share; None of nothing."""
        if not self.whole:
            return None
        n, p = self.whole, self.part / self.whole
        middle = p + _Z**2 / (2 * n)
        reach = _Z * sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
        scale = 1 + _Z**2 / n
        return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`part` of `whole`, with exact bounds (Clopper-Pearson 1934) that grow on purpose when little was counted."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The two-sided 95 % interval; None of nothing."""
        if not self.whole:
            return None
        low = float(beta.ppf(0.025, self.part, self.whole - self.part + 1)) if self.part else 0.0
        return low, self._upper(0.975)

    @property
    def upper(self) -> float | None:
        """The one-sided 95 % upper bound: what an error rate is below; None of nothing."""
        return self._upper(0.95) if self.whole else None

    def _upper(self, level: float) -> float:
        if self.part == self.whole:
            return 1.0
        return float(beta.ppf(level, self.part + 1, self.whole - self.part))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """Edits per character of the truth; the 95 % interval is a bootstrap over cards, whose errors go together."""

    edits: int
    characters: int
    interval: tuple[float, float] | None

    @property
    def value(self) -> float | None:
        """The rate; None without any character."""
        return self.edits / self.characters if self.characters else None


def error_rate(by_card: Sequence[tuple[int, int]]) -> ErrorRate:
    """Add up (edits, characters) of cards and tell how sure the rate is.

    The draws follow from a fixed seed, so that the same counts give the same interval. Where no letter is wrong, draws
    say nothing: then the upper bound is the rule of three (Hanley, Lippman-Hand 1983), as if letters were independent.
    """
    counts: NDArray[np.int64] = np.asarray(by_card, np.int64).reshape(-1, 2)
    edits, characters = (int(total) for total in counts.sum(axis=0))
    if not characters:
        return ErrorRate(edits=edits, characters=0, interval=None)
    if not edits:
        return ErrorRate(edits=0, characters=characters, interval=(0.0, min(1.0, 3 / characters)))
    rng = np.random.default_rng(_BOOTSTRAP_SEED)
    picks = rng.integers(0, len(counts), (_BOOTSTRAP_DRAWS, len(counts)))
    sums = counts[picks].sum(axis=1)
    rates = sums[:, 0] / np.maximum(sums[:, 1], 1)
    low, high = np.quantile(rates, (0.025, 0.975))
    return ErrorRate(edits=edits, characters=characters, interval=(float(low), float(high)))


def edits_between(truth: str, read: str) -> int:
    """Return how many letters must be added, dropped or replaced (Levenshtein)."""
    return int(Levenshtein.distance(truth, read))


def slips(truth: str, read: str) -> Iterator[tuple[str, str]]:
    """Yield (letter of the truth, letter read instead); "" stands for a letter that is missing or was added."""
    for step in Levenshtein.editops(truth, read):
        wanted = truth[step.src_pos] if step.tag != "insert" else ""
        yield wanted, read[step.dest_pos] if step.tag != "delete" else ""


def is_mark_slip(wanted: str, read: str) -> bool:
    """Say whether two letters differ in their marks alone: ồ and ổ, o and ơ, but not d and đ, which are two letters."""
    return bool(wanted and read) and wanted != read and _bare(wanted) == _bare(read)


def _bare(letter: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))


def one_placement(text: str) -> str:
    """Return a text in one of the spellings that cards print alike.

    The tone marks of open syllables stand where the older spelling puts them (HOÀ becomes HÒA), dashes between blanks
    (Phan Rang-Tháp Chàm becomes Phan Rang - Tháp Chàm).
    """
    text = _DASH.sub(" - ", unicodedata.normalize("NFC", text))
    return " ".join(_placed(word) for word in text.split(" "))


def _placed(word: str) -> str:
    core = word.rstrip(",.;:-")
    placed = place_tone(core.lower())
    if len(placed) != len(core):
        return word
    cased = "".join(
        new.upper() if old.isupper() else new for old, new in zip(core, placed, strict=True)
    )
    return cased + word[len(core) :]
