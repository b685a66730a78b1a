"""One look at a case is one event in the record: its page names everything it shows, and hands out a token for it.

With the token the pictures and the clip of the page are not noted again, one by one; without it, or when it is too
old, each of them is. It is bound to the session, so it is worth nothing to anybody else.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from uuid import UUID

from flask import request

from api.console.visits import session_cookie

FIELD = "look"
#: As long as a person looks at one case; whoever plays the clip later is noted again.
LOOK_S = 900
_PURPOSE = b"ekyc console look"


def grant_look(case_id: UUID) -> str:
    """Return a token for what the page of a case shows, after the look was noted."""
    until_s = int(time.time()) + LOOK_S
    return f"{until_s}.{_digest(case_id, until_s)}"


def is_noted(case_id: UUID) -> bool:
    """Whether the current request belongs to a look that was noted."""
    until, _, digest = request.args.get(FIELD, "").partition(".")
    if not (until.isascii() and until.isdigit() and len(until) <= 12):
        return False
    good = hmac.compare_digest(digest.encode(), _digest(case_id, int(until)).encode())
    return good and time.time() < int(until)


def _digest(case_id: UUID, until_s: int) -> str:
    secret = request.cookies.get(session_cookie(), "").encode()
    return hmac.new(secret, _PURPOSE + f"{case_id}|{until_s}".encode(), hashlib.sha256).hexdigest()
