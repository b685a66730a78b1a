"""Fields out of placed lines, in layouts that several people might have drawn."""

import pytest

from pipeline.card.fields import read_fields
from pipeline.card.printed import Mark
from pipeline.card.text import TextLine
from pipeline.findings import NO_EXPIRY, CardVersion
from pipeline.findings import FieldName as F
from tests.unit.pipeline.card.lines import CARD_WIDTH_PX, line

V = CardVersion
HEADING = (
    line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 28, 3),
    line("Độc lập - Tự do - Hạnh phúc", 33, 6),
    line("CĂN CƯỚC CÔNG DÂN", 30, 13, 4),
    line("Citizen Identity Card", 35, 18),
)


def values(lines: tuple[TextLine, ...], version: V, side: str) -> dict[F, str]:
    return {name: found.value for name, found in read_fields(lines, version, side).items()}


def test_a_chip_front_as_commonly_drawn() -> None:
    lines = (
        *HEADING,
        line("Số / No.: 038195000000", 24, 22, 4),
        line("Họ và tên / Full name:", 24, 27),
        line("ĐẶNG THỊ ÁNH NGUYỆT", 24, 30, 3),
        line("Ngày sinh / Date of birth: 15/08/1995", 24, 34),
        line("Giới tính / Sex: Nữ", 24, 37.4),
        line("Quốc tịch / Nationality: Việt Nam", 46, 37.4),
        line("Quê quán / Place of origin:", 24, 40.6),
        line("Xã Hoằng Đức, Hoằng Hóa, Thanh Hóa", 24, 43.6),
        line("Nơi thường trú / Place of residence: Tổ 5,", 24, 46.8),
        line("Phường 9, Đà Lạt, Lâm Đồng", 24, 50),
        line("Có giá trị đến:", 3.4, 48, 1.6),
        line("Date of expiry:", 3.4, 50, 1.6),
        line("15/08/2035", 14, 48, 2),
    )
    assert values(lines, V.CHIP_2021, "front") == {
        F.ID_NUMBER: "038195000000",
        F.FULL_NAME: "ĐẶNG THỊ ÁNH NGUYỆT",
        F.DATE_OF_BIRTH: "1995-08-15",
        F.SEX: "Nữ",
        F.NATIONALITY: "Việt Nam",
        F.DATE_OF_EXPIRY: "2035-08-15",
        F.PLACE_OF_ORIGIN: "Xã Hoằng Đức, Hoằng Hóa, Thanh Hóa",
        F.PLACE_OF_RESIDENCE: "Tổ 5, Phường 9, Đà Lạt, Lâm Đồng",
    }


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ((line("Họ và tên / Full name: TRẦN VĂN AN", 24, 27),), "TRẦN VĂN AN"),
        ((line("Họ và tên:", 24, 27), line("TRẦN VĂN AN", 40, 26.6, 3)), "TRẦN VĂN AN"),
        ((line("Họ tên", 24, 27), line("TRẦN VĂN", 34, 27), line("AN", 45, 27)), "TRẦN VĂN AN"),
        (
            (line("Họ và tên / Full name", 24, 27), line("TRẦN THỊ", 24, 30), line("AN", 24, 33)),
            "TRẦN THỊ AN",
        ),
        (
            (line("Họ và tên /", 24, 26), line("Full name:", 24, 28.5), line("LÊ AN", 24, 31)),
            "LÊ AN",
        ),
        (
            (line("Họ và tên /", 24, 26), line("Full name:", 24, 28.5), line("LÊ AN", 40, 27.2)),
            "LÊ AN",
        ),
        ((line("Ho va ten / Fu11 narne:", 24, 27), line("LÊ AN", 24, 30)), "LÊ AN"),
        ((line("Họ, chữ đệm và tên khai sinh / Full name:", 24, 27), line("H'HEN NIÊ", 24, 30)), "H'HEN NIÊ"),
        ((line("Họ và tên / Name of holder: LÊ AN", 24, 27),), "LÊ AN"),
    ],
)  # fmt: skip
def test_names_beside_below_cut_and_wrapped(lines: tuple[TextLine, ...], name: str) -> None:
    rest = (line("Ngày sinh / Date of birth: 15/08/1995", 24, 36),)
    found = values((*lines, *rest), V.CHIP_2021, "front")
    assert (found[F.FULL_NAME], found[F.DATE_OF_BIRTH]) == (name, "1995-08-15")


