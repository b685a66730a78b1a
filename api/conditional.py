"""Conditional reads: ETag, 304 and the long poll.

The version of a case moves with every visible change, so a poll costs one small query while nothing changes.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from uuid import UUID

from api.endpoint import Reply
from api.gateway import Call
from api.headers import IF_NONE_MATCH
from store.cases import case_version

#: First look again after this, then ever more slowly: a stage takes from 0.1 to 10 s.
_FIRST_PAUSE_S, _LAST_PAUSE_S, _GROWTH = 0.1, 0.8, 1.3


def case_etag(call: Call, version: int) -> str:
    """Return the ETag of a case in this caller's view and language."""
    view = "staff" if call.caller.is_staff else "capture"
    return f'"{version}-{view}-{call.language}"'


def unchanged_reply(call: Call, case_id: UUID, *, wait_s: float) -> Reply | None:
    """Return a 304 when the caller's ETag still holds after waiting, else None.

    A wait needs one of the process's few waiting places; without a free one the answer comes at once.
    """
    known = IF_NONE_MATCH.find()
    if known is None:
        return None
    places = call.gateway.waiting_room
    waits = wait_s > 0 and places.acquire(blocking=False)
    try:
        etag = _wait_for_change(call, case_id, known, wait_s if waits else 0.0)
    finally:
        if waits:
            places.release()
    if etag not in known.replace("W/", "").split(", "):
        return None
    return Reply(status=HTTPStatus.NOT_MODIFIED, headers=cache_headers(etag))


def cache_headers(etag: str) -> dict[str, str]:
    """Return the headers of a representation that may be kept by the caller alone and must be asked for again."""
    return {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Accept-Language",
    }


def _wait_for_change(call: Call, case_id: UUID, known: str, wait_s: float) -> str:
    """Return the ETag as soon as it is not `known` any more, at the latest after `wait_s`."""
    ends_at = time.monotonic() + min(wait_s, call.gateway.settings.long_poll_max_s)
    pause_s, version = _FIRST_PAUSE_S, call.version
    while True:
        if version is None:
            version = case_version(call.store, case_id, branch=call.caller.branch)
        etag, version = case_etag(call, version), None
        left_s = ends_at - time.monotonic()
        if etag not in known or left_s <= 0:
            return etag
        time.sleep(min(pause_s, left_s))
        pause_s = min(pause_s * _GROWTH, _LAST_PAUSE_S)
