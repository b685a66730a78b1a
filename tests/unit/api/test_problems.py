from __future__ import annotations

import re

import pytest

from api.problems import PROBLEMS, ApiError


def test_codes_are_snake_case_and_errors() -> None:
    for code, kind in PROBLEMS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert 400 <= kind.status < 600
        assert kind.title[0].isupper() or kind.title[0] == "`"


def test_a_code_that_is_not_in_the_table_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        ApiError("made_up")
