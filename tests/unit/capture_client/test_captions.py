from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

import capture_client
from api.problems import PROBLEMS
from capture_client import calls
from capture_client.captions import CAPTIONS, caption
from capture_client.problems import DeskProblem
from capture_client.words import Language

SOURCES = [
    file.read_text("utf-8") for file in Path(str(capture_client.__file__)).parent.glob("*.py")
]
#: `NotNow` and `_require(..., code)`, `Held(code=...)`, `Notice(code=...)` with a literal.
NAMED = {
    code
    for source in SOURCES
    for code in re.findall(r'(?:_require\([^"]*|Held\(code=|Notice\(code=)"([a-z_]+)"', source)
}


@pytest.mark.parametrize(
    "code",
    sorted(
        {problem.code for problem in DeskProblem.__subclasses__()}
        | NAMED
        | calls.LOST | calls.VOID | calls.REFUSED
        | {"unreachable", "busy", "sending", "person", "verdict", "case_expired", "case_erased"}
    ),
)  # fmt: skip
def test_every_code_that_the_client_knows_has_words(code: str) -> None:
    assert code in CAPTIONS


def test_the_codes_that_are_looked_for_in_sources_are_found() -> None:
    assert {"step_not_open", "key_refused", "evidence_differs"} <= NAMED


@pytest.mark.parametrize("code", sorted(calls.LOST | calls.VOID | calls.REFUSED))
def test_codes_of_the_gateway_are_codes_of_the_gateway(code: str) -> None:
    assert code in PROBLEMS


@pytest.mark.parametrize("code", sorted(CAPTIONS))
def test_words_are_whole_sentences_in_both_languages(code: str) -> None:
    for language in Language:
        words = caption(code).said(language)
        assert words.endswith(".")
        assert unicodedata.is_normalized("NFC", words)


def test_a_code_from_the_future_is_shown_as_it_is() -> None:
    assert "brand_new" in caption("brand_new").said(Language.VI)
