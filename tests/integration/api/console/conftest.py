"""People in front of the console: a browser without scripts, signed in by the real form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import TestResponse

from store import passwords
from store.database import Store
from store.users import Role, UserView, create_user

PASSWORD = "đường về nhà 42"
_TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same algorithm with the least work: these tests are about the console, not about a guesser's patience."""
    monkeypatch.setattr(
        passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    passwords._hash_of_nobody.cache_clear()
    yield
    passwords._hash_of_nobody.cache_clear()


class Browser:
    """One person's browser: keeps cookies, fills in the token of the page it looks at."""

    def __init__(self, app: Flask, *, base_url: str = "http://localhost") -> None:
        self.client, self.base_url = app.test_client(), base_url

    def get(self, path: str, **sent: Any) -> TestResponse:
        return self.client.get(f"/console{path}", base_url=self.base_url, **sent)

    def post(self, path: str, *, page: str | None = None, **form: Any) -> TestResponse:
        """Send a form as the page `page` has it (`path` itself unless said otherwise)."""
        token = self.token(page if page is not None else path)
        return self.client.post(
            f"/console{path}", base_url=self.base_url, data={"token": token, **form}
        )

    def token(self, page: str) -> str:
        found = _TOKEN.search(self.get(page).text)
        assert found is not None, f"no form on {page}"
        return found.group(1)

    def sign_in(self, name: str, password: str = PASSWORD, **form: Any) -> TestResponse:
        return self.post("/sign-in", name=name, password=password, **form)

    def cookie(self, name: str = "ekyc_session") -> str | None:
        found = self.client.get_cookie(name)
        return found.value if found else None


UserOf = Callable[..., UserView]
BrowserOf = Callable[..., Browser]


@pytest.fixture
def user_of(store: Store) -> UserOf:
    def make(role: Role, *, branch: str | None = None, name: str | None = None) -> UserView:
        return create_user(
            store, name=name or f"{role}-{branch or 'all'}".lower(), role=role, branch=branch,
            password=PASSWORD, actor="test",
        )  # fmt: skip

    return make


@pytest.fixture
def browser_of(app: Flask, user_of: UserOf) -> BrowserOf:
    """A signed-in browser of a new person with this role."""

    def make(role: Role, *, branch: str | None = None, name: str | None = None) -> Browser:
        user, browser = user_of(role, branch=branch, name=name), Browser(app)
        answer = browser.sign_in(user.name)
        assert answer.status_code == 303, answer.text
        return browser

    return make
