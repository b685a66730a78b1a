"""Which card a text comes from: the version and the side, by several kinds of evidence.

Fixed phrases of Decree 05/1999 and Circulars 61/2015, 06/2021 and 16/2024, Vietnamese and English apart, so that a
label that is broken in two or misread in one language still counts; a machine-readable zone; whether any English is
printed at all; how long the number is. Every kind adds to the side it speaks for, the greatest sum wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.card.phrases import contains, fold
from pipeline.card.text import TextLine
from pipeline.findings import CardVersion

Place = tuple[CardVersion, str]
_V = CardVersion
#: Less evidence than this is no card: two labels of one side that other documents do not share.
_MIN_WEIGHT = 3.0
#: More than this needs no further line: a title and a label of its own.
SURE_WEIGHT = 5.0
#: Versions that stopped being valid on 1 January 2025 (Law 26/2023/QH15, article 46).
NO_LONGER_VALID = frozenset({_V.CMND_9})
#: Side that carries the QR code; the versions before had none.
QR_SIDE = {_V.CHIP_2021: "front", _V.CAN_CUOC_2024: "back"}
#: The versions whose back carries a machine-readable zone.
HAS_MRZ = frozenset(QR_SIDE)

#: Phrases that speak for a side of a version, with their weight as evidence. They are sought inside lines.
_SIGNS: dict[Place, tuple[tuple[str, float], ...]] = {
    (_V.CHIP_2021, "front"): (
        ("CĂN CƯỚC CÔNG DÂN", 2.0),
        ("Citizen Identity Card", 3.0),
        ("Quê quán", 1.0),
        ("Place of origin", 2.0),
        ("Nơi thường trú", 1.0),
        ("Họ và tên", 0.5),
        ("Full name", 1.0),
        ("Có giá trị đến", 1.0),
    ),
    (_V.CHIP_2021, "back"): (
        ("Đặc điểm nhân dạng", 2.0),
        ("Personal identification", 1.0),
        ("Date, month, year", 1.5),
        ("DIRECTOR GENERAL OF THE POLICE DEPARTMENT", 2.0),
        ("ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER", 1.0),
        ("QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI", 1.0),
        ("CỤC TRƯỞNG CỤC CẢNH SÁT", 1.0),
        ("Left index finger", 2.0),
        ("Right index finger", 2.0),
    ),
    (_V.CAN_CUOC_2024, "front"): (
        ("Số định danh cá nhân", 3.0),
        ("Personal identification number", 1.5),
        ("chữ đệm và tên khai sinh", 3.0),
        ("Full name", 0.5),
        ("Ngày, tháng, năm sinh", 1.0),
        ("Date of birth", 0.5),
        ("IDENTITY CARD", 1.0),
    ),
    (_V.CAN_CUOC_2024, "back"): (
        ("Nơi cư trú", 2.5),
        ("Nơi đăng ký khai sinh", 3.0),
        ("Place of birth", 1.5),
        ("Ngày, tháng, năm cấp", 1.0),
        ("Date of issue", 1.5),
        ("Ngày, tháng, năm hết hạn", 1.5),
        ("MINISTRY OF PUBLIC SECURITY", 2.0),
    ),
    (_V.BARCODE_2016, "front"): (
        ("CĂN CƯỚC CÔNG DÂN", 2.0),
        ("Ngày, tháng, năm sinh", 0.5),
        ("Quê quán", 1.0),
        ("Nơi thường trú", 1.0),
        ("Họ và tên", 0.5),
        ("Có giá trị đến", 1.0),
    ),
    (_V.BARCODE_2016, "back"): (
        ("Đặc điểm nhân dạng", 2.0),
        ("CỤC TRƯỞNG CỤC CẢNH SÁT", 1.0),
        ("ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ", 1.0),
        ("QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI", 0.5),
        ("Ngón trỏ trái", 1.0),
        ("Ngón trỏ phải", 1.0),
    ),
    (_V.CMND_9, "front"): (
        ("GIẤY CHỨNG MINH NHÂN DÂN", 4.0),
        ("CHỨNG MINH NHÂN DÂN", 1.0),
        ("Nguyên quán", 1.5),
        ("Nơi ĐKHK thường trú", 1.5),
        ("Sinh ngày", 1.0),
        ("Họ tên", 0.5),
    ),
    (_V.CMND_9, "back"): (
        ("Dấu vết riêng và dị hình", 4.0),
        ("Dân tộc", 1.5),
        ("Tôn giáo", 1.5),
        ("Ngón trỏ trái", 0.5),
        ("Ngón trỏ phải", 0.5),
    ),
}
#: Whole lines, too short to be sought inside others.
_WHOLE_LINES: dict[Place, tuple[tuple[str, float], ...]] = {
    (_V.CAN_CUOC_2024, "front"): (("CĂN CƯỚC", 2.0),),
    (_V.CAN_CUOC_2024, "back"): (("BỘ CÔNG AN", 1.5),),
}
#: Words that only bilingual versions print.
_ENGLISH = (
    "SOCIALIST REPUBLIC OF VIET NAM", "Independence - Freedom - Happiness", "Citizen Identity Card", "Full name",
    "Date of birth", "Nationality", "Place of origin", "Place of residence", "Date of expiry", "Date, month, year",
    "Personal identification", "index finger", "POLICE DEPARTMENT",
)  # fmt: skip
_VIETNAMESE_ONLY = frozenset(
    {(_V.BARCODE_2016, "front"), (_V.BARCODE_2016, "back"), (_V.CMND_9, "front"), (_V.CMND_9, "back")}
)  # fmt: skip
_WITH_MRZ = frozenset({(_V.CHIP_2021, "back"), (_V.CAN_CUOC_2024, "back")})
#: A monolingual side gains this where no English is seen; either chip back gains this for its machine-readable zone.
_NO_ENGLISH, _MRZ = 2.0, 2.5
#: Nine digits speak for the old identity card, twelve for every other.
_NINE_DIGITS = 2.0
_MRZ_LINE = re.compile(r"[A-Z0-9]{2,}<[A-Z0-9<]{6,}|IDVNM\d{6,}|<{4,}")
_NUMBER = re.compile(r"(?<!\d)\d{9}(?!\d)")
#: Documents that share labels with citizen cards.
_OTHER_DOCUMENTS = (
    "GIẤY PHÉP LÁI XE", "DRIVER'S LICENSE", "DRIVING LICENCE", "THẺ BẢO HIỂM Y TẾ", "BẢO HIỂM XÃ HỘI VIỆT NAM",
    "HỘ CHIẾU", "PASSPORT", "THẺ SINH VIÊN", "STUDENT CARD", "THẺ NHÂN VIÊN", "THẺ ĐẢNG VIÊN", "THẺ TẠM TRÚ",
    "CHỨNG NHẬN ĐĂNG KÝ XE", "VEHICLE REGISTRATION", "GIẤY KHAI SINH",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideKind:
    """A recognised side; `weights` holds the evidence for every side of every version."""

    version: CardVersion
    side: str
    weights: Mapping[Place, float]

    @property
    def weight(self) -> float:
        """Evidence for what was recognised."""
        return self.weights[self.version, self.side]


def recognise_side(lines: Sequence[TextLine]) -> SideKind | None:
    """Return version and side of the card these lines were read from, or None if nothing tells.

    Args:
        lines: of one upright side.
    """
    texts = [fold(line.text) for line in lines]
    weights = {place: _phrases(texts, place) for place in _SIGNS}
    english = any(contains(text, phrase) for text in texts for phrase in _ENGLISH)
    mrz = any(_MRZ_LINE.search(line.text.replace(" ", "")) for line in lines)
    nine = any(_NUMBER.search(line.text.replace(" ", "")) for line in lines)
    for place in _SIGNS:
        if weights[place] >= 1 and place in _VIETNAMESE_ONLY and not english and not mrz:
            weights[place] += _NO_ENGLISH
        if mrz and place in _WITH_MRZ:
            weights[place] += _MRZ
    if nine and weights[_V.CMND_9, "front"] >= 1:
        weights[_V.CMND_9, "front"] += _NINE_DIGITS
    (version, side), weight = max(weights.items(), key=lambda item: item[1])
    if weight < _MIN_WEIGHT:
        return None
    return SideKind(version=version, side=side, weights=MappingProxyType(weights))


def _phrases(texts: Sequence[str], place: Place) -> float:
    inside = sum(
        weight for phrase, weight in _SIGNS[place] if any(contains(text, phrase) for text in texts)
    )
    return inside + sum(
        weight for phrase, weight in _WHOLE_LINES.get(place, ()) if fold(phrase) in texts
    )


def names_other_document(lines: Sequence[TextLine]) -> bool:
    """Return whether a title of another Vietnamese document stands among the lines."""
    # No letter may differ: "khai sinh" and "đăng ký" stand on citizen cards, too.
    texts = [fold(line.text) for line in lines]
    return any(fold(phrase) in text for text in texts for phrase in _OTHER_DOCUMENTS)


def agree_on_version(front: SideKind, back: SideKind) -> tuple[SideKind, SideKind]:
    """Return both sides' kinds with one version, where the evidence of one is nearly as good for the other's version.

    A front and a back of one card share the version, so a side whose own words leave two versions open follows the
    other. A side that is clearly of another version stays so.

    Args:
        front: kind of the front.
        back: kind of the back.
    """
    if front.version is back.version:
        return front, back
    leads, follows = (front, back) if front.weight >= back.weight else (back, front)
    there = follows.weights.get((leads.version, follows.side), 0.0)
    if there < _FOLLOWS_AT_LEAST * follows.weight:
        return front, back
    moved = SideKind(version=leads.version, side=follows.side, weights=follows.weights)
    return (leads, moved) if leads is front else (moved, leads)


#: Share of its best evidence that a side must have for the other side's version, to follow it.
_FOLLOWS_AT_LEAST = 0.75
