"""Guesses at once are counted as many, and an old failure is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from store.database import Store
from store.errors import SignInBlocked, SignInRefused
from store.sessions import SessionLimits, find_session
from store.sign_in import OF_ACCOUNT, sign_in
from store.users import Role, create_user

LIMITS = SessionLimits(idle_s=60, longest_s=60)
PASSWORD = "đường về nhà 42"


@pytest.fixture
def name(store: Store) -> str:
    return create_user(
        store, name="nv-0042", role=Role.REVIEWER, branch=None, password=PASSWORD, actor="test"
    ).name


def guess(store: Store, name: str, password: str = "wrong password") -> str:
    try:
        token, _ = sign_in(store, name=name, password=password, address="10.0.0.7", limits=LIMITS)
    except (SignInRefused, SignInBlocked) as error:
        return error.code
    assert find_session(store, token, limits=LIMITS, active=True) is not None
    return "signed_in"


def test_guesses_at_once_are_counted_one_by_one(store: Store, name: str) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: guess(store, name), range(12)))
    assert answers.count("sign_in_refused") == OF_ACCOUNT.free
    assert answers.count("sign_in_blocked") == 12 - OF_ACCOUNT.free
    # The right password is not looked at either, while the wait lasts.
    assert guess(store, name, PASSWORD) == "sign_in_blocked"


def test_failures_of_an_hour_ago_are_forgotten(store: Store, name: str) -> None:
    for _ in range(OF_ACCOUNT.free - 1):
        assert guess(store, name) == "sign_in_refused"
    with store.engine.begin() as connection:
        connection.execute(
            text("UPDATE sign_in_failures SET last_at = last_at - interval '61 minutes'")
        )
    for _ in range(OF_ACCOUNT.free):
        assert guess(store, name) == "sign_in_refused"
    assert guess(store, name) == "sign_in_blocked"


def test_a_typed_name_is_kept_as_its_hash_alone(store: Store) -> None:
    assert guess(store, "my-password-by-mistake") == "sign_in_refused"
    with store.hot() as connection:
        kept = list(connection.execute(text("SELECT subject FROM sign_in_failures")).scalars())
    assert len(kept) == 2
    assert not any("mistake" in subject for subject in kept)
