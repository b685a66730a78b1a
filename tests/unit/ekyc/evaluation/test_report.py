import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekyc import eval_cli
from ekyc.evaluation import run
from ekyc.evaluation.comparison import View, compared
from ekyc.evaluation.dataset import CardTruth
from ekyc.evaluation.figures import figures
from ekyc.evaluation.page import render
from ekyc.evaluation.records import CardRecord
from ekyc.evaluation.worst import marked, worst
from tests.unit.ekyc.evaluation.cases import reads, record, truth

_PIXEL = "/9j/4AAQ"


def page(cards: list[CardTruth], records: list[CardRecord]) -> str:
    counted = figures(cards, records)
    return render("Measured <here>", {"set": "a & b"}, cards, records, counted, View.FUSED)


class _Loaded(HTMLParser):
    """Collects what a page would load and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.sources += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "line", "circle"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_but_itself() -> None:
    wrong = record("1", reads(full_name="ĐĂNG <b>"), pictures={"full_name": _PIXEL})
    html = page([truth()], [wrong])
    parser = _Loaded()
    parser.feed(re.sub(r"<(line|circle)([^>]*)/>", r"<\1\2>", html).removeprefix("<!doctype html>"))
    assert parser.open == []
    assert parser.sources == [f"data:image/jpeg;base64,{_PIXEL}"]
    assert "http" not in html
    assert "<script" not in html
    assert "Measured &lt;here&gt;" in html
    assert "ĐĂNG <b>" not in html  # what was read is text, never markup


def test_a_page_of_refused_cards_alone_can_be_made() -> None:
    html = page([truth()], [record("1", {}, rejected="card_blurred")])
    assert "card_blurred" in html
    assert "Nothing was wrong" in html


def test_what_differs_is_marked() -> None:
    assert marked("HỒNG", "HỔNG") == ("H<ins>Ồ</ins>NG", "H<del>Ổ</del>NG")
    assert marked("AN", "") == ("<ins>AN</ins>", "<small>nothing</small>")
    assert marked("A", "A<") == ("A", "A<del>&lt;</del>")


def test_sure_mistakes_come_first() -> None:
    cards = [truth("1"), truth("2")]
    records = [
        record("1", reads(0.4, full_name="X")),
        record("2", reads(0.99, full_name="ĐĂNG THỊ HOÀ")),
    ]
    rows = worst(compared(zip(cards, records, strict=True), View.FUSED), 20)
    assert [row.card.id for row in rows] == ["2", "1"]


# ---------------------------------------------------------------- the command


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three cards; reading them is faked and counted."""
    folder = tmp_path / "set"
    folder.mkdir()
    cards = [truth(name) for name in "123"]
    for card in cards:
        (folder / card.photos[0]).write_bytes(card.id.encode())
    lines = [card.model_dump_json() for card in cards]
    (folder / "cards.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def fake(card: CardTruth, folder: Path, *_: object) -> CardRecord:
        (tmp_path / "calls").open("a").write(card.id)
        return record(card.id, photos_sha256=run.digest(card, folder))

    monkeypatch.setattr(run, "read_truth", fake)
    return folder


def evaluate(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(eval_cli.app, ["card", *map(str, arguments)])
    return result.exit_code, result.output


def test_the_command_prints_bars_and_writes_page_and_figures(dataset: Path) -> None:
    page_path = dataset.parent / "out" / "report.html"
    code, said = evaluate(dataset, "--report", page_path, "--no-codes")
    assert code == 0
    assert "ID number exact" in said
    assert all(len(line) <= 80 for line in said.splitlines())
    kept = json.loads(page_path.with_suffix(".json").read_text("utf-8"))
    assert kept["cards"] == 3
    assert kept["shown"] == "printed"
    assert kept["views"]["printed"]["fields"]["full_name"]["strict"] == {
        "part": 3, "whole": 3, "value": 1.0, "interval": [pytest.approx(0.438503), 1.0],
    }  # fmt: skip
    assert "<svg" in page_path.read_text("utf-8")


def test_a_cache_saves_reading_what_has_not_changed(dataset: Path) -> None:
    cache, calls = dataset.parent / "cache", dataset.parent / "calls"
    assert evaluate(dataset, "--cache", cache)[0] == 0
    assert calls.read_text() == "123"
    (dataset / "2-front.jpg").write_bytes(b"another photo")
    assert evaluate(dataset, "--cache", cache)[0] == 0
    assert calls.read_text() == "1232"


def test_what_is_no_data_set_is_an_error_of_use(tmp_path: Path) -> None:
    code, said = evaluate(tmp_path)
    assert code == 2
    assert "cards.jsonl" in said
