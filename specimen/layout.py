"""Where everything stands on a card, in millimetres from its top left corner.

Official sizes: card 85.6 x 53.98 mm, portrait 20 x 30, emblem 12, QR of the 2024 card 18 x 18 (Circulars 06/2021 and
16/2024 of the Ministry of Public Security). Positions on the 2021 front follow public region sets; the other three
sides follow the order in which the rules list their texts and are estimates.
"""

from dataclasses import dataclass
from enum import StrEnum

from specimen.people import CardVersion

CARD_MM = (85.6, 53.98)
CORNER_RADIUS_MM = 3.18

BLACK = (24, 24, 30)
RED = (196, 32, 38)
DARK_GREEN = (28, 52, 56)
BLUE_VIOLET = (58, 46, 128)


class Side(StrEnum):
    """Faces of a card."""

    FRONT = "front"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """Fixed text. `x_mm` is its left end, or its middle where centred."""

    text: str
    x_mm: float
    baseline_mm: float
    em_mm: float
    bold: bool = False
    centred: bool = False
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """Where one field's value goes: a starting point per line and the right margin."""

    field: str
    #: (x, baseline) of each line; a value that needs fewer lines leaves the last ones empty.
    lines_mm: tuple[tuple[float, float], ...]
    right_mm: float
    em_mm: float
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The word SPECIMEN, upright or along an edge; centre of the text."""

    x_mm: float
    y_mm: float
    em_mm: float
    vertical: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One side of one card version. Regions are name -> (x, y, width, height)."""

    captions: tuple[Caption, ...]
    slots: tuple[Slot, ...]
    regions: dict[str, tuple[float, float, float, float]]
    marks: tuple[Mark, ...]


def _caption(text: str, x_mm: float, baseline_mm: float, em_mm: float = 1.9) -> Caption:
    return Caption(text=text, x_mm=x_mm, baseline_mm=baseline_mm, em_mm=em_mm, colour=DARK_GREEN)


def _caption_2024(text: str, x_mm: float, baseline_mm: float, em_mm: float = 1.9) -> Caption:
    return Caption(text=text, x_mm=x_mm, baseline_mm=baseline_mm, em_mm=em_mm, colour=BLUE_VIOLET)


def _heading(
    text: str, x_mm: float, baseline_mm: float, em_mm: float, colour: tuple[int, int, int]
) -> Caption:
    return Caption(
        text=text,
        x_mm=x_mm,
        baseline_mm=baseline_mm,
        em_mm=em_mm,
        bold=True,
        centred=True,
        colour=colour,
    )


def _slot(
    field: str, x_mm: float, baseline_mm: float, right_mm: float, em_mm: float = 2.35
) -> Slot:
    return Slot(field=field, lines_mm=((x_mm, baseline_mm),), right_mm=right_mm, em_mm=em_mm)


