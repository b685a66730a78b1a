from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.card.td1 import check_digit
from specimen.mrz import encode_mrz, transliterate, with_wrong_check_digit
from specimen.people import Person, Sex

NGUYET = Person(
    id_number="038195000000",
    old_id_number=None,
    full_name="Đặng Thị Ánh Nguyệt",
    date_of_birth=date(1995, 8, 15),
    sex=Sex.FEMALE,
    nationality="Việt Nam",
    place_of_origin="Thanh Hóa",
    place_of_birth="Thanh Hóa",
    place_of_residence="Thanh Hóa",
    personal_identification="Nốt ruồi",
    date_of_issue=date(2021, 6, 1),
    date_of_expiry=date(2035, 8, 15),
)


def test_worked_example() -> None:
    assert encode_mrz(NGUYET) == (
        "IDVNM1950000009038195000000<<6",
        "9508152F3508150VNM<<<<<<<<<<<6",
        "DANG<<THI<ANH<NGUYET<<<<<<<<<<",
    )


def test_wrong_digit_is_wrong_and_the_only_change() -> None:
    right, wrong = encode_mrz(NGUYET)[0], with_wrong_check_digit(encode_mrz(NGUYET))[0]
    assert [i for i in range(30) if right[i] != wrong[i]] == [14]
    assert check_digit(wrong[5:14]) != int(wrong[14])


def test_long_names_are_cut_at_thirty_characters() -> None:
    name = "Công Tằng Tôn Nữ Hoàng Bảo Khánh Phương Thảo"
    line = encode_mrz(replace(NGUYET, full_name=name))[2]
    assert line == "CONG<<TANG<TON<NU<HOANG<BAO<KH"


def test_cards_without_expiry_have_a_far_one_in_the_mrz() -> None:
    assert encode_mrz(replace(NGUYET, date_of_expiry=None))[1][8:14] == "991231"


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Đỗ Ưu Ơn", "DO UU ON"), ("Nguyễn Ỷ Ặc Ộ", "NGUYEN Y AC O"), ("đinh", "DINH")],
)
def test_transliteration(name: str, plain: str) -> None:
    assert transliterate(name) == plain
