from __future__ import annotations

import random
from dataclasses import replace

import pytest

from capture_client import events as e
from capture_client.desk_values import Guided, Means, Origin, Step
from capture_client.due import Call, next_call, next_evidence, unsent_edits
from capture_client.events import EVENT, FlowEvent
from capture_client.flow import (
    Erase,
    Film,
    Flow,
    Forget,
    NotNow,
    Send,
    StopFilm,
    advance,
    digests,
    is_over,
    may_forget,
    missing_fields,
    next_step,
    reachable,
    replay,
    values,
)
from pipeline.case import CaseStatus
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind
from tests.unit.capture_client.desk_events import (
    BACK,
    CASE,
    CLIP,
    FRONT,
    GOOD,
    NOW,
    SELFIE,
    TO_FIELDS,
    TO_REVIEW,
    TO_SUBMITTED,
    after,
    arrived,
    captured,
    consent,
    go,
    issued,
    read,
    sha,
    started,
    told,
)


def refused(flow: Flow, event: FlowEvent) -> str:
    with pytest.raises(NotNow) as why:
        advance(flow, event)
    return why.value.code


# ---------------------------------------------------------------- going on and back


def test_a_case_goes_from_sign_in_to_result() -> None:
    flow = after(*TO_SUBMITTED)
    assert flow.step is Step.RESULT
    flow = after(told(CaseStatus.APPROVED, flow=flow), flow=flow)
    assert is_over(flow)
    assert may_forget(flow)


@pytest.mark.parametrize(
    ("events", "rail"),
    [
        ((), [Step.SIGN_IN]),
        ((started(),), [Step.CONSENT]),
        (TO_FIELDS[:2], [Step.CARD_FRONT]),
        (TO_FIELDS[:3], [Step.CARD_FRONT, Step.CARD_BACK]),
        (TO_FIELDS, [Step.CARD_FRONT, Step.CARD_BACK, Step.FIELDS, Step.SELFIE]),
        (TO_SUBMITTED, [Step.RESULT]),
    ],
)
def test_the_rail_ends_at_the_first_step_that_lacks_something(
    events: tuple[FlowEvent, ...], rail: list[Step]
) -> None:
    assert list(reachable(after(*events))) == rail


def test_next_waits_for_the_capture() -> None:
    flow = after(*TO_FIELDS[:2])
    assert next_step(flow) is None
    assert next_step(after(captured(FRONT), flow=flow)) is Step.CARD_BACK
    assert refused(flow, go(Step.CARD_BACK)) == "step_not_open"


def test_nothing_is_captured_before_consent() -> None:
    assert refused(after(started()), captured(FRONT)) == "step_not_open"
    assert next_call(after(started()), is_attended=True) is None


def test_going_back_voids_nothing() -> None:
    flow = after(*TO_REVIEW)
    assert after(go(Step.CARD_FRONT), go(Step.REVIEW), flow=flow) == flow


def test_the_back_can_be_skipped_until_the_gateway_wants_it() -> None:
    flow = after(*TO_FIELDS[:4], e.BackSkipped())
    assert Step.SELFIE in reachable(flow)
    whole = replace(after(*TO_REVIEW), back_skipped=True)
    whole = replace(whole, captures={k: v for k, v in whole.captures.items() if k is not BACK})
    flow = after(
        e.SubmitChosen(at=NOW), e.SubmitRefused(code="evidence_missing", kinds=(BACK,)), flow=whole
    )
    assert (flow.step, flow.submit_wanted) == (Step.CARD_BACK, False)


# ---------------------------------------------------------------- what voids what


@pytest.mark.parametrize(("step", "kind"), [(Step.CARD_FRONT, FRONT), (Step.CARD_BACK, BACK)])
def test_a_new_side_of_the_card_voids_reading_and_edits_but_not_the_face(
    step: Step, kind: EvidenceKind
) -> None:
    edit = e.FieldEdited(field=FieldName.FULL_NAME, value="TRẦN VĂN B")
    before = after(edit, go(step), flow=after(*TO_REVIEW))
    turn = advance(before, captured(kind, "again"))
    assert (turn.flow.reading, turn.flow.edits) == (None, {})
    assert {SELFIE, CLIP} <= set(turn.flow.captures)
    assert turn.flow.challenge == before.challenge
    assert Erase(sha256s=frozenset({sha(kind)})) in turn.commands
    assert refused(turn.flow, e.SubmitChosen(at=NOW)) == "step_not_open"


