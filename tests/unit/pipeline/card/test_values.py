import pytest

from pipeline.card.values import (
    Value,
    find_date,
    find_expiry,
    find_id_number,
    find_marks,
    find_name,
    find_place,
    find_sex,
    find_text,
)
from pipeline.findings import NO_EXPIRY


def text_of(value: Value | None) -> str | None:
    return value.text if value else None


def ones(text: str) -> tuple[float, ...]:
    return (1.0,) * len(text)


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("038195000000", "038195000000"),
        ("O38 195 OO0000", "038195000000"),
        ("No.038195000000", "038195000000"),
        ("0381950000001", None),
        ("03819500000", None),
        ("012345678", "012345678"),
        ("Thanh Hóa", None),
    ],
)
def test_numbers(printed: str, number: str | None) -> None:
    assert text_of(find_id_number(printed, ones(printed))) == number


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("15/08/1995", "1995-08-15"),
        ("//15.08.1995k", "1995-08-15"),
        ("l5/O8/I995", "1995-08-15"),
        ("15081995", "1995-08-15"),
        ("30/02/1995", None),
        ("15/08/95", None),
        ("Nam", None),
    ],
)
def test_dates(printed: str, iso: str | None) -> None:
    assert text_of(find_date(printed, ones(printed))) == iso


@pytest.mark.parametrize("printed", ["Không thời hạn", "Khong thoi han", "Không thòi hạn"])
def test_no_expiry(printed: str) -> None:
    assert text_of(find_expiry(printed, ones(printed))) == NO_EXPIRY


@pytest.mark.parametrize(
    ("printed", "sex"), [("Nữ", "Nữ"), ("Nũ", "Nữ"), ("Nam", "Nam"), ("Việt Nam", None)]
)
def test_sex(printed: str, sex: str | None) -> None:
    assert text_of(find_sex(printed, ones(printed))) == sex


def test_names_are_capitals_with_single_spaces() -> None:
    printed = "Đặng  Thị Ánh. 1"
    assert text_of(find_name(printed, ones(printed))) == "ĐẶNG THỊ ÁNH"


@pytest.mark.parametrize(
    ("printed", "tidy"),
    [
        ("Tổ 5,Phường 9 , Đà Lạt,", "Tổ 5, Phường 9, Đà Lạt"),
        ("cách 1,5cm trên", "cách 1,5cm trên"),
        ("12 Lê Lợi ,, Huế.", "12 Lê Lợi, Huế"),
        ("Cư Mốt, Ea H' leo, Đắk Lắk", "Cư Mốt, Ea H'leo, Đắk Lắk"),
    ],
)
def test_running_text_is_tidied(printed: str, tidy: str) -> None:
    assert text_of(find_text(printed, ones(printed))) == tidy


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("Ngày 15 tháng 08 năm 2021", "2021-08-15"),
        ("Ngày 5 thang 8 nam 2021", "2021-08-05"),
        ("15 / 08 / 1995", "1995-08-15"),
        ("Ngày 31 tháng 02 năm 2021", None),
    ],
)
def test_dates_in_words_and_with_spaces(printed: str, iso: str | None) -> None:
    assert text_of(find_date(printed, ones(printed))) == iso


def test_every_character_of_running_text_keeps_its_score() -> None:
    printed = "Tổ 5 , Bà Rịa -Vũng Tàu ,"
    value = find_text(printed, ones(printed))
    assert value is not None
    assert value.text == "Tổ 5, Bà Rịa - Vũng Tàu"
    assert len(value.scores) == len(value.text)


@pytest.mark.parametrize(("capital_score", "small"), [(0.7, True), (0.99, False)])
def test_a_doubtful_capital_in_a_description_of_marks_is_a_small_letter(
    capital_score: float, *, small: bool
) -> None:
    text = "Nốt ruồi C:0,5cm trước Cánh mũi"
    scores = [1.0] * len(text)
    scores[0] = scores[text.index("C:")] = scores[text.index("Cánh")] = capital_score
    found = find_marks(text, scores)
    assert found is not None
    assert found.text == (text.replace("Cánh", "cánh") if small else text)


@pytest.mark.parametrize(
    ("printed", "right"),
    [
        ("Tổ 68, Phường Vll, Vị Thanh", "Tổ 68, Phường VII, Vị Thanh"),
        ("Khu XlV, Đông Hà", "Khu XIV, Đông Hà"),
        ("Vlà, lộ X, ấp l", "Vlà, lộ X, ấp l"),
    ],
)
def test_an_l_in_a_roman_number_is_an_i(printed: str, right: str) -> None:
    assert text_of(find_place(printed, ones(printed))) == right


@pytest.mark.parametrize(
    ("printed", "right"),
    [
        ("Nốt ruồi C:1cm dưới trựớc mắt trái", "Nốt ruồi C:1cm dưới trước mắt trái"),
        ("Khộng có", "Không có"),
        ("Seo chấm trên mặt", "Sẹo chấm trên mặt"),
        ("Vết bớt ở cổ", "Vết bớt ở cổ"),
    ],
)
def test_common_words_of_marks_have_the_dots_they_are_spelt_with(printed: str, right: str) -> None:
    assert text_of(find_marks(printed, ones(printed))) == right
