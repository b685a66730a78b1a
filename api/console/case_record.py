"""Everything that the page of a case shows, gathered once; the look is noted before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.console.visits import Visit
from pipeline.case import CaseStatus
from pipeline.findings import CardFinding, FaceFinding, FieldName, LivenessFinding
from pipeline.reasons import Severity
from pipeline.stages import Stage
from store import audit
from store.api_keys import Scope
from store.cases import CaseView, get_case
from store.decisions import load_findings
from store.fields import get_fields
from store.pictures import PictureView, list_pictures
from store.review_claims import ReviewClaim, live_claims
from store.reviews import ReviewView, list_reviews
from store.users import names_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What of a case is sealed; all of it is empty for those who may not see it, and of an erased case."""

    fields: Mapping[FieldName, dict[str, Any]] = field(default_factory=dict)
    card: CardFinding | None = None
    face: FaceFinding | None = None
    liveness: LivenessFinding | None = None
    pictures: tuple[PictureView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case as its page knows it."""

    case: CaseView
    contents: Contents
    is_open_to_visitor: bool
    reviews: tuple[ReviewView, ...]
    claim: ReviewClaim | None
    events: list[audit.Event]
    looks: tuple[audit.Looks, ...]
    names: Mapping[str, str]

    @property
    def first_approval(self) -> ReviewView | None:
        """The approval against a hard reason that another person must confirm."""
        verdict = self.case.verdict
        waiting = [
            review
            for review in self.reviews
            if not review.effective
            and review.attempt == self.case.attempt
            and verdict is not None
            and review.reviewed_at > verdict.decided_at
        ]
        return waiting[0] if waiting and self.case.status is CaseStatus.REVIEW else None

    @property
    def needs_four_eyes(self) -> bool:
        """Whether an approval goes against a hard reason."""
        verdict = self.case.verdict
        return verdict is not None and any(r["weight"] == Severity.HARD for r in verdict.reasons)


def load_record(visit: Visit, case_id: UUID) -> CaseRecord:
    """Return everything about a case that this visitor may see, and note the look.

    Raises:
        CaseUnknown: there is no such case, or it belongs to another branch.
    """
    store = visit.store
    case = get_case(store, case_id, branch=visit.caller.branch)
    sees = Scope.REVIEWER in visit.caller.scopes and case.status is not CaseStatus.ERASED
    contents = _contents(visit, case_id) if sees else Contents()
    reviews = list_reviews(store, case_id) if sees else ()
    events, looks = audit.done_and_looked(store, case_id)
    claim = live_claims(store, [case_id]).get(case_id)
    _note_look(visit, case, contents, sees=sees)
    actors = {event.actor for event in events} | {look.actor for look in looks}
    actors |= {visit.caller.actor} | ({claim.claimed_by} if claim else set())
    return CaseRecord(
        case=case, contents=contents, is_open_to_visitor=sees, reviews=reviews, claim=claim,
        events=events, looks=looks, names=names_of(store, actors),
    )  # fmt: skip


def _contents(visit: Visit, case_id: UUID) -> Contents:
    found = load_findings(visit.store, case_id)
    return Contents(
        fields=get_fields(visit.store, case_id).fields,
        card=found.card,
        face=found.face,
        liveness=found.liveness,
        pictures=list_pictures(visit.store, case_id),
    )


def _note_look(visit: Visit, case: CaseView, contents: Contents, *, sees: bool) -> None:
    """One event for all that the page shows and leads to; who sees only the record has looked at its timeline."""
    if not sees:
        audit.append(
            visit.store,
            actor=visit.caller.actor,
            case_id=case.id,
            kind="timeline_viewed",
            payload={},
        )
        return
    payload = {
        "evidence": {str(kind): view.sha256 for kind, view in case.evidence.items()},
        "pictures": [picture.name for picture in contents.pictures],
        "fields": [str(name) for name in contents.fields],
        "stages": [str(stage) for stage in Stage if _was_judged(contents, stage)],
    }
    audit.append(
        visit.store, actor=visit.caller.actor, case_id=case.id, kind="case_viewed", payload=payload
    )


def _was_judged(contents: Contents, stage: Stage) -> bool:
    found = {
        Stage.READ_CARD: contents.card,
        Stage.MATCH_FACE: contents.face,
        Stage.SCORE_LIVENESS: contents.liveness,
    }
    return found.get(stage) is not None
