"""Every text of the window, in both languages."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator

import pytest

from capture_client.desk_values import Step
from capture_client.guidance.hints import HOLD_STILL, INTO_THE_OVAL, READY
from capture_client.window import hint_texts, texts
from capture_client.window.hint_texts import hint_text
from capture_client.words import Language, Text
from pipeline.challenge import Action
from pipeline.findings import FieldName
from pipeline.reasons import ReasonCode

#: What the guides can say: the gates of the pipeline, and their own.
GUIDED = (
    HOLD_STILL, READY, INTO_THE_OVAL, ReasonCode.CARD_NOT_FOUND, ReasonCode.CARD_CUT_OFF,
    ReasonCode.CARD_TOO_SMALL, ReasonCode.CARD_DARK, ReasonCode.CARD_OVEREXPOSED,
    ReasonCode.CARD_GLARE, ReasonCode.CARD_BLURRED, ReasonCode.FACE_NOT_FOUND,
    ReasonCode.FACE_SEVERAL, ReasonCode.FACE_TOO_SMALL, ReasonCode.FACE_DARK,
    ReasonCode.FACE_NOT_FRONTAL, ReasonCode.FACE_BLURRED, ReasonCode.FACE_OVEREXPOSED,
    ReasonCode.FACE_TILTED, ReasonCode.FACE_EYES_CLOSED, ReasonCode.FACE_COVERED,
)  # fmt: skip


def all_texts() -> Iterator[tuple[str, Text]]:
    for module in (texts, hint_texts):
        for name, value in vars(module).items():
            if isinstance(value, Text):
                yield name, value
            for text in value.values() if isinstance(value, dict) else ():
                if isinstance(text, Text):
                    yield name, text


@pytest.mark.parametrize(("name", "text"), list(all_texts()))
def test_a_text_says_the_same_in_both_languages(name: str, text: Text) -> None:
    assert text.vi.strip()
    assert text.en.strip()
    assert text.vi == unicodedata.normalize("NFC", text.vi)
    assert _facts(text.vi) == _facts(text.en), f"{name}: other facts in the other language"


def _facts(words: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(words)} - {None}


def test_every_step_field_and_action_has_a_name() -> None:
    assert set(texts.STEPS) == set(Step)
    assert set(texts.FIELD_NAMES) == set(FieldName)
    assert set(texts.ACTIONS) == set(texts.ACTION_NAMES) == set(Action)


@pytest.mark.parametrize("code", GUIDED)
def test_what_guidance_says_is_short(code: str) -> None:
    assert len(hint_text(code).vi) <= 45
    assert len(hint_text(code).en) <= 45


def test_a_gate_without_words_here_speaks_in_those_of_its_reason() -> None:
    assert hint_text(ReasonCode.CARD_COVERED).said(Language.EN).startswith("Part of the card")
