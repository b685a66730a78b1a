"""Derived pictures: what the stages saw, for the bank's own review tools; each look is written to the audit chain."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from api.answers import PictureList, PictureShown
from api.endpoint import Answers, Reply, Resource
from api.gateway import Call
from store.api_keys import Scope
from store.pictures import MEDIA_TYPE, list_pictures, view_picture

pictures = Resource("pictures")

REVIEWER = frozenset({Scope.REVIEWER})


@pictures.endpoint(
    "GET",
    "/cases/{case_id}/pictures",
    answers=Answers(models=(PictureList,)),
    scopes=REVIEWER,
)
def show_pictures(call: Call, case_id: UUID) -> PictureList:
    """The pictures of a case: rectified sides, compared faces, stills of the clip with their times."""
    shown = tuple(PictureShown(**asdict(view)) for view in list_pictures(call.store, case_id))
    return PictureList(id=case_id, pictures=shown)


@pictures.endpoint(
    "GET",
    "/cases/{case_id}/pictures/{name}",
    answers=Answers(media_types=(MEDIA_TYPE,)),
    scopes=REVIEWER,
    problems=("evidence_unknown", "case_erased"),
)
def see_picture(call: Call, case_id: UUID, name: str) -> Reply:
    """Look at one picture; who did is written to the audit chain first."""
    data = view_picture(call.store, case_id, name, actor=call.caller.actor, noted=False)
    return Reply(
        body=data,
        headers={
            "Content-Type": MEDIA_TYPE,
            "Content-Disposition": "inline",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
