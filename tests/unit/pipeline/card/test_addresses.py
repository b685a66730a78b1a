"""Units are respelt, never invented."""

import random

import pytest

from pipeline.card.addresses import Address, compare_with_units
from pipeline.card.gazetteer import load_gazetteer
from pipeline.card.phrases import fold
from pipeline.card.values import Value


def compare(text: str, score: float = 0.9) -> Address:
    return compare_with_units(Value(text=text, scores=(score,) * len(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Tổ 5, Phường 9, Đà Lạt, Lâm Đồng",
        "Xã Hoằng Đức, Hoằng Hoá, Thanh Hóa",
        "Số 1, P. 05, Q. Gò Vấp, TP. HCM",
        "Bến Nghé, Q.1, TP Hồ Chí Minh",
        "Côn Đảo, Bà Rịa - Vũng Tàu",
        "Phường Vỹ Dạ, Thành phố Huế",
        "ẤP 4, XÃ ĐẤT MŨI, NGỌC HIỂN, CÀ MAU",
        "Phường Hồng Hà, Thành phố Hà Nội",
    ],
)
def test_old_and_new_units_are_known_and_kept(text: str) -> None:
    assert compare(text) == Address(text=text, levels=compare(text).levels, known=True, corrected=False)  # fmt: skip


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("Vỹ Dạ, Huế, Thừa Thiên Huê", "Vỹ Dạ, Huế, Thừa Thiên Huế"),
        ("Xã Ea Tu, TP. Buôn Ma Thuột, Tỉnh Đăk Lắk", "Xã Ea Tu, TP. Buôn Ma Thuột, Tỉnh Đắk Lắk"),
        ("12 Lê Lợi, Phương Bến Nghé, Quân 1, TP HCM", "12 Lê Lợi, Phường Bến Nghé, Quận 1, TP HCM"),
        ("ĐẤT MŨI, NGỌC HIÊN, CÀ MAU", "ĐẤT MŨI, NGỌC HIỂN, CÀ MAU"),
        ("Thạnh Phọng, Thạnh Liệm, Hà Nam", "Thanh Phong, Thanh Liêm, Hà Nam"),
    ],
)  # fmt: skip
def test_single_slips_of_tone_and_hat_are_put_right(read: str, right: str) -> None:
    address = compare(read)
    assert (address.text, address.corrected, address.known) == (right, True, True)


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("Đô Vinh, Phan Rang- Tháp Chàm, Ninh Thuận", "Đô Vinh, Phan Rang-Tháp Chàm, Ninh Thuận"),
        ("Đô Vinh, Phan Rang -Tháp Chàm, Ninh Thuận", "Đô Vinh, Phan Rang-Tháp Chàm, Ninh Thuận"),
        ("Đô Vinh, Phan Rang - Tháp Chàm, Ninh Thuận", "Đô Vinh, Phan Rang - Tháp Chàm, Ninh Thuận"),
        ("Đô Vinh, Phan Rang-Tháp Chàm, Ninh Thuận", "Đô Vinh, Phan Rang-Tháp Chàm, Ninh Thuận"),
        ("Côn Đảo, Bà Rịa -Vũng Tàu", "Côn Đảo, Bà Rịa - Vũng Tàu"),
        ("Khu A- B, Bến Nghé, Quận 1, Hồ Chí Minh", "Khu A - B, Bến Nghé, Quận 1, Hồ Chí Minh"),
    ],
)  # fmt: skip
def test_a_dash_has_a_blank_on_both_sides_or_none_as_the_unit_is_listed(
    read: str, right: str
) -> None:
    assert compare(read).text == right


@pytest.mark.parametrize(
    ("score", "right"),
    [(0.7, "Điện Thắng Trung, Thị xã Điện Bàn, Quảng Nam"), (0.99, "Điện Thắng Trung, Thị Xã Điện Bàn, Quảng Nam")],
)  # fmt: skip
def test_a_doubtful_capital_of_a_kind_is_a_small_letter(score: float, right: str) -> None:
    assert compare("Điện Thắng Trung, Thị Xã Điện Bàn, Quảng Nam", score).text == right


