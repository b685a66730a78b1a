"""Common Vietnamese names and places from which synthetic persons are drawn."""

from dataclasses import dataclass, replace

SURNAMES = (
    *("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ"),
    *("Hồ", "Ngô", "Dương", "Lý", "Đào", "Đoàn", "Trịnh", "Trương", "Đinh", "Lâm", "Mai", "Tạ"),
    *("Chu", "Quách", "Kiều", "Lương", "Vương", "Thái"),
)
MIDDLE_NAMES_FEMALE = (
    *("Thị", "Thị Ngọc", "Thị Thu", "Thị Thanh", "Ngọc", "Phương", "Thùy", "Khánh", "Thị Ánh"),
    *("Diệu", "Quỳnh", "Thị Bích", "Hoàng Bảo", "Thị Kim"),
)
MIDDLE_NAMES_MALE = (
    *("Văn", "Đức", "Minh", "Quang", "Hữu", "Quốc", "Xuân", "Thanh", "Ngọc", "Tuấn", "Công"),
    *("Đình", "Trọng", "Hoàng"),
)
GIVEN_NAMES_FEMALE = (
    *("Nguyệt", "Hương", "Linh", "Trang", "Hằng", "Thảo", "Yến", "Tuyết", "Phượng", "Vân", "Hạnh"),
    *("Duyên", "Oanh", "Nhung", "Thủy", "Ngân", "Mỹ", "Quyên", "Hoài", "Trâm", "Dung", "Hiền"),
)
GIVEN_NAMES_MALE = (
    *("Dũng", "Hùng", "Tuấn", "Cường", "Hải", "Sơn", "Đạt", "Phúc", "Thắng", "Bình", "Quân"),
    *("Huy", "Nghĩa", "Lợi", "Tấn", "Vỹ", "Khôi", "Trí", "Được", "Thịnh", "Ổn", "Hiếu"),
)
HAMLETS = (
    *("Thôn Đông", "Thôn 3", "Tổ 5", "Khu phố 2", "Xóm Mới", "Thôn Đoài", "Ấp Bình Hòa"),
    *("Tổ dân phố 7", "Thôn Yên Phú", "Xóm 12", "Ấp 4", "Tổ 21"),
)
STREETS = (
    *("12 Nguyễn Trãi", "45/3 Lê Lợi", "108 Trần Hưng Đạo", "7 Hai Bà Trưng", "260 Quang Trung"),
    *("33B Lý Thường Kiệt", "19 Phan Đình Phùng", "81 Hoàng Văn Thụ"),
)
MARKS = (
    "Nốt ruồi cách 2cm dưới sau đuôi mắt trái",
    "Sẹo chấm cách 1,5cm trên trước đuôi lông mày phải",
    "Nốt ruồi cách 1cm trên sau cánh mũi phải",
    "Sẹo chấm cách 3cm dưới trước mép trái",
    "Nốt ruồi cách 0,5cm dưới sau đuôi mắt phải",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Province:
    """A province with the code that numbers start with, and some of its communes as "ward, district" or "ward"."""

    code: str
    name: str
    communes: tuple[str, ...]


# Codes: Circular 07/2016/TT-BCA, appendix 1.
PROVINCES = (
    Province(
        code="001",
        name="Hà Nội",
        communes=("Phường Khương Đình, Thanh Xuân", "Xã Đông Hội, Đông Anh", "Phú Đô, Nam Từ Liêm"),
    ),
    Province(code="010", name="Lào Cai", communes=("Xã Tả Phìn, Sa Pa", "Xã Cốc Mỳ, Bát Xát")),
    Province(
        code="022",
        name="Quảng Ninh",
        communes=("Phường Bãi Cháy, Hạ Long", "Xã Hải Đông, Móng Cái"),
    ),
    Province(
        code="031", name="Hải Phòng", communes=("Đằng Giang, Ngô Quyền", "Xã Vĩnh Bảo, Vĩnh Bảo")
    ),
    Province(
        code="034", name="Thái Bình", communes=("Xã Thụy Lương, Thái Thụy", "Xã Đông Mỹ, Thái Bình")
    ),
    Province(
        code="036", name="Nam Định", communes=("Xã Hải Hậu, Hải Hậu", "Xã Trực Đạo, Trực Ninh")
    ),
    Province(
        code="038", name="Thanh Hóa", communes=("Xã Hoằng Đức, Hoằng Hóa", "Đông Vệ, Thanh Hóa")
    ),
    Province(
        code="040", name="Nghệ An", communes=("Xã Diễn Kỷ, Diễn Châu", "Phường Bến Thủy, Vinh")
    ),
    Province(code="046", name="Thừa Thiên Huế", communes=("Vỹ Dạ, Huế", "Xã Phú Mậu, Phú Vang")),
    Province(
        code="048", name="Đà Nẵng", communes=("Phường Mỹ An, Ngũ Hành Sơn", "Hòa Khương, Hòa Vang")
    ),
    Province(
        code="052", name="Bình Định", communes=("Xã Phước Lộc, Tuy Phước", "Ghềnh Ráng, Quy Nhơn")
    ),
    Province(
        code="066", name="Đắk Lắk", communes=("Xã Ea Tu, Buôn Ma Thuột", "Xã Cư Pơng, Krông Búk")
    ),
    Province(code="068", name="Lâm Đồng", communes=("Phường 9, Đà Lạt", "Xã Lộc Ngãi, Bảo Lâm")),
    Province(
        code="079",
        name="Hồ Chí Minh",
        communes=("Phường Bến Nghé, Quận 1", "Xã Đông Thạnh, Hóc Môn", "Bình Trị Đông, Bình Tân"),
    ),
    Province(
        code="083",
        name="Bến Tre",
        communes=("Xã Phước Mỹ Trung, Mỏ Cày Bắc", "Xã Sơn Đông, Bến Tre"),
    ),
    Province(
        code="092", name="Cần Thơ", communes=("Phường Xuân Khánh, Ninh Kiều", "Trường Lạc, Ô Môn")
    ),
    Province(code="096", name="Cà Mau", communes=("Xã Đất Mũi, Ngọc Hiển", "Xã Tắc Vân, Cà Mau")),
)

#: Some of the 34 units in force since 1 July 2025: two levels, no district. The code is that of numbers issued there.
MERGED_PROVINCES = (
    Province(code="001", name="Thành phố Hà Nội", communes=("Phường Ba Đình", "Xã Nội Bài")),
    Province(
        code="079", name="Thành phố Hồ Chí Minh", communes=("Phường Tân Định", "Phường Sài Gòn")
    ),
    Province(code="048", name="Đà Nẵng", communes=("Phường Hải Châu", "Phường Ngũ Hành Sơn")),
    Province(code="086", name="Tỉnh Vĩnh Long", communes=("Xã Vũng Liêm", "Phường Trà Vinh")),
    Province(code="008", name="Tuyên Quang", communes=("Xã Bắc Quang", "Xã Đồng Văn")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that persons are drawn from."""

    surnames: tuple[str, ...]
    middles_female: tuple[str, ...]
    middles_male: tuple[str, ...]
    givens_female: tuple[str, ...]
    givens_male: tuple[str, ...]
    #: How an address begins: hamlet, group, or house and street.
    starts: tuple[str, ...]
    marks: tuple[str, ...]
    provinces: tuple[Province, ...]
    #: Units that cards name from 1 July 2025 on; empty = the old ones for ever.
    merged_provinces: tuple[Province, ...] = ()


BUILT_IN = Words(
    surnames=SURNAMES,
    middles_female=MIDDLE_NAMES_FEMALE,
    middles_male=MIDDLE_NAMES_MALE,
    givens_female=GIVEN_NAMES_FEMALE,
    givens_male=GIVEN_NAMES_MALE,
    starts=HAMLETS + STREETS,
    marks=MARKS,
    provinces=PROVINCES,
)
#: The same people, and the units of today on cards issued since the merger.
BUILT_IN_WITH_MERGED = replace(BUILT_IN, merged_provinces=MERGED_PROVINCES)