def test_a_line_whose_label_is_lost_does_not_become_part_of_the_name() -> None:
    lines = (
        line("Họ và tên / Full name:", 24, 27),
        line("LÊ AN", 24, 30),
        line("Nqoy sxnb / Dole of b1xxh: 15/08/1995", 24, 33),
    )
    assert values(lines, V.CHIP_2021, "front")[F.FULL_NAME] == "LÊ AN"


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (
            (
                line("Nơi thường trú / Place of residence: Số 12,", 24, 46),
                line("Phường Bến Nghé, Quận 1,", 24, 49),
                line("Thành phố Hồ Chí Minh", 24, 52),
            ),
            "Số 12, Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh",
        ),
        (
            (
                line("Nơi thường trú / Place of residence", 24, 43),
                line("Phường 12, TP. Vũng Tàu, Tỉnh Bà Rịa -", 24, 46),
                line("Vũng Tàu", 24, 49),
            ),
            "Phường 12, TP. Vũng Tàu, Tỉnh Bà Rịa - Vũng Tàu",
        ),
        (
            (
                line("Nơi thường trú / Place of residence: Thôn 3", 24, 46),
                line("Xã Ea Tu, Buôn Ma Thuột, Đắk Lắk", 3.6, 49),
            ),
            "Thôn 3, Xã Ea Tu, Buôn Ma Thuột, Đắk Lắk",  # the comma is put back before a unit
        ),
        (
            (
                line("Nơi thường trú /", 24, 44),
                line("Tổ 5, Vỹ Dạ,", 45, 44),
                line("Place of residence:", 24, 47),
                line("Thành phố Huế", 45, 47),
            ),
            "Tổ 5, Vỹ Dạ, Thành phố Huế",
        ),
        (
            (
                line("Nơi ĐKHK thường trú: Tổ 5", 24, 44),
                line("Vỹ Dạ, Huế", 30, 47),
                line("Nguyễn Văn Mẫu", 66, 47),
            ),
            "Tổ 5 Vỹ Dạ, Huế",
        ),
    ],
)
def test_addresses_over_several_lines(lines: tuple[TextLine, ...], address: str) -> None:
    expiry = (line("Có giá trị đến: 15/08/2035", 3, 52.3, 1.5, letter_mm=0.7),)
    found = values((*lines, *expiry), V.CHIP_2021, "front")
    assert found[F.PLACE_OF_RESIDENCE] == address


@pytest.mark.parametrize("caption", ["Ngón trỏ trái", "Left index finger", "NGÓN TRỎ PHẢI"])
def test_the_caption_of_a_fingerprint_beside_a_label_is_no_value(caption: str) -> None:
    lines = [
        line("Đặc điểm nhân dạng / Personal identification:", 5, 3, 1.75),
        line(caption, 68, 3, 1.4),
        line("Nốt ruồi C:2cm dưới trước mắt trái", 5, 5.4, 2.2),
        line("Ngày, tháng, năm / Date, month, year: 22/12/2021", 5, 11.4, 1.75),
    ]
    marks = read_fields(lines, CardVersion.CHIP_2021, "back")[F.PERSONAL_IDENTIFICATION]
    assert marks.value == "Nốt ruồi C:2cm dưới trước mắt trái"


def test_specimen_marks_and_leaning_words_leak_nowhere() -> None:
    lines = (
        line("Họ và tên / Full name:", 24, 27),
        line("LÊ AN SPECIMEN", 24, 30),
        line("MẪU", 60, 30, 5),
        line("SPECIMEN", 30, 40, 8, lean_deg=-25),
        line("SPEC1MEN", 83, 10, 2, lean_deg=90),
        line("Quê quán / Place of origin:", 24, 38),
        line("Vỹ Dạ, Huế", 24, 41),
        line("SPECIMEN", 60, 41),
    )
    found = values(lines, V.CHIP_2021, "front")
    assert found == {F.FULL_NAME: "LÊ AN", F.PLACE_OF_ORIGIN: "Vỹ Dạ, Huế"}


def test_someone_called_mau_keeps_the_name() -> None:
    lines = (line("Họ và tên / Full name: NGUYỄN VĂN MẪU", 24, 27),)
    assert values(lines, V.CHIP_2021, "front") == {F.FULL_NAME: "NGUYỄN VĂN MẪU"}


