"""Signing in: a guess is counted before it is looked at, per name and per address, and guessing gets slow.

Whether a name exists is told by nothing: not by the answer, not by the time, not by who is made to wait.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from store.audit import append, note
from store.database import Store
from store.errors import SignInBlocked, SignInRefused
from store.passwords import matches
from store.sessions import SessionLimits, begin_session
from store.users import USER_COLUMNS, UserView, user_view


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many failures are free, and how long the wait after them is: doubled with each, up to a longest.

    NIST SP 800-63B (5.2.2) asks for at most 100 failures in a row on one account; with these a guesser has 5 free ones
    and then at most 4 an hour. Many people sign in from one address, so it has more.
    """

    free: int
    first_wait_s: float = 30.0
    longest_wait_s: float = 900.0
    forgotten_after_s: float = 3600.0


OF_ACCOUNT = Patience(free=5)
OF_ADDRESS = Patience(free=25)

#: Counts one more failure, which a right password takes back; no row while the wait lasts.
_COUNT = text(
    "INSERT INTO sign_in_failures AS f (subject, failures) VALUES (:subject, 1)"
    " ON CONFLICT (subject) DO UPDATE SET last_at = now(),"
    "   failures = CASE WHEN f.last_at < now() - :forgotten_after_s * interval '1 second' THEN 1"
    "     ELSE f.failures + 1 END,"
    "   blocked_until = CASE WHEN f.failures + 1 >= :free"
    "       AND f.last_at >= now() - :forgotten_after_s * interval '1 second'"
    "     THEN now() + least(:longest_wait_s, :first_wait_s * power(2, least(f.failures + 1 - :free, 30)))"
    "       * interval '1 second' END"
    "   WHERE f.blocked_until IS NULL OR f.blocked_until <= now()"
    " RETURNING failures, blocked_until IS NOT NULL AS blocks"
)
_WAIT = text(
    "SELECT extract(epoch FROM blocked_until - now()) AS wait_s FROM sign_in_failures WHERE subject = :subject"
)
_FIND = text(f"SELECT {USER_COLUMNS}, users.password_hash FROM users WHERE name = :name")
_FORGET = text("DELETE FROM sign_in_failures WHERE subject = :subject")
_TAKE_BACK = text(
    "UPDATE sign_in_failures SET failures = greatest(failures - 1, 0), blocked_until = NULL WHERE subject = :subject"
)


def sign_in(
    store: Store, *, name: str, password: str, address: str, limits: SessionLimits
) -> tuple[str, UserView]:
    """Return the token of a new session and whose it is.

    Args:
        store: the open store.
        name: as it was typed.
        password: as it was typed.
        address: from where.
        limits: how long the session will last.

    Raises:
        SignInRefused: name or password is wrong, or the person may not sign in any more.
        SignInBlocked: too many failures; the password was not looked at.
    """
    account = f"account:{hashlib.sha256(name.encode()).hexdigest()}"
    origin = f"address:{address}"
    began = _count(store, origin, OF_ADDRESS) | _count(store, account, OF_ACCOUNT)
    with store.hot() as connection:
        row = connection.execute(_FIND, {"name": name}).one_or_none()
    # Compared also when there is nobody of this name, so that time does not tell.
    right = matches(password, row.password_hash if row else None)
    if row is None or not right or row.disabled_at is not None:
        _note_blocks(store, began, row, address)
        raise SignInRefused("name or password is wrong")
    user = user_view(row)
    with store.engine.begin() as connection:
        connection.execute(_FORGET, {"subject": account})
        connection.execute(_TAKE_BACK, {"subject": origin})
        token = begin_session(connection, user, limits)
        note(
            connection, actor=user.actor, case_id=None, kind="signed_in",
            payload={"address": address},
        )  # fmt: skip
    return token, user


def _count(store: Store, subject: str, patience: Patience) -> frozenset[str]:
    """Count a failure beforehand, so that many guesses at once are counted, too; return who must wait from now on."""
    values = {
        "subject": subject, "free": patience.free, "first_wait_s": patience.first_wait_s,
        "longest_wait_s": patience.longest_wait_s, "forgotten_after_s": patience.forgotten_after_s,
    }  # fmt: skip
    with store.hot() as connection:
        counted = connection.execute(_COUNT, values).one_or_none()
        if counted is None:
            wait_s = connection.execute(_WAIT, {"subject": subject}).scalar_one_or_none()
            raise SignInBlocked(max(1.0, float(wait_s or 1.0)))
    return frozenset({subject.partition(":")[0]} if counted.blocks else ())


def _note_blocks(store: Store, began: frozenset[str], row: Any, address: str) -> None:
    """One event when a wait begins, not one a guess: a guesser must not be able to fill the record."""
    if began:
        append(
            store, actor="nobody", case_id=None, kind="sign_in_blocked",
            payload={
                "blocked": sorted(began), "user": row.handle if row else None, "address": address,
            },
        )  # fmt: skip
