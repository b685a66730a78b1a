import json
from pathlib import Path

import pytest

from training.charset import nfc
from training.lexicon import Part, built_in_lexicon, is_held_out, load_lexicon, places_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wards = [[f"{index:05d}", f"Xã Số {index}"] for index in range(200)]
    files = {
        "names.json": {
            "surname_freq": {"Nguyễn": 400, "Lò": 1},
            "middle_freq": {"Văn": 100},
            "middle_female": ["Thị Thu"],
            "given_male_one": ["An"],
            "given_female_one": ["Chi"],
            "given_male_two": ["An Khang"],
            "given_female_two": ["An Nhiên"],
        },
        "admin_pre2025.json": {"provinces": [["01", "Tỉnh A", [["001", "Huyện B", wards]]]]},
        "admin_post2025.json": {"provinces": [["01", "Tỉnh A", [["00001", "Phường C"]]]]},
        "card_vocab.json": {"streets": ["Bà Triệu"], "marks": ["Sẹo chấm"]},
    }
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_the_named_folder_is_read(folder: Path) -> None:
    lexicon = load_lexicon({"EKYC_TEXT_DIR": str(folder)})
    assert lexicon.source == "folder of 200 old and 1 new wards"
    assert lexicon.places[-1].units == ("Phường C", "Tỉnh A")
    assert lexicon.surnames.count("Nguyễn") > lexicon.surnames.count("Lò") > 0


def test_a_named_folder_that_is_not_there_is_no_reason_to_train_on_less(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_lexicon({"EKYC_TEXT_DIR": str(tmp_path / "nowhere")})


def test_no_place_name_serves_both_training_and_test(folder: Path) -> None:
    lexicon = load_lexicon({"EKYC_TEXT_DIR": str(folder)})
    trained = {place.units[0] for place in places_of(lexicon, Part.TRAIN)}
    tested = {place.units[0] for place in places_of(lexicon, Part.TEST)}
    assert trained
    assert tested
    assert not trained & tested
    assert places_of(lexicon, Part.VALIDATION) == places_of(lexicon, Part.TRAIN)


def test_holding_out_does_not_depend_on_how_a_name_is_composed() -> None:
    assert is_held_out("Xã Quỳnh Hải") is is_held_out("Xa\u0303 Quy\u0300nh Ha\u0309i")


def test_the_built_in_lexicon_serves_every_part() -> None:
    lexicon = built_in_lexicon()
    for part in Part:
        assert places_of(lexicon, part)
    assert all(word == nfc(word) for word in (*lexicon.surnames, *lexicon.givens))
