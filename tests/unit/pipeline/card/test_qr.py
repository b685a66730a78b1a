import cv2
import numpy as np
import pytest

from pipeline.card.deblur import Deblurred
from pipeline.card.geometry import rectangle_quad
from pipeline.card.qr import QrScan, parse_qr
from pipeline.card.qr_scan import scan_qr
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


def test_the_four_last_fields_are_kept_and_never_shown() -> None:
    content = parse_qr(PAYLOAD + "|a|b|c|d")
    assert content is not None
    assert content.extra == ("a", "b", "c", "d")
    assert "'c'" not in repr(content)


def test_an_old_number_may_be_missing_and_a_sex_is_one_of_two() -> None:
    content = parse_qr(PAYLOAD.replace("100000000", "").replace("Nữ", "?"))
    assert content is not None
    assert FieldName.OLD_ID_NUMBER not in content.fields
    assert FieldName.SEX not in content.fields


# ---------------------------------------------------------------- pictures


def blurred(image: RgbImage, sigma_px: float) -> RgbImage:
    return RgbImage(np.asarray(cv2.GaussianBlur(image, (0, 0), sigma_px), np.uint8))


def scan(image: RgbImage) -> QrScan:
    return scan_qr(image, rectangle_quad(image.shape[1], image.shape[0]))


@pytest.mark.parametrize("blur_modules", [0.0, 0.35, 0.6])
@pytest.mark.parametrize(
    ("version", "side"), [(CardVersion.CHIP_2021, 0), (CardVersion.CAN_CUOC_2024, 1)]
)
def test_code_is_read_off_a_printed_side(
    version: CardVersion, side: int, blur_modules: float, print_person: Print
) -> None:
    person, sides = print_person(version)
    image = sides[side].image
    box = sides[side].regions["qr"]
    module_px = (box[2] - box[0]) / 45
    found = scan(blurred(image, blur_modules * module_px) if blur_modules else image)
    assert found.content is not None
    assert found.seen
    assert found.content.fields[FieldName.ID_NUMBER] == person.id_number
    assert found.content.field_count == (7, 11)[side]


def test_code_is_found_where_it_is_not_expected(print_person: Print) -> None:
    person, sides = print_person(CardVersion.CHIP_2021)
    turned = RgbImage(np.ascontiguousarray(sides[0].image[::-1, ::-1]))
    found = scan(turned)
    assert found.content is not None
    assert found.content.fields[FieldName.ID_NUMBER] == person.id_number


def test_a_code_that_does_not_decode_is_told_from_none(print_person: Print) -> None:
    _, sides = print_person(CardVersion.CHIP_2021)
    image, (x1, y1, x2, y2) = sides[0].image, map(int, sides[0].regions["qr"])
    too_blurred = scan(blurred(image, 0.9 * (x2 - x1) / 45))
    assert (too_blurred.content, too_blurred.seen) == (None, True)
    covered = image.copy()
    covered[y1 - 10 : y2 + 10, x1 - 10 : x2 + 10] = (200, 170, 150)
    assert scan(RgbImage(covered)) == QrScan(content=None, seen=False)


def test_a_code_of_another_kind_is_named_by_its_shape(print_person: Print) -> None:
    from specimen.qr import draw_qr

    _, sides = print_person(CardVersion.CHIP_2021)
    image, (x1, y1, x2, y2) = sides[0].image.copy(), map(int, sides[0].regions["qr"])
    side = min(x2 - x1, y2 - y1)
    image[y1 - 8 : y2 + 8, x1 - 8 : x2 + 8] = 255
    image[y1 : y1 + side, x1 : x1 + side] = draw_qr("https://example.com|x", side)[..., None]
    found = scan(RgbImage(image))
    assert (found.content, found.seen, found.odd_parts) == (None, True, 2)


def test_nothing_is_read_off_an_empty_picture() -> None:
    empty = RgbImage(np.full((540, 856, 3), 220, np.uint8))
    assert scan(empty) == QrScan()


def test_deblurring_takes_a_blur_back() -> None:
    checks = np.kron(np.indices((20, 20)).sum(axis=0) % 2, np.ones((6, 6))) * 200
    sharp = checks.astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 3.0), np.uint8)
    back = Deblurred(soft).of(3.0, 0.001)
    assert back.shape == soft.shape
    middle = np.s_[20:-20, 20:-20]
    assert np.abs(back[middle].astype(int) - sharp[middle]).mean() < (
        0.6 * np.abs(soft[middle].astype(int) - sharp[middle]).mean()
    )
