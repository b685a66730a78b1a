"""The record of a case: its timeline, and everything about it in one document without pictures."""

from __future__ import annotations

from uuid import UUID

from api.answers import CaseExport, EventShown, Timeline
from api.consents import consents_shown
from api.endpoint import Answers, Resource
from api.gateway import Call
from api.headers import ACCEPT_LANGUAGE
from api.views import fields_view, staff_view
from store.api_keys import Scope
from store.audit import append, events
from store.cases import get_case
from store.fields import get_fields

records = Resource("records")

READERS = frozenset({Scope.BACKOFFICE, Scope.AUDITOR})


@records.endpoint(
    "GET",
    "/cases/{case_id}/events",
    answers=Answers(models=(Timeline,)),
    scopes=READERS,
)
def list_events(call: Call, case_id: UUID) -> Timeline:
    """Everything that happened to the case, in order; this reading too."""
    append(call.store, actor=call.caller.actor, case_id=case_id, kind="timeline_viewed", payload={})
    return Timeline(id=case_id, events=_events(call, case_id))


@records.endpoint(
    "GET",
    "/cases/{case_id}/export",
    answers=Answers(models=(CaseExport,)),
    scopes=READERS,
    headers=(ACCEPT_LANGUAGE,),
    problems=("case_erased",),
)
def export_case(call: Call, case_id: UUID) -> CaseExport:
    """The case, its fields and its timeline. It holds personal data, so the reading is written to the audit chain."""
    case = get_case(call.store, case_id, branch=call.caller.branch)
    fields = get_fields(call.store, case_id)
    append(call.store, actor=call.caller.actor, case_id=case_id, kind="case_exported", payload={})
    return CaseExport(
        case=staff_view(case, call.language),
        fields=fields_view(fields, call.language),
        consents=consents_shown(call, case_id),
        events=_events(call, case_id),
    )


def _events(call: Call, case_id: UUID) -> tuple[EventShown, ...]:
    return tuple(
        EventShown(
            seq=event.seq, at=event.at, actor=event.actor, kind=event.kind, payload=event.payload
        )
        for event in events(call.store, case_id)
    )
