import json
import unicodedata
from pathlib import Path

import pytest

from ekyc.evaluation.dataset import DatasetError, load_dataset
from tests.unit.ekyc.evaluation.cases import truth


def written(folder: Path, *rows: dict | str) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "cards.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "1-front.jpg").touch()
    return folder


def row(**changes: object) -> dict:
    return {**truth().model_dump(), "seed": 11, **changes}


def test_cards_are_read_in_order_and_texts_composed(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "ĐẶNG THỊ HOÀ")
    (card,) = load_dataset(written(tmp_path, row(fields={"full_name": name})))
    assert card.fields == {"full_name": unicodedata.normalize("NFC", name)}
    assert card.photos == ("1-front.jpg",)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        ["not json"],
        [row(), row()],
        [row(front=None)],
        [row(front="absent.jpg")],
        [{"id": "1"}],
    ],
    ids=["empty", "malformed", "twice", "no photo", "absent photo", "no truth"],
)
def test_what_is_no_data_set_is_said(rows: list, tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        load_dataset(written(tmp_path, *rows))


def test_a_folder_without_a_list_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        load_dataset(tmp_path)
