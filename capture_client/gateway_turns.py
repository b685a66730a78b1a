"""What the gateway's answers make of a case. An answer that came too late for what it was about changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from capture_client.desk_values import Step
from capture_client.events import (
    CaseLost,
    CaseOpened,
    CaseTold,
    ChallengeIssued,
    ChallengeRefused,
    ChallengeVoid,
    ConsentArrived,
    EditsArrived,
    EvidenceArrived,
    EvidenceRefused,
    FieldsRead,
    Held,
    SubmitArrived,
    SubmitRefused,
)
from capture_client.flow_state import (
    CAPTURED_KINDS,
    CARD_KINDS,
    SETTLED,
    Edit,
    Flow,
    Notice,
    OpenChallenge,
    Reading,
    card_digests,
    first_undone,
    reachable,
)
from capture_client.operator_turns import without
from pipeline.case import CaseStatus
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

#: Statuses in which a case that was handed in is known by the gateway.
_TAKEN = SETTLED | {CaseStatus.PROCESSING}


def case_opened(flow: Flow, event: CaseOpened) -> Flow:
    """Note the case's id."""
    return replace(flow, case_id=event.case_id)


def consent_arrived(flow: Flow, event: ConsentArrived) -> Flow:
    """Note that the receipt is there."""
    del event
    return replace(flow, consent_arrived=True)


def evidence_arrived(flow: Flow, event: EvidenceArrived) -> Flow:
    """Note that evidence is there; a card that has just arrived has not been read."""
    capture = flow.captures.get(event.kind)
    if capture is None or capture.sha256 != event.sha256:
        return flow
    captures = {**flow.captures, event.kind: replace(capture, arrived=True)}
    card_read = flow.card_read and event.kind not in CARD_KINDS
    return replace(flow, captures=captures, card_read=card_read)


def evidence_refused(flow: Flow, event: EvidenceRefused) -> Flow:
    """Drop evidence that the gateway does not take, and open its step again."""
    capture = flow.captures.get(event.kind)
    if capture is None or capture.sha256 != event.sha256:
        return flow
    flow = replace(without(flow, frozenset({event.kind})), submit_wanted=False)
    flow = replace(flow, notice=Notice(code=event.code, kind=event.kind))
    return replace(flow, step=_open_step(flow))


def fields_read(flow: Flow, event: FieldsRead) -> Flow:
    """Take what was read, if it is of the card that is still here; edits that say the same are none."""
    if event.of != card_digests(flow):
        return flow
    reading = Reading(
        version=event.version, fields=event.fields, rejected=event.rejected, failed=event.failed
    )
    kept = {name: _with_before(edit, name, reading) for name, edit in flow.edits.items()}
    edits = {name: edit for name, edit in kept.items() if edit.arrived or edit.before != edit.after}
    return replace(flow, reading=reading, edits=edits)


def _with_before(edit: Edit, name: FieldName, reading: Reading) -> Edit:
    read = reading.fields.get(name)
    return edit if edit.arrived else replace(edit, before=read.value if read else None)


def edits_arrived(flow: Flow, event: EditsArrived) -> Flow:
    """Note which edits are there; one that was changed again meanwhile is not."""
    if event.of != card_digests(flow) or flow.reading is None:
        return flow
    edits = {
        name: replace(edit, arrived=edit.arrived or event.values.get(name) == edit.after)
        for name, edit in flow.edits.items()
    }
    return replace(flow, edits=edits, reading=replace(flow.reading, version=event.version))


def challenge_issued(flow: Flow, event: ChallengeIssued) -> Flow:
    """Take the challenge that is waited for."""
    if flow.challenge_wanted is None:
        return flow
    challenge = OpenChallenge(
        id=event.challenge_id, nonce=event.nonce, steps=event.steps, asked_at=event.asked_at,
        lasts_s=event.lasts_s,
    )  # fmt: skip
    return replace(flow, challenge=challenge, challenge_wanted=None)