def test_the_same_bytes_again_void_nothing() -> None:
    flow = after(go(Step.CARD_FRONT), flow=after(*TO_REVIEW))
    assert advance(flow, captured(FRONT, after_s=90)).flow == flow


def test_a_reading_of_a_card_that_was_replaced_is_ignored() -> None:
    flow = after(*TO_FIELDS, go(Step.CARD_FRONT), captured(FRONT, "again"))
    assert after(read(**GOOD), flow=flow).reading is None
    assert not after(arrived(FRONT), flow=flow).captures[FRONT].arrived


def test_a_new_challenge_voids_the_clip() -> None:
    turn = advance(after(go(Step.CHALLENGE), flow=after(*TO_REVIEW)), e.ChallengeWanted())
    assert CLIP not in turn.flow.captures
    assert turn.flow.challenge is None
    assert set(turn.commands) == {
        StopFilm(challenge_id="c1"),
        Erase(sha256s=frozenset({sha(CLIP)})),
        Send(),
    }
    assert Film(challenge_id="c2") in advance(turn.flow, issued("c2")).commands


def test_a_clip_answers_the_current_challenge_in_time_and_keeps_it() -> None:
    flow = after(*TO_REVIEW[:-3])
    assert refused(flow, captured(CLIP, challenge_id="c0")) == "challenge_superseded"
    assert refused(flow, captured(CLIP, challenge_id="c1", after_s=181)) == "challenge_expired"
    flow = after(captured(CLIP, challenge_id="c1", after_s=20), flow=flow)
    assert flow.challenge is not None
    again = after(captured(CLIP, "b", challenge_id="c1", after_s=40), flow=flow)
    assert again.challenge == flow.challenge


def test_an_expired_challenge_asks_the_customer_again() -> None:
    flow = after(e.SubmitChosen(at=NOW), flow=after(*TO_REVIEW))
    turn = advance(flow, e.ChallengeVoid(challenge_id="c1", code="challenge_expired"))
    assert (turn.flow.step, turn.flow.submit_wanted) == (Step.CHALLENGE, False)
    assert turn.flow.notice is not None
    assert turn.flow.notice.code == "challenge_expired"
    assert CLIP not in turn.flow.captures
    assert next_call(turn.flow, is_attended=False) is None


def test_refused_evidence_opens_its_step_again() -> None:
    turn = advance(
        after(*TO_REVIEW),
        e.EvidenceRefused(kind=SELFIE, sha256=sha(SELFIE), code="evidence_type_refused"),
    )
    assert turn.flow.step is Step.SELFIE
    assert turn.flow.notice is not None
    assert turn.flow.notice.kind is SELFIE


# ---------------------------------------------------------------- fields


def test_the_face_goes_on_while_the_card_is_read_but_the_case_waits_for_number_and_birth_date() -> (
    None
):
    without = [event for event in TO_REVIEW if not isinstance(event, e.FieldsRead)]
    flow = after(*without)
    assert refused(flow, e.SubmitChosen(at=NOW)) == "case_incomplete"
    flow = after(read(id_number="001099000000"), flow=flow)
    assert missing_fields(flow) == (FieldName.DATE_OF_BIRTH,)
    assert Step.FIELDS in reachable(flow)
    assert refused(flow, e.SubmitChosen(at=NOW)) == "case_incomplete"
    typed = e.FieldEdited(field=FieldName.DATE_OF_BIRTH, value=" 1999-01-02 ")
    flow = after(typed, e.SubmitChosen(at=NOW), flow=flow)
    assert values(flow)[FieldName.DATE_OF_BIRTH] == "1999-01-02"
    assert next_call(flow, is_attended=False) is Call.SEND_EDITS


def test_the_fields_step_is_left_with_number_and_birth_date_alone() -> None:
    flow = after(read(full_name="A"), flow=after(*TO_FIELDS))
    assert next_step(flow) is None


def test_a_card_that_could_not_be_judged_holds_nothing_up() -> None:
    rejected = e.FieldsRead(
        of=(sha(FRONT), sha(BACK)), version=1, fields={}, rejected=Guided(text="Chụp lại.")
    )
    assert missing_fields(after(rejected, flow=after(*TO_FIELDS))) == ()


def test_an_edit_is_marked_with_what_was_read_and_the_reading_again_is_none() -> None:
    flow = after(read(**GOOD), flow=after(*TO_FIELDS))
    flow = after(e.FieldEdited(field=FieldName.ID_NUMBER, value="001099000001"), flow=flow)
    assert flow.edits[FieldName.ID_NUMBER].before == GOOD["id_number"]
    back = after(e.FieldEdited(field=FieldName.ID_NUMBER, value=GOOD["id_number"]), flow=flow)
    assert back.edits == {}


