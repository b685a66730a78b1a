"""The life of a case: one pure transition table, the only place where a status follows from an event.

open -> processing -> approved | rejected | review | retake;  review -> approved | rejected | retake (a person);
retake -> processing (new evidence);  open | retake -> expired;  any final status -> erased.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from pipeline.errors import IllegalTransition


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    PROCESSING = "processing"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVIEW = "review"
    RETAKE = "retake"
    EXPIRED = "expired"
    ERASED = "erased"


class CaseEvent(StrEnum):
    """What can happen to a case."""

    SUBMIT = "submit"
    DECIDE_APPROVED = "decide_approved"
    DECIDE_REJECTED = "decide_rejected"
    DECIDE_REVIEW = "decide_review"
    DECIDE_RETAKE = "decide_retake"
    REVIEWER_APPROVES = "reviewer_approves"
    REVIEWER_REJECTS = "reviewer_rejects"
    REVIEWER_ASKS_RETAKE = "reviewer_asks_retake"
    REQUEUE = "requeue"
    EXPIRE = "expire"
    ERASE = "erase"


#: Statuses that wait for nobody. `retake` waits for the customer, `review` for a person of the bank.
FINAL = frozenset({CaseStatus.APPROVED, CaseStatus.REJECTED, CaseStatus.EXPIRED})

#: Statuses in which the capture client may still send evidence.
ACCEPTS_EVIDENCE = frozenset({CaseStatus.OPEN, CaseStatus.RETAKE})

_S, _E = CaseStatus, CaseEvent

TRANSITIONS: MappingProxyType[tuple[CaseStatus, CaseEvent], CaseStatus] = MappingProxyType(
    {
        (_S.OPEN, _E.SUBMIT): _S.PROCESSING,
        (_S.RETAKE, _E.SUBMIT): _S.PROCESSING,
        (_S.PROCESSING, _E.DECIDE_APPROVED): _S.APPROVED,
        (_S.PROCESSING, _E.DECIDE_REJECTED): _S.REJECTED,
        (_S.PROCESSING, _E.DECIDE_REVIEW): _S.REVIEW,
        (_S.PROCESSING, _E.DECIDE_RETAKE): _S.RETAKE,
        (_S.REVIEW, _E.REVIEWER_APPROVES): _S.APPROVED,
        (_S.REVIEW, _E.REVIEWER_REJECTS): _S.REJECTED,
        (_S.REVIEW, _E.REVIEWER_ASKS_RETAKE): _S.RETAKE,
        # A stage that was dead is started again by hand, so there will be a new verdict.
        (_S.REVIEW, _E.REQUEUE): _S.PROCESSING,
        (_S.OPEN, _E.EXPIRE): _S.EXPIRED,
        (_S.RETAKE, _E.EXPIRE): _S.EXPIRED,
        **{(status, _E.ERASE): _S.ERASED for status in FINAL},
    }
)


def advance(status: CaseStatus, event: CaseEvent) -> CaseStatus:
    """Return the status that follows when `event` happens to a case in `status`.

    Raises:
        IllegalTransition: the event cannot happen in this status.
    """
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise IllegalTransition(status, event) from None
