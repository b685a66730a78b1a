"""Legal holds: while one is in force nothing of the case is erased."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from api.answers import HoldList, HoldShown
from api.endpoint import Answers, Resource
from api.gateway import Call
from api.requests import NewHold
from store import holds as store_holds
from store.api_keys import Scope

holds = Resource("holds")

ADMIN = frozenset({Scope.ADMIN})


@holds.endpoint(
    "POST",
    "/cases/{case_id}/hold",
    answers=Answers(models=(HoldList,)),
    scopes=ADMIN,
    problems=("case_erased",),
)
def hold_case(call: Call, case_id: UUID, body: NewHold) -> HoldList:
    """Put the case on hold; one that is on hold stays so."""
    store_holds.hold_case(call.store, case_id, reason=body.reason, actor=call.caller.actor)
    return _shown(call, case_id)


@holds.endpoint(
    "DELETE",
    "/cases/{case_id}/hold",
    answers=Answers(status=HTTPStatus.NO_CONTENT),
    scopes=ADMIN,
    problems=("hold_unknown",),
)
def release_case(call: Call, case_id: UUID) -> None:
    """End the hold; the clocks of the case count from when they always did."""
    store_holds.release_case(call.store, case_id, actor=call.caller.actor)


@holds.endpoint(
    "GET",
    "/cases/{case_id}/hold",
    answers=Answers(models=(HoldList,)),
    scopes=ADMIN | {Scope.AUDITOR},
)
def list_holds(call: Call, case_id: UUID) -> HoldList:
    """The holds of the case, those that ended too; reasons stay sealed."""
    return _shown(call, case_id)


def _shown(call: Call, case_id: UUID) -> HoldList:
    return HoldList(
        holds=tuple(
            HoldShown(
                id=hold.id,
                held_by=hold.held_by,
                held_at=hold.held_at,
                released_by=hold.released_by,
                released_at=hold.released_at,
            )
            for hold in store_holds.list_holds(call.store, case_id)
        )
    )
