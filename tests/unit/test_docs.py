"""The documents name only what exists, and say everything they promise to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.case import TRANSITIONS, CaseStatus

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
FOLDERS = "api|bench|capture_client|docs|ekyc|migrations|pipeline|specimen|store|tests|training|weights|workers"


def named_paths(text: str) -> set[str]:
    return set(re.findall(rf"`((?:{FOLDERS})/[\w./-]*?)(?::\w+)?`", text))


@pytest.mark.parametrize("path", sorted(named_paths(TOUR)))
def test_every_path_in_the_tour_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_symbol_in_the_tour_exists() -> None:
    for path, symbol in re.findall(rf"`((?:{FOLDERS})/[\w./-]+\.py):(\w+)`", TOUR):
        assert re.search(rf"\b{symbol}\b", (ROOT / path).read_text(encoding="utf-8")), symbol


def test_the_picture_of_a_case_is_the_table() -> None:
    drawn = re.findall(r"^  (\w+) --> (\w+): (\w+)$", TOUR, re.MULTILINE)
    assert {(a, e): b for a, b, e in drawn} == {
        (str(status), str(event)): str(target) for (status, event), target in TRANSITIONS.items()
    }


def test_every_decision_is_numbered_once_and_linked_paths_exist() -> None:
    pages = sorted(p.name for p in (ROOT / "docs" / "decisions").glob("0*.md"))
    assert len({page[:4] for page in pages}) == len(pages)


PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(p for f in FOLDERS.split("|") for p in (ROOT / f).rglob("*.md"))])
    if "fetched" not in path.parts
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    linked = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    dead = [to for to in linked if "://" not in to and not (page.parent / to).exists()]
    assert dead == []


def test_every_status_is_spoken_of() -> None:
    for status in CaseStatus:
        assert f"{status}" in TOUR, status
