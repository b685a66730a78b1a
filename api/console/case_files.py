"""The pictures and the clip of a case page, decrypted in memory; players may ask for parts of a clip."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from api.console.looks import is_noted
from api.console.pages import page
from api.console.visits import Visit
from api.problems import ApiError
from pipeline.stages import EvidenceKind
from store.api_keys import Scope
from store.evidence import view_evidence
from store.pictures import MEDIA_TYPE, view_picture

REVIEWER = frozenset({Scope.REVIEWER})
#: A browser may keep what it shows for as long as the page is open, in memory alone.
_PRIVATE = "private, no-store"


@page("GET", "/cases/{case_id}/pictures/{name}", scopes=REVIEWER)
def show_picture(visit: Visit, case_id: UUID, name: str) -> Response:
    """One derived picture."""
    data = view_picture(
        visit.store, case_id, name, actor=visit.caller.actor, noted=is_noted(case_id)
    )
    return _file(data, MEDIA_TYPE)


@page("GET", "/cases/{case_id}/evidence/{kind}", scopes=REVIEWER)
def show_evidence(visit: Visit, case_id: UUID, kind: str) -> Response:
    """Evidence as it was sent; of a clip also parts (`Range`)."""
    if kind not in set(EvidenceKind):
        raise ApiError("evidence_kind_unknown")
    data, media_type = view_evidence(
        visit.store, case_id, EvidenceKind(kind), actor=visit.caller.actor, noted=is_noted(case_id)
    )
    answer = _file(data, media_type)
    try:
        answer.make_conditional(request, accept_ranges=True, complete_length=len(data))
    except RequestedRangeNotSatisfiable:
        beyond = {"Content-Range": f"bytes */{len(data)}"}
        return Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=beyond)
    return answer


def _file(data: bytes, media_type: str) -> Response:
    answer = Response(data, HTTPStatus.OK, content_type=media_type)
    answer.headers["Cache-Control"] = _PRIVATE
    answer.headers["Content-Disposition"] = "inline"
    return answer