_FRONT_2021 = Layout(
    captions=(
        _heading("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 43.6, 5.4, 1.9, DARK_GREEN),
        _heading("Độc lập - Tự do - Hạnh phúc", 43.6, 7.8, 1.9, DARK_GREEN),
        _heading("SOCIALIST REPUBLIC OF VIET NAM", 43.6, 9.9, 1.5, DARK_GREEN),
        _heading("Independence - Freedom - Happiness", 43.6, 11.8, 1.5, DARK_GREEN),
        _heading("CĂN CƯỚC CÔNG DÂN", 44.5, 16.8, 3.6, RED),
        _heading("Citizen Identity Card", 44.5, 19.7, 2.1, RED),
        _caption("Số / No.:", 24.2, 25.3, 2.2),
        _caption("Họ và tên / Full name:", 24.2, 28.5),
        _caption("Ngày sinh / Date of birth:", 24.2, 35.5),
        _caption("Giới tính / Sex:", 24.2, 38.8),
        _caption("Quốc tịch / Nationality:", 46.2, 38.8),
        _caption("Quê quán / Place of origin:", 24.2, 42.0),
        _caption("Nơi thường trú / Place of residence:", 24.2, 48.4),
        _caption("Có giá trị đến:", 3.4, 49.4, 1.4),
        _caption("Date of expiry:", 3.4, 51.5, 1.4),
    ),
    slots=(
        Slot(field="id_number", lines_mm=((33.4, 25.4),), right_mm=66.0, em_mm=4.2, bold=True),
        Slot(field="full_name", lines_mm=((24.2, 32.1),), right_mm=81.5, em_mm=2.7, bold=True),
        _slot("date_of_birth", 48.2, 35.5, 66.0),
        _slot("sex", 38.9, 38.8, 45.5),
        _slot("nationality", 67.2, 38.8, 82.0),
        _slot("place_of_origin", 24.2, 45.2, 81.5, 2.3),
        Slot(
            field="place_of_residence",
            lines_mm=((57.2, 48.4), (24.2, 51.7)),
            right_mm=81.8,
            em_mm=2.3,
        ),
        _slot("date_of_expiry", 13.1, 49.4, 23.2, 1.9),
    ),
    regions={
        "emblem": (4.2, 3.4, 12.0, 12.0),
        "portrait": (3.5, 17.0, 20.0, 30.0),
        "qr": (67.5, 4.5, 12.5, 12.5),
        "chip_symbol": (62.0, 17.7, 3.6, 2.4),
    },
    marks=(Mark(x_mm=83.4, y_mm=15.0, em_mm=2.6, vertical=True),),
)

_BACK_2021 = Layout(
    captions=(
        _caption("Đặc điểm nhân dạng / Personal identification:", 4.6, 5.8),
        _caption("Ngày, tháng, năm / Date, month, year:", 4.6, 15.2),
        _heading("CỤC TRƯỞNG CỤC CẢNH SÁT", 40.6, 18.0, 1.5, DARK_GREEN),
        _heading("QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI", 40.6, 19.9, 1.5, DARK_GREEN),
        _heading("DIRECTOR GENERAL OF THE POLICE DEPARTMENT", 40.6, 21.5, 1.12, DARK_GREEN),
        _heading("FOR ADMINISTRATIVE MANAGEMENT OF SOCIAL ORDER", 40.6, 22.9, 1.12, DARK_GREEN),
        _heading("Nguyễn Văn Mẫu", 40.6, 35.6, 1.9, DARK_GREEN),
        _heading("Ngón trỏ trái / Left index finger", 71.5, 19.2, 1.15, DARK_GREEN),
        _heading("Ngón trỏ phải / Right index finger", 71.5, 35.6, 1.15, DARK_GREEN),
    ),
    slots=(
        Slot(
            field="personal_identification",
            lines_mm=((4.6, 9.1), (4.6, 12.1)),
            right_mm=59.5,
            em_mm=2.3,
        ),
        _slot("date_of_issue", 39.4, 15.2, 58.0),
    ),
    regions={
        "chip": (6.0, 19.5, 13.0, 12.0),
        "stamp": (25.0, 22.6, 12.6, 12.6),
        "signature": (33.0, 24.0, 20.0, 9.0),
        "fingerprint_left": (63.5, 3.8, 16.0, 13.8),
        "fingerprint_right": (63.5, 20.2, 16.0, 13.8),
        "mrz": (4.7, 37.4, 76.2, 14.0),
    },
    marks=(Mark(x_mm=83.2, y_mm=19.0, em_mm=2.6, vertical=True),),
)

_FRONT_2024 = Layout(
    captions=(
        _heading("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 50.0, 5.6, 2.1, BLUE_VIOLET),
        _heading("Độc lập - Tự do - Hạnh phúc", 50.0, 8.2, 2.0, BLUE_VIOLET),
        _heading("SOCIALIST REPUBLIC OF VIET NAM", 50.0, 10.3, 1.6, BLUE_VIOLET),
        _heading("Independence - Freedom - Happiness", 50.0, 12.2, 1.6, BLUE_VIOLET),
        _heading("CĂN CƯỚC", 50.0, 17.2, 4.0, RED),
        _heading("IDENTITY CARD", 50.0, 20.1, 2.2, RED),
        _caption_2024("Số định danh cá nhân / Personal identification number:", 26.0, 23.8),
        _caption_2024("Họ, chữ đệm và tên khai sinh / Full name:", 26.0, 32.2),
        _caption_2024("Ngày, tháng, năm sinh / Date of birth:", 26.0, 39.8),
        _caption_2024("Giới tính / Sex:", 26.0, 43.8),
        _caption_2024("Quốc tịch / Nationality:", 48.0, 43.8),
    ),
    slots=(
        Slot(field="id_number", lines_mm=((26.0, 28.6),), right_mm=66.0, em_mm=4.4, bold=True),
        Slot(field="full_name", lines_mm=((26.0, 35.9),), right_mm=81.5, em_mm=2.8, bold=True),
        _slot("date_of_birth", 60.4, 39.8, 80.0),
        _slot("sex", 40.6, 43.8, 47.0),
        _slot("nationality", 69.2, 43.8, 82.0),
    ),
    regions={
        "emblem": (4.2, 3.4, 12.0, 12.0),
        "portrait": (3.5, 17.0, 20.0, 30.0),
        "chip_symbol": (64.5, 14.2, 4.2, 2.8),
    },
    marks=(
        Mark(x_mm=83.4, y_mm=15.0, em_mm=2.6, vertical=True),
        Mark(x_mm=13.5, y_mm=49.9, em_mm=2.4, vertical=False),
    ),
)

_BACK_2024 = Layout(
    captions=(
        _caption_2024("Nơi cư trú / Place of residence:", 4.6, 5.8),
        _caption_2024("Nơi đăng ký khai sinh / Place of birth:", 4.6, 15.2),
        _caption_2024("Ngày, tháng, năm cấp / Date of issue:", 22.4, 25.6, 1.75),
        _caption_2024("Ngày, tháng, năm hết hạn / Date of expiry:", 22.4, 29.0, 1.75),
        _heading("BỘ CÔNG AN", 46.0, 33.4, 2.2, BLUE_VIOLET),
        _heading("MINISTRY OF PUBLIC SECURITY", 46.0, 35.5, 1.5, BLUE_VIOLET),
    ),
    slots=(
        Slot(
            field="place_of_residence",
            lines_mm=((4.6, 9.1), (4.6, 12.1)),
            right_mm=61.5,
            em_mm=2.3,
        ),
        _slot("place_of_birth", 4.6, 18.5, 61.5, 2.3),
        _slot("date_of_issue", 58.6, 25.6, 74.0, 2.2),
        _slot("date_of_expiry", 58.6, 29.0, 76.0, 2.2),
    ),
    regions={
        "chip": (6.0, 21.2, 13.0, 12.0),
        "qr": (64.0, 4.0, 18.0, 18.0),
        "mrz": (4.7, 37.4, 76.2, 14.0),
    },
    marks=(Mark(x_mm=83.2, y_mm=30.6, em_mm=2.3, vertical=True),),
)

LAYOUTS = {
    (CardVersion.CHIP_2021, Side.FRONT): _FRONT_2021,
    (CardVersion.CHIP_2021, Side.BACK): _BACK_2021,
    (CardVersion.CAN_CUOC_2024, Side.FRONT): _FRONT_2024,
    (CardVersion.CAN_CUOC_2024, Side.BACK): _BACK_2024,
}
