"""A database that is away for a moment costs a pause, not the work."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from workers.patience import patiently

AWAY = OperationalError("select 1", {}, Exception("away"))


def test_answer_comes_after_the_database_is_back() -> None:
    answers: list[object] = [AWAY, AWAY, "done"]
    slept: list[float] = []

    def act() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert patiently(act, pauses_s=(1, 2, 3), sleep=slept.append) == "done"
    assert slept == [1, 2]


def test_database_that_stays_away_is_an_error() -> None:
    def act() -> None:
        raise AWAY

    with pytest.raises(OperationalError):
        patiently(act, pauses_s=(1, 2), sleep=lambda _: None)


def test_other_errors_are_not_waited_for() -> None:
    slept: list[float] = []

    def act() -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        patiently(act, sleep=slept.append)
    assert slept == []
