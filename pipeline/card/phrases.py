"""The fixed words of Vietnamese citizen cards, folded for comparison, and finding them in text misread a little.

Labels and titles follow Circulars 61/2015, 06/2021 and 16/2024 of the Ministry of Public Security, with the variants
that cards are known to print. Folding drops case, marks, spaces and punctuation, so a lost tone mark costs nothing.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from pipeline.findings import CardVersion, FieldName

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
_LABELS: dict[FieldName, tuple[str, ...]] = {
    _F.ID_NUMBER: (
        "Số định danh cá nhân / Personal identification number",
        "Số định danh cá nhân",
        "Personal identification number",
    ),
    _F.FULL_NAME: (
        "Họ và tên / Full name",
        "Họ, chữ đệm và tên khai sinh / Full name",
        "Họ, chữ đệm và tên khai sinh",
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
        "Nơi thường trú",
        "Nơi cư trú",
        "Place of residence",
    ),
    _F.PLACE_OF_BIRTH: (
        "Nơi đăng ký khai sinh / Place of birth",
        "Nơi đăng ký khai sinh",
        "Place of birth",
    ),
    _F.PERSONAL_IDENTIFICATION: (
        "Đặc điểm nhân dạng / Personal identification",
        "Đặc điểm nhận dạng / Personal identification",
        "Đặc điểm nhân dạng",
        "Personal identification",
    ),
    _F.DATE_OF_ISSUE: (
        "Ngày, tháng, năm cấp / Date of issue",
        "Ngày, tháng, năm / Date, month, year",
        "Ngày, tháng, năm cấp",
        "Date of issue",
        "Date, month, year",
    ),
    _F.DATE_OF_EXPIRY: (
        "Ngày, tháng, năm hết hạn / Date of expiry",
        "Có giá trị đến / Date of expiry",
        "Ngày, tháng, năm hết hạn",
        "Có giá trị đến",
        "Date of expiry",
    ),
}
#: Too short to be searched for inside a text, so only accepted at its beginning.
_LEADING_LABELS: dict[FieldName, tuple[str, ...]] = {_F.ID_NUMBER: ("Số / No", "Số")}

POLICE_DEPARTMENT = (
    "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    "CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ",
)
MINISTRY = "BỘ CÔNG AN"

#: Printed on every card: never part of a value.
_BOILERPLATE = (
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
_BOILERPLATE_LINES = ("CĂN CƯỚC", MINISTRY, "SPECIMEN")

_V = CardVersion
#: Phrases that tell a side of a version from all others, with their weight as evidence.
SIGNS: dict[tuple[CardVersion, str], tuple[tuple[str, float], ...]] = {
    (_V.CHIP_2021, "front"): (
        ("CĂN CƯỚC CÔNG DÂN", 2.0),
        ("Citizen Identity Card", 3.0),
        ("Nơi thường trú / Place of residence", 2.0),
        ("Quê quán / Place of origin", 2.0),
        ("Họ và tên / Full name", 2.0),
        ("Có giá trị đến", 1.0),
    ),
    (_V.CHIP_2021, "back"): (
        ("Đặc điểm nhân dạng / Personal identification", 3.0),
        ("Ngày, tháng, năm / Date, month, year", 2.0),
        ("DIRECTOR GENERAL OF THE POLICE DEPARTMENT", 2.0),
        ("QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI", 1.0),
        ("CỤC TRƯỞNG CỤC CẢNH SÁT", 1.0),
        ("Left index finger", 2.0),
        ("Right index finger", 2.0),
        ("IDVNM", 1.5),
    ),
    (_V.CAN_CUOC_2024, "front"): (
        ("Số định danh cá nhân / Personal identification number", 3.0),
        ("Họ, chữ đệm và tên khai sinh", 3.0),
        ("Ngày, tháng, năm sinh / Date of birth", 1.0),
        ("IDENTITY CARD", 1.0),
    ),
    (_V.CAN_CUOC_2024, "back"): (
        ("Nơi cư trú / Place of residence", 3.0),
        ("Nơi đăng ký khai sinh", 3.0),
        ("Ngày, tháng, năm cấp / Date of issue", 2.0),
        ("Ngày, tháng, năm hết hạn / Date of expiry", 2.0),
        ("MINISTRY OF PUBLIC SECURITY", 2.0),
        ("IDVNM", 1.5),
    ),
    (_V.BARCODE_2016, "front"): (
        ("CĂN CƯỚC CÔNG DÂN", 2.0),
        ("Ngày, tháng, năm sinh", 1.0),
        ("Quê quán", 1.0),
        ("Nơi thường trú", 1.0),
        ("Có giá trị đến", 1.0),
    ),
    (_V.BARCODE_2016, "back"): (
        ("Đặc điểm nhân dạng", 1.5),
        ("CỤC TRƯỞNG CỤC CẢNH SÁT", 1.0),
        ("Ngón trỏ trái", 1.0),
        ("Ngón trỏ phải", 1.0),
    ),
    (_V.CMND_9, "front"): (("GIẤY CHỨNG MINH NHÂN DÂN", 5.0), ("Nguyên quán", 1.0)),
    (_V.CMND_9, "back"): (("Dấu vết riêng và dị hình", 4.0), ("Dân tộc", 1.0), ("Tôn giáo", 1.5)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSpan:
    """A label inside a text: characters `start` to `stop`. `field` is None for boilerplate."""

    field: FieldName | None
    start: int
    stop: int
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    field: FieldName | None
    folded: str


_SEARCHED = (
    *(_Pattern(field=f, folded=fold(text)) for f, texts in _LABELS.items() for text in texts),
    *(_Pattern(field=None, folded=fold(text)) for text in _BOILERPLATE),
)
_LEADING = tuple(
    _Pattern(field=f, folded=fold(text)) for f, texts in _LEADING_LABELS.items() for text in texts
)
_WHOLE = frozenset(fold(text) for text in _BOILERPLATE_LINES)


def contains(folded: str, phrase: str) -> bool:
    """Return whether a folded text holds a phrase, allowing for a few misread letters."""
    wanted = fold(phrase)
    return len(folded) >= 0.8 * len(wanted) and _ratio(wanted, folded) >= _least(wanted)


def _least(wanted: str) -> float:
    return _MIN_RATIO_LONG if len(wanted) >= _LONG else _MIN_RATIO_SHORT


def _ratio(wanted: str, folded: str) -> float:
    return float(fuzz.partial_ratio(wanted, folded)) if folded else 0.0


def find_labels(text: str) -> tuple[LabelSpan, ...]:
    """Return the labels inside a line of text, from left to right, without overlaps.

    Where several labels fit the same place, the one that explains the most characters wins.
    """
    folded, index = fold_with_index(text)
    if folded in _WHOLE:
        return (LabelSpan(field=None, start=0, stop=len(text), ratio=100.0),)
    found = [span for pattern in _SEARCHED if (span := _search(pattern, folded, index))]
    chosen: list[LabelSpan] = []
    for span in sorted(found, key=lambda s: (s.stop - s.start) * s.ratio, reverse=True):
        if all(span.stop <= other.start or span.start >= other.stop for other in chosen):
            chosen.append(span)
    chosen = chosen or _leading(folded, index)
    return tuple(sorted((_to_colon(span, text) for span in chosen), key=lambda span: span.start))


def _search(pattern: _Pattern, folded: str, index: tuple[int, ...]) -> LabelSpan | None:
    if len(folded) < 0.8 * len(pattern.folded):
        return None
    least = _least(pattern.folded)
    place = fuzz.partial_ratio_alignment(pattern.folded, folded, score_cutoff=least)
    if place is None or place.dest_end <= place.dest_start:
        return None
    start, stop = index[place.dest_start], index[place.dest_end - 1] + 1
    return LabelSpan(field=pattern.field, start=start, stop=stop, ratio=place.score)


def _leading(folded: str, index: tuple[int, ...]) -> list[LabelSpan]:
    for pattern in _LEADING:
        rest = folded[len(pattern.folded) :]
        if folded.startswith(pattern.folded) and (not rest or rest[0].isdigit()):
            stop = index[len(pattern.folded) - 1] + 1
            return [LabelSpan(field=pattern.field, start=0, stop=stop, ratio=100.0)]
    return []


def _to_colon(span: LabelSpan, text: str) -> LabelSpan:
    """End a label at its colon, if there is one about where the label ends."""
    colon = text.find(":", max(span.start, span.stop - 3), span.stop + 4)
    if colon < 0:
        return span
    return LabelSpan(field=span.field, start=span.start, stop=colon + 1, ratio=span.ratio)
