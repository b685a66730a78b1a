"""Sessions of the console: 256 random bits in a cookie, kept as their sha256, ended by time or by will.

A session is never extended by what a page asks on its own (`active=False`): a person who walked away is signed out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, text

from store.audit import note
from store.database import Store
from store.users import USER_COLUMNS, UserView, user_view

TOKEN_BYTES = 32
#: Noting every click would write a row for every read.
_SEEN_EVERY_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How long a session lasts, seconds: without the person doing anything, and at most."""

    idle_s: float
    longest_s: float


_BEGIN = text("INSERT INTO user_sessions (token_sha256, handle) VALUES (:token_sha256, :handle)")
_FIND = text(
    f"SELECT {USER_COLUMNS}, extract(epoch FROM now() - seen_at) AS idle_s FROM user_sessions JOIN users USING (handle)"
    " WHERE token_sha256 = :token_sha256 AND users.disabled_at IS NULL"
    " AND seen_at > now() - :idle_s * interval '1 second'"
    " AND began_at > now() - :longest_s * interval '1 second'"
)
_SEEN = text("UPDATE user_sessions SET seen_at = now() WHERE token_sha256 = :token_sha256")
_END = text("DELETE FROM user_sessions WHERE token_sha256 = :token_sha256 RETURNING handle")
_TIDY = text(
    "DELETE FROM user_sessions WHERE seen_at < now() - :idle_s * interval '1 second'"
    " OR began_at < now() - :longest_s * interval '1 second'"
)


def begin_session(connection: Connection, user: UserView, limits: SessionLimits) -> str:
    """Begin a session and return its token, shown now and never again; sessions that ran out are forgotten."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    connection.execute(_TIDY, {"idle_s": limits.idle_s, "longest_s": limits.longest_s})
    connection.execute(_BEGIN, {"token_sha256": _digest(token), "handle": user.handle})
    return token


def find_session(
    store: Store, token: str, *, limits: SessionLimits, active: bool
) -> UserView | None:
    """Return whose session it is, None when it has ended.

    Args:
        store: the open store.
        token: as the cookie holds it.
        limits: how long sessions last.
        active: whether the person did something now.
    """
    values = {
        "token_sha256": _digest(token), "idle_s": limits.idle_s, "longest_s": limits.longest_s,
    }  # fmt: skip
    with store.hot() as connection:
        row = connection.execute(_FIND, values).one_or_none()
        if row is not None and active and row.idle_s > _SEEN_EVERY_S:
            connection.execute(_SEEN, values)
    return None if row is None else user_view(row)


def end_session(store: Store, token: str) -> None:
    """Sign out; a session that has ended already is no error."""
    with store.engine.begin() as connection:
        row = connection.execute(_END, {"token_sha256": _digest(token)}).one_or_none()
        if row is not None:
            note(
                connection, actor=f"user:{row.handle}", case_id=None, kind="signed_out", payload={},
            )  # fmt: skip


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
