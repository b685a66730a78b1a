"""Verdicts by people: a reviewer claims a case, then approves, rejects or asks for a retake."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from api.answers import CaseForStaff, ClaimShown
from api.endpoint import Answers, Resource
from api.gateway import Call
from api.headers import ACCEPT_LANGUAGE, IF_MATCH_CASE
from api.problems import ApiError
from api.requests import ReviewerVerdict
from api.views import staff_view
from pipeline.case import CaseEvent
from pipeline.verdict import Outcome
from store.api_keys import Scope
from store.cases import record_review
from store.review_claims import claim_review, release_review

verdicts = Resource("verdicts")

REVIEWER = frozenset({Scope.REVIEWER})

_EVENT_OF = {
    Outcome.APPROVED: CaseEvent.REVIEWER_APPROVES,
    Outcome.REJECTED: CaseEvent.REVIEWER_REJECTS,
    Outcome.RETAKE: CaseEvent.REVIEWER_ASKS_RETAKE,
}


@verdicts.endpoint(
    "POST",
    "/cases/{case_id}/claim",
    answers=Answers(models=(ClaimShown,)),
    scopes=REVIEWER,
    problems=("case_wrong_status", "case_erased", "review_claimed"),
)
def claim_case(call: Call, case_id: UUID) -> ClaimShown:
    """Claim a case in review, or renew one's claim: until it ends nobody else can decide the case."""
    claim = claim_review(call.store, case_id, actor=call.caller.actor)
    return ClaimShown(
        id=case_id, claimed_by=claim.claimed_by, claimed_at=claim.claimed_at, until=claim.until
    )


@verdicts.endpoint(
    "DELETE",
    "/cases/{case_id}/claim",
    answers=Answers(status=HTTPStatus.NO_CONTENT),
    scopes=REVIEWER,
    problems=("review_claimed",),
)
def release_claim(call: Call, case_id: UUID) -> None:
    """Let go of one's claim without a verdict."""
    release_review(call.store, case_id, actor=call.caller.actor)


@verdicts.endpoint(
    "POST",
    "/cases/{case_id}/verdict",
    answers=Answers(models=(CaseForStaff,)),
    scopes=REVIEWER,
    headers=(ACCEPT_LANGUAGE, IF_MATCH_CASE),
    problems=(
        "case_wrong_status", "case_erased", "four_eyes_required", "attempts_exhausted", "review_claimed",
        "case_version_stale",
    ),
)  # fmt: skip
def give_verdict(call: Call, case_id: UUID, body: ReviewerVerdict) -> CaseForStaff:
    """Decide a case that is in review. Approving against a hard reason takes two reviewers."""
    seen = IF_MATCH_CASE.find()
    case = record_review(
        call.store,
        case_id,
        event=_event(body),
        reason=body.reason,
        retake=tuple(body.retake),
        actor=call.caller.actor,
        expected_version=int(seen.strip('"').partition("-")[0]) if seen else None,
    )
    return staff_view(case, call.language)


def _event(body: ReviewerVerdict) -> CaseEvent:
    event = _EVENT_OF.get(body.outcome)
    if event is None:
        raise ApiError("body_invalid", errors=[{"at": "outcome", "why": "not_a_decision"}])
    if (body.outcome is Outcome.RETAKE) != bool(body.retake):
        raise ApiError("body_invalid", errors=[{"at": "retake", "why": "goes_with_retake_alone"}])
    return event
