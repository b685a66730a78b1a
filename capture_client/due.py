"""What is to be asked of the gateway next for one case: a pure function of its state.

Nothing is queued: whatever was lost with a crash, a cut line or an answer that never came follows again from the state.
"""

from __future__ import annotations

from enum import StrEnum

from capture_client.desk_values import Step
from capture_client.flow_state import Capture, Flow, card_digests, is_done, is_over
from pipeline.case import ACCEPTS_EVIDENCE
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

#: The clip first: its challenge expires. Then the card, which takes longest to read.
_ORDER = (EvidenceKind.CLIP, EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE)


class Call(StrEnum):
    """One request, or one upload."""

    OPEN_CASE = "open_case"
    SEND_CONSENT = "send_consent"
    ASK_CHALLENGE = "ask_challenge"
    SEND_EVIDENCE = "send_evidence"
    READ_FIELDS = "read_fields"
    SEND_EDITS = "send_edits"
    SUBMIT = "submit"
    LOOK = "look"


def next_call(flow: Flow, *, is_attended: bool) -> Call | None:
    """Return the next call for a case, or None while it waits for a person.

    Args:
        flow: the case.
        is_attended: the operator stands before it. Without, no challenge is asked for: nobody would see it.
    """
    if is_over(flow) or flow.consent is None:
        return None
    if not flow.consent_arrived:
        return Call.SEND_CONSENT if flow.case_id else Call.OPEN_CASE
    if flow.status not in ACCEPTS_EVIDENCE:
        return Call.LOOK
    if is_attended and flow.challenge_wanted is not None:  # a person is waiting for it
        return Call.ASK_CHALLENGE
    sends = _to_send(flow) or _about_card(flow) or _about_submit(flow)
    return sends or (Call.LOOK if is_attended else None)


def _to_send(flow: Flow) -> Call | None:
    return Call.SEND_EVIDENCE if next_evidence(flow) else None


def next_evidence(flow: Flow) -> Capture | None:
    """Return what to upload next."""
    waiting = [flow.captures[kind] for kind in _ORDER if kind in flow.captures]
    return next((capture for capture in waiting if not capture.arrived), None)


def unsent_edits(flow: Flow) -> dict[FieldName, str]:
    """Return the values that the gateway does not have yet."""
    return {name: edit.after for name, edit in flow.edits.items() if not edit.arrived}


def _about_card(flow: Flow) -> Call | None:
    if flow.reading is None:
        is_whole = card_digests(flow) and is_done(flow, Step.CARD_BACK)
        if not is_whole:
            return None
        return Call.READ_FIELDS if flow.card_read else Call.LOOK
    return Call.SEND_EDITS if unsent_edits(flow) and not flow.reading.failed else None


def _about_submit(flow: Flow) -> Call | None:
    return Call.SUBMIT if flow.submit_wanted else None
