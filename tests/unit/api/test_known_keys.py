from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from api.known_keys import KnownKeys


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the store was asked for a key; keys that begin with `good` are valid."""
    counter: Counter[str] = Counter()

    def authenticate(_store: object, presented: str) -> str | None:
        counter[presented] += 1
        return presented if presented.startswith("good") else None

    monkeypatch.setattr("api.known_keys.authenticate", authenticate)
    return counter


def test_a_valid_key_is_asked_for_once_until_it_is_forgotten(asked: Counter[str]) -> None:
    clock, store = Clock(), object()
    keys: Any = KnownKeys(store, keep_s=5, clock=clock)  # type: ignore[arg-type]
    assert [keys.find("good-1") for _ in range(3)] == ["good-1"] * 3
    assert asked["good-1"] == 1
    clock.now += 5
    assert keys.find("good-1") == "good-1"
    assert asked["good-1"] == 2


def test_a_wrong_key_is_never_remembered(asked: Counter[str]) -> None:
    keys = KnownKeys(object(), keep_s=5, clock=Clock())  # type: ignore[arg-type]
    assert keys.find("bad") is None
    assert keys.find("bad") is None
    assert asked["bad"] == 2


def test_without_memory_the_store_is_always_asked(asked: Counter[str]) -> None:
    keys = KnownKeys(object(), keep_s=0, clock=Clock())  # type: ignore[arg-type]
    keys.find("good-1")
    keys.find("good-1")
    assert asked["good-1"] == 2