def test_an_edit_that_arrived_is_only_undone_by_another() -> None:
    flow = after(read(**GOOD), flow=after(*TO_FIELDS))
    flow = after(e.FieldEdited(field=FieldName.ID_NUMBER, value="1"), flow=flow)
    of = (sha(FRONT), sha(BACK))
    done = e.EditsArrived(of=of, version=4, values={FieldName.ID_NUMBER: "1"})
    flow = after(done, flow=flow)
    assert unsent_edits(flow) == {}
    undone = e.FieldEdited(field=FieldName.ID_NUMBER, value=GOOD["id_number"])
    assert unsent_edits(after(undone, flow=flow)) == {FieldName.ID_NUMBER: GOOD["id_number"]}


def test_what_was_typed_before_the_card_was_read_stays_beside_the_reading() -> None:
    typed = e.FieldEdited(field=FieldName.ID_NUMBER, value="001099000009")
    same = e.FieldEdited(field=FieldName.DATE_OF_BIRTH, value="1999-01-02")
    flow = after(*TO_FIELDS, typed, same, read(**GOOD))
    assert set(flow.edits) == {FieldName.ID_NUMBER}
    assert flow.edits[FieldName.ID_NUMBER].before == GOOD["id_number"]


@pytest.mark.parametrize("value", ["", "   ", "a\x00b", "x" * 301])
def test_values_that_the_gateway_would_refuse_are_refused(value: str) -> None:
    event = e.FieldEdited(field=FieldName.FULL_NAME, value=value)
    assert refused(after(*TO_FIELDS), event) == "value_invalid"


# ---------------------------------------------------------------- the gateway's word


@pytest.mark.parametrize(
    ("kinds", "rail"),
    [
        ((SELFIE,), [Step.SELFIE]),
        ((CLIP,), [Step.CHALLENGE]),
        ((FRONT, CLIP), [Step.CARD_FRONT]),
    ],
)
def test_a_retake_opens_exactly_the_steps_it_names(
    kinds: tuple[EvidenceKind, ...], rail: list[Step]
) -> None:
    flow = after(*TO_SUBMITTED)
    flow = after(told(CaseStatus.PROCESSING, flow=flow), flow=flow)
    assert digests(flow) == frozenset()
    flow = after(told(CaseStatus.RETAKE, *kinds), flow=flow)
    assert list(reachable(flow)) == rail
    assert flow.step is rail[0]
    assert not set(kinds) & set(flow.captures)
    assert not is_over(flow)


def test_after_the_retake_the_case_can_be_handed_in_again() -> None:
    flow = after(told(CaseStatus.RETAKE, SELFIE), flow=after(*TO_SUBMITTED))
    assert refused(flow, captured(FRONT)) == "step_not_open"
    flow = after(captured(SELFIE, "again"), flow=flow)
    assert list(reachable(flow)) == [Step.SELFIE, Step.REVIEW]
    flow = after(told(CaseStatus.RETAKE, SELFIE), flow=flow)
    assert SELFIE in flow.captures
    flow = after(go(Step.REVIEW), e.SubmitChosen(at=NOW), arrived(SELFIE, "again"), flow=flow)
    assert next_call(flow, is_attended=False) is Call.SUBMIT


def test_the_spool_keeps_everything_until_the_gateway_says_that_it_has_it() -> None:
    flow = after(*TO_SUBMITTED)
    assert digests(flow) == {sha(kind) for kind in (FRONT, BACK, SELFIE, CLIP)}
    other = e.CaseTold(status=CaseStatus.APPROVED, digests={FRONT: sha("another")})
    differs = after(other, flow=flow)
    assert digests(differs)
    assert not may_forget(differs)
    turn = advance(flow, told(CaseStatus.APPROVED, flow=flow))
    assert Forget() in turn.commands


def test_a_case_that_expired_is_kept_until_the_operator_dismisses_it() -> None:
    flow = after(told(CaseStatus.EXPIRED), flow=after(*TO_REVIEW))
    assert (flow.lost, may_forget(flow)) == ("case_expired", False)
    assert digests(flow)
    assert may_forget(after(e.Abandoned(), flow=flow))


def test_a_case_that_is_being_judged_cannot_be_given_up() -> None:
    assert refused(after(*TO_SUBMITTED), e.Abandoned()) == "case_handed_in"


