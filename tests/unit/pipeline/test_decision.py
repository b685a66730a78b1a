"""What follows from which findings. Each test changes one thing in a case with nothing wrong."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from pipeline.card.assurance import assurance_of
from pipeline.challenge import Action
from pipeline.consent import Purpose
from pipeline.decision import Evidence, decide
from pipeline.findings import (
    NO_EXPIRY,
    ActionFinding,
    Band,
    CardVersion,
    Check,
    Cue,
    FieldName,
    IdentityFinding,
    Rejection,
    Source,
)
from pipeline.policy import POLICY_V1, POLICY_V2, POLICY_V2_CONSENT, POLICY_V3, POLICY_V3_CONSENT
from pipeline.reasons import ReasonCode
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome, Verdict

from . import factories as make


def judged(evidence: Evidence) -> Verdict:
    return decide(evidence, POLICY_V1)


def first(verdict: Verdict) -> tuple[Outcome, ReasonCode]:
    return verdict.outcome, verdict.reasons[0].code


def identity(band: Band | None, reason: ReasonCode | None = None) -> IdentityFinding:
    return replace(make.liveness().identity, band=band, reason=reason)


def test_nothing_wrong_is_approved_without_reasons() -> None:
    verdict = judged(make.evidence())
    assert verdict == Verdict(
        outcome=Outcome.APPROVED, reasons=(), retake=(), policy_version="2026-11-v1"
    )


@pytest.mark.parametrize("stage", ["card", "face", "liveness"])
def test_a_missing_finding_is_an_error_never_a_pass(stage: str) -> None:
    with pytest.raises(ValueError, match="no finding of"):
        judged(make.evidence(**{stage: None}))


def test_a_suspicious_cue_without_a_reason_is_an_error_never_a_pass() -> None:
    unknown = Cue(name="new_cue", score=1.0, threshold=0.5, suspicious=True)
    with pytest.raises(KeyError, match="new_cue"):
        judged(make.evidence(liveness=make.liveness(cues=(*make.cues(), unknown))))


def test_a_replayed_clip_is_rejected_although_everything_else_passed() -> None:
    replayed = Cue(name="replayed", score=1.0, threshold=0.5, suspicious=True)
    clip = make.liveness(cues=(*make.cues(), replayed))
    assert first(judged(make.evidence(liveness=clip))) == (
        Outcome.REJECTED,
        ReasonCode.REPLAYED_CLIP,
    )


def test_what_a_cue_names_is_not_called_a_doubt_about_the_person_too() -> None:
    clip = make.liveness(cues=make.cues(screen=True), passed=False)
    verdict = judged(make.evidence(liveness=clip))
    assert [reason.code for reason in verdict.reasons] == [ReasonCode.SCREEN_SUSPECTED]


def test_dead_stage_goes_to_review_whatever_else_was_found() -> None:
    broken = make.evidence(
        card=None, dead_stages=(Stage.READ_CARD,), face=make.face(band=Band.NO_MATCH)
    )
    verdict = judged(broken)
    assert verdict.outcome is Outcome.REVIEW
    assert {r.code for r in verdict.reasons} >= {
        ReasonCode.ENGINE_UNAVAILABLE,
        ReasonCode.FACE_NO_MATCH,
    }


@pytest.mark.parametrize(
    ("changed", "outcome", "code"),
    [
        ({"face": make.face(band=Band.NO_MATCH)}, Outcome.REJECTED, ReasonCode.FACE_NO_MATCH),
        ({"face": make.face(band=Band.REVIEW)}, Outcome.REVIEW, ReasonCode.FACE_BORDERLINE),
        ({"face": make.face(band=None)}, Outcome.REVIEW, ReasonCode.FACE_BORDERLINE),
        (
            {"liveness": make.liveness(identity=identity(Band.NO_MATCH), passed=False)},
            Outcome.REJECTED,
            ReasonCode.IDENTITY_SWITCH,
        ),
        (
            {"liveness": make.liveness(identity=identity(Band.REVIEW))},
            Outcome.REVIEW,
            ReasonCode.IDENTITY_UNCERTAIN,
        ),
        (
            {"liveness": make.liveness(identity=identity(None))},
            Outcome.REVIEW,
            ReasonCode.IDENTITY_UNCERTAIN,
        ),
        (
            {"liveness": make.liveness(cues=make.cues(flat_turn=True), passed=False)},
            Outcome.REJECTED,
            ReasonCode.FLAT_FACE,
        ),
        (
            {"liveness": make.liveness(cues=make.cues(cut=True), passed=False)},
            Outcome.RETAKE,
            ReasonCode.CUT_CLIP,
        ),
        (
            {"liveness": make.liveness(cues=make.cues(frozen=None))},
            Outcome.REVIEW,
            ReasonCode.CUE_NOT_EVALUATED,
        ),
        ({"liveness": make.liveness(cues=())}, Outcome.REVIEW, ReasonCode.CUE_NOT_EVALUATED),
        ({"liveness": make.liveness(actions=())}, Outcome.RETAKE, ReasonCode.ACTION_MISSING),
        ({"liveness": make.liveness(passed=None)}, Outcome.REVIEW, ReasonCode.IDENTITY_UNCERTAIN),
        ({"liveness": make.liveness(passed=False)}, Outcome.REVIEW, ReasonCode.IDENTITY_UNCERTAIN),
        ({"card": make.card(sides=("front",))}, Outcome.RETAKE, ReasonCode.CARD_BACK_MISSING),
        (
            {"card": make.card(version=CardVersion.CMND_9)},
            Outcome.REJECTED,
            ReasonCode.DOCUMENT_NO_LONGER_VALID,
        ),
        (
            {"card": make.card(version=CardVersion.UNKNOWN)},
            Outcome.REVIEW,
            ReasonCode.CARD_VERSION_UNKNOWN,
        ),
        (
            {"card": make.card_with(FieldName.ID_NUMBER, None)},
            Outcome.RETAKE,
            ReasonCode.FIELD_MISSING,
        ),
        (
            {"card": make.card_with(FieldName.FULL_NAME, make.reading("X", 0.5))},
            Outcome.REVIEW,
            ReasonCode.FIELD_UNCERTAIN,
        ),
        (
            {"card": make.card_with(FieldName.DATE_OF_EXPIRY, make.reading("2026-11-22"))},
            Outcome.REJECTED,
            ReasonCode.DOCUMENT_EXPIRED,
        ),
        (
            {"card": make.card_with(FieldName.DATE_OF_EXPIRY, make.reading("20/26"))},
            Outcome.RETAKE,
            ReasonCode.FIELD_MISSING,
        ),
        (
            {"card": make.card_with(FieldName.DATE_OF_BIRTH, make.reading("2015-01-01"))},
            Outcome.REVIEW,
            ReasonCode.HOLDER_UNDER_AGE,
        ),
        ({"edits": {FieldName.FULL_NAME: "AI ĐÓ"}}, Outcome.REVIEW, ReasonCode.FIELD_EDITED),
    ],
)
def test_one_thing_wrong(changed: dict[str, object], outcome: Outcome, code: ReasonCode) -> None:
    assert first(judged(make.evidence(**changed))) == (outcome, code)


def test_card_that_expires_today_is_still_valid() -> None:
    card = make.card_with(FieldName.DATE_OF_EXPIRY, make.reading(make.TODAY.isoformat()))
    assert judged(make.evidence(card=card)).outcome is Outcome.APPROVED


def test_card_without_expiry_is_valid() -> None:
    card = make.card_with(FieldName.DATE_OF_EXPIRY, make.reading(NO_EXPIRY))
    assert judged(make.evidence(card=card)).outcome is Outcome.APPROVED


def test_failed_check_names_its_fields() -> None:
    check = Check(code=ReasonCode.QR_MISMATCH, passed=False, fields=("id_number",))
    verdict = judged(make.evidence(card=make.card(checks=(check,))))
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.QR_MISMATCH)
    assert verdict.reasons[0].facts == {"fields": "id_number"}


def test_check_with_nothing_to_compare_is_no_reason() -> None:
    unread = Check(code=ReasonCode.MRZ_MISMATCH, passed=None)
    assert judged(make.evidence(card=make.card(checks=(*make.AGREEING, unread)))).reasons == ()


@pytest.mark.parametrize("code", [ReasonCode.QR_MISMATCH, ReasonCode.MRZ_MISMATCH])
def test_one_code_that_agrees_confirms_the_print(code: ReasonCode) -> None:
    checks = (Check(code=code, passed=True),)
    card = make.card(checks=checks, assurance=assurance_of(checks, None))
    assert judged(make.evidence(card=card)).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    "checks",
    [
        (),
        (Check(code=ReasonCode.QR_MISMATCH, passed=None),),
        (Check(code=ReasonCode.QR_UNREADABLE, passed=True),),
        (
            Check(code=ReasonCode.QR_UNREADABLE, passed=False),
            Check(code=ReasonCode.MRZ_UNREADABLE, passed=False),
        ),
    ],
)
def test_print_that_no_code_confirms_goes_to_a_person(checks: tuple[Check, ...]) -> None:
    card = make.card(checks=checks, assurance=assurance_of(checks, None))
    verdict = judged(make.evidence(card=card))
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.PRINT_UNCONFIRMED)


def test_a_card_without_a_level_of_assurance_is_not_approved() -> None:
    verdict = judged(make.evidence(card=make.card(assurance=None)))
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.PRINT_UNCONFIRMED)


@pytest.mark.parametrize(
    ("code", "outcome", "retake"),
    [
        (ReasonCode.CHIP_TAMPERED, Outcome.REJECTED, ()),
        (ReasonCode.CHIP_UNTRUSTED, Outcome.REVIEW, ()),
        (ReasonCode.CHIP_MISMATCH, Outcome.REVIEW, ()),
        (ReasonCode.CODES_DISAGREE, Outcome.REVIEW, ()),
        (ReasonCode.QR_UNKNOWN_FORMAT, Outcome.REVIEW, ()),
        (ReasonCode.CHIP_UNREADABLE, Outcome.RETAKE, (EvidenceKind.CHIP,)),
    ],
)
def test_what_is_wrong_with_a_code_or_the_chip_has_its_weight(
    code: ReasonCode, outcome: Outcome, retake: tuple[EvidenceKind, ...]
) -> None:
    card = make.card(checks=(*make.AGREEING, Check(code=code, passed=False)))
    verdict = judged(make.evidence(card=card))
    assert first(verdict) == (outcome, code)
    assert verdict.retake == retake


def test_unreadable_card_is_retaken_and_takes_the_weight_off_the_face() -> None:
    blurred = make.card(fields={}, rejected=Rejection(code=ReasonCode.CARD_BLURRED))
    verdict = judged(make.evidence(card=blurred, face=make.face(band=Band.NO_MATCH)))
    assert first(verdict) == (Outcome.RETAKE, ReasonCode.CARD_BLURRED)
    assert verdict.retake == (EvidenceKind.CARD_FRONT,)


@pytest.mark.parametrize(
    ("match", "clip", "named"),
    [
        (Band.MATCH, Band.NO_MATCH, True),
        (Band.NO_MATCH, Band.MATCH, True),
        (Band.MATCH, Band.MATCH, False),
        (Band.NO_MATCH, Band.NO_MATCH, False),
        (Band.MATCH, Band.REVIEW, False),
        (Band.MATCH, None, False),
    ],
)
def test_stages_that_saw_different_people_on_the_card_disagree(match, clip, named) -> None:
    who = replace(make.liveness().identity, card_band=clip)
    found = decide(
        make.evidence(face=make.face(band=match), liveness=make.liveness(identity=who)), POLICY_V1
    )
    codes = {reason.code for reason in found.reasons}
    assert (ReasonCode.IDENTITY_DISAGREES in codes) is named
    assert found.outcome is not Outcome.APPROVED or not named


def test_identity_switch_outweighs_an_unreadable_card() -> None:
    blurred = make.card(fields={}, rejected=Rejection(code=ReasonCode.CARD_BLURRED))
    clip = make.liveness(identity=identity(Band.NO_MATCH), passed=False)
    assert first(judged(make.evidence(card=blurred, liveness=clip))) == (
        Outcome.REJECTED,
        ReasonCode.IDENTITY_SWITCH,
    )


def test_damaged_evidence_names_its_own_kind() -> None:
    damaged = Rejection(code=ReasonCode.EVIDENCE_UNDECODABLE, facts={"evidence": "card_back"})
    verdict = judged(make.evidence(card=make.card(fields={}, rejected=damaged)))
    assert verdict.retake == (EvidenceKind.CARD_BACK,)


def test_last_attempt_goes_to_a_person_instead_of_another_retake() -> None:
    verdict = judged(make.evidence(card=make.card(sides=("front",)), attempt=5))
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.ATTEMPTS_EXHAUSTED)
    assert verdict.retake == ()


def test_operator_fills_an_unread_field_and_it_goes_to_a_person() -> None:
    card = make.card_with(FieldName.PLACE_OF_RESIDENCE, None)
    edits = {FieldName.PLACE_OF_RESIDENCE: "Hoằng Hóa, Thanh Hóa"}
    assert first(judged(make.evidence(card=card, edits=edits))) == (
        Outcome.REVIEW,
        ReasonCode.FIELD_EDITED,
    )


def test_edit_that_repeats_the_reading_is_no_edit() -> None:
    edits = {FieldName.SEX: make.VALUES[FieldName.SEX]}
    assert judged(make.evidence(edits=edits)).outcome is Outcome.APPROVED


def test_expiry_is_judged_as_printed_even_if_edited() -> None:
    card = make.card_with(FieldName.DATE_OF_EXPIRY, make.reading("2020-01-01", source=Source.MRZ))
    edits = {FieldName.DATE_OF_EXPIRY: "2040-01-01"}
    verdict = judged(make.evidence(card=card, edits=edits))
    assert first(verdict) == (Outcome.REJECTED, ReasonCode.DOCUMENT_EXPIRED)


def test_failed_step_gives_its_own_reason() -> None:
    late = ActionFinding(
        action=Action.SMILE,
        passed=False,
        start_s=9.0,
        end_s=9.5,
        reason=ReasonCode.ACTION_TOO_LATE,
    )
    verdict = judged(make.evidence(liveness=make.liveness(actions=(late,), passed=False)))
    assert first(verdict) == (Outcome.RETAKE, ReasonCode.ACTION_TOO_LATE)
    assert verdict.reasons[0].facts["action"] == "smile"


GATES_AND_WHAT_FOLLOWS = [
    (ReasonCode.CARD_COVERED, {"front": "qr"}, Outcome.RETAKE, (EvidenceKind.CARD_FRONT,)),
    (ReasonCode.CARD_GLARE, {"back": "mrz"}, Outcome.RETAKE, (EvidenceKind.CARD_BACK,)),
    (
        ReasonCode.CARD_BLURRED,
        {"front": "sex", "back": "date_of_issue"},
        Outcome.RETAKE,
        (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK),
    ),
    (ReasonCode.CARD_CUT_OFF, {"front": "portrait"}, Outcome.RETAKE, (EvidenceKind.CARD_FRONT,)),
    (ReasonCode.CARD_OVEREXPOSED, {"front": "sex"}, Outcome.RETAKE, (EvidenceKind.CARD_FRONT,)),
    (ReasonCode.CARD_PHOTOCOPY, {"back": 0.03}, Outcome.RETAKE, (EvidenceKind.CARD_BACK,)),
    (ReasonCode.CARD_SCREEN, {"front": 6.1}, Outcome.REVIEW, ()),
    (ReasonCode.CARD_PRINT, {"front": 6.1}, Outcome.REVIEW, ()),
]


@pytest.mark.parametrize(("code", "facts", "outcome", "retake"), GATES_AND_WHAT_FOLLOWS)
def test_a_failed_quality_gate_asks_for_the_sides_it_names(
    code: ReasonCode,
    facts: dict[str, str | float],
    outcome: Outcome,
    retake: tuple[EvidenceKind, ...],
) -> None:
    gate = Check(code=code, passed=False, facts=facts)
    verdict = judged(make.evidence(card=make.card(checks=(*make.AGREEING, gate))))
    assert first(verdict) == (outcome, code)
    assert verdict.retake == retake
    assert dict(verdict.reasons[0].facts).items() >= facts.items()


def test_a_gate_that_was_not_evaluated_gives_no_reason() -> None:
    gate = Check(code=ReasonCode.CARD_COVERED, passed=None, facts={"not_evaluated": "front"})
    assert judged(make.evidence(card=make.card(checks=(*make.AGREEING, gate)))).reasons == ()


BOTH_PURPOSES = frozenset({Purpose.IDENTITY_VERIFICATION, Purpose.BIOMETRIC_PROCESSING})


@pytest.mark.parametrize("missing", sorted(BOTH_PURPOSES))
def test_a_missing_consent_goes_to_a_person_where_the_bank_asks_for_it(missing: Purpose) -> None:
    evidence = make.evidence(consents=BOTH_PURPOSES - {missing}, same_number=())
    verdict = decide(evidence, POLICY_V2_CONSENT)
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.CONSENT_MISSING)
    assert verdict.reasons[0].facts == {"purpose": str(missing)}
    assert decide(evidence, POLICY_V1).outcome is Outcome.APPROVED


def test_with_all_consents_nothing_is_asked() -> None:
    evidence = make.evidence(consents=BOTH_PURPOSES, same_number=(), same_face=())
    verdict = decide(evidence, POLICY_V2_CONSENT)
    assert (verdict.outcome, verdict.reasons) == (Outcome.APPROVED, ())


def test_another_case_of_the_same_number_goes_to_a_person_and_never_rejects() -> None:
    other = UUID(int=7)
    verdict = decide(make.evidence(same_number=(other,)), POLICY_V2)
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.DUPLICATE_ID_NUMBER)
    assert verdict.reasons[0].facts == {"cases": 1, "first": str(other)}
    assert decide(make.evidence(same_number=()), POLICY_V2).outcome is Outcome.APPROVED


def test_a_search_that_nobody_made_is_an_error_never_a_pass() -> None:
    with pytest.raises(ValueError, match="nobody looked"):
        decide(make.evidence(same_number=None), POLICY_V2)


def test_an_approved_face_under_another_number_goes_to_a_person() -> None:
    evidence = make.evidence(same_number=(), same_face=(UUID(int=7), UUID(int=8)))
    verdict = decide(evidence, POLICY_V2)
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.DUPLICATE_FACE)
    assert verdict.reasons[0].facts["cases"] == 2


def test_a_face_that_was_not_searched_for_is_said_and_holds_nobody_up() -> None:
    verdict = decide(make.evidence(same_number=(), same_face=None), POLICY_V2)
    assert first(verdict) == (Outcome.APPROVED, ReasonCode.DUPLICATE_FACE_NOT_SEARCHED)


@pytest.mark.parametrize("open_cue", ["spliced", "paper_turn", "screen", "screen_rim"])
def test_a_clip_in_which_a_cue_cannot_be_evaluated_goes_to_a_person(open_cue: str) -> None:
    liveness = make.liveness(cues=make.cues(**{open_cue: None}))
    evidence = make.evidence(liveness=liveness, same_number=(), same_face=())
    verdict = decide(evidence, POLICY_V3)
    assert first(verdict) == (Outcome.REVIEW, ReasonCode.CUE_NOT_EVALUATED)
    assert verdict.reasons[0].facts == {"cue": open_cue}
    assert decide(evidence, POLICY_V2).outcome is Outcome.APPROVED


@pytest.mark.parametrize("cue", ["paper_turn", "screen", "screen_rim"])
def test_a_suspected_mask_or_screen_goes_to_a_person(cue: str) -> None:
    liveness = make.liveness(cues=make.cues(**{cue: True}), passed=False)
    verdict = decide(make.evidence(liveness=liveness, same_number=(), same_face=()), POLICY_V3)
    assert verdict.outcome is Outcome.REVIEW
    assert {"cue": cue} in [reason.facts for reason in verdict.reasons]


def test_what_the_passive_network_suspects_goes_to_a_person_and_nowhere_else() -> None:
    for passed in (False, True):  # the reason alone is enough
        liveness = make.liveness(cues=make.cues(passive=True), passed=passed)
        verdict = decide(make.evidence(liveness=liveness, same_number=(), same_face=()), POLICY_V3)
        assert verdict.outcome is Outcome.REVIEW
        assert ReasonCode.FACE_COPY_SUSPECTED in [reason.code for reason in verdict.reasons]


def test_a_deployment_without_the_passive_network_approves_and_one_with_it_excuses_nothing() -> (
    None
):
    absent = make.liveness(cues=make.cues(passive=None))
    evidence = make.evidence(liveness=absent, same_number=(), same_face=())
    assert decide(evidence, POLICY_V3).outcome is Outcome.APPROVED
    flat = make.liveness(cues=make.cues(passive=False, flat_turn=True), passed=False)
    verdict = decide(make.evidence(liveness=flat, same_number=(), same_face=()), POLICY_V3)
    assert verdict.outcome is not Outcome.APPROVED


def test_the_policy_with_consents_asks_for_the_same_cues() -> None:
    assert POLICY_V3_CONSENT.required_cues == POLICY_V3.required_cues > POLICY_V2.required_cues
    assert POLICY_V3_CONSENT.required_consents == BOTH_PURPOSES


@pytest.mark.parametrize(
    ("version", "name", "side"),
    [
        (CardVersion.CHIP_2021, FieldName.PLACE_OF_RESIDENCE, EvidenceKind.CARD_FRONT),
        (CardVersion.CAN_CUOC_2024, FieldName.PLACE_OF_RESIDENCE, EvidenceKind.CARD_BACK),
        (CardVersion.CAN_CUOC_2024, FieldName.DATE_OF_EXPIRY, EvidenceKind.CARD_BACK),
        (CardVersion.CAN_CUOC_2024, FieldName.ID_NUMBER, EvidenceKind.CARD_FRONT),
    ],
)
def test_the_side_on_which_a_missing_field_stands_is_asked_for_again(version, name, side):
    card = replace(make.card_with(name, None), version=version)
    verdict = judged(make.evidence(card=card))
    assert verdict.outcome is Outcome.RETAKE
    assert verdict.retake == (side,)
