"""The page on which a reviewer decides a case, and what its forms do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from flask import Response, request
from pydantic import Field, StringConstraints, model_validator

from api.console.card_panel import card_sides, field_rows, sources_shown
from api.console.case_record import CaseRecord, load_record
from api.console.liveness_plot import draw_plot
from api.console.looks import grant_look
from api.console.pages import STAFF, Refusal, SentTo, Shown, page
from api.console.timeline import moments
from api.console.visits import Visit
from api.guidance import staff_text
from api.requests import Asked, Prose
from pipeline.case import CaseEvent
from pipeline.findings import FaceFinding, FieldName, LivenessFinding
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome
from store.api_keys import Scope
from store.errors import FourEyes
from store.review_claims import claim_next, claim_review, release_review
from store.reviews import record_review

REVIEWER = frozenset({Scope.REVIEWER})
#: FMR at the borders of the bands (docs/glossary.md), and the least that a gauge shows.
MATCH_FMR, REVIEW_FMR, LEAST_FMR = 1e-4, 1e-2, 1e-6

_EVENT_OF = {
    Outcome.APPROVED: CaseEvent.REVIEWER_APPROVES,
    Outcome.REJECTED: CaseEvent.REVIEWER_REJECTS,
    Outcome.RETAKE: CaseEvent.REVIEWER_ASKS_RETAKE,
}
#: Which part of the page a reason is about.
_PART_OF = {
    Stage.READ_CARD: "card",
    Stage.MATCH_FACE: "faces",
    Stage.SCORE_LIVENESS: "liveness",
    Stage.DECIDE: "decision",
}


class VerdictForm(Asked):
    """What a reviewer decides; `version` is of the case that was looked at."""

    outcome: Literal[Outcome.APPROVED, Outcome.REJECTED, Outcome.RETAKE]
    reason: Prose
    retake: tuple[EvidenceKind, ...] = ()
    version: int = Field(ge=0)
    go_on: bool = False

    @model_validator(mode="after")
    def _something_to_retake(self) -> Self:
        if self.outcome is Outcome.RETAKE and not self.retake:
            raise ValueError("nothing to retake")
        return self


class SkipForm(Asked):
    """Which case not to get again at once."""

    skip: UUID | None = None


class CaseQuery(Asked):
    """What the page was opened after."""

    told: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """One reason of the verdict in plain words, and the part of the page that shows why."""

    code: str
    text: str
    weight: str
    part: str
    facts: tuple[tuple[str, str], ...]
    fields: tuple[str, ...]
    #: Another case that the reason is about.
    other_case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """A similarity on the scale of its false match rate: places in percent of the scale's width."""

    place: float
    review_from: float
    match_from: float
    one_in: int


@page("GET", "/cases/{case_id}", scopes=STAFF)
def show_case(visit: Visit, case_id: UUID, query: CaseQuery) -> Shown:
    """Everything that a reviewer needs to decide."""
    return _shown(visit, case_id, told=query.told)


def _shown(
    visit: Visit, case_id: UUID, *, told: str | None = None, refusal: Refusal | None = None
) -> Shown:
    record = load_record(visit, case_id)
    contents, status = record.contents, HTTPStatus.OK
    if refusal is not None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    rows = field_rows(contents.fields)
    liveness = contents.liveness
    return Shown(
        "case.html", status, record=record, case=record.case, told=told, refusal=refusal,
        look=grant_look(case_id), reasons=tuple(_reasons(record, visit)), rows=rows,
        sources=sources_shown(rows), sides=card_sides(contents.pictures, contents.fields, rows),
        gauge=face_gauge(contents.face), faces=_named(contents.pictures, ("portrait", "face")),
        stills=[p for p in contents.pictures if p.name.startswith("still_")],
        plot=draw_plot(liveness) if liveness else None,
        action_reasons=_action_reasons(liveness, visit) if liveness else (),
        timeline=moments(record.events, record.names),
        evidence_kinds=tuple(EvidenceKind), mine=_is_mine(record, visit), may_review=_may_review(visit),
    )  # fmt: skip


def _action_reasons(liveness: LivenessFinding, visit: Visit) -> tuple[str, ...]:
    """Why each requested action does not count, "" for one that does."""
    return tuple(
        staff_text(REASONS[action.reason], visit.language) if action.reason else ""
        for action in liveness.actions
    )


