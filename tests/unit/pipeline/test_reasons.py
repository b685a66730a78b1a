from __future__ import annotations

import re

import pytest

from pipeline.reasons import REASONS, ReasonCode, Severity


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_has_words_for_staff_in_both_languages(code: ReasonCode) -> None:
    spec = REASONS[code]
    assert spec.staff_vi
    assert spec.staff_en


@pytest.mark.parametrize(
    "code", [c for c in ReasonCode if REASONS[c].severity is not Severity.NOTE]
)
def test_the_customer_gets_words_in_both_languages(code: ReasonCode) -> None:
    assert REASONS[code].customer_vi
    assert REASONS[code].customer_en


@pytest.mark.parametrize("code", [c for c in ReasonCode if REASONS[c].severity is Severity.HARD])
def test_the_customer_never_learns_which_attack_was_suspected(code: ReasonCode) -> None:
    words = REASONS[code].customer_en.lower()
    assert not re.search(r"photo is suspected|flat|replay|frozen|similar|score|switch|match", words)


@pytest.mark.parametrize(
    "code",
    [
        c
        for c in ReasonCode
        if REASONS[c].severity is Severity.RETAKE and c is not ReasonCode.EVIDENCE_UNDECODABLE
    ],
)
def test_a_retake_reason_says_what_to_retake(code: ReasonCode) -> None:
    assert REASONS[code].retake