@pytest.mark.parametrize(
    "text",
    [
        "Xã Ea Tu, Buôn Ma Thuột, Đăk Lăk",  # an older spelling, not a slip
        "Tổ 5, Phưởng Nowhere, Đà Lạt, Lâm Đồng",  # no such unit
        "Hướng Ván, Hương Trà, Thừa Thiên Huế",  # Hương Vân or Hương Văn
        "Vinh Thánh, Cần Thơ",  # two letters
        "Thôn Đòng, Hoằng Hóa, Thanh Hóa",  # a hamlet
        "12 Lê Lơi, Bến Nghé, Quận 1, Hồ Chí Minh",  # a street
        "Tổ 5 Đà Lat Lâm Đông",  # no kind, no unit on the left
        "Đường Tỉnh 5, Quận 1, Hồ Chí Minh",
        "",
    ],
)
def test_everything_else_stays_as_it_was_read(text: str) -> None:
    assert compare(text).text == text


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("Giao Long, Giao Thủy, Nam Đinh", "Giao Long, Giao Thủy, Nam Định"),
        ("Xã Châu Phong, Quế Võ, Bắc Nịnh", "Xã Châu Phong, Quế Võ, Bắc Ninh"),
        ("Giao Long, Giao Thủy, Nam Đính", "Giao Long, Giao Thủy, Nam Đính"),
        ("Tận Lộc Bắc, Thới Bình, Cà Mau", "Tân Lộc Bắc, Thới Bình, Cà Mau"),
        ("Vỹ Da, Huế, Thừa Thiên Huế", "Vỹ Dạ, Huế, Thừa Thiên Huế"),
    ],
)
def test_a_dot_below_in_a_unit_is_put_right_however_surely_it_was_read(
    read: str, right: str
) -> None:
    assert compare(read, 0.999).text == right


@pytest.mark.parametrize(("doubtful", "spelt"), [("u", "Thụy"), ("y", "Thuỵ")])
def test_of_two_listed_spellings_of_one_tone_the_doubtful_letter_tells(
    doubtful: str, spelt: str
) -> None:
    text = "Xã Đoàn Xá, Kiến Thuy, Hải Phòng"
    at = text.index("Thuy") + "Thuy".index(doubtful)
    scores = tuple(0.9 if i == at else 0.999 for i in range(len(text)))
    address = compare_with_units(Value(text=text, scores=scores))
    assert address.text == f"Xã Đoàn Xá, Kiến {spelt}, Hải Phòng"


def test_a_letter_read_surely_is_not_respelt() -> None:
    text = "Phương Vỹ Dạ, Hué, Thừa Thiên Huế"
    assert compare(text, 0.999) == Address(text=text, levels=1, known=False, corrected=False)
    assert compare(text, 0.9).text == "Phường Vỹ Dạ, Huế, Thừa Thiên Huế"


def test_no_text_ever_gains_or_loses_a_letter() -> None:
    rng = random.Random(3)
    letters = "aàáãạảâấầăđeêéiíoôơốờuưứyỳbcghklmnpqrstvx, .-19"
    provinces = [unit.name for same in load_gazetteer().inside.values() for unit in same]
    for _ in range(200):
        noise = "".join(rng.choices(letters, k=rng.randint(0, 30)))
        text = f"{noise}, {rng.choice(provinces)}"
        address = compare(text, rng.random())
        assert fold(address.text) == fold(text)
        assert address.text.replace(",", "").count(" ") == text.replace(",", "").count(" ")


@pytest.mark.parametrize(
    ("read", "right"),
    [
        ("Xã Long Điền, Huyện Đông Hải Tỉnh Bạc Liêu", "Xã Long Điền, Huyện Đông Hải, Tỉnh Bạc Liêu"),
        ("Tổ 5 Phường 9, Đà Lạt. Lâm Đồng", "Tổ 5, Phường 9, Đà Lạt, Lâm Đồng"),
    ],
)  # fmt: skip
def test_a_comma_lost_before_a_unit_is_put_back(read: str, right: str) -> None:
    address = compare(read)
    assert (address.text, address.known, address.corrected) == (right, True, True)


def test_the_gazetteer_holds_both_schemes_and_islands() -> None:
    country = load_gazetteer()
    assert len(country.inside) == 64 + 1  # 63 provinces, Huế under two names, and HCM for short
    (hanoi,) = country.inside["hanoi"]
    # A district until 2025, a ward since.
    assert {unit.is_commune for unit in hanoi.inside["badinh"]} == {True, False}
    assert "condao" in country.inside["bariavungtau"][0].inside
