"""What the parts of a card are called when a customer is told which of them is covered or cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.findings import Fact, FieldName

_F = FieldName
#: Part -> Vietnamese, English.
PART_WORDS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "qr": ("mã QR", "the QR code"),
        "mrz": ("ba dòng mã ở cuối mặt sau", "the three lines of code at the bottom of the back"),
        "portrait": ("ảnh chân dung", "the portrait"),
        _F.ID_NUMBER: ("số định danh", "the number"),
        _F.FULL_NAME: ("họ và tên", "the full name"),
        _F.DATE_OF_BIRTH: ("ngày sinh", "the date of birth"),
        _F.SEX: ("giới tính", "the sex"),
        _F.PLACE_OF_RESIDENCE: ("nơi cư trú", "the place of residence"),
        _F.DATE_OF_ISSUE: ("ngày cấp", "the date of issue"),
        _F.DATE_OF_EXPIRY: ("ngày hết hạn", "the date of expiry"),
    }
)


def affected(facts: Mapping[str, Fact], language: int) -> str:
    """Return a sentence that names the affected parts of a card, or nothing if the facts name none.

    Args:
        facts: of a reason; "front" and "back" hold part names with commas between.
        language: 0 for Vietnamese, 1 for English.
    """
    named = [name for side in ("front", "back") for name in str(facts.get(side, "")).split(",")]
    words = [PART_WORDS[name][language] for name in named if name in PART_WORDS]
    if not words:
        return ""
    return f"{('Phần bị ảnh hưởng', 'Affected')[language]}: {', '.join(words)}."
