import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from ekyc import card_cli, card_desk
from ekyc.card_desk import refused
from ekyc.card_screen import sure_text
from pipeline.card.reader import CardReading
from pipeline.chip.document import format_document
from pipeline.chip.judged import judge_chip
from pipeline.findings import CardFinding, CardVersion, Check, FieldName, FieldReading, Source
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode
from specimen.chip import chip_files, specimen_authority, specimen_signer
from specimen.people import CardVersion as SpecimenVersion
from specimen.people import draw_person


class _FakeReader:
    models = ()

    def look(
        self,
        front: RgbImage,
        back: RgbImage | None,
        *,
        today: object,
        chip: bytes | None = None,
    ) -> CardReading:
        if front.shape[0] > 500:
            raise ZeroDivisionError
        if front.mean() < 50:
            return refused(ReasonCode.CARD_NOT_FOUND)
        reading = FieldReading(
            value="LÊ THỊ HƯỜNG",
            confidence=0.9,
            source=Source.QR,
            side="front",
            readings={"ocr": "LÊ THỊ HƯƠNG", "mrz": "LE THI HUONG"},
            checks=("qr_slip", "mrz_same"),
        )
        finding = CardFinding(
            version=CardVersion.CHIP_2021,
            sides=("front", "back") if back is not None else ("front",),
            fields={FieldName.FULL_NAME: reading},
            checks=(Check(code=ReasonCode.QR_MISMATCH, passed=False, fields=("full_name",)),),
            rejected=None,
            models=(),
            timing_ms={"find": 1.25},
            chip=judge_chip(chip, (), today=None).finding,
        )
        return CardReading(finding=finding, sides={}, printed={})


@pytest.fixture(autouse=True)
def _fake_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_desk, "load_reader", lambda *_: _FakeReader())


def picture(path: Path, grey: int = 200, height: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (160, height), (grey, grey, grey)).save(path)
    return path


def read(*arguments: object) -> tuple[int, list[dict], str]:
    """Exit code, JSON objects and the rest of what was printed."""
    result = CliRunner().invoke(card_cli.app, ["read", *map(str, arguments)])
    lines = result.output.splitlines()
    cards = [json.loads(line) for line in lines if line.startswith("{")]
    return result.exit_code, cards, "\n".join(li for li in lines if not li.startswith("{"))


def test_one_card_is_one_json_line(tmp_path: Path) -> None:
    front, back = picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    code, (card,), _ = read(front, back, "--json")
    assert code == 0
    assert set(card) >= {
        "file", "back_file", "document", "fields", "checks", "rejected", "timing_ms",
    }  # fmt: skip
    assert (card["file"], card["back_file"]) == (str(front), str(back))
    assert card["document"] == {"version": "chip_2021", "side": "both"}
    assert card["fields"]["full_name"]["value"] == "LÊ THỊ HƯỜNG"
    assert card["rejected"] is None


def test_chip_data_belongs_to_one_card(tmp_path: Path) -> None:
    front = picture(tmp_path / "a.png")
    person = draw_person(
        np.random.default_rng(5), version=SpecimenVersion.CHIP_2021, today=date(2026, 11, 23)
    )
    made = chip_files(person, b"no portrait", (1, 1), specimen_signer(specimen_authority()))
    chip = tmp_path / "chip.json"
    chip.write_bytes(format_document(made))
    code, (card,), _ = read(front, "--chip", chip, "--json")
    assert code == 0
    assert card["chip"] == {
        "integrity": "ok",
        "origin": "trust_unknown",
        "files": ["sod", "dg1", "dg2", "dg13"],
        "causes": ["no_authority_configured", "dg2_unknown_layout"],
    }
    code, _, screen = read(front, "--chip", chip)
    assert "chip: integrity ok, origin trust_unknown" in screen
    code, _, screen = read(front, picture(tmp_path / "b.png"), front, "--chip", chip)
    assert code == 2
    assert "one card" in screen


