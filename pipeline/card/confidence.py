"""How likely a printed value is right as a whole: a few things that were noticed, weighed by a fitted profile.

The model is a logistic regression for each kind of field: log-odds of the characters, plus a step for every mark. Its
weights were fitted to validation cards, pulled towards the plain reading of the characters where cards are few
(training/calibrate_fields.py). Every number can be read off the profile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.card.plausible import ADDRESSES
from pipeline.card.printed import Mark, PrintedField
from pipeline.card.rules import check_rules
from pipeline.findings import CardVersion, FieldName
from pipeline.reasons import ReasonCode

_F = FieldName
PROFILE_FILE = Path(__file__).with_name("confidence_profile.json")
#: Kinds of fields that err alike. What is not named here is running text.
_KINDS = {
    _F.ID_NUMBER: "number",
    _F.DATE_OF_BIRTH: "date",
    _F.DATE_OF_ISSUE: "date",
    _F.DATE_OF_EXPIRY: "date",
    _F.SEX: "word",
    _F.NATIONALITY: "word",
    _F.ISSUING_AUTHORITY: "word",
    _F.FULL_NAME: "name",
    **dict.fromkeys(ADDRESSES, "address"),
}
_TEXT = "text"
#: Probabilities of a float32 softmax say nothing beyond this.
_LEAST_DOUBT = 1e-4
_WHOLE, _WEAKEST, _LENGTH = "whole", "weakest", "length"
#: Steps of the model besides the marks: log-odds of all characters and of the weakest, and the length.
FEATURES = (_WHOLE, _WEAKEST, _LENGTH, *(str(mark) for mark in Mark))


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KindProfile(_Frozen):
    """Weights of one kind of field, by feature, and the constant that is added to their sum."""

    constant: float
    weights: Mapping[str, float]


class ConfidenceProfile(_Frozen):
    """All weights and where they come from. `most` is the highest confidence that print alone can have."""

    version: str
    origin: Mapping[str, str]
    recogniser_sha256: str
    most: float
    kinds: Mapping[str, KindProfile]


@lru_cache(maxsize=1)
def load_profile() -> ConfidenceProfile:
    """Return the profile that ships with the code."""
    return ConfidenceProfile.model_validate_json(PROFILE_FILE.read_bytes())


def kind_of(name: FieldName) -> str:
    """Return which fields a field is calibrated with."""
    return _KINDS.get(name, _TEXT)


def features_of(printed: PrintedField) -> dict[str, float]:
    """Return what the model looks at; a mark is 1 or absent."""
    scores = [min(max(score, _LEAST_DOUBT), 1.0) for score in printed.scores] or [_LEAST_DOUBT]
    return {
        _WHOLE: _log_odds(math.prod(scores)),
        _WEAKEST: _log_odds(min(scores)),
        _LENGTH: math.log(len(scores)),
        **{str(mark): 1.0 for mark in printed.marks},
    }


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, _LEAST_DOUBT), 1 - _LEAST_DOUBT)
    return math.log(clipped / (1 - clipped))


def calibrated(name: FieldName, printed: PrintedField, profile: ConfidenceProfile) -> float:
    """Return the probability, in (0, 1), that a printed value is right."""
    kind = profile.kinds[kind_of(name)]
    features = features_of(printed)
    sum_ = kind.constant + sum(kind.weights[key] * value for key, value in features.items())
    return min(1 / (1 + math.exp(-sum_)), profile.most)


def with_confidence(
    fields: Mapping[FieldName, PrintedField],
    version: CardVersion,
    profile: ConfidenceProfile | None = None,
) -> dict[FieldName, PrintedField]:
    """Return the printed fields of a card with the marks of the rules that bind them, and a calibrated confidence.

    Args:
        fields: of both sides, as far as they were read.
        version: decides which rules there are.
        profile: other weights than those that ship with the code.
    """
    profile = profile or load_profile()
    marked = with_rules(fields, version)
    return {
        name: replace(printed, confidence=calibrated(name, printed, profile))
        for name, printed in marked.items()
    }


# ---------------------------------------------------------------- rules between fields


def with_rules(
    fields: Mapping[FieldName, PrintedField], version: CardVersion
) -> dict[FieldName, PrintedField]:
    """Return the fields with a mark each where a rule that binds it to others holds or is broken.

    A broken rule does not say which of its fields was misread, so it marks them all, and outweighs rules that hold.
    """
    values = {name: printed.value for name, printed in fields.items()}
    verdicts: list[tuple[bool, Sequence[str]]] = [
        (check.passed, check.fields)
        for check in check_rules(values, version, None)
        if check.code in _BINDING and check.passed is not None
    ]
    verdicts += _order_of_dates(values)
    marked: dict[FieldName, PrintedField] = {}
    for name, printed in fields.items():
        mine = [passed for passed, bound in verdicts if str(name) in bound]
        marks = (Mark.RULE_HOLDS if all(mine) else Mark.RULE_BROKEN,) if mine else ()
        marked[name] = replace(printed, marks=(*printed.marks, *marks))
    return marked


_BINDING = (ReasonCode.ID_RULE_MISMATCH, ReasonCode.EXPIRY_RULE_MISMATCH)
_DATES = (_F.DATE_OF_BIRTH, _F.DATE_OF_ISSUE, _F.DATE_OF_EXPIRY)


def _order_of_dates(values: Mapping[FieldName, str]) -> list[tuple[bool, Sequence[str]]]:
    """Birth, issue and expiry follow one another. That they do says little, so only a breach counts."""
    dates = [(name, values[name]) for name in _DATES if values.get(name, "")[:1].isdigit()]
    return [
        (False, (str(a), str(b)))
        for (a, earlier), (b, later) in pairwise(dates)
        if earlier >= later
    ]
