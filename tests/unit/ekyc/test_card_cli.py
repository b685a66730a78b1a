import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ekyc import card_cli
from pipeline.findings import CardFinding, CardVersion, FieldName, FieldReading, Source
from pipeline.image import RgbImage


class _FakeReader:
    models = ()

    def read(self, front: RgbImage, back: RgbImage | None, *, today: object) -> CardFinding:
        reading = FieldReading(
            value="038195000000", confidence=0.99, source=Source.OCR, side="front", readings={}
        )
        return CardFinding(
            version=CardVersion.CHIP_2021,
            sides=("front", "back") if back is not None else ("front",),
            fields={FieldName.ID_NUMBER: reading},
            checks=(),
            rejected=None,
            models=(),
            timing_ms={"find": 1.25},
        )


@pytest.fixture(autouse=True)
def _fake_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_cli, "_load", lambda weights: _FakeReader())


def _picture(path: Path) -> Path:
    import cv2
    import numpy as np

    cv2.imwrite(str(path), np.full((100, 160, 3), 200, np.uint8))
    return path


def test_one_card_is_one_json_line(tmp_path: Path) -> None:
    front, back = _picture(tmp_path / "a.png"), _picture(tmp_path / "b.png")
    result = CliRunner().invoke(card_cli.app, ["read", str(front), str(back), "--json"])
    assert result.exit_code == 0
    card = json.loads(result.stdout)
    assert card["document"] == {"version": "chip_2021", "side": "both"}
    assert card["fields"]["id_number"]["value"] == "038195000000"
    assert card["rejected"] is None


def test_a_folder_pairs_fronts_with_backs_and_writes_results(tmp_path: Path) -> None:
    for name in ("p1_front.png", "p1_back.png", "p2_front.png", "other.png"):
        _picture(tmp_path / name)
    out = tmp_path / "results"
    result = CliRunner().invoke(card_cli.app, ["read", str(tmp_path), "--json", "--out", str(out)])
    assert result.exit_code == 0
    cards = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    pairs = {(Path(c["file"]).name, c["back_file"] and Path(c["back_file"]).name) for c in cards}
    assert pairs == {("p1_front.png", "p1_back.png"), ("p2_front.png", None), ("other.png", None)}
    assert sorted(p.name for p in out.iterdir()) == ["other.json", "p1_front.json", "p2_front.json"]


def test_what_is_no_picture_is_refused_with_a_reason(tmp_path: Path) -> None:
    fake = tmp_path / "front.jpg"
    fake.write_bytes(b"%PDF-1.7")
    result = CliRunner().invoke(card_cli.app, ["read", str(fake), "--json"])
    assert result.exit_code == 1
    rejected = json.loads(result.stdout)["rejected"]
    assert rejected["code"] == "evidence_undecodable"
    assert rejected["reasons"][0]["vi"]


def test_a_missing_file_is_an_error_of_use(tmp_path: Path) -> None:
    result = CliRunner().invoke(card_cli.app, ["read", str(tmp_path / "none.jpg")])
    assert result.exit_code == 2
