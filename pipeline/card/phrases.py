"""The fixed words of Vietnamese citizen cards, and folding text so that they can be compared.

Labels and titles follow Circulars 61/2015, 06/2021 and 16/2024 of the Ministry of Public Security, with the variants
that cards are known to print. Folding drops case, marks, spaces and punctuation, so a lost tone mark costs nothing.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

from pipeline.findings import FieldName

#: A phrase counts as present above this partial ratio (0-100). Short phrases collide with values sooner, so they
#: must match better. Chosen between misread labels (>= 82) and the closest pair of different labels (76).
_MIN_RATIO_LONG, _MIN_RATIO_SHORT, _LONG = 80.0, 88.0, 12


@lru_cache(maxsize=512)
def _fold_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFD", letter.casefold().replace("đ", "d"))
    return "".join(c for c in plain if c.isalnum())


def fold(text: str) -> str:
    """Return a text without case, marks, spaces and punctuation."""
    return "".join(_fold_letter(letter) for letter in text)


def fold_with_index(text: str) -> tuple[str, tuple[int, ...]]:
    """Return the folded text and, for each of its characters, the place it came from in `text`."""
    parts = [(c, i) for i, letter in enumerate(text) for c in _fold_letter(letter)]
    return "".join(c for c, _ in parts), tuple(i for _, i in parts)


_F = FieldName
#: Longer forms first where one contains the other; bilingual forms as well as each language alone.
LABELS: dict[FieldName, tuple[str, ...]] = {
    _F.ID_NUMBER: (
        "Số định danh cá nhân / Personal identification number",
        "Số định danh cá nhân",
        "Personal identification number",
    ),
    _F.FULL_NAME: (
        "Họ và tên / Full name",
        "Họ, chữ đệm và tên khai sinh / Full name",
        "Họ, chữ đệm và tên khai sinh",
        "Họ, chữ đệm và tên / Full name",
        "Họ và tên khai sinh",
        "Họ và tên",
        "Họ tên",
        "Full name",
    ),
    _F.DATE_OF_BIRTH: (
        "Ngày sinh / Date of birth",
        "Ngày, tháng, năm sinh / Date of birth",
        "Ngày, tháng, năm sinh",
        "Ngày sinh",
        "Sinh ngày",
        "Date of birth",
    ),
    _F.SEX: ("Giới tính / Sex", "Giới tính"),
    _F.NATIONALITY: ("Quốc tịch / Nationality", "Quốc tịch", "Nationality"),
    _F.PLACE_OF_ORIGIN: (
        "Quê quán / Place of origin",
        "Quê quán",
        "Nguyên quán",
        "Place of origin",
    ),
    _F.PLACE_OF_RESIDENCE: (
        "Nơi thường trú / Place of residence",
        "Nơi cư trú / Place of residence",
        "Nơi ĐKHK thường trú",
        "Nơi đăng ký hộ khẩu thường trú",
        "Nơi đăng ký thường trú",
        "Nơi thường trú",
        "Nơi cư trú",
        "Place of permanent residence",
        "Place of residence",
    ),
    _F.PLACE_OF_BIRTH: (
        "Nơi đăng ký khai sinh / Place of birth",
        "Nơi đăng ký khai sinh / Place of birth registration",
        "Nơi đăng ký khai sinh",
        "Place of birth registration",
        "Place of birth",
        "Nơi sinh / Place of birth",
    ),
    _F.PERSONAL_IDENTIFICATION: (
        "Đặc điểm nhân dạng / Personal identification",
        "Đặc điểm nhận dạng / Personal identification",
        "Đặc điểm nhân dạng",
        "Dấu vết riêng và dị hình",
        "Personal identification",
    ),
    _F.DATE_OF_ISSUE: (
        "Ngày, tháng, năm cấp / Date of issue",
        "Ngày, tháng, năm / Date, month, year",
        "Ngày, tháng, năm cấp",
        "Ngày cấp / Date of issue",
        "Ngày cấp",
        "Date of issue",
        "Date, month, year",
    ),
    _F.DATE_OF_EXPIRY: (
        "Ngày, tháng, năm hết hạn / Date of expiry",
        "Có giá trị đến / Date of expiry",
        "Ngày, tháng, năm hết hạn",
        "Có giá trị đến ngày",
        "Có giá trị đến",
        "Ngày hết hạn",
        "Date of expiry",
        "Valid until",
    ),
}
#: Too short, or too much a part of others, to be searched for inside a text: only accepted at its beginning, alone or
#: before a colon or a digit. None labels what we do not read.
LEADING_LABELS: dict[FieldName | None, tuple[str, ...]] = {
    _F.ID_NUMBER: ("Số / No", "Số", "No"),
    _F.SEX: ("Sex",),
    _F.DATE_OF_ISSUE: ("Ngày, tháng, năm",),
    None: ("Dân tộc", "Tôn giáo"),
}

POLICE_DEPARTMENT = (
    "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    "CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ",
)
MINISTRY = "BỘ CÔNG AN"

#: Printed on every card: never part of a value.
BOILERPLATE = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "SOCIALIST REPUBLIC OF VIET NAM",
    "Independence - Freedom - Happiness",
    "CĂN CƯỚC CÔNG DÂN",
    "Citizen Identity Card",
    "IDENTITY CARD",
    "GIẤY CHỨNG MINH NHÂN DÂN",
    "CỤC TRƯỞNG CỤC CẢNH SÁT",
    "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    "ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ",
    "DIRECTOR GENERAL OF THE POLICE DEPARTMENT",
    "FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER",
    "Ngón trỏ trái / Left index finger",
    "Ngón trỏ phải / Right index finger",
    "MINISTRY OF PUBLIC SECURITY",
)
#: Whole lines that are never part of a value.
BOILERPLATE_LINES = (
    "CĂN CƯỚC",
    MINISTRY,
    "Ngón trỏ trái",
    "Ngón trỏ phải",
    "Left index finger",
    "Right index finger",
)
#: Words that mark a card as no real one. They may cross any line, so they neither belong to a value nor end one.
MARK_WORD = "SPECIMEN"
MARK_LINES = ("SPECIMEN", "MẪU", "BẢN MẪU", "THẺ MẪU", "MẪU THỬ", "SAMPLE")

#: Phrases alone are remembered, never what was read.
_fold_phrase = lru_cache(maxsize=1024)(fold)


def contains(folded: str, phrase: str) -> bool:
    """Return whether a folded text holds a phrase, allowing for a few misread letters."""
    wanted = _fold_phrase(phrase)
    return len(folded) >= 0.8 * len(wanted) and _ratio(wanted, folded) >= least_ratio(wanted)


def least_ratio(wanted: str) -> float:
    """Return the partial ratio above which a folded phrase counts as present, 0-100."""
    return _MIN_RATIO_LONG if len(wanted) >= _LONG else _MIN_RATIO_SHORT


def _ratio(wanted: str, folded: str) -> float:
    return float(fuzz.partial_ratio(wanted, folded)) if folded else 0.0
