"""What cards print beside the values: titles and labels, with the spellings that are seen in the rules and on cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from specimen.people import CardVersion

#: Vietnamese and English; cards of before 2021 have no English.
Pair = tuple[str, str]

_V = CardVersion
_LABELS_2021: Mapping[str, tuple[Pair, ...]] = {
    "id_number": (("Số", "No."), ("Số", "No")),
    "full_name": (("Họ và tên", "Full name"),),
    "date_of_birth": (("Ngày sinh", "Date of birth"), ("Ngày, tháng, năm sinh", "Date of birth")),
    "sex": (("Giới tính", "Sex"),),
    "nationality": (("Quốc tịch", "Nationality"),),
    "place_of_origin": (("Quê quán", "Place of origin"),),
    "place_of_residence": (("Nơi thường trú", "Place of residence"),),
    "date_of_expiry": (("Có giá trị đến", "Date of expiry"),),
    "personal_identification": (
        ("Đặc điểm nhân dạng", "Personal identification"),
        ("Đặc điểm nhận dạng", "Personal identification"),
    ),
    "date_of_issue": (("Ngày, tháng, năm", "Date, month, year"),),
    "finger_left": (("Ngón trỏ trái", "Left index finger"),),
    "finger_right": (("Ngón trỏ phải", "Right index finger"),),
}
_LABELS_2024: Mapping[str, tuple[Pair, ...]] = {
    **_LABELS_2021,
    "id_number": (("Số định danh cá nhân", "Personal identification number"),),
    "full_name": (("Họ, chữ đệm và tên khai sinh", "Full name"),),
    "date_of_birth": (("Ngày, tháng, năm sinh", "Date of birth"),),
    "place_of_residence": (("Nơi cư trú", "Place of residence"),),
    "place_of_birth": (("Nơi đăng ký khai sinh", "Place of birth"),),
    "date_of_issue": (("Ngày, tháng, năm cấp", "Date of issue"),),
    "date_of_expiry": (("Ngày, tháng, năm hết hạn", "Date of expiry"),),
}
_LABELS_CMND: Mapping[str, tuple[Pair, ...]] = {
    **_LABELS_2021,
    "id_number": (("SỐ", ""), ("Số", "")),
    "full_name": (("Họ tên", ""), ("Họ và tên", "")),
    "date_of_birth": (("Sinh ngày", ""),),
    "place_of_origin": (("Nguyên quán", ""),),
    "place_of_residence": (("Nơi ĐKHK thường trú", ""),),
    "ethnicity": (("Dân tộc", ""),),
    "religion": (("Tôn giáo", ""),),
    "personal_identification": (("Dấu vết riêng và dị hình", ""),),
}
LABELS: Mapping[CardVersion, Mapping[str, tuple[Pair, ...]]] = {
    _V.CHIP_2021: _LABELS_2021,
    _V.CAN_CUOC_2024: _LABELS_2024,
    _V.BARCODE_2016: {
        **_LABELS_2021,
        "date_of_birth": (("Ngày, tháng, năm sinh", ""), ("Ngày sinh", "")),
        "date_of_issue": (("Ngày, tháng, năm", ""),),
    },
    _V.CMND_9: _LABELS_CMND,
}
BILINGUAL = frozenset({_V.CHIP_2021, _V.CAN_CUOC_2024})

#: Lines above the fields with the size of their type in mm and whether they are red.
TITLES: Mapping[CardVersion, tuple[tuple[str, float, bool], ...]] = {
    _V.CHIP_2021: (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 1.9, False),
        ("Độc lập - Tự do - Hạnh phúc", 1.9, False),
        ("SOCIALIST REPUBLIC OF VIET NAM", 1.5, False),
        ("Independence - Freedom - Happiness", 1.5, False),
        ("CĂN CƯỚC CÔNG DÂN", 3.6, True),
        ("Citizen Identity Card", 2.1, True),
    ),
    _V.CAN_CUOC_2024: (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 2.0, False),
        ("Độc lập - Tự do - Hạnh phúc", 1.9, False),
        ("SOCIALIST REPUBLIC OF VIET NAM", 1.5, False),
        ("Independence - Freedom - Happiness", 1.5, False),
        ("CĂN CƯỚC", 4.0, True),
        ("IDENTITY CARD", 2.2, True),
    ),
    _V.BARCODE_2016: (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 2.2, False),
        ("Độc lập - Tự do - Hạnh phúc", 2.1, False),
        ("CĂN CƯỚC CÔNG DÂN", 4.2, True),
    ),
    _V.CMND_9: (
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 2.3, False),
        ("Độc lập - Tự do - Hạnh phúc", 2.1, False),
        ("GIẤY CHỨNG MINH NHÂN DÂN", 3.7, True),
    ),
}

_POLICE_2018 = (
    ("CỤC TRƯỞNG CỤC CẢNH SÁT", "QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI"),
    ("CỤC TRƯỞNG", "CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH", "VỀ TRẬT TỰ XÃ HỘI"),
)
_POLICE_2016 = (("CỤC TRƯỞNG CỤC CẢNH SÁT", "ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ"),)
#: Title of whoever issued the card, one tuple of lines for each way to break it.
AUTHORITIES: Mapping[CardVersion, tuple[tuple[str, ...], ...]] = {
    _V.CHIP_2021: _POLICE_2018,
    _V.CAN_CUOC_2024: (("BỘ CÔNG AN",),),
    _V.BARCODE_2016: _POLICE_2016 + _POLICE_2018,
    _V.CMND_9: (("GIÁM ĐỐC CÔNG AN TỈNH MẪU",), ("GIÁM ĐỐC CA. TỈNH MẪU",)),
}
AUTHORITIES_ENGLISH: Mapping[CardVersion, tuple[str, ...]] = {
    _V.CHIP_2021: (
        "DIRECTOR GENERAL OF THE POLICE DEPARTMENT",
        "FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER",
    ),
    _V.CAN_CUOC_2024: ("MINISTRY OF PUBLIC SECURITY",),
    _V.BARCODE_2016: (),
    _V.CMND_9: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one designer writes labels."""

    #: Between the two languages.
    join: str = " / "
    colon: str = ":"
    #: Chooses among spellings; taken modulo their number.
    variant: int = 0

    def label(self, version: CardVersion, field: str) -> str:
        """The label of a field as this designer writes it."""
        spellings = LABELS[version][field]
        vietnamese, english = spellings[self.variant % len(spellings)]
        bilingual = version in BILINGUAL and english
        return f"{vietnamese}{self.join + english if bilingual else ''}{self.colon}"

    def authority(self, version: CardVersion) -> tuple[str, ...]:
        """Lines of the issuer's title."""
        ways = AUTHORITIES[version]
        return ways[self.variant % len(ways)]