@pytest.mark.parametrize(
    "lines",
    [
        (line("Số: 038195", 24, 22, 4), line("000000", 44, 22, 4)),
        (line("Số / No", 24, 22, 3), line("038 195 000 000", 36, 22, 4)),
        (line("O38195000000", 24, 22, 4), line("LÊ AN", 24, 30)),
    ],
)
def test_numbers_cut_spaced_or_without_a_label(lines: tuple[TextLine, ...]) -> None:
    assert values(lines, V.CHIP_2021, "front")[F.ID_NUMBER] == "038195000000"


def test_nine_digits_are_no_number_of_a_card_with_twelve() -> None:
    lines = (line("Số / No.: 038195000", 24, 22, 4),)
    assert values(lines, V.CHIP_2021, "front") == {}


def test_a_date_cut_in_two_is_joined() -> None:
    lines = (line("Ngày sinh / Date of birth: 15/08", 24, 34), line("/1995", 60, 34))
    assert values(lines, V.CHIP_2021, "front")[F.DATE_OF_BIRTH] == "1995-08-15"


def test_a_back_of_2021_with_fingerprints_beside() -> None:
    lines = (
        line("Đặc điểm nhận dạng / Personal identification:", 4, 4),
        line("Nốt ruồi C:1cm dưới trước", 4, 7.5),
        line("mắt trái", 4, 10.5),
        line("Ngón trỏ trái / Left index finger", 62, 6, 1.5),
        line("xX7", 70, 8, 3, score=0.3),
        line("Ngày, tháng, năm / Date, month, year: 15/08/2021", 4, 14),
        line("CỤC TRƯỞNG CỤC CẢNH SÁT", 27, 17),
        line("QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI", 22, 19),
        line("Nguyễn Văn Mẫu", 34, 33),
        line("IDVNM1950000009038195000000<<6", 4, 38, 3),
        line("9508152F3508150VNM<<<<<<<<<<<6", 4, 42, 3),
        line("DANG<<THI<ANH<NGUYET<<<<<<<<<<", 4, 46, 3),
    )
    assert values(lines, V.CHIP_2021, "back") == {
        F.DATE_OF_ISSUE: "2021-08-15",
        F.PERSONAL_IDENTIFICATION: "Nốt ruồi C:1cm dưới trước mắt trái",
        F.ISSUING_AUTHORITY: "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
    }


def test_a_back_of_2024() -> None:
    lines = (
        line("Nơi cư trú / Place of residence: Tổ 5,", 4, 4),
        line("Phường Vỹ Dạ, Thành phố Huế", 4, 7.5),
        line("Nơi đăng ký khai sinh / Place of birth:", 4, 11),
        line("Xã Phú Mậu, Phú Vang, Thừa Thiên Huế", 4, 14),
        line("Ngày, tháng, năm cấp / Date of issue:", 22, 24, 2),
        line("01/08/2024", 58, 24),
        line("Ngày, tháng, năm hết hạn / Date of expiry:", 22, 28, 2),
        line("Không thời hạn", 58, 28),
        line("BỘ CÔNG AN", 40, 32),
        line("MINISTRY OF PUBLIC SECURITY", 36, 34.6),
    )
    assert values(lines, V.CAN_CUOC_2024, "back") == {
        F.DATE_OF_ISSUE: "2024-08-01",
        F.DATE_OF_EXPIRY: NO_EXPIRY,
        F.PLACE_OF_RESIDENCE: "Tổ 5, Phường Vỹ Dạ, Thành phố Huế",
        F.PLACE_OF_BIRTH: "Xã Phú Mậu, Phú Vang, Thừa Thiên Huế",
        F.ISSUING_AUTHORITY: "BỘ CÔNG AN",
    }


