"""Calls of the gateway, and what follows from the answers, as events of the flow.

Every call may be made again after a lost answer, so none has to be remembered (`api_client.py` says why for each).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from capture_client import events as e
from capture_client.answers import CaseState, Fields
from capture_client.api_client import CHUNK_BYTES, CaptureApi
from capture_client.desk_case import DeskCase
from capture_client.desk_values import Guided, ReadField
from capture_client.due import Call, next_evidence, unsent_edits
from capture_client.events import GatewayEvent
from capture_client.flow_state import Capture, card_digests
from capture_client.problems import ApiProblem
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind, Stage

LOST = frozenset({"case_unknown", "case_erased", "attempts_exhausted", "branch_forbidden"})
_KEY_REFUSED = frozenset({"unauthenticated", "scope_missing"})
VOID = frozenset({"challenge_expired", "challenge_superseded", "challenge_missing"})
REFUSED = frozenset(
    {
        "evidence_empty", "evidence_type_refused", "evidence_truncated", "image_too_many_pixels", "image_too_small",
        "body_too_large",
    }
)  # fmt: skip
#: The case was handed in by somebody else, or expired; or the answer had no body to explain itself.
_ASK_AGAIN = frozenset({"case_wrong_status", "refused"})
#: The card will be read by nobody any more, or has been.
_LOOKED_AT = frozenset({"done", "dead", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is known of the line: the client, the time, how much a request may carry, and whom to tell of progress."""

    api: CaptureApi
    now: datetime
    chunk_bytes: int = CHUNK_BYTES
    on_progress: Callable[[float], None] | None = None


def call_gateway(line: Line, case: DeskCase, call: Call) -> GatewayEvent:
    """Make a call and return what follows.

    Raises:
        CaptureError: no answer, or a refusal from which nothing follows but to wait.
        SpoolDamaged: the evidence to be sent is not what was written.
    """
    try:
        return _CALLS[call](line, case)
    except ApiProblem as problem:
        return _of_problem(line, case, problem)


def _of_problem(line: Line, case: DeskCase, problem: ApiProblem) -> GatewayEvent:
    if problem.code in _ASK_AGAIN:
        try:
            return _look(line, case)
        except ApiProblem as said:
            problem = said
    if problem.code in LOST:
        return e.CaseLost(code=problem.code)
    if problem.code in _KEY_REFUSED:
        return e.Held(code="key_refused", at=line.now)
    raise problem


def _open_case(line: Line, case: DeskCase) -> GatewayEvent:
    started = case.flow.started
    assert started is not None
    opened = line.api.create_case(
        branch=started.branch,
        reference=started.reference,
        idempotency_key=started.idempotency_key,
    )
    return e.CaseOpened(case_id=opened.id)


def _send_consent(line: Line, case: DeskCase) -> GatewayEvent:
    flow = case.flow
    assert flow.case_id is not None
    assert flow.consent is not None
    for purpose in flow.consent.purposes:
        line.api.give_consent(
            flow.case_id, purpose,
            text_sha256=flow.consent.text_sha256, text_version=flow.consent.text_version,
            language=flow.consent.language, given_at=flow.consent.given_at,
        )  # fmt: skip
    return e.ConsentArrived()


def _ask_challenge(line: Line, case: DeskCase) -> GatewayEvent:
    flow = case.flow
    assert flow.case_id is not None
    try:
        drawn = line.api.request_challenge(flow.case_id, exclude=flow.challenge_wanted or ())
    except ApiProblem as problem:
        if problem.code != "challenge_impossible":
            raise
        return e.ChallengeRefused(code=problem.code)
    return e.ChallengeIssued(
        challenge_id=drawn.id, nonce=drawn.nonce, steps=drawn.as_steps(), asked_at=line.now,
        lasts_s=(drawn.expires_at - drawn.issued_at).total_seconds(),
    )  # fmt: skip


def _send_evidence(line: Line, case: DeskCase) -> GatewayEvent:
    capture = next_evidence(case.flow)
    assert capture is not None
    try:
        _upload(line, case, capture)
    except ApiProblem as problem:
        return _not_taken(capture, problem)
    return e.EvidenceArrived(kind=capture.kind, sha256=capture.sha256)


