"""Cases: open, look, list, submit, erase."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from uuid import UUID

from api.answers import (
    AcceptedEvidence,
    CaseCreated,
    CaseForCapture,
    CaseForStaff,
    CaseList,
    CaseListItem,
    Submitted,
)
from api.callers import STAFF
from api.conditional import cache_headers, case_etag, unchanged_reply
from api.endpoint import Answers, Reply, Resource
from api.gateway import Call
from api.headers import ACCEPT_LANGUAGE, IDEMPOTENCY_KEY, IF_NONE_MATCH
from api.requests import CaseQuery, NewCase, WaitQuery
from api.sniffing import types_of
from api.uploads import MAX_CHUNK_BYTES, max_bytes
from api.views import capture_view, staff_view
from pipeline.case import CaseStatus
from pipeline.limits import MAX_PIXELS
from pipeline.stages import EvidenceKind
from store import cases as store_cases
from store.api_keys import Scope
from store.cases import Idempotency

cases = Resource("cases")

CAPTURE = frozenset({Scope.CAPTURE})


@cases.endpoint(
    "POST",
    "/cases",
    answers=Answers(
        models=(CaseCreated,),
        status=HTTPStatus.CREATED,
        headers=("Location", "Idempotent-Replayed"),
    ),
    scopes=CAPTURE,
    headers=(IDEMPOTENCY_KEY,),
    problems=("idempotency_key_reused", "branch_forbidden"),
)
def create_case(call: Call, body: NewCase) -> Reply:
    """Open a case; the same `Idempotency-Key` and body again answers the same case."""
    caller = call.caller
    created = store_cases.create_case(
        call.store,
        branch=caller.branch_for(body.branch),
        reference=body.reference,
        actor=caller.actor,
        idempotency=Idempotency(
            scope=caller.prefix,
            key=IDEMPOTENCY_KEY.read(),
            request_sha256=hashlib.sha256(body.model_dump_json().encode()).hexdigest(),
        ),
    )
    return Reply(
        body=_created(created.case_id),
        headers={
            "Location": f"/v1/cases/{created.case_id}",
            "Idempotent-Replayed": str(created.replayed).lower(),
        },
    )


def _created(case_id: UUID) -> CaseCreated:
    return CaseCreated(
        id=case_id,
        accepts=tuple(
            AcceptedEvidence(
                kind=kind,
                media_types=types_of(kind),
                max_bytes=max_bytes(kind),
                resumable=kind is EvidenceKind.CLIP,
            )
            for kind in EvidenceKind
        ),
        max_pixels=MAX_PIXELS,
        max_chunk_bytes=MAX_CHUNK_BYTES,
    )


@cases.endpoint(
    "GET",
    "/cases/{case_id}",
    answers=Answers(
        models=(CaseForCapture, CaseForStaff),
        also=(HTTPStatus.NOT_MODIFIED,),
        headers=("ETag", "Content-Language"),
    ),
    scopes=CAPTURE | STAFF,
    headers=(IF_NONE_MATCH, ACCEPT_LANGUAGE),
)
def get_case(call: Call, case_id: UUID, query: WaitQuery) -> Reply:
    """Where the case stands, what is missing and what to tell the customer; scores and reasons for staff alone."""
    unchanged = unchanged_reply(call, case_id, wait_s=query.wait)
    if unchanged is not None:
        return unchanged
    case = store_cases.get_case(call.store, case_id, branch=call.caller.branch)
    view = staff_view if call.caller.is_staff else capture_view
    return Reply(
        body=view(case, call.language),
        headers={
            **cache_headers(case_etag(call, case.version)),
            "Content-Language": str(call.language),
        },
    )


@cases.endpoint(
    "GET",
    "/cases",
    answers=Answers(models=(CaseList,)),
    scopes=STAFF,
    problems=("branch_forbidden", "cursor_invalid"),
)
def list_cases(call: Call, query: CaseQuery) -> CaseList:
    """Cases in the order in which they were opened, page by page."""
    page = store_cases.list_cases(
        call.store,
        statuses=query.status,
        since=query.since,
        branch=call.caller.branch_for(query.branch),
        cursor=query.cursor,
        limit=query.limit,
    )
    return CaseList(
        cases=tuple(
            CaseListItem(
                id=case.id,
                status=case.status,
                branch=case.branch,
                reference=case.reference,
                created_at=case.created_at,
                decided_at=case.decided_at,
            )
            for case in page.cases
        ),
        next_cursor=page.next_cursor,
    )


@cases.endpoint(
    "POST",
    "/cases/{case_id}/submit",
    answers=Answers(models=(Submitted,), status=HTTPStatus.ACCEPTED),
    scopes=CAPTURE,
    problems=(
        "evidence_missing",
        "field_required",
        "case_wrong_status",
        "case_erased",
        "attempts_exhausted",
    ),
)
def submit_case(call: Call, case_id: UUID) -> Submitted:
    """Hand the case in; refused while evidence, the ID number or the birth date is missing."""
    ring = store_cases.submit_case(call.store, case_id, actor=call.caller.actor)
    call.gateway.ring(case_id, ring)
    return Submitted(id=case_id, status=CaseStatus.PROCESSING)


@cases.endpoint(
    "DELETE",
    "/cases/{case_id}",
    answers=Answers(status=HTTPStatus.NO_CONTENT),
    scopes=frozenset({Scope.ADMIN}),
    problems=("case_wrong_status", "case_erased", "case_on_hold"),
)
def erase_case(call: Call, case_id: UUID) -> None:
    """Erase the case: its key is destroyed, its evidence deleted; what happened stays in the audit chain."""
    store_cases.erase_case(call.store, case_id, actor=call.caller.actor)