def test_a_front_of_2016_and_its_back() -> None:
    front = (
        *HEADING[:3],
        line("Số: 038195000000", 28, 19, 4),
        line("Họ và tên:", 25, 24),
        line("ĐẶNG THỊ ÁNH NGUYỆT", 40, 24),
        line("Ngày, tháng, năm sinh: 15/08/1995", 25, 30),
        line("Giới tính: Nữ    Quốc tịch: Việt Nam", 25, 34),
        line("Quê quán: Hoằng Đức, Hoằng Hóa,", 25, 38),
        line("Thanh Hóa", 25, 41),
        line("Nơi thường trú: Tổ 5, Phường 9,", 25, 44.5),
        line("Đà Lạt, Lâm Đồng", 25, 47.5),
        line("Có giá trị đến: 15/08/2035", 3, 49, 2, letter_mm=0.7),
    )
    assert values(front, V.BARCODE_2016, "front") == {
        F.ID_NUMBER: "038195000000",
        F.FULL_NAME: "ĐẶNG THỊ ÁNH NGUYỆT",
        F.DATE_OF_BIRTH: "1995-08-15",
        F.SEX: "Nữ",
        F.NATIONALITY: "Việt Nam",
        F.DATE_OF_EXPIRY: "2035-08-15",
        F.PLACE_OF_ORIGIN: "Hoằng Đức, Hoằng Hóa, Thanh Hóa",
        F.PLACE_OF_RESIDENCE: "Tổ 5, Phường 9, Đà Lạt, Lâm Đồng",
    }
    back = (
        line("Đặc điểm nhân dạng:", 5, 12),
        line("Sẹo chấm giữa trán", 5, 15),
        line("Ngày 15 tháng 08 năm 2017", 40, 20),
        line("CỤC TRƯỞNG CỤC CẢNH SÁT", 40, 23),
        line("ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ", 38, 26),
    )
    assert values(back, V.BARCODE_2016, "back") == {
        F.DATE_OF_ISSUE: "2017-08-15",
        F.PERSONAL_IDENTIFICATION: "Sẹo chấm giữa trán",
        F.ISSUING_AUTHORITY: "CỤC TRƯỞNG CỤC CẢNH SÁT ĐKQL CƯ TRÚ VÀ DLQG VỀ DÂN CƯ",
    }


def test_an_old_identity_card() -> None:
    front = (
        line("GIẤY CHỨNG MINH NHÂN DÂN", 30, 12, 4),
        line("SỐ: 000000000", 35, 18, 4),
        line("Họ tên: LÊ AN", 28, 24, 3),
        line("Sinh ngày: 15-08-1975", 28, 29, 3),
        line("Nguyên quán: Hoằng Đức,", 28, 34, 3),
        line("Hoằng Hóa, Thanh Hóa", 28, 38, 3),
        line("Nơi ĐKHK thường trú: Tổ 5,", 28, 42, 3),
        line("Phường 9, Đà Lạt, Lâm Đồng", 28, 46, 3),
    )
    assert values(front, V.CMND_9, "front") == {
        F.ID_NUMBER: "000000000",
        F.FULL_NAME: "LÊ AN",
        F.DATE_OF_BIRTH: "1975-08-15",
        F.PLACE_OF_ORIGIN: "Hoằng Đức, Hoằng Hóa, Thanh Hóa",
        F.PLACE_OF_RESIDENCE: "Tổ 5, Phường 9, Đà Lạt, Lâm Đồng",
    }
    back = (
        line("Dân tộc: Kinh", 5, 4),
        line("Tôn giáo: Không", 40, 4),
        line("Dấu vết riêng và dị hình:", 40, 9),
        line("Sẹo chấm giữa trán", 40, 13),
        line("Ngày 5 tháng 8 năm 2009", 45, 22),
        line("GIÁM ĐỐC CÔNG AN", 48, 26),
        line("TỈNH THANH HÓA", 48, 29),
    )
    assert values(back, V.CMND_9, "back") == {
        F.DATE_OF_ISSUE: "2009-08-05",
        F.PERSONAL_IDENTIFICATION: "Sẹo chấm giữa trán",
        F.ISSUING_AUTHORITY: "GIÁM ĐỐC CÔNG AN TỈNH THANH HÓA",
    }


def test_a_value_whose_label_is_unread_is_found_by_its_place_and_says_so() -> None:
    lines = (line("TRẦN VĂN AN", 24, 29, 3), line("15/08/1995", 48, 33.5))
    placed = read_fields(lines, V.CHIP_2021, "front", CARD_WIDTH_PX)
    assert placed[F.FULL_NAME].value == "TRẦN VĂN AN"
    assert placed[F.FULL_NAME].marks == placed[F.DATE_OF_BIRTH].marks == (Mark.LABEL_UNREAD,)
    assert read_fields(lines, V.CHIP_2021, "front") == {}


