"""Which card a text comes from: the version and the side, by their fixed words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.card.phrases import SIGNS, contains, fold
from pipeline.card.text import TextLine
from pipeline.findings import CardVersion

#: Less evidence than this is no card: one short phrase can turn up anywhere.
_MIN_WEIGHT = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SideKind:
    """A recognised side; `weight` is the sum of the signs that were found."""

    version: CardVersion
    side: str
    weight: float


def recognise_side(lines: Sequence[TextLine]) -> SideKind | None:
    """Return version and side of the card these lines were read from, or None if nothing tells.

    A bilingual 2021 front also shows every sign of the 2016 front, which is Vietnamese only: the greater sum decides.
    """
    texts = [fold(line.text) for line in lines]
    best = max(
        (
            SideKind(version=version, side=side, weight=_weight(texts, signs))
            for (version, side), signs in SIGNS.items()
        ),
        key=lambda kind: kind.weight,
    )
    return best if best.weight >= _MIN_WEIGHT else None


def _weight(texts: Sequence[str], signs: Sequence[tuple[str, float]]) -> float:
    return sum(weight for phrase, weight in signs if any(contains(text, phrase) for text in texts))
