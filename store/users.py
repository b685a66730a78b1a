"""People who work in the console. Each has one role, and by it the scopes that API keys have, too."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import IntegrityError

from store.api_keys import Scope
from store.audit import note
from store.database import Store
from store.errors import UserBranchRefused, UserNameInvalid, UserNameTaken, UserUnknown
from store.passwords import check_rules, hash_password

HANDLE_BYTES = 6
NAME_PATTERN = r"[a-z0-9][a-z0-9._\-]{2,31}"


class Role(StrEnum):
    """What a person is here for. One each: who gives out keys does not decide cases."""

    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


SCOPES_OF = MappingProxyType(
    {
        Role.REVIEWER: frozenset({Scope.BACKOFFICE, Scope.REVIEWER}),
        Role.AUDITOR: frozenset({Scope.AUDITOR}),
        Role.ADMIN: frozenset({Scope.ADMIN}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """A person, without the password. `handle` stands for the person in the record, as `user:<handle>`."""

    handle: str
    name: str
    role: Role
    branch: str | None
    created_at: datetime
    password_set_at: datetime
    disabled_at: datetime | None

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the person may do."""
        return SCOPES_OF[self.role]

    @property
    def actor(self) -> str:
        """The name under which the record keeps what this person does."""
        return f"user:{self.handle}"


USER_COLUMNS = ", ".join(f"users.{name}" for name in UserView.__dataclass_fields__)
_CREATE = text(
    "INSERT INTO users (handle, name, role, branch, password_hash)"
    f" VALUES (:handle, :name, :role, :branch, :password_hash) RETURNING {USER_COLUMNS}"
)
_LIST = text(f"SELECT {USER_COLUMNS} FROM users ORDER BY disabled_at IS NOT NULL, name")
_NAMES = text("SELECT handle, name FROM users WHERE handle = ANY(:handles)")
_FIND = text(f"SELECT {USER_COLUMNS} FROM users WHERE name = :name")
_SET_PASSWORD = text(
    "UPDATE users SET password_hash = :password_hash, password_set_at = now() WHERE handle = :handle"
)
_SWITCH = text(
    "UPDATE users SET disabled_at = CASE WHEN :active THEN NULL ELSE coalesce(disabled_at, now()) END"
    " WHERE handle = :handle"
)
_END_SESSIONS = text("DELETE FROM user_sessions WHERE handle = :handle")


def create_user(
    store: Store, *, name: str, role: Role, branch: str | None, password: str, actor: str
) -> UserView:
    """Add a person and note it in the record, by handle: the record can never forget a name.

    Raises:
        UserNameInvalid: not 3 to 32 small letters, digits, dots, dashes and underscores.
        UserNameTaken: somebody has or had this name.
        UserBranchRefused: administrators are not bound to a branch.
        PasswordRefused: see `store.passwords.check_rules`.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise UserNameInvalid("a name is 3 to 32 of a-z, 0-9, dot, dash and underscore")
    if role is Role.ADMIN and branch is not None:
        raise UserBranchRefused("administrators work for all branches")
    check_rules(password, name=name)
    values = {
        "handle": secrets.token_hex(HANDLE_BYTES), "name": name, "role": str(role), "branch": branch,
        "password_hash": hash_password(password),
    }  # fmt: skip
    try:
        with store.engine.begin() as connection:
            user = user_view(connection.execute(_CREATE, values).one())
            _note(connection, actor, "user_created", user, role=str(role), branch=branch)
    except IntegrityError as error:
        raise UserNameTaken("somebody has or had this name") from error
    return user


def list_users(store: Store) -> list[UserView]:
    """Return all people, those who may not sign in any more last."""
    with store.hot() as connection:
        return [user_view(row) for row in connection.execute(_LIST)]


def names_of(store: Store, actors: Collection[str]) -> dict[str, str]:
    """Return the names of those actors of the record that are people, by actor."""
    handles = [actor.removeprefix("user:") for actor in actors if actor.startswith("user:")]
    if not handles:
        return {}
    with store.hot() as connection:
        rows = connection.execute(_NAMES, {"handles": handles})
        return {f"user:{row.handle}": str(row.name) for row in rows}


def find_user(store: Store, name: str) -> UserView:
    """Return the person of a name.

    Raises:
        UserUnknown: there is none.
    """
    with store.hot() as connection:
        row = connection.execute(_FIND, {"name": name}).one_or_none()
    if row is None:
        raise UserUnknown("no such user")
    return user_view(row)


def set_password(store: Store, name: str, password: str, *, actor: str) -> None:
    """Give a person a new password; all their sessions end.

    Raises:
        UserUnknown: there is no such person.
        PasswordRefused: see `store.passwords.check_rules`.
    """
    user = find_user(store, name)
    check_rules(password, name=name)
    values = {"handle": user.handle, "password_hash": hash_password(password)}
    with store.engine.begin() as connection:
        connection.execute(_SET_PASSWORD, values)
        connection.execute(_END_SESSIONS, {"handle": user.handle})
        _note(connection, actor, "user_password_set", user)


def switch_user(store: Store, name: str, *, active: bool, actor: str) -> None:
    """Let a person sign in or not any more; disabled, all their sessions end at once.

    Raises:
        UserUnknown: there is no such person.
    """
    user = find_user(store, name)
    with store.engine.begin() as connection:
        connection.execute(_SWITCH, {"handle": user.handle, "active": active})
        if not active:
            connection.execute(_END_SESSIONS, {"handle": user.handle})
        _note(connection, actor, "user_enabled" if active else "user_disabled", user)


def user_view(row: Row[Any]) -> UserView:
    """Return the person of a row that has `USER_COLUMNS`."""
    values = {name: getattr(row, name) for name in UserView.__dataclass_fields__}
    return UserView(**{**values, "role": Role(row.role)})


def _note(connection: Connection, actor: str, kind: str, user: UserView, **facts: Any) -> None:
    note(connection, actor=actor, case_id=None, kind=kind, payload={"user": user.handle, **facts})
