from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import zxingcpp

from pipeline.challenge import Action, ChallengeStep
from pipeline.image import decode_image
from pipeline.stages import EvidenceKind
from specimen.bundle import SCENARIOS, StillEvidence, card_and_selfie, clip, make_case, printed_card
from specimen.people import CardVersion
from tests.unit.specimen.conftest import TODAY

STEPS = (ChallengeStep(action=Action.BLINK, count=1, start_s=0.2, end_s=1.0),)


@cache
def _stills(name: str, seed: int) -> StillEvidence:
    return card_and_selfie(SCENARIOS[name], seed, TODAY)


def test_the_demos_scenarios_are_there() -> None:
    assert {
        *("genuine", "impostor_selfie", "identity_switch", "waved_photo", "qr_mismatch"),
        *("blurred_card", "expired_card"),
    } <= set(SCENARIOS)


def test_a_case_has_the_four_pieces_of_evidence_that_a_camera_makes() -> None:
    case = make_case(SCENARIOS["genuine"], 1, TODAY, STEPS)
    assert set(case) == set(EvidenceKind) - {EvidenceKind.CHIP}
    assert case[EvidenceKind.CLIP][4:8] == b"ftyp"
    for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE):
        assert case[kind][:2] == b"\xff\xd8"


def test_evidence_repeats_with_its_seed() -> None:
    one, other = _stills("genuine", 1), _stills("genuine", 2)
    same = card_and_selfie(SCENARIOS["genuine"], 1, TODAY)
    assert one.by_kind() == same.by_kind()
    assert one.card_front != other.card_front
    assert one.selfie != other.selfie


def test_the_same_clip_comes_of_the_same_seed() -> None:
    assert clip(SCENARIOS["genuine"], 4, STEPS) == clip(SCENARIOS["genuine"], 4, STEPS)


@pytest.mark.parametrize("name", ["genuine", "genuine_2024"])
def test_the_qr_of_a_photographed_card_can_be_read(name: str) -> None:
    for seed in (1, 2):
        stills = _stills(name, seed)
        side = stills.card_front if name == "genuine" else stills.card_back
        texts = [code.text for code in zxingcpp.read_barcodes(decode_image(side, evidence="card"))]
        assert [text.split("|")[0] for text in texts] == [stills.person.id_number]


def test_a_foreign_qr_names_somebody_else() -> None:
    stills = _stills("qr_mismatch", 1)
    (code,) = zxingcpp.read_barcodes(decode_image(stills.card_front, evidence="card_front"))
    number, _, name, *_ = code.text.split("|")
    assert number != stills.person.id_number
    assert name != stills.person.full_name


def test_the_blurred_card_hides_its_qr() -> None:
    stills = _stills("blurred_card", 1)
    assert zxingcpp.read_barcodes(decode_image(stills.card_front, evidence="card_front")) == []


def test_only_the_expired_card_has_expired() -> None:
    for name, scenario in SCENARIOS.items():
        person, _ = printed_card(scenario, 1, TODAY)
        expired = person.date_of_expiry is not None and person.date_of_expiry < TODAY
        assert expired == (name == "expired_card")


def test_any_story_can_be_told_with_either_card(version: CardVersion) -> None:
    person, sides = printed_card(replace(SCENARIOS["qr_mismatch"], version=version), 1, TODAY)
    assert sides[0].field_text("id_number") == person.id_number
    assert np.ptp(sides[1].image) > 200
