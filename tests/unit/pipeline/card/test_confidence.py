"""Confidence falls with doubt, rises with rules that hold, and comes from a profile that says where it is from."""

from dataclasses import replace

import pytest

from pipeline.card.confidence import (
    FEATURES,
    calibrated,
    kind_of,
    load_profile,
    with_confidence,
    with_rules,
)
from pipeline.card.printed import Mark, PrintedField
from pipeline.findings import NO_EXPIRY, CardVersion
from pipeline.findings import FieldName as F


def printed(value: str, score: float = 0.999, *marks: Mark) -> PrintedField:
    scores = (score,) * len(value)
    return PrintedField(
        value=value, confidence=0.0, weakest=score, box=(0, 0, 1, 1), scores=scores, marks=marks
    )


PERSON = {
    F.ID_NUMBER: printed("038195000000"),
    F.DATE_OF_BIRTH: printed("1995-08-15"),
    F.SEX: printed("Nữ"),
    F.DATE_OF_ISSUE: printed("2021-08-15"),
    F.DATE_OF_EXPIRY: printed("2035-08-15"),
}


def test_the_profile_weighs_every_feature_of_every_kind_and_names_its_origin() -> None:
    profile = load_profile()
    assert set(profile.kinds) == {kind_of(name) for name in F}
    assert all(set(kind.weights) == set(FEATURES) for kind in profile.kinds.values())
    assert profile.origin["cards"]
    assert len(profile.recogniser_sha256) == 64


@pytest.mark.parametrize("name", list(F))
def test_doubtful_letters_never_raise_confidence(name: F) -> None:
    profile = load_profile()
    rising = [calibrated(name, printed("Tám chữ.", s), profile) for s in (0.3, 0.6, 0.9, 0.999)]
    assert rising == sorted(rising)
    assert rising[0] < 0.8
    assert rising[-1] <= profile.most < 1


@pytest.mark.parametrize(
    "mark", [Mark.LABEL_UNREAD, Mark.ADDRESS_UNKNOWN, Mark.ADDRESS_CORRECTED, Mark.ODD_SYLLABLE, Mark.RULE_BROKEN]
)  # fmt: skip
@pytest.mark.parametrize("name", [F.FULL_NAME, F.PLACE_OF_RESIDENCE, F.DATE_OF_BIRTH])
def test_what_speaks_against_a_value_lowers_its_confidence(name: F, mark: Mark) -> None:
    profile = load_profile()
    plain = printed("Tám chữ.", 0.97)
    assert calibrated(name, replace(plain, marks=(mark,)), profile) < calibrated(
        name, plain, profile
    )


def test_a_value_without_characters_is_not_trusted() -> None:
    empty = replace(printed("x"), scores=())
    assert calibrated(F.FULL_NAME, empty, load_profile()) < 0.05


def test_rules_that_hold_are_marked() -> None:
    marked = with_rules(PERSON, CardVersion.CHIP_2021)
    assert {name for name, field in marked.items() if Mark.RULE_HOLDS in field.marks} == {
        F.ID_NUMBER,
        F.DATE_OF_BIRTH,
        F.SEX,
        F.DATE_OF_EXPIRY,
    }


@pytest.mark.parametrize(
    ("name", "value", "broken"),
    [
        (F.SEX, "Nam", {F.ID_NUMBER, F.DATE_OF_BIRTH, F.SEX}),
        (F.DATE_OF_EXPIRY, "2036-08-15", {F.DATE_OF_BIRTH, F.DATE_OF_EXPIRY}),
        (F.DATE_OF_EXPIRY, NO_EXPIRY, {F.DATE_OF_BIRTH, F.DATE_OF_EXPIRY}),
        (F.DATE_OF_ISSUE, "1991-08-15", {F.DATE_OF_BIRTH, F.DATE_OF_EXPIRY, F.DATE_OF_ISSUE}),
    ],
)
def test_a_broken_rule_marks_every_field_it_binds(name: F, value: str, broken: set[F]) -> None:
    fields = PERSON | {name: printed(value)}
    marked = with_rules(fields, CardVersion.CHIP_2021)
    assert {n for n, field in marked.items() if Mark.RULE_BROKEN in field.marks} == broken
    sure = with_confidence(PERSON, CardVersion.CHIP_2021)
    doubted = with_confidence(fields, CardVersion.CHIP_2021)
    assert all(doubted[n].confidence < sure[n].confidence for n in broken)


def test_fields_without_a_rule_carry_no_mark() -> None:
    alone = {F.DATE_OF_BIRTH: printed("1995-08-15"), F.FULL_NAME: printed("LÊ AN")}
    assert all(not f.marks for f in with_rules(alone, CardVersion.CMND_9).values())