def _upload(line: Line, case: DeskCase, capture: Capture) -> None:
    flow = case.flow
    assert flow.case_id is not None
    data = case.evidence(capture.sha256)
    if capture.kind is not EvidenceKind.CLIP:
        line.api.put_evidence(flow.case_id, capture.kind, data)
        return
    assert flow.challenge is not None
    line.api.upload_clip(
        flow.case_id, data,
        nonce=flow.challenge.nonce, chunk_bytes=line.chunk_bytes, on_progress=line.on_progress,
    )  # fmt: skip


def _not_taken(capture: Capture, problem: ApiProblem) -> GatewayEvent:
    if problem.code in VOID and capture.challenge_id:
        return e.ChallengeVoid(challenge_id=capture.challenge_id, code=problem.code)
    if problem.code in REFUSED:
        return e.EvidenceRefused(kind=capture.kind, sha256=capture.sha256, code=problem.code)
    raise problem


def _read_fields(line: Line, case: DeskCase) -> GatewayEvent:
    of, case_id = card_digests(case.flow), case.flow.case_id
    assert case_id is not None
    fields = line.api.get_fields(case_id)
    if fields.ready:
        return _read_event(fields, of)
    state = line.api.get_case(case_id)
    if _status_of_reading(state) in _LOOKED_AT - {"done"}:
        return e.FieldsRead(of=of, version=fields.version, fields={}, failed=True)
    return told(state)


def _read_event(fields: Fields, of: tuple[str, ...]) -> GatewayEvent:
    rejected = fields.rejected
    return e.FieldsRead(
        of=of,
        version=fields.version,
        fields={
            name: ReadField(
                value=field.value, confidence=field.confidence, source=field.source, checks=field.checks
            )
            for name, field in fields.fields.items()
        },
        rejected=Guided(text=rejected.text, retake=rejected.retake) if rejected else None,
    )  # fmt: skip


def _send_edits(line: Line, case: DeskCase) -> GatewayEvent:
    flow, edits, of = case.flow, unsent_edits(case.flow), card_digests(case.flow)
    assert flow.case_id is not None
    assert flow.reading is not None
    try:
        fields = line.api.edit_fields(flow.case_id, edits, version=flow.reading.version)
    except ApiProblem as problem:
        if problem.code not in {"fields_version_stale", "fields_not_ready"}:
            raise
        return _read_fields(line, case)
    return e.EditsArrived(of=of, version=fields.version, values=edits)


def _submit(line: Line, case: DeskCase) -> GatewayEvent:
    assert case.flow.case_id is not None
    try:
        line.api.submit(case.flow.case_id)
    except ApiProblem as problem:
        if problem.code not in {"evidence_missing", "field_required"}:
            raise
        return e.SubmitRefused(
            code=problem.code,
            kinds=tuple(map(EvidenceKind, problem.members.get("kinds", ()))),
            fields=tuple(map(FieldName, problem.members.get("fields", ()))),
        )
    return e.SubmitArrived()


def _look(line: Line, case: DeskCase) -> GatewayEvent:
    assert case.flow.case_id is not None
    return told(line.api.get_case(case.flow.case_id))


def told(state: CaseState) -> e.CaseTold:
    """Return what the gateway says about a case as an event."""
    return e.CaseTold(
        status=state.status,
        missing=state.missing,
        guidance=tuple(Guided(text=row.text, retake=row.retake) for row in state.guidance),
        digests={there.kind: there.sha256 for there in state.evidence},
        card_read=_status_of_reading(state) in _LOOKED_AT,
    )


def _status_of_reading(state: CaseState) -> str:
    rows = (row.status for row in state.stages if row.stage is Stage.READ_CARD)
    return next(rows, "")


_CALLS: Mapping[Call, Callable[[Line, DeskCase], GatewayEvent]] = {
    Call.OPEN_CASE: _open_case,
    Call.SEND_CONSENT: _send_consent,
    Call.ASK_CHALLENGE: _ask_challenge,
    Call.SEND_EVIDENCE: _send_evidence,
    Call.READ_FIELDS: _read_fields,
    Call.SEND_EDITS: _send_edits,
    Call.SUBMIT: _submit,
    Call.LOOK: _look,
}
