"""Who calls: the API key of a request, its scopes and its branch."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from api.known_keys import KnownKeys
from api.problems import ApiError
from api.rate import RateLimiter
from store.api_keys import Scope

#: Who may see scores, reasons and summaries.
STAFF = frozenset({Scope.BACKOFFICE, Scope.REVIEWER, Scope.AUDITOR})

_BEARER = "Bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The holder of an API key, or a person who signed in to the console; without either, nobody."""

    prefix: str = "nobody"
    kind: str = "key"
    scopes: frozenset[Scope] = frozenset()
    branch: str | None = None

    @property
    def actor(self) -> str:
        """The name under which the record keeps what this caller does."""
        return f"{self.kind}:{self.prefix}"

    @property
    def is_staff(self) -> bool:
        """Whether scores and reasons may be shown."""
        return bool(self.scopes & STAFF)

    def branch_for(self, asked: str | None) -> str | None:
        """Return the branch that applies when `asked` is named in a request.

        Raises:
            ApiError: `branch_forbidden`: the key is bound to another branch.
        """
        if self.branch is not None and asked not in (None, self.branch):
            raise ApiError("branch_forbidden")
        return self.branch or asked


NOBODY = Caller()


def identify(keys: KnownKeys, limiter: RateLimiter, scopes: frozenset[Scope]) -> Caller:
    """Return the caller of the current request; with no `scopes` to ask for, nobody is asked who they are.

    Raises:
        ApiError: `unauthenticated`, `rate_limited`.
    """
    if not scopes:
        return NOBODY
    presented = request.headers.get("Authorization", "")
    key = (
        keys.find(presented.removeprefix(_BEARER).strip())
        if presented.startswith(_BEARER)
        else None
    )
    if key is None:
        limiter.count_stranger(request.remote_addr or "unknown")
        raise ApiError("unauthenticated")
    limiter.count_key(key.prefix)
    return Caller(prefix=key.prefix, scopes=frozenset(key.scopes), branch=key.branch)


def require_scope(caller: Caller, scopes: frozenset[Scope]) -> None:
    """Refuse a caller who has none of the scopes; with no `scopes` to ask for, everybody may.

    Raises:
        ApiError: `scope_missing`.
    """
    if scopes and not scopes & caller.scopes:
        raise ApiError("scope_missing", scopes=sorted(scopes))