def test_a_date_does_not_swallow_the_address_beside_it() -> None:
    lines = (
        line("Nơi thường trú / Place of residence:", 26.5, 45.5, 1.7),
        line("Thôn Yên Từ, Phong Thu, Phong Điền, Huế", 26.5, 48, 3),
        line("Có giá trị đến", 3, 48.4, 1.5),
        line("02/11/2033", 12, 48.3, 1.5, letter_mm=1),
    )
    assert values(lines, V.CHIP_2021, "front") == {
        F.DATE_OF_EXPIRY: "2033-11-02",
        F.PLACE_OF_RESIDENCE: "Thôn Yên Từ, Phong Thu, Phong Điền, Huế",
    }


@pytest.mark.parametrize("expiry", ["02/11/2033", "Không thời hạn"])
def test_an_expiry_and_an_address_that_were_detected_as_one_line_are_told_apart(
    expiry: str,
) -> None:
    lines = (
        line("Nơi thường trú / Place of residence:", 26.5, 45.5, 1.7),
        line("Có giá trị đến", 3, 48.4, 1.5),
        line(f"{expiry} Tổ 71, Xã Tiền Phong, Huyện Vĩnh Bảo, Hải Phòng", 13, 48, 2.4),
    )
    found = values(lines, V.CHIP_2021, "front")
    assert found[F.DATE_OF_EXPIRY][:5] in ("2033-", "Không")
    assert found[F.PLACE_OF_RESIDENCE] == "Tổ 71, Xã Tiền Phong, Huyện Vĩnh Bảo, Hải Phòng"


def test_a_caption_beside_the_address_that_touches_its_label_does_not_end_it() -> None:
    lines = (
        line("Nơi thường trú / Place of residence: 57", 25.0, 44.0, 2.6),
        line("Có giá trị đến / Date of expiry:", 1.7, 46.7, 2.0, letter_mm=0.75),
        line("Ngõ 51 Hoàng Văn Thụ, Xã Lay Nưa,", 24.4, 46.7, 2.8),
        line("Không thời hạn", 1.7, 49.0, 2.1),
        line("Thị Xã Mường Lay, Tỉnh Điện Biên", 25.2, 49.7, 2.6),
    )
    found = values(lines, V.CHIP_2021, "front")
    assert found[F.DATE_OF_EXPIRY] == NO_EXPIRY
    assert found[F.PLACE_OF_RESIDENCE] == (
        "57 Ngõ 51 Hoàng Văn Thụ, Xã Lay Nưa, Thị Xã Mường Lay, Tỉnh Điện Biên"
    )


def test_the_last_word_of_an_address_may_share_a_line_with_the_caption_beside_it() -> None:
    lines = (
        line("Nơi thường trú / Place of residence: Tổ 5, Sa Pả,", 25.0, 44.0, 2.4),
        line("Có giá trị đến: 15/08/2035", 2, 46.4, 1.6, letter_mm=0.7),
        line("Thị xã Sa Pa, Tỉnh Lào", 25.0, 47.2, 2.4),
        line("Date of expiry:       Cai", 2, 50.0, 2.2, letter_mm=1.0),
    )
    found = values(lines, V.CHIP_2021, "front")
    assert found[F.DATE_OF_EXPIRY] == "2035-08-15"
    assert found[F.PLACE_OF_RESIDENCE] == "Tổ 5, Sa Pả, Thị xã Sa Pa, Tỉnh Lào Cai"


def test_letters_that_stand_in_two_overlapping_lines_are_read_once() -> None:
    lines = (
        line("Nơi thường trú / Place of residence: 2", 20, 40, 2.0),
        line("260 Quang Trung,", 50.9, 40, 2.4),
        line("Phường Xuân Khánh, Ninh Kiều, Cần Thơ", 20, 43.2, 2.4),
    )
    found = values(lines, V.CHIP_2021, "front")
    assert found[F.PLACE_OF_RESIDENCE] == ("260 Quang Trung, Phường Xuân Khánh, Ninh Kiều, Cần Thơ")


