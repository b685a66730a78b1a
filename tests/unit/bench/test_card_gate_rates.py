"""What happened to a photo is counted as what it is, by condition and by gate."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.card_gate_rates import COPY_GATES, OUTCOME, Outcome, gate_rates, load_outcomes, share
from pipeline.reasons import ReasonCode
from specimen.conditions import Condition

_CODE = ReasonCode
CLEAN = Outcome(
    group="clean", condition=Condition.CLEAN, strength=0.0, severity="flat", seed=1,
    version="chip_2021", side="front", failed=frozenset(),
)  # fmt: skip
GLARE = replace(CLEAN, group="capture", condition=Condition.GLARE, strength=0.5)
COPY = replace(CLEAN, group="copies", condition=Condition.SCREEN, strength=1.0, read=False)


def _failing(outcome: Outcome, *codes: ReasonCode) -> Outcome:
    return replace(outcome, failed=frozenset(codes))


@pytest.mark.parametrize(
    ("outcome", "harmed", "told", "why", "silent"),
    [
        (CLEAN, False, False, False, False),
        (_failing(CLEAN, _CODE.CARD_GLARE), False, True, False, False),
        (replace(GLARE, wrong={"sex": 0.0}), True, False, False, False),
        (replace(GLARE, wrong={"sex": 0.9}), True, False, False, True),
        (replace(GLARE, weak=frozenset({"sex"})), True, False, False, False),
        (replace(GLARE, hidden=True), True, False, False, True),
        (_failing(replace(GLARE, wrong={"sex": 0.9}), _CODE.QR_MISMATCH), True, False, False, False),
        (_failing(replace(GLARE, wrong={"sex": 0.0}), _CODE.CARD_GLARE), True, True, True, False),
        (_failing(replace(GLARE, wrong={"sex": 0.0}), _CODE.CARD_DARK), True, True, False, False),
        (replace(GLARE, wrong={"everything": 0.0}, rejected=True), True, True, False, False),
        (COPY, True, False, False, True),
        (_failing(COPY, _CODE.CARD_PRINT), True, True, True, False),
    ],
)  # fmt: skip
def test_a_photo_is_harmed_told_or_silent(
    outcome: Outcome, harmed: bool, told: bool, why: bool, silent: bool
) -> None:
    assert outcome.is_harmed is harmed
    assert (outcome.is_told, outcome.is_told_why, outcome.is_silent) == (told, why, silent)


def test_a_gate_answers_for_clean_photos_its_own_conditions_and_others() -> None:
    outcomes = [
        CLEAN,
        _failing(CLEAN, _CODE.CARD_GLARE),
        _failing(replace(GLARE, wrong={"sex": 0.0}), _CODE.CARD_OVEREXPOSED),
        replace(GLARE, wrong={"sex": 0.0}),
        _failing(replace(GLARE, condition=Condition.DARK), _CODE.CARD_GLARE),
        COPY,
    ]
    clean, unknown, own, missed, untold, others = gate_rates(_CODE.CARD_GLARE, outcomes)
    assert clean.startswith("1/2 ")
    assert unknown.startswith("0/2 ")
    assert (own, missed[:3], untold[:3], others[:3]) == ("2", "1/2", "1/2", "1/1")


def test_photos_that_were_not_read_count_for_the_signs_of_a_copy_alone() -> None:
    genuine = replace(CLEAN, group="genuine", read=False)
    assert next(gate_rates(_CODE.CARD_DARK, [CLEAN, genuine])).startswith("0/1 ")
    for code in COPY_GATES:
        assert next(gate_rates(code, [CLEAN, genuine])).startswith("0/2 ")


def test_a_share_of_nothing_is_not_a_number() -> None:
    assert share([], []) == "-"
    assert share([], [CLEAN] * 125) == "0/125 (0.0-3.0 %)"


def test_lines_that_were_written_are_read_again(tmp_path: Path) -> None:
    outcomes = [_failing(replace(GLARE, wrong={"sex": 0.5}), _CODE.CARD_GLARE), COPY]
    file = tmp_path / "outcomes.jsonl"
    file.write_text("".join(OUTCOME.dump_json(o).decode() + "\n" for o in outcomes))
    assert load_outcomes([file]) == outcomes
