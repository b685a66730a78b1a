from __future__ import annotations

from pathlib import Path

import pytest

from ekyc.evaluation.dataset import DatasetError
from ekyc.evaluation.face_pairs import load_pairs
from ekyc.evaluation.report_folder import make_report_folder


def photos(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_a_list_of_pairs_says_who_is_who_by_its_genuine_pairs(tmp_path):
    photos(tmp_path, "a.jpg", "b.jpg", "c.jpg", "d.jpg")
    (tmp_path / "pairs.csv").write_text(
        "file_a,file_b,same\na.jpg,b.jpg,1\nb.jpg,c.jpg,1\na.jpg,d.jpg,0\n"
    )
    found = load_pairs(tmp_path / "pairs.csv")
    assert [pair.same for pair in found.pairs] == [True, True, False]
    assert found.people["a.jpg"] == found.people["b.jpg"] == found.people["c.jpg"]
    assert found.people["d.jpg"] != found.people["a.jpg"]


def test_folders_of_people_make_all_pairs(tmp_path):
    photos(tmp_path, "an/1.jpg", "an/2.png", "binh/1.jpg", "binh/notes.txt")
    found = load_pairs(tmp_path)
    assert [(pair.a, pair.b, pair.same) for pair in found.pairs] == [
        ("an/1.jpg", "an/2.png", True),
        ("an/1.jpg", "binh/1.jpg", False),
        ("an/2.png", "binh/1.jpg", False),
    ]


def test_labels_name_people_and_leave_out_who_is_no_single_person(tmp_path):
    photos(tmp_path, "1.jpg", "2.jpg", "3.jpg", "4.jpg")
    (tmp_path / "labels.csv").write_text(
        "file,identity\n1.jpg,an\n2.jpg,an\n3.jpg,binh\n4.jpg,MULTI:an+binh\n"
    )
    assert sorted(load_pairs(tmp_path).people) == ["1.jpg", "2.jpg", "3.jpg"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file_a,file_b\na.jpg,b.jpg\n", "no column same"),
        ("file_a,file_b,same\na.jpg,gone.jpg,1\n", "lacks gone.jpg"),
        ("file_a,file_b,same\na.jpg,b.jpg,1\n", "both"),
    ],
)
def test_what_cannot_be_measured_is_said(tmp_path, text, message):
    photos(tmp_path, "a.jpg", "b.jpg")
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(DatasetError, match=message):
        load_pairs(tmp_path / "pairs.csv")


def test_an_empty_folder_is_no_data_set(tmp_path):
    with pytest.raises(DatasetError):
        load_pairs(tmp_path)


def test_a_picture_is_no_list_of_pairs_and_excel_s_csv_is_one(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(DatasetError, match="no CSV"):
        load_pairs(tmp_path / "a.jpg")
    (tmp_path / "pairs.csv").write_text("file_a,file_b,same\n", encoding="utf-8-sig")
    with pytest.raises(DatasetError, match="nobody"):
        load_pairs(tmp_path / "pairs.csv")


def test_a_report_has_its_place_before_anything_is_measured(tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(DatasetError, match="no place"):
        make_report_folder(tmp_path / "taken" / "report.html")
    with pytest.raises(DatasetError, match="is a folder"):
        make_report_folder(tmp_path)
    make_report_folder(tmp_path / "new" / "report.html")
    assert (tmp_path / "new").is_dir()
