"""Version and side from lines as they are read: whole, broken in two, with letters lost."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.card.geometry import rectangle_quad
from pipeline.card.text import TextLine
from pipeline.card.version import agree_on_version, names_other_document, recognise_side
from pipeline.findings import CardVersion

HEADING = (
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
    "SOCIALIST REPUBLIC OF VIET NAM", "Independence - Freedom - Happiness",
)  # fmt: skip
MRZ = (
    "IDVNM1950000009038195000000<<6",
    "9508152F3508150VNM<<<<<<<<<<<6",
    "DANG<<THI<ANH<NGUYET<<<<<<<<<<",
)
V = CardVersion


def read(*texts: str) -> list[TextLine]:
    quad = rectangle_quad(100, 10)
    return [
        TextLine(
            text=text, char_scores=(1.0,) * len(text), char_x=tuple(np.linspace(0, 100, len(text))),
            corners=quad, box=(0, 0, 100, 10),
        )
        for text in texts
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "version", "side"),
    [
        (
            (
                *HEADING,
                "CĂN CƯỚC CÔNG DÂN",
                "Citizen Identity Card",
                "Số / No: 038195000000",
                "Quê quán / Place of origin:",
            ),
            V.CHIP_2021,
            "front",
        ),
        (
            ("Quê quán", "Place of origin", "Nơi thường trú", "Place of residence", "Họ và tên"),
            V.CHIP_2021,
            "front",
        ),
        (
            ("CAN CUOC CONG DAN", "Citizen ldentity Cord", "Ho va ten / Full narne"),
            V.CHIP_2021,
            "front",
        ),
        (
            (
                "Đặc điểm nhận dạng / Personal identification:",
                "Ngày, tháng, năm / Date, month, year: 01/01/2022",
                *MRZ,
            ),
            V.CHIP_2021,
            "back",
        ),
        (("Ngón trỏ phải", "Right index finger", "Left index finger", *MRZ), V.CHIP_2021, "back"),
        (
            (
                *HEADING,
                "CĂN CƯỚC",
                "IDENTITY CARD",
                "Số định danh cá nhân / Personal identification number",
                "038195000000",
            ),
            V.CAN_CUOC_2024,
            "front",
        ),
        (
            ("Họ, chữ đệm và tên khai sinh", "Full name", "ĐẶNG THỊ ÁNH NGUYỆT"),
            V.CAN_CUOC_2024,
            "front",
        ),
        (
            (
                "Nơi cư trú / Place of residence: Xã A",
                "Nơi đăng ký khai sinh / Place of birth: Xã B",
                *MRZ,
            ),
            V.CAN_CUOC_2024,
            "back",
        ),
        (("MINISTRY OF PUBLIC SECURITY", *MRZ), V.CAN_CUOC_2024, "back"),
        (
            (
                *HEADING[:2],
                "CĂN CƯỚC CÔNG DÂN",
                "Số: 038195000000",
                "Họ và tên:",
                "Quê quán:",
                "Nơi thường trú:",
                "Có giá trị đến:",
            ),
            V.BARCODE_2016,
            "front",
        ),
        (
            (
                "Đặc điểm nhân dạng:",
                "CỤC TRƯỞNG CỤC CẢNH SÁT",
                "ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ",
                "Ngón trỏ trái",
            ),
            V.BARCODE_2016,
            "back",
        ),
        (
            (*HEADING[:2], "GIẤY CHỨNG MINH NHÂN DÂN", "SỐ 012345678", "Họ tên: ĐẶNG THỊ A"),
            V.CMND_9,
            "front",
        ),
        (
            ("SỐ 012 345 678", "Sinh ngày: 15-08-1975", "Nguyên quán:", "Nơi ĐKHK thường trú:"),
            V.CMND_9,
            "front",
        ),
        (
            ("Dân tộc: Kinh", "Tôn giáo: Không", "Dấu vết riêng và dị hình", "Ngón trỏ trái"),
            V.CMND_9,
            "back",
        ),
        (("Dân tộc: Kinh    Tôn giáo: Không", "NGÓN TRỎ TRÁI"), V.CMND_9, "back"),
    ],
)
def test_every_side_of_every_version_is_recognised(
    texts: Sequence[str], version: CardVersion, side: str
) -> None:
    kind = recognise_side(read(*texts))
    assert kind is not None
    assert (kind.version, kind.side) == (version, side)


@pytest.mark.parametrize(
    "texts",
    [
        HEADING,
        (),
        ("Invoice 2026", "Total 120.000", "Thank you"),
        ("CÔNG TY CỔ PHẦN A", "Họ và tên: B", "Chức vụ: C"),
        ("038195000000",),
    ],
)
def test_other_print_is_no_side_of_a_card(texts: Sequence[str]) -> None:
    assert recognise_side(read(*texts)) is None


def test_a_driving_licence_is_another_document_though_it_shares_labels() -> None:
    licence = read(
        "GIẤY PHÉP LÁI XE/DRIVER'S LICENSE", "Họ tên/Full name:", "Quốc tịch/Nationality:", "Nơi cư trú/Address:"
    )  # fmt: skip
    assert names_other_document(licence)
    assert not names_other_document(read("Nơi đăng ký khai sinh / Place of birth: Xã A", *MRZ))


def test_a_side_that_leaves_two_versions_open_follows_the_other_side() -> None:
    front = recognise_side(
        read("CĂN CƯỚC CÔNG DÂN", "Citizen Identity Card", "Quê quán / Place of origin:")
    )
    # All English of this back was lost, so that it looks like the older card's.
    back = recognise_side(
        read("Đặc điểm nhân dạng", "CỤC TRƯỞNG CỤC CẢNH SÁT", "Right index", MRZ[0])
    )
    assert front is not None
    assert back is not None
    assert [kind.version for kind in agree_on_version(front, back)] == [V.CHIP_2021] * 2


def test_sides_of_clearly_different_versions_stay_apart() -> None:
    front = recognise_side(read("CĂN CƯỚC", "IDENTITY CARD", "Số định danh cá nhân"))
    back = recognise_side(
        read("Đặc điểm nhân dạng / Personal identification", "Left index finger", *MRZ)
    )
    assert front is not None
    assert back is not None
    assert [kind.version for kind in agree_on_version(front, back)] == [
        V.CAN_CUOC_2024,
        V.CHIP_2021,
    ]
