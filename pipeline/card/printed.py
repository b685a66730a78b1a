"""A value as it is printed on one side, with everything that speaks for or against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from pipeline.findings import Box


class Mark(StrEnum):
    """What was noticed about a printed value; stands among the checks of its field."""

    #: The label was not readable: the value was found by where it stands on the card.
    LABEL_UNREAD = "label_unread"
    #: All units of the address are administrative units, each inside the next.
    ADDRESS_KNOWN = "address_known"
    #: Part of the address is no known unit: a misreading, or a unit of another year.
    ADDRESS_UNKNOWN = "address_unknown"
    #: Tone or hat marks of a unit were put right; the reading is kept as it was.
    ADDRESS_CORRECTED = "address_corrected"
    #: Some word is no Vietnamese syllable.
    ODD_SYLLABLE = "odd_syllable"
    #: A rule that binds this value to others holds, or does not.
    RULE_HOLDS = "rule_holds"
    RULE_BROKEN = "rule_broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedField:
    """A value as printed on one side.

    `weakest` is the probability of its least certain character and `scores` those of all. `raw` is the reading where
    `value` is not it.
    """

    value: str
    confidence: float
    weakest: float
    box: Box
    scores: tuple[float, ...] = ()
    raw: str | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def reading(self) -> str:
        """What was read, before anything was put right."""
        return self.raw if self.raw is not None else self.value


def printed_confidence(scores: Sequence[float]) -> float:
    """Return how likely a value is right as a whole, from the probabilities of its characters.

    The product over the characters assumes that errors are independent; they are not (blur hits a whole line), and the
    greedy path's probability already holds the weakest character. The square root of the product is a first estimate.
    """
    if not len(scores):
        return 0.0
    logs = np.log(np.clip(np.asarray(scores, np.float64), 1e-6, 1.0))
    return float(np.exp(0.5 * logs.sum()))