def _named(pictures: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {picture.name: picture for picture in pictures if picture.name in names}


def _may_review(visit: Visit) -> bool:
    return bool(REVIEWER & visit.caller.scopes)


def _is_mine(record: CaseRecord, visit: Visit) -> bool:
    return record.claim is not None and record.claim.claimed_by == visit.caller.actor


def _reasons(record: CaseRecord, visit: Visit) -> Iterator[ReasonLine]:
    """One line a code: a reason that came for several fields names them all."""
    verdict = record.case.verdict
    by_code: dict[str, list[dict[str, Any]]] = {}
    for reason in verdict.reasons if verdict else ():
        by_code.setdefault(reason["code"], []).append(reason)
    for code, alike in by_code.items():
        facts = alike[0]["facts"] if len(alike) == 1 else {}
        yield ReasonLine(
            code=code, text=staff_text(REASONS[ReasonCode(code)], visit.language), weight=alike[0]["weight"],
            part=_PART_OF[Stage(alike[0]["stage"])],
            fields=tuple(dict.fromkeys(f for reason in alike for f in _fields_named(reason["facts"]))),
            facts=tuple((str(name), str(value)) for name, value in facts.items() if value not in ("", None)),
            other_case=str(facts.get("first", "")),
        )  # fmt: skip


def _fields_named(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a card that the facts of a reason name."""
    named = ",".join(str(facts.get(key, "")) for key in ("fields", "field", "front", "back"))
    known = {str(name) for name in FieldName}
    return tuple(dict.fromkeys(name for name in named.split(",") if name in known))


def face_gauge(face: FaceFinding | None) -> Gauge | None:
    """Return where a similarity lies; None when there is none."""
    if face is None or face.fmr is None:
        return None
    rate = min(max(face.fmr, LEAST_FMR), 1.0)
    return Gauge(
        place=_place(rate), review_from=_place(REVIEW_FMR), match_from=_place(MATCH_FMR),
        one_in=round(1 / rate),
    )  # fmt: skip


def _place(rate: float) -> float:
    return round(100 * math.log10(rate) / math.log10(LEAST_FMR), 1)


# ---------------------------------------------------------------- what the forms do


def _again(visit: Visit, refusal: Refusal) -> Shown:
    """The page as it is now, with what was entered and why it was not taken."""
    assert request.view_args is not None
    return _shown(visit, UUID(request.view_args["case_id"]), refusal=refusal)


@page("POST", "/cases/{case_id}/claim", scopes=REVIEWER)
def claim_this_case(visit: Visit, case_id: UUID) -> SentTo:
    """Claim the case, and come back to its page."""
    claim_review(visit.store, case_id, actor=visit.caller.actor)
    return SentTo(f"/cases/{case_id}")


@page("POST", "/cases/{case_id}/renew", scopes=REVIEWER, waits=True)
def renew_claim(visit: Visit, case_id: UUID) -> Response:
    """The page is still being looked at: the claim goes on."""
    claim_review(visit.store, case_id, actor=visit.caller.actor)
    return Response(status=HTTPStatus.NO_CONTENT)


@page("POST", "/cases/{case_id}/release", scopes=REVIEWER)
def release_this_case(visit: Visit, case_id: UUID) -> SentTo:
    """Let go of the case without a verdict."""
    release_review(visit.store, case_id, actor=visit.caller.actor)
    return SentTo("/queue")


@page("POST", "/review/next", scopes=REVIEWER)
def take_next_case(visit: Visit, form: SkipForm) -> SentTo:
    """Claim the case that waits longest."""
    if form.skip is not None:
        release_review(visit.store, form.skip, actor=visit.caller.actor)
    return _next(visit, but=(form.skip,) if form.skip else ())


@page("POST", "/cases/{case_id}/verdict", scopes=REVIEWER, refused=_again)
def decide_this_case(visit: Visit, case_id: UUID, form: VerdictForm) -> SentTo:
    """Record a verdict on the case as it was looked at."""
    retake = form.retake if form.outcome is Outcome.RETAKE else ()
    told = f"decided_{form.outcome}"
    try:
        record_review(
            visit.store, case_id, event=_EVENT_OF[form.outcome], reason=form.reason, retake=retake,
            actor=visit.caller.actor, expected_version=form.version,
        )  # fmt: skip
    except FourEyes:
        told = "first_approval"
    return _next(visit, but=(case_id,)) if form.go_on else SentTo(f"/cases/{case_id}?told={told}")


def _next(visit: Visit, *, but: tuple[UUID, ...] = ()) -> SentTo:
    claim = claim_next(visit.store, actor=visit.caller.actor, branch=visit.caller.branch, but=but)
    return SentTo(f"/cases/{claim.case_id}" if claim else "/queue")
