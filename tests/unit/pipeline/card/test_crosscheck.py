import pytest

from pipeline.card.crosscheck import Agreement, compare, compare_latin_name, place_tone, same_text
from pipeline.card.printed import PrintedField
from pipeline.findings import FieldName as F


def printed(value: str, weakest: float = 0.99) -> PrintedField:
    return PrintedField(value=value, confidence=weakest, weakest=weakest, box=(0, 0, 1, 1))


@pytest.mark.parametrize(
    ("field", "ours", "coded", "weakest", "agreement"),
    [
        (F.ID_NUMBER, "038195000000", "038195000000", 0.99, Agreement.SAME),
        (F.ID_NUMBER, "038195000000", "038195000001", 0.99, Agreement.DIFFERENT),
        (F.ID_NUMBER, "038195000000", "038195000001", 0.60, Agreement.DIFFERENT),
        (F.ID_NUMBER, "038195000000", "038195000001", 0.30, Agreement.UNSURE),
        (F.DATE_OF_BIRTH, "1995-08-15", "1995-08-16", 0.99, Agreement.DIFFERENT),
        (F.SEX, "Nam", "Nữ", 0.99, Agreement.DIFFERENT),
        (F.FULL_NAME, "ĐẶNG THỊ ÁNH", "Đặng Thị Ánh", 0.99, Agreement.SAME),
        (F.FULL_NAME, "ĐĂNG THỊ ÁNH", "ĐẶNG THỊ ÁNH", 0.99, Agreement.SLIP),
        (F.FULL_NAME, "ĐẶNG THỊ ÁNH NGUYỆT", "ĐẶNG THỊ ÁNH NGUYÊN", 0.99, Agreement.DIFFERENT),
        (F.FULL_NAME, "ĐẶNG THỊ ÁNH NGUYỆI", "ĐẶNG THỊ ÁNH NGUYỆT", 0.60, Agreement.SLIP),
        (F.FULL_NAME, "TRẦN VĂN BÌNH", "ĐẶNG THỊ ÁNH NGUYỆT", 0.60, Agreement.DIFFERENT),
        (F.PLACE_OF_RESIDENCE, "Tổ 5, Hoà Bình", "Tổ 5, Hòa Bình", 0.99, Agreement.SAME),
        (F.PLACE_OF_RESIDENCE, "Tổ 5, Đông Vê, Thanh Hóa", "Tổ 5, Đông Vệ, Thanh Hóa", 0.99, Agreement.SLIP),
        (F.PLACE_OF_RESIDENCE, "Tổ 5, Đông Vệ, Thanh Hóa", "Tổ 6, Đông Vệ, Thanh Hóa", 0.99, Agreement.DIFFERENT),
        (F.PLACE_OF_RESIDENCE, "Tổ 5, Đông Vệ, Thanh Hóa", "Tổ 6, Đông Vệ, Thanh Hóa", 0.60, Agreement.UNSURE),
        (F.PLACE_OF_RESIDENCE, "Tổ 5, Đông Vệ, Thanh Hóa", "Ấp 4, Đất Mũi, Cà Mau", 0.60, Agreement.DIFFERENT),
    ],
)  # fmt: skip
def test_print_against_qr(
    field: F, ours: str, coded: str, weakest: float, agreement: Agreement
) -> None:
    assert compare(field, printed(ours, weakest), coded) is agreement


@pytest.mark.parametrize(
    ("ours", "latin", "cut", "agreement"),
    [
        ("ĐẶNG THỊ ÁNH NGUYỆT", "DANG THI ANH NGUYET", False, Agreement.SAME),
        ("ĐẶNG THỊ ÁNH NGUYỆT", "DANG THI ANH NGU", True, Agreement.SAME),
        ("ĐẶNG THỊ ÁNH NGUYỆT", "DANG THI ANH NGU", False, Agreement.SLIP),
        ("ĐẶNG THỊ ÁNH NGUYỆT", "TRAN VAN BINH", False, Agreement.DIFFERENT),
    ],
)
def test_print_against_mrz_name(ours: str, latin: str, cut: bool, agreement: Agreement) -> None:
    assert compare_latin_name(printed(ours), latin, cut=cut) is agreement


@pytest.mark.parametrize(
    ("old", "new"),
    [("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuý", "thúy"), ("quý", "quý"), ("toán", "toán")],
)
def test_tone_placement(old: str, new: str) -> None:
    assert place_tone(old) == new


def test_texts_are_equal_up_to_case_and_punctuation() -> None:
    assert same_text("THÔN 3, Hoà bình", "Thôn 3 ,Hòa Bình")
    assert not same_text("Thôn 3", "Thôn 8")