def test_letters_that_only_look_alike_are_kept() -> None:
    lines = (
        line("Nơi thường trú / Place of residence: Tổ 2", 20, 40, 2.0),
        line("260 Quang Trung, Ninh Kiều, Cần Thơ", 56.0, 40, 2.4),
    )
    found = values(lines, V.CHIP_2021, "front")
    assert found[F.PLACE_OF_RESIDENCE] == "Tổ 2 260 Quang Trung, Ninh Kiều, Cần Thơ"


@pytest.mark.parametrize(
    "name", ["NGUYỄN XUÂN BẢO PHƯƠNG", "NGUYỄN QUÂN", "NGUYỄN XUÂN QUÂN", "TRẦN NGUYỄN QUÂN"]
)
def test_a_name_that_resembles_a_label_is_none(name: str) -> None:
    lines = (
        line("Họ, chữ đệm và tên khai sinh / Full name", 25.4, 28.6),
        line(name, 25.4, 31.3, 3.0),
        line("Ngày, tháng, năm sinh / Date of birth 26/10/1976", 25.4, 35.8),
    )
    assert values(lines, V.CAN_CUOC_2024, "front")[F.FULL_NAME] == name


@pytest.mark.parametrize(
    "address",
    ["Số 5 Nguyễn Xuân Ôn, Phường 2, Hồ Chí Minh", "Ấp 3, Xã Nguyễn Huân, Đầm Dơi, Cà Mau"],
)
def test_a_street_or_a_commune_that_resembles_a_label_is_none(address: str) -> None:
    lines = (
        line("Nơi thường trú / Place of residence:", 25, 40, 2.4),
        line(address, 25, 43, 2.4),
    )
    assert values(lines, V.CHIP_2021, "front")[F.PLACE_OF_RESIDENCE] == address


def test_the_end_of_a_wrapped_ca_mau_is_no_mark() -> None:
    lines = (
        line("Quê quán / Place of origin: Xã Tân Duyệt, Đầm Dơi, Cà", 24, 38),
        line("Mau", 24, 41),
    )
    assert values(lines, V.CHIP_2021, "front") == {
        F.PLACE_OF_ORIGIN: "Xã Tân Duyệt, Đầm Dơi, Cà Mau"
    }


def test_words_of_labels_inside_values_are_no_labels() -> None:
    lines = (
        line("Họ và tên / Full name:", 24, 27),
        line("NGUYỄN QUANG TRÂN CHÂU", 24, 30, 3),
        line("Quê quán / Place of origin: Phường An Tường, Tuyên", 24, 38),
        line("Quang, Tuyên Quang", 24, 41),
        line("Nơi thường trú / Place of residence:", 24, 44),
        line("Số 154 Cách Mạng Tháng Tám, Xã Bình Sơn, Huyện Kim Bôi,", 24, 47),
        line("Tỉnh Hoà Bình", 24, 50),
    )
    assert values(lines, V.CHIP_2021, "front") == {
        F.FULL_NAME: "NGUYỄN QUANG TRÂN CHÂU",
        F.PLACE_OF_ORIGIN: "Phường An Tường, Tuyên Quang, Tuyên Quang",
        F.PLACE_OF_RESIDENCE: "Số 154 Cách Mạng Tháng Tám, Xã Bình Sơn, Huyện Kim Bôi, Tỉnh Hoà Bình",
    }


def test_rows_of_a_card_that_stands_askew_stay_apart() -> None:
    lines = (
        line("Nơi cư trú / Place of residence: Số nhà 80, Phường Cầu Ông", 5, 3, lean_deg=4),
        line("Lãnh, Thành phố Hồ Chí Minh", 4.8, 6.2, lean_deg=4),
        line("Nơi đăng ký khai sinh / Place of birth: Xã Mẫu Sơn, Lạng Sơn", 4.4, 9.5, lean_deg=4),
    )
    assert values(lines, V.CAN_CUOC_2024, "back") == {
        F.PLACE_OF_RESIDENCE: "Số nhà 80, Phường Cầu Ông Lãnh, Thành phố Hồ Chí Minh",
        F.PLACE_OF_BIRTH: "Xã Mẫu Sơn, Lạng Sơn",
    }


