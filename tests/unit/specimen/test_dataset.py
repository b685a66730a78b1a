"""Data sets of photographed cards: the same seed makes the same folder, and every file has its truth."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.image import decode_image
from specimen.canvas import BOLD, OCR_B, REGULAR
from specimen.dataset import write_dataset
from specimen.lexicon import BUILT_IN_WITH_MERGED
from specimen.oddities import Oddity, draw_oddity
from specimen.samples import VERSION_MIX, Entry, Source, draw_entry, schedule
from specimen.shots import Severity
from specimen.style import bundled_faces
from tests.unit.specimen.conftest import TODAY

SOURCE = Source(
    part="user",
    words=BUILT_IN_WITH_MERGED,
    faces=bundled_faces,
    fonts=(REGULAR, BOLD, OCR_B),
    today=TODAY,
)


def _write(out: Path, cards: int, make: Any = draw_entry) -> list[dict[str, Any]]:
    entries = write_dataset(out, make, cards=cards, seed=4, source=SOURCE, command="test")
    assert len(list(entries)) == cards
    return [json.loads(line) for line in (out / "cards.jsonl").read_text("utf-8").splitlines()]


def test_a_folder_holds_photos_their_truth_and_how_it_was_made(tmp_path: Path) -> None:
    rows = _write(tmp_path, 2)
    for row in rows:
        assert row["condition"] == "clean"
        assert row["expect"] is None
        assert row["fields"]["id_number"].endswith("000000")
        for side in ("front", "back"):
            decode_image((tmp_path / row[side]).read_bytes(), evidence=side)
    about = json.loads((tmp_path / "dataset.json").read_text("utf-8"))
    assert (about["seed"], about["cards"], about["part"]) == (4, 2, "user")
    places = [json.loads(line) for line in (tmp_path / "prints.jsonl").open(encoding="utf-8")]
    assert [place["id"] for place in places] == [row["id"] for row in rows]
    for place in places:
        width, height = place["front"]["size_px"]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in place["front"]["corners_px"])
        roles = {line["role"] for line in place["front"]["lines"]}
        assert {"id_number", "full_name", "caption"} <= roles


def test_a_card_depends_on_seed_and_number_alone() -> None:
    one, same, other = (draw_entry(number, 4, SOURCE) for number in (1, 1, 2))
    assert one == same
    assert one.files != other.files


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "cards.jsonl").write_text("kept")
    with pytest.raises(FileExistsError):
        _write(tmp_path, 1)
    assert (tmp_path / "cards.jsonl").read_text() == "kept"


def test_versions_and_severities_are_mixed_in_fixed_shares() -> None:
    drawn = [schedule(number, 4) for number in range(60)]
    versions = Counter(version for version, _ in drawn)
    assert versions == {version: 3 * count for version, count in VERSION_MIX.items()}
    assert Counter(severity for _, severity in drawn) == dict.fromkeys(Severity, 10)


@pytest.fixture(scope="module")
def odd() -> dict[str, Entry]:
    entries = (draw_oddity(number, 4, SOURCE) for number in range(len(Oddity)))
    return {entry.row["condition"]: entry for entry in entries}


def test_every_oddity_is_drawn(odd: dict[str, Entry]) -> None:
    assert set(odd) == set(Oddity)
    for entry in odd.values():
        assert {entry.row["front"], entry.row["back"]} == set(entry.files)


def test_only_swapped_sides_must_be_read(odd: dict[str, Entry]) -> None:
    unexpecting = {name for name, entry in odd.items() if entry.row["expect"] is None}
    assert unexpecting == {Oddity.SIDES_SWAPPED}
    assert odd[Oddity.SIDES_SWAPPED].row["fields"]
    assert odd[Oddity.OLD_DOCUMENT].row["expect"] == ["document_no_longer_valid"]


def test_pictures_without_a_card_ask_for_no_field(odd: dict[str, Entry]) -> None:
    for name in (Oddity.NO_CARD, Oddity.FACE, Oddity.BLANK_SHEET, Oddity.OTHER_DOCUMENT):
        assert not odd[name].row["readable"]
        assert not odd[name].row["fields"]