def test_a_folder_pairs_fronts_with_backs_and_writes_results(tmp_path: Path) -> None:
    for name in ("p1_front.png", "p1_back.png", "p2_front.png", "other.png"):
        picture(tmp_path / name)
    out = tmp_path / "results"
    code, cards, _ = read(tmp_path, "--json", "--out", out)
    assert code == 0
    pairs = [(Path(c["file"]).name, c["back_file"] and Path(c["back_file"]).name) for c in cards]
    assert pairs == [("other.png", None), ("p1_front.png", "p1_back.png"), ("p2_front.png", None)]
    assert sorted(p.name for p in out.iterdir()) == ["other.json", "p1_front.json", "p2_front.json"]
    assert json.loads((out / "p1_front.json").read_text("utf-8")) == cards[1]


def test_one_bad_file_never_stops_the_rest(tmp_path: Path) -> None:
    bad = {
        "1.jpg": b"%PDF-1.7",
        "2.jpg": b"",
        "3.gif": b"GIF89a",
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    picture(tmp_path / "4.png", grey=10)
    picture(tmp_path / "5.png", height=600)  # an engine that fails
    picture(tmp_path / "6.png")
    code, cards, _ = read(tmp_path, "--json")
    assert code == 1
    told = [c["rejected"] and (c["rejected"]["code"], c["rejected"]["reasons"][0]) for c in cards]
    assert [reason and (reason[0], reason[1]["facts"].get("cause")) for reason in told] == [
        ("evidence_undecodable", "format_not_taken"),
        ("evidence_undecodable", "empty"),
        ("evidence_undecodable", "format_not_taken"),
        ("card_not_found", None),
        ("engine_unavailable", "ZeroDivisionError"),
        None,
    ]
    assert all(reason[1]["vi"] and reason[1]["en"] for reason in told if reason)
    assert all(card["fields"] == {} for card in cards[:-1])


@pytest.mark.parametrize("arguments", [["none.jpg"], ["none.jpg", "nor-this.jpg"], ["."]])
def test_nothing_to_try_is_an_error_of_use(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, cards, _ = read(*arguments)
    assert (code, cards) == (2, [])


def test_a_missing_back_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    code, (card,), _ = read(picture(tmp_path / "a.png"), tmp_path / "none.png", "--json")
    assert code == 1
    assert card["rejected"]["reasons"][0]["facts"] == {
        "evidence": "card_back",
        "cause": "file_unreadable",
    }


def test_absent_weights_are_told_and_nothing_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    front = picture(tmp_path / "a.png")
    code, cards, said = read(front, "--json", "--weights", tmp_path / "none")
    assert (code, cards) == (2, [])
    assert "card read:" in said


def test_a_person_sees_values_conflicts_and_failed_checks_in_eighty_columns(tmp_path: Path) -> None:
    front = picture(tmp_path / "a.png")
    code, _, said = read(front)
    assert code == 0
    assert "LÊ THỊ HƯỜNG" in said
    assert "ocr says: LÊ THỊ HƯƠNG" in said
    assert "LE THI HUONG" not in said  # the same name without marks is no conflict
    assert "qr_mismatch (full_name)" in said
    assert all(len(line) <= 80 for line in said.splitlines()[1:])


def test_overlays_go_beside_the_results(tmp_path: Path) -> None:
    front, back = picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    out = tmp_path / "seen"
    assert read(front, back, "--overlay", "--out", out)[0] == 0
    assert {p.name for p in out.iterdir()} == {
        "a.json", "a.front.overlay.jpg", "a.back.overlay.jpg",
    }  # fmt: skip


def test_ctrl_c_stops_with_its_own_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(_FakeReader, "look", interrupted)
    code, cards, said = read(picture(tmp_path / "a.png"), "--json")
    assert (code, cards) == (130, [])
    assert "stopped" in said


def test_no_reading_is_shown_as_certain() -> None:
    assert [sure_text(v) for v in (0.9995, 0.991, 0.5)] == ["0.999", "0.991", "0.500"]


def test_results_that_cannot_be_kept_are_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_desk, "load_reader", lambda *_: pytest.fail("read a card"))
    (tmp_path / "taken").write_text("a file, no folder")
    photo = picture(tmp_path / "a.png")
    code, cards, said = read(photo, "--out", tmp_path / "taken")
    assert (code, cards) == (2, [])
    assert "File exists" in said