def test_what_holds_a_case_up_is_kept_with_its_first_time_and_cleared_by_any_answer() -> None:
    first = e.Held(code="unreachable", at=NOW)
    flow = after(first, e.Held(code="unreachable", at=NOW.replace(hour=9)), flow=after(*TO_FIELDS))
    assert flow.held == first
    assert after(arrived(FRONT), flow=flow).held is None


# ---------------------------------------------------------------- what is due


def test_the_calls_of_a_case_follow_from_its_state() -> None:
    flow = after(*TO_FIELDS)
    calls: list[Call | None] = []
    answers: tuple[FlowEvent, ...] = (
        e.CaseOpened(case_id=CASE),
        e.ConsentArrived(), arrived(FRONT), arrived(BACK),
        e.CaseTold(status=CaseStatus.OPEN, digests={}, card_read=True), read(**GOOD),
    )  # fmt: skip
    for answer in answers:
        calls.append(next_call(flow, is_attended=False))
        flow = after(answer, flow=flow)
    assert calls == [
        Call.OPEN_CASE, Call.SEND_CONSENT, Call.SEND_EVIDENCE, Call.SEND_EVIDENCE, Call.LOOK,
        Call.READ_FIELDS,
    ]  # fmt: skip
    assert next_call(flow, is_attended=False) is None
    assert next_call(flow, is_attended=True) is Call.LOOK


def test_the_clip_goes_before_all_else_because_its_challenge_expires() -> None:
    flow = after(*TO_REVIEW)
    captures = {kind: replace(one, arrived=False) for kind, one in flow.captures.items()}
    first = next_evidence(replace(flow, captures=captures))
    assert first is not None
    assert first.kind is CLIP


def test_nobody_is_challenged_when_nobody_is_there() -> None:
    flow = after(*TO_REVIEW[: TO_REVIEW.index(issued())])
    assert next_call(flow, is_attended=True) is Call.ASK_CHALLENGE
    assert next_call(flow, is_attended=False) is not Call.ASK_CHALLENGE


# ---------------------------------------------------------------- as a whole


def test_the_journal_gives_the_same_state_again() -> None:
    events = [*TO_SUBMITTED, told(CaseStatus.RETAKE, SELFIE), e.Held(code="busy", at=NOW)]
    lines = [EVENT.dump_json(event) for event in events]
    assert replay([EVENT.validate_json(line) for line in lines]) == after(*events)


def _any_event(rng: random.Random) -> FlowEvent:
    kind = rng.choice((FRONT, BACK, SELFIE, CLIP))
    content = rng.choice(("a", "b"))
    origin = Origin(means=Means.CAMERA, device="cam", driver="uvc")
    of = tuple(sha(rng.choice("ab")) for _ in range(rng.choice((1, 2))))
    name = rng.choice((FieldName.ID_NUMBER, FieldName.DATE_OF_BIRTH))
    return rng.choice(
        (
            started(), consent(), e.CaseOpened(case_id=CASE), go(rng.choice(list(Step))),
            go(rng.choice(list(Step))), e.BackSkipped(),
            replace(captured(kind, content, challenge_id="c1"), origin=origin), arrived(kind, content),
            captured(kind, content, challenge_id="c1"), issued(), e.ChallengeWanted(),
            e.FieldEdited(field=name, value="1"), e.SubmitChosen(at=NOW), read(of=of, **GOOD), read(of=of),
            e.EvidenceRefused(kind=kind, sha256=sha(content), code="x"), e.SubmitArrived(),
            e.ChallengeVoid(challenge_id="c1", code="challenge_expired"), e.Held(code="busy", at=NOW),
            e.SubmitRefused(code="evidence_missing", kinds=(kind,)), e.ConsentArrived(),
            e.SubmitRefused(code="field_required", fields=(name,)),
            e.CaseTold(status=rng.choice(list(CaseStatus)), missing=(kind,), digests={}),
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_the_operator_stands_where_something_can_be_done(seed: int) -> None:
    rng, flow = random.Random(seed), after(*TO_FIELDS[: 2 + seed % 5])
    for _ in range(200):
        event = _any_event(rng)
        try:
            flow = advance(flow, event).flow
        except NotNow:
            continue
        assert flow.step in reachable(flow), event
        assert not flow.captures or flow.consent
        if flow.reading:
            assert flow.captures
        if flow.submit_wanted:
            assert {FRONT, SELFIE, CLIP} <= set(flow.captures)
        next_call(flow, is_attended=True)
