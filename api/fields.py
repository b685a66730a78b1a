"""The fields of the card: what was read, and what the operator puts right."""

from __future__ import annotations

from uuid import UUID

from api.answers import FieldsShown
from api.endpoint import Answers, Reply, Resource
from api.gateway import Call
from api.headers import ACCEPT_LANGUAGE, IF_MATCH
from api.requests import FieldEdits
from api.views import fields_view
from store import fields as store_fields
from store.api_keys import Scope
from store.audit import append
from store.fields import FieldsView

fields = Resource("fields")

CAPTURE_OR_REVIEWER = frozenset({Scope.CAPTURE, Scope.REVIEWER})


@fields.endpoint(
    "GET",
    "/cases/{case_id}/fields",
    answers=Answers(models=(FieldsShown,), headers=("ETag",)),
    scopes=CAPTURE_OR_REVIEWER,
    headers=(ACCEPT_LANGUAGE,),
    problems=("case_erased",),
)
def get_fields(call: Call, case_id: UUID) -> Reply:
    """The fields with value, confidence, source, checks and edits. Who reads values is written to the audit chain."""
    view = store_fields.get_fields(call.store, case_id)
    if view.fields:
        shown = sorted(str(name) for name in view.fields)
        append(
            call.store, actor=call.caller.actor, case_id=case_id, kind="fields_viewed",
            payload={"fields": shown},
        )  # fmt: skip
    return _reply(call, view)


@fields.endpoint(
    "PATCH",
    "/cases/{case_id}/fields",
    answers=Answers(models=(FieldsShown,), headers=("ETag",)),
    scopes=CAPTURE_OR_REVIEWER,
    headers=(IF_MATCH, ACCEPT_LANGUAGE),
    problems=("fields_version_stale", "fields_not_ready", "case_wrong_status", "case_erased"),
)
def edit_fields(call: Call, case_id: UUID, body: FieldEdits) -> Reply:
    """Put values in place of those read; what stood there before stays in the record."""
    view = store_fields.edit_fields(
        call.store,
        case_id,
        edits=dict(body.fields),
        expected_version=int(IF_MATCH.read().strip('"')),
        actor=call.caller.actor,
    )
    return _reply(call, view)


def _reply(call: Call, view: FieldsView) -> Reply:
    return Reply(body=fields_view(view, call.language), headers={"ETag": f'"{view.version}"'})
