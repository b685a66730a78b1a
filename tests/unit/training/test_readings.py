"""The cache of readings: continued, and never taken from another recogniser."""

import json
from pathlib import Path

import pytest

from pipeline.findings import CardVersion
from pipeline.findings import FieldName as F
from pipeline.weights import DEFAULT_ROOT, read_manifest
from training import readings
from training.readings import read_dataset

LINE = ["LÊ AN", [0.9] * 5, [1.0, 2.0, 3.0, 4.0, 5.0], [[0, 0], [6, 0], [6, 2], [0, 2]]]


def seen(recogniser: str) -> dict[str, object]:
    side = {"width_px": 1400.0, "lines": [LINE]}
    kept = {"id": "1", "recogniser": recogniser, "rejected": None, "version": "chip_2021"}
    return {**kept, "qr": {}, "sides": {"front": side}}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    photos = {"front": "1.jpg", "back": None}
    row = {"id": "1", "severity": "flat", "readable": True, "fields": {"full_name": "LÊ AN"}}
    row |= photos
    (tmp_path / "cards.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return tmp_path


def test_a_card_that_was_read_is_not_read_again(dataset: Path) -> None:
    sha256 = read_manifest(DEFAULT_ROOT)["vn_card_rec"].ref.sha256
    cache = dataset / "cache.jsonl"
    cache.write_text(json.dumps(seen(sha256)) + "\n", encoding="utf-8")
    (card,) = read_dataset(dataset, cache)
    assert (card.version, card.truth) == (CardVersion.CHIP_2021, {F.FULL_NAME: "LÊ AN"})
    assert (card.sides["front"].lines[0].text, card.sides["front"].width_px) == ("LÊ AN", 1400.0)


def test_readings_of_another_recogniser_do_not_count(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = dataset / "cache.jsonl"
    cache.write_text(json.dumps(seen("0" * 64)) + "\n", encoding="utf-8")
    asked: list[object] = []

    def look(_reader: object, _dataset: object, row: dict[str, object]) -> dict[str, object]:
        asked.append(row["id"])
        return {"id": row["id"], "rejected": "card_blurred", "sides": {}, "qr": {}}

    monkeypatch.setattr(readings, "load_card_reader", lambda _root: object())
    monkeypatch.setattr(readings, "_look", look)
    (card,) = read_dataset(dataset, cache)
    assert (asked, card.rejected) == (["1"], "card_blurred")
