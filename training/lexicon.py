"""Names and places for the text generator: the folder EKYC_TEXT_DIR if there is one, else a small built-in list."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from training.charset import nfc, phrases, words

TEXT_DIR_VARIABLE = "EKYC_TEXT_DIR"
_SHARED_TEXT_DIR = Path(__file__).resolve().parents[2] / "shared" / "data" / "vietnam"
_HELD_OUT_SHARE = 10


class Part(StrEnum):
    """Which lines a text, font or seed may serve; nothing of `test` is ever trained or tuned on."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place from the smallest unit up, with the official prefix of each unit: ("Xã Ea Kao", ...)."""

    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Everything with meaning that may stand on a card."""

    source: str
    surnames: tuple[str, ...]
    middles: tuple[str, ...]
    givens: tuple[str, ...]
    places: tuple[Place, ...]
    streets: tuple[str, ...]
    marks: tuple[str, ...]


_SURNAMES = words(
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đoàn Trịnh Mai "
    "Lương Tạ Thái Chu Tô Cao Hà Quách Lâm Tống Kiều Nghiêm Giáp Vương La Thạch Triệu Tăng Khổng "
    "Mẫn Viên Nhữ Ông Từ Lã Phùng Trương Đào Lưu Văn Châu Tôn Bế Nông Vi Lò Sầm Giàng Thào Sùng "
    "Kim Sơn Danh Đàm Cù Ngụy Ninh Phí Quản Tiêu Ưng Ứng Ỷ Vĩ"
)
_MIDDLES = words(
    "Văn Thị Hữu Đức Minh Thanh Quốc Ngọc Xuân Thu Kim Công Đình Quang Hồng Bảo Gia Khánh Tuấn Anh "
    "Diệu Mỹ Phương Hoài Trọng Thế Duy Nhật Hải Như Tường Bích Ánh Thùy Quỳnh Vĩ Kỷ Mỵ Ỷ Vỹ Hỷ"
)
_GIVENS = words(
    "Anh Bình Châu Cường Dũng Duyên Đạt Đức Giang Hà Hạnh Hằng Hậu Hiền Hiếu Hoa Hoàng Huệ Hùng "
    "Hương Huyền Khang Khoa Kiên Lan Linh Loan Long Lộc Ly Mạnh My Nam Nga Ngân Nghĩa Ngọc Nhân "
    "Nhung Oanh Phong Phúc Phượng Quân Quyên Sơn Tài Tâm Thảo Thắng Thịnh Thủy Thư Tiến Toàn Trang "
    "Trí Trung Tú Tuyết Uyên Vân Việt Vinh Vy Yến Ý Đào Điệp Khuê Ngữ Sỹ Tưởng Vĩ Thúy Thụy Lũy Mỹ "
    "Kỳ Kỷ Nhị Tỵ Hỷ Diễm Chiến Thuận Luận Xuyến Ẩn Ấn Ái Ổn Ước"
)
_STREETS = phrases(
    "Nguyễn Trãi|Lê Lợi|Trần Hưng Đạo|Hai Bà Trưng|Điện Biên Phủ|Cách Mạng Tháng Tám|Phố Huế|"
    "Lý Thường Kiệt|Phan Đình Phùng|Võ Thị Sáu|Hoàng Văn Thụ|Nguyễn Thị Minh Khai|Tôn Đức Thắng|"
    "Phạm Văn Đồng|Ngô Gia Tự|Xô Viết Nghệ Tĩnh|Lạc Long Quân|Âu Cơ|Đinh Tiên Hoàng|Bà Triệu"
)
_MARKS = phrases(
    "Nốt ruồi C:1cm dưới trước mắt trái|Sẹo chấm C:0,5cm trên trước mép phải|Sẹo chấm giữa trán|"
    "Nốt ruồi C:2cm dưới mép trái|Sẹo chấm C:1,5cm trên sau đuôi lông mày phải|Không có|"
    "Nốt ruồi C:0,5cm trước cánh mũi phải|Nốt ruồi C:3cm dưới sau đuôi mắt trái"
)
_PLACES = phrases(
    "Phường Phúc Xá, Quận Ba Đình, Thành phố Hà Nội|Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh|"
    "Phường Trúc Bạch, Quận Ba Đình, Thành phố Hà Nội|Xã Ea Kao, Thành phố Buôn Ma Thuột, Tỉnh Đắk Lắk|"
    "Xã Quỳnh Hải, Huyện Quỳnh Phụ, Tỉnh Thái Bình|Xã Diễn Kỷ, Huyện Diễn Châu, Tỉnh Nghệ An|"
    "Phường Mỹ An, Quận Ngũ Hành Sơn, Thành phố Đà Nẵng|Xã Vĩnh Trung, Huyện Tịnh Biên, Tỉnh An Giang|"
    "Xã Triệu Độ, Huyện Triệu Phong, Tỉnh Quảng Trị|Xã Điện Thắng, Thị xã Điện Bàn, Tỉnh Quảng Nam|"
    "Xã Nghi Thạch, Huyện Nghi Lộc, Tỉnh Nghệ An|Phường Hưng Lợi, Quận Ninh Kiều, Thành phố Cần Thơ|"
    "Xã Ia Glai, Huyện Chư Sê, Tỉnh Gia Lai|Xã Thụy Lâm, Huyện Đông Anh, Thành phố Hà Nội|"
    "Phường Dĩ An, Thành phố Dĩ An, Tỉnh Bình Dương|Xã Sơn Trạch, Huyện Bố Trạch, Tỉnh Quảng Bình|"
    "Phường Nghĩa Xá, Quận Lê Chân, Thành phố Hải Phòng|Xã Yên Khánh, Huyện Ý Yên, Tỉnh Nam Định|"
    "Xã Kỳ Nam, Thị xã Kỳ Anh, Tỉnh Hà Tĩnh|Phường Ba Đình, Thành phố Hà Nội|Xã Nội Bài, Thành phố Hà Nội|"
    "Phường Tân Định, Thành phố Hồ Chí Minh|Xã Vũng Liêm, Tỉnh Vĩnh Long|Xã Bắc Quang, Tỉnh Tuyên Quang"
)


def built_in_lexicon() -> Lexicon:
    """The small lexicon that travels with the code: enough for tests and for a first training run."""
    return Lexicon(
        source="built-in",
        surnames=_SURNAMES,
        middles=_MIDDLES,
        givens=_GIVENS,
        places=tuple(Place(units=tuple(place.split(", "))) for place in _PLACES),
        streets=_STREETS,
        marks=_MARKS,
    )


def load_lexicon(environment: Mapping[str, str]) -> Lexicon:
    """Load the big lexicon from EKYC_TEXT_DIR, or from the shared folder beside the repository, else the built-in one.

    Raises:
        FileNotFoundError: EKYC_TEXT_DIR is set, but its files are not there.
    """
    named = environment.get(TEXT_DIR_VARIABLE)
    if named is None and not (_SHARED_TEXT_DIR / "names.json").is_file():
        return built_in_lexicon()
    return read_lexicon(Path(named) if named else _SHARED_TEXT_DIR)


def read_lexicon(folder: Path) -> Lexicon:
    """Read names.json, admin_pre2025.json, admin_post2025.json and card_vocab.json, joined with the built-in lists."""
    small = built_in_lexicon()
    names = _json(folder / "names.json")
    vocabulary = _json(folder / "card_vocab.json")
    old = _three_level_places(_json(folder / "admin_pre2025.json")["provinces"])
    new = _two_level_places(_json(folder / "admin_post2025.json")["provinces"])
    return Lexicon(
        source=f"folder of {len(old)} old and {len(new)} new wards",
        surnames=_frequent(names["surname_freq"]) + small.surnames,
        middles=_frequent(names["middle_freq"]) + small.middles + _texts(names["middle_female"]),
        givens=small.givens + _texts(_given_names(names)),
        places=old + new,
        streets=small.streets + _texts(vocabulary["streets"]),
        marks=small.marks + _texts(vocabulary["marks"]),
    )


def places_of(lexicon: Lexicon, part: Part) -> tuple[Place, ...]:
    """The places whose smallest unit belongs to this part: a tenth of the ward names is kept for the test."""
    wanted = part is Part.TEST
    return tuple(place for place in lexicon.places if is_held_out(place.units[0]) is wanted)


def is_held_out(text: str) -> bool:
    """Whether a text belongs to the tenth that training never sees, by its hash."""
    return hashlib.sha256(nfc(text).encode()).digest()[0] % _HELD_OUT_SHARE == 0


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _texts(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(nfc, values))


def _frequent(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Each word as often as the square root of its count: common names common, rare ones not absent."""
    return tuple(
        nfc(word) for word, count in counts.items() for _ in range(round(count**0.5 / 4) + 1)
    )


def _given_names(names: Mapping[str, Any]) -> list[str]:
    keys = ("given_male_one", "given_female_one", "given_male_two", "given_female_two")
    return [name for key in keys for name in names[key]]


def _three_level_places(provinces: Sequence[Any]) -> tuple[Place, ...]:
    return tuple(
        Place(units=(nfc(ward), nfc(district), nfc(province)))
        for _, province, districts in provinces
        for _, district, wards in districts
        for _, ward in wards
    )


def _two_level_places(provinces: Sequence[Any]) -> tuple[Place, ...]:
    return tuple(
        Place(units=(nfc(ward), nfc(province)))
        for _, province, wards in provinces
        for _, ward in wards
    )
