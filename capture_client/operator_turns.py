"""What the operator's steps make of a case. A step that is not open is refused (`NotNow`) and changes nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from capture_client.desk_values import Step
from capture_client.events import (
    Abandoned,
    BackSkipped,
    Captured,
    ChallengeWanted,
    ConsentGiven,
    FieldEdited,
    Started,
    StepChosen,
    SubmitChosen,
)
from capture_client.flow_state import (
    CARD_KINDS,
    STEP_OF,
    Capture,
    Edit,
    Flow,
    is_done,
    is_open,
    is_over,
    reachable,
    takes_evidence,
)
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

#: As the gateway's own limit of a field.
MAX_VALUE_LETTERS = 300


class NotNow(Exception):
    """The step is not open; `code` says why, in words of `captions.py`."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def start(flow: Flow, event: Started) -> Flow:
    """Begin a case."""
    _require(flow.started is None, "case_begun")
    return replace(flow, started=event, step=Step.CONSENT)


def give_consent(flow: Flow, event: ConsentGiven) -> Flow:
    """Take the customer's consent; nothing is captured before."""
    _require(flow.step is Step.CONSENT, "step_not_open")
    return replace(flow, consent=event.receipt, step=Step.CARD_FRONT)


def choose_step(flow: Flow, event: StepChosen) -> Flow:
    """Go to a step that is open."""
    _require(event.step in reachable(flow), "step_not_open")
    return replace(flow, step=event.step, notice=None)


def capture(flow: Flow, event: Captured) -> Flow:
    """Take new evidence in place of what was there, and void what was made of that."""
    step = STEP_OF.get(event.kind)
    _require(step is not None and flow.step is step, "step_not_open")
    _require(takes_evidence(flow) and is_open(flow, flow.step), "step_not_open")
    _require_challenge(flow, event)
    former = flow.captures.get(event.kind)
    if former and former.sha256 == event.sha256 and former.challenge_id == event.challenge_id:
        return flow
    taken = Capture(
        kind=event.kind, sha256=event.sha256, size=event.size, at=event.at, origin=event.origin,
        challenge_id=event.challenge_id,
    )  # fmt: skip
    if event.kind is not EvidenceKind.CLIP:  # a second clip answers the same challenge
        flow = without(flow, frozenset({event.kind}))
    return replace(
        flow,
        captures={**flow.captures, event.kind: taken},
        open_kinds=flow.open_kinds | {event.kind},
        back_skipped=flow.back_skipped and event.kind is not EvidenceKind.CARD_BACK,
        notice=None,
    )


def _require_challenge(flow: Flow, event: Captured) -> None:
    if event.kind is not EvidenceKind.CLIP:
        return
    challenge = flow.challenge
    _require(challenge is not None and challenge.id == event.challenge_id, "challenge_superseded")
    _require(challenge is not None and event.at <= challenge.ends_at, "challenge_expired")


def skip_back(flow: Flow, event: BackSkipped) -> Flow:
    """Go on without the back of the card."""
    del event
    _require(flow.step is Step.CARD_BACK and takes_evidence(flow), "step_not_open")
    return replace(without(flow, frozenset({EvidenceKind.CARD_BACK})), back_skipped=True)


def edit_field(flow: Flow, event: FieldEdited) -> Flow:
    """Put a value in place of what was read; the value that was read again is no edit."""
    _require(takes_evidence(flow) and Step.FIELDS in reachable(flow), "step_not_open")
    value = unicodedata.normalize("NFC", event.value.strip())
    _require(0 < len(value) <= MAX_VALUE_LETTERS and value.isprintable(), "value_invalid")
    return replace(flow, edits=_edited(flow, event.field, value))


def _edited(flow: Flow, field: FieldName, value: str) -> Mapping[FieldName, Edit]:
    read = flow.reading.fields.get(field) if flow.reading else None
    before, former = read.value if read else None, flow.edits.get(field)
    others = {name: edit for name, edit in flow.edits.items() if name is not field}
    if former is None or not former.arrived:
        return others if value == before else {**others, field: Edit(before=before, after=value)}
    if former.after == value:
        return flow.edits
    return {**others, field: Edit(before=former.before, after=value)}


def want_challenge(flow: Flow, event: ChallengeWanted) -> Flow:
    """Ask for a challenge; the one before it and its clip are void, here as at the gateway."""
    _require(flow.step is Step.CHALLENGE and takes_evidence(flow), "step_not_open")
    _require(is_open(flow, Step.CHALLENGE), "step_not_open")
    flow = without(flow, frozenset({EvidenceKind.CLIP}))
    return replace(flow, challenge_wanted=event.exclude, notice=None)


def choose_submit(flow: Flow, event: SubmitChosen) -> Flow:
    """Hand the case in."""
    del event
    _require(flow.step is Step.REVIEW and takes_evidence(flow), "step_not_open")
    _require(is_done(flow, Step.REVIEW), "case_incomplete")
    return replace(flow, submit_wanted=True, step=Step.RESULT, notice=None)


def abandon(flow: Flow, event: Abandoned) -> Flow:
    """Give the case up; a case that is being judged is the bank's already."""
    del event
    _require(takes_evidence(flow) or is_over(flow) or flow.case_id is None, "case_handed_in")
    return replace(flow, abandoned=True, step=Step.RESULT)


def without(flow: Flow, kinds: frozenset[EvidenceKind]) -> Flow:
    """Return the flow without evidence of these kinds, and without what was made of it.

    A side of the card takes what was read and every edit along (the gateway's record does the same), a clip its
    challenge. The gateway judges face and clip anew by itself when card or selfie change; the clip stays.
    """
    left = {kind: one for kind, one in flow.captures.items() if kind not in kinds}
    flow = replace(flow, captures=left)
    if kinds & set(CARD_KINDS):
        flow = replace(flow, reading=None, card_read=False, edits={})
    if EvidenceKind.CLIP in kinds:
        flow = replace(flow, challenge=None, challenge_wanted=None)
    return flow


def _require(holds: bool, code: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise NotNow(code)
