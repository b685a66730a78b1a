"""Verdicts by people: a reviewer approves, rejects or asks for a retake."""

from __future__ import annotations

from uuid import UUID

from api.answers import CaseForStaff
from api.endpoint import Answers, Resource
from api.gateway import Call
from api.headers import ACCEPT_LANGUAGE
from api.problems import ApiError
from api.requests import ReviewerVerdict
from api.views import staff_view
from pipeline.case import CaseEvent
from pipeline.decision import Outcome
from store.api_keys import Scope
from store.cases import record_review

verdicts = Resource("verdicts")

_EVENT_OF = {
    Outcome.APPROVED: CaseEvent.REVIEWER_APPROVES,
    Outcome.REJECTED: CaseEvent.REVIEWER_REJECTS,
    Outcome.RETAKE: CaseEvent.REVIEWER_ASKS_RETAKE,
}


@verdicts.endpoint(
    "POST",
    "/cases/{case_id}/verdict",
    answers=Answers(models=(CaseForStaff,)),
    scopes=frozenset({Scope.REVIEWER}),
    headers=(ACCEPT_LANGUAGE,),
    problems=("case_wrong_status", "case_erased", "four_eyes_required", "attempts_exhausted"),
)
def give_verdict(call: Call, case_id: UUID, body: ReviewerVerdict) -> CaseForStaff:
    """Decide a case that is in review. Approving against a hard reason takes two reviewers."""
    case = record_review(
        call.store,
        case_id,
        event=_event(body),
        reason=body.reason,
        retake=tuple(body.retake),
        actor=call.caller.actor,
    )
    return staff_view(case, call.language)


def _event(body: ReviewerVerdict) -> CaseEvent:
    event = _EVENT_OF.get(body.outcome)
    if event is None:
        raise ApiError("body_invalid", errors=[{"at": "outcome", "why": "not_a_decision"}])
    if (body.outcome is Outcome.RETAKE) != bool(body.retake):
        raise ApiError("body_invalid", errors=[{"at": "retake", "why": "goes_with_retake_alone"}])
    return event