def test_dates_that_no_label_claims_go_to_the_dates_that_are_missing() -> None:
    lone = (line("29/03/2024", 11, 18), line("Nguyễn Văn Mẫu", 38, 30))
    placed = read_fields(lone, V.CHIP_2021, "back")
    assert placed[F.DATE_OF_ISSUE].value == "2024-03-29"
    assert placed[F.DATE_OF_ISSUE].marks == (Mark.LABEL_UNREAD,)
    both = (line("10/03/2043", 40, 28), line("25/12/2025", 40, 24))
    assert values(both, V.CAN_CUOC_2024, "back") == {
        F.DATE_OF_ISSUE: "2025-12-25",
        F.DATE_OF_EXPIRY: "2043-03-10",
    }


def test_a_date_that_could_be_either_is_neither() -> None:
    lines = (line("10/03/2043", 40, 28),)
    assert values(lines, V.CAN_CUOC_2024, "back") == {}
    labelled = (line("Ngày, tháng, năm hết hạn / Date of expiry:", 4, 5), line("25/12/2025", 4, 40))
    assert values(labelled, V.CAN_CUOC_2024, "back") == {}


def test_a_place_that_resembles_a_label_or_a_title_is_neither() -> None:
    lines = (
        line("Nơi cư trú / Place of residence: Khu phố 104, Xã Lũng Phìn, Tỉnh", 4, 5),
        line("Tuyên Quang", 4, 8.4),  # Nguyên quán
        line("Nơi đăng ký khai sinh/pPlace of birth", 4, 13),
        line("Xã Phước Lý, Cần", 4, 16.4),
        line("Giuộc, Long An", 4, 19.8),  # Bộ Công an
        line("BỘ CÔNG AN", 40, 30, 3),
    )
    assert values(lines, V.CAN_CUOC_2024, "back") == {
        F.PLACE_OF_RESIDENCE: "Khu phố 104, Xã Lũng Phìn, Tỉnh Tuyên Quang",
        F.PLACE_OF_BIRTH: "Xã Phước Lý, Cần Giuộc, Long An",
        F.ISSUING_AUTHORITY: "BỘ CÔNG AN",
    }


def test_a_title_is_found_where_a_fingerprints_caption_runs_into_it() -> None:
    title = "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI"
    lines = (
        line(title[:23], 24, 14),
        line(f"{title[24:]} Ngớn trỏ phải /Right index finger", 24, 17),
    )
    assert values(lines, V.CHIP_2021, "back") == {F.ISSUING_AUTHORITY: title}


def test_an_empty_or_foreign_page_has_no_fields() -> None:
    lines = (line("HỢP ĐỒNG LAO ĐỘNG", 20, 5), line("Điều 1. Công việc phải làm", 10, 12))
    assert values(lines, V.CHIP_2021, "front") == {}
    assert values((), V.CHIP_2021, "back") == {}


@pytest.mark.parametrize("value", ["Xã Hòa Ninh, Huyện Long Hồ", "A Sào, Hưng Yên"])
def test_a_longer_label_that_is_not_there_does_not_swallow_the_value(value: str) -> None:
    lines = (line(f"Nơi đăng ký khai sinh / Place of birth {value}", 4, 10),)
    assert values(lines, V.CAN_CUOC_2024, "back")[F.PLACE_OF_BIRTH] == value


def test_a_value_may_stand_in_a_column_of_its_own() -> None:
    lines = (
        line("Ngày, tháng, năm sinh / Date of birth: 04/09/1990", 24, 24),
        line("Giới tính / Sex:", 24, 27),
        line("Nam", 24 + 16 * 1.01 + 16, 27),
    )
    assert values(lines, V.CHIP_2021, "front")[F.SEX] == "Nam"


def test_an_issuer_and_its_translation_may_share_a_line() -> None:
    lines = (line("BỘ CÔNG AN / MINISTRY OF PUBLIC SECURITY", 30, 30),)
    assert values(lines, V.CAN_CUOC_2024, "back")[F.ISSUING_AUTHORITY] == "BỘ CÔNG AN"


def test_a_value_between_two_tight_rows_belongs_to_the_label_above() -> None:
    rows = ("Giới tính / Sex:", "Nữ", "Quốc tịch / Nationality:", "Việt Nam")
    tight = tuple(line(text, 30, 30 + 2.9 * i, 2.9) for i, text in enumerate(rows))
    found = values((*tight, line("038195000000", 30, 24)), V.CHIP_2021, "front")
    assert (found[F.SEX], found[F.NATIONALITY]) == ("Nữ", "Việt Nam")