def challenge_refused(flow: Flow, event: ChallengeRefused) -> Flow:
    """Note that no challenge comes; the operator asks for another one."""
    notice = Notice(code=event.code, kind=EvidenceKind.CLIP)
    return replace(flow, challenge_wanted=None, notice=notice)


def challenge_void(flow: Flow, event: ChallengeVoid) -> Flow:
    """Drop a challenge that cannot be answered any more, with its clip: the customer is needed again."""
    if flow.challenge is None or flow.challenge.id != event.challenge_id:
        return flow
    flow = replace(without(flow, frozenset({EvidenceKind.CLIP})), submit_wanted=False)
    flow = replace(flow, notice=Notice(code=event.code, kind=EvidenceKind.CLIP))
    return replace(flow, step=_open_step(flow))


def _open_step(flow: Flow) -> Step:
    """Return the operator's step, or the one with something to do when that is not open any more or past all work."""
    if flow.step in (Step.REVIEW, Step.RESULT) or flow.step not in reachable(flow):
        return first_undone(flow)
    return flow.step


def submit_arrived(flow: Flow, event: SubmitArrived) -> Flow:
    """Note that the case is being judged."""
    del event
    return replace(
        flow, status=CaseStatus.PROCESSING, submit_wanted=False, step=Step.RESULT, guidance=()
    )


def submit_refused(flow: Flow, event: SubmitRefused) -> Flow:
    """Open again what the gateway lacks."""
    flow = replace(flow, submit_wanted=False)
    if event.kinds:
        flow = _reopened(flow, event.kinds, flow.open_kinds | set(event.kinds))
    if event.fields:  # what was read and edited is looked at anew
        flow = replace(_unread(flow), card_read=False)
    step = Step.FIELDS if event.fields else first_undone(flow)
    return replace(flow, step=step, notice=Notice(code=event.code))


def case_told(flow: Flow, event: CaseTold) -> Flow:
    """Take what the gateway says about the case."""
    if event.status in (CaseStatus.EXPIRED, CaseStatus.ERASED):
        return replace(flow, status=event.status, lost=f"case_{event.status}", step=Step.RESULT)
    is_new_retake = event.status is CaseStatus.RETAKE and flow.status is not CaseStatus.RETAKE
    flow = replace(flow, status=event.status, guidance=event.guidance, card_read=event.card_read)
    if is_new_retake:
        kinds = frozenset(event.missing) & CAPTURED_KINDS or CAPTURED_KINDS
        flow = replace(_reopened(flow, kinds, kinds), submit_wanted=False)
        return replace(flow, step=first_undone(flow))
    if event.status not in _TAKEN:
        return flow if event.card_read else _unread(flow)
    ours = {kind: capture.sha256 for kind, capture in flow.captures.items()}
    stored = flow.stored or ours.items() <= event.digests.items()
    notice = None if stored else Notice(code="evidence_differs")
    return replace(flow, submit_wanted=False, step=Step.RESULT, stored=stored, notice=notice)


def _unread(flow: Flow) -> Flow:
    """The gateway reads the card (again): what it read and was told before is worth nothing to it."""
    edits = {name: replace(edit, arrived=False) for name, edit in flow.edits.items()}
    return replace(flow, reading=None, edits=edits)


def _reopened(
    flow: Flow, kinds: Collection[EvidenceKind], open_kinds: frozenset[EvidenceKind]
) -> Flow:
    """Return the flow with evidence of these kinds to be captured again."""
    flow = replace(without(flow, frozenset(kinds)), open_kinds=open_kinds, stored=False)
    asks_back = EvidenceKind.CARD_BACK in kinds
    return replace(flow, back_skipped=flow.back_skipped and not asks_back)


def case_lost(flow: Flow, event: CaseLost) -> Flow:
    """Note that the case cannot go on."""
    return replace(flow, lost=event.code, submit_wanted=False, step=Step.RESULT)


def held(flow: Flow, event: Held) -> Flow:
    """Note why nothing goes on; since when, if the reason is still the same."""
    if flow.held and flow.held.code == event.code:
        return flow
    return replace(flow, held=event)
