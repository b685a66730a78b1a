"""Texts of the console: every key that a template names is there, in both languages, with the same gaps."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest

import api.console
from api.console.words import WORDS
from api.console.words.admin import ADMIN
from api.console.words.case import CASE
from api.console.words.frame import FRAME
from api.console.words.queue import QUEUE
from pipeline.case import CaseStatus
from pipeline.challenge import Action
from pipeline.findings import Assurance, Band, CardVersion, FieldName, Source
from pipeline.person_reasons import CUE_REASON
from pipeline.reasons import Severity
from pipeline.stages import EvidenceKind, Stage
from store.api_keys import Scope
from store.users import Role
from store.webhooks import EventKind

HOME = Path(api.console.__file__).parent
TEMPLATES = sorted(HOME.glob("templates/console/*.html"))
SOURCES = [*TEMPLATES, HOME / "rendering.py"]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_text_that_is_named_is_there(source: Path) -> None:
    named = re.findall(r"""(?:words|known)\(["']([a-z_.]+[a-z_])["']""", source.read_text("utf-8"))
    assert [key for key in named if key not in WORDS] == []


def test_every_value_of_an_enumeration_has_its_word() -> None:
    listed = {
        "status": CaseStatus, "stage": Stage, "scope": Scope, "role": Role, "event": EventKind,
    }  # fmt: skip
    for prefix, values in listed.items():
        assert [value for value in values if f"{prefix}.{value}" not in WORDS] == []


def test_both_languages_say_something_and_have_the_same_gaps() -> None:
    def gaps(told: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(told) if name}

    for key, (vi, en) in WORDS.items():
        assert vi, key
        assert en, key
        assert gaps(vi) == gaps(en), key
        assert unicodedata.is_normalized("NFC", vi), key


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_what_the_content_policy_forbids(template: Path) -> None:
    markup = template.read_text("utf-8")
    assert not re.search(r"\son[a-z]+\s*=", markup)
    assert not re.search(r"\sstyle\s*=", markup)
    assert "<style" not in markup
    assert not re.search(r"<script(?![^>]*\ssrc=)", markup)
    assert "|safe" not in markup
    assert not re.search(r"""(?:src|href)=["']https?:""", markup)


def test_every_word_of_a_finding_has_its_name() -> None:
    listed: dict[str, Iterable[str]] = {
        "field": FieldName, "source": Source, "action": Action, "band": Band, "version": CardVersion,
        "assurance": Assurance, "evidence": EvidenceKind, "weight": Severity, "cue": CUE_REASON,
    }  # fmt: skip
    for prefix, values in listed.items():
        assert [value for value in values if f"{prefix}.{value}" not in WORDS] == []


def test_everything_that_is_written_about_a_case_has_its_name() -> None:
    store = Path(api.console.__file__).parents[2] / "store"
    texts = [path.read_text("utf-8") for path in sorted(store.glob("*.py"))]
    kinds = {k for text in texts for k in re.findall(r'case_id=case_id, kind="(\w+)"', text)}
    assert "clip_promised" in kinds
    looks = {"evidence_viewed", "picture_viewed"}  # shown apart: who looked
    assert [kind for kind in sorted(kinds - looks) if f"happened.{kind}" not in WORDS] == []


def test_no_key_is_taken_twice() -> None:
    parts = [CASE, ADMIN, FRAME, QUEUE]
    assert sum(len(part) for part in parts) == len(WORDS)
