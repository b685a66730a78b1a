from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from pipeline.card.geometry import Quad, rectangle_quad
from pipeline.card.mrz import parse_mrz
from pipeline.card.td1 import check_digit
from pipeline.card.text import TextLine
from pipeline.findings import NO_EXPIRY, FieldName

# The fictional worked example: Đặng Thị Ánh Nguyệt, serial 000000.
MRZ = (
    "IDVNM1950000009038195000000<<6",
    "9508152F3508150VNM<<<<<<<<<<<6",
    "DANG<<THI<ANH<NGUYET<<<<<<<<<<",
)


def lines_of(*texts: str, score: float = 0.99) -> list[TextLine]:
    return [
        TextLine(
            text=text,
            char_scores=(score,) * len(text),
            char_x=tuple(float(x) for x in range(len(text))),
            corners=Quad(rectangle_quad(600, 20) + np.float32(30 * i)),
            box=(0, 30 * i, 600, 30 * i + 20),
        )
        for i, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("text", "digit"),
    [("195000000", 9), ("038195000000<<", 6), ("950815", 2), ("350815", 0), ("D23145890", 7)],
)
def test_check_digits(text: str, digit: int) -> None:
    assert check_digit(text) == digit


def test_check_digit_refuses_other_characters() -> None:
    with pytest.raises(ValueError, match="not an MRZ character"):
        check_digit("Đ")


def test_the_worked_example_is_read() -> None:
    content = parse_mrz(lines_of(*MRZ))
    assert content is not None
    assert content.sound
    assert content.fields == {
        FieldName.ID_NUMBER: "038195000000",
        FieldName.DATE_OF_BIRTH: "1995-08-15",
        FieldName.SEX: "Nữ",
        FieldName.DATE_OF_EXPIRY: "2035-08-15",
        FieldName.FULL_NAME: "DANG THI ANH NGUYET",
    }


def test_lost_fillers_and_letters_for_digits_are_put_right() -> None:
    content = parse_mrz(
        lines_of("IDVNM195OOOOOO9O38195OOOOOO<6", "9508152F3508150VNM<<<<6", "DANG<<THI<ANH<NGUYET")
    )
    assert content is not None
    assert content.sound
    assert content.fields[FieldName.ID_NUMBER] == "038195000000"


def test_a_changed_digit_fails_its_check_and_the_composite() -> None:
    content = parse_mrz(lines_of(MRZ[0], MRZ[1].replace("950815", "950816"), MRZ[2]))
    assert content is not None
    assert content.failed == ("birth", "composite")


def test_a_document_number_of_another_card_is_noticed() -> None:
    other = f"IDVNM195000001{check_digit('195000001')}038195000000<<6"
    content = parse_mrz(lines_of(other, MRZ[1], MRZ[2]))
    assert content is not None
    assert "document_number_is_not_the_end_of_the_id" in content.failed


def test_guessed_characters_are_not_trusted() -> None:
    content = parse_mrz(lines_of(*MRZ, score=0.4))
    assert content is not None
    assert not content.trusted


def test_no_expiry_is_not_a_date() -> None:
    far = f"9508152F991231{check_digit('991231')}VNM<<<<<<<<<<<0"
    content = parse_mrz(lines_of(MRZ[0], far, MRZ[2]))
    assert content is not None
    assert content.fields[FieldName.DATE_OF_EXPIRY] == NO_EXPIRY


def test_other_lines_are_no_mrz() -> None:
    assert parse_mrz(lines_of("Ngón trỏ trái / Left index finger", "Nguyễn Văn Mẫu")) is None


def test_what_the_specimen_generator_prints_is_sound() -> None:
    from specimen.mrz import encode_mrz
    from specimen.people import CardVersion, draw_person

    person = draw_person(
        np.random.default_rng(3), version=CardVersion.CHIP_2021, today=date(2026, 11, 23)
    )
    content = parse_mrz(lines_of(*encode_mrz(replace(person, full_name="Đỗ Thị Ỷ"))))
    assert content is not None
    assert content.sound
    assert content.fields[FieldName.FULL_NAME] == "DO THI Y"
