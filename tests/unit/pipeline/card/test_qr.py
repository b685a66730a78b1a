import numpy as np
import pytest

from pipeline.card.geometry import rectangle_quad
from pipeline.card.qr import parse_qr, read_qr
from pipeline.findings import FieldName
from pipeline.image import RgbImage
from specimen.people import CardVersion
from tests.unit.pipeline.card.conftest import Print

PAYLOAD = "038195000000|100000000|Đặng Thị Ánh Nguyệt|15081995|Nữ|Tổ 5, Đông Vệ, Thanh Hóa|20082021"


@pytest.mark.parametrize("tail", ["", "||||"])
def test_both_payloads(tail: str) -> None:
    content = parse_qr(PAYLOAD + tail)
    assert content is not None
    assert content.fields == {
        FieldName.ID_NUMBER: "038195000000",
        FieldName.OLD_ID_NUMBER: "100000000",
        FieldName.FULL_NAME: "ĐẶNG THỊ ÁNH NGUYỆT",
        FieldName.DATE_OF_BIRTH: "1995-08-15",
        FieldName.SEX: "Nữ",
        FieldName.PLACE_OF_RESIDENCE: "Tổ 5, Đông Vệ, Thanh Hóa",
        FieldName.DATE_OF_ISSUE: "2021-08-20",
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://example.com",
        PAYLOAD + "|",
        PAYLOAD.replace("15081995", "31021995"),
        PAYLOAD.replace("0381", "O381"),
    ],
)
def test_other_texts_are_no_payload(text: str) -> None:
    assert parse_qr(text) is None


@pytest.mark.parametrize(
    ("version", "side"), [(CardVersion.CHIP_2021, 0), (CardVersion.CAN_CUOC_2024, 1)]
)
def test_code_is_read_off_a_printed_side(
    version: CardVersion, side: int, print_person: Print
) -> None:
    person, sides = print_person(version)
    image = sides[side].image
    content = read_qr(image, rectangle_quad(image.shape[1], image.shape[0]))
    assert content is not None
    assert content.fields[FieldName.ID_NUMBER] == person.id_number
    assert content.field_count == (7, 11)[side]


def test_nothing_is_read_off_an_empty_picture() -> None:
    empty = RgbImage(np.full((540, 856, 3), 220, np.uint8))
    assert read_qr(empty, rectangle_quad(856, 540)) is None
