from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from pipeline.card.geometry import Quad, rectangle_quad
from pipeline.card.mrz import parse_mrz, read_mrz
from pipeline.card.recognise import Reading
from pipeline.card.td1 import check_digit
from pipeline.card.text import TextLine
from pipeline.findings import NO_EXPIRY, FieldName
from pipeline.image import RgbImage

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


# ---------------------------------------------------------------- repairs


def with_scores(line: TextLine, scores: dict[int, float]) -> TextLine:
    changed = tuple(scores.get(i, score) for i, score in enumerate(line.char_scores))
    return replace(line, char_scores=changed)


def test_a_letter_for_a_digit_is_put_right_and_told() -> None:
    content = parse_mrz(lines_of(MRZ[0].replace("038195", "O3B195"), MRZ[1], MRZ[2]))
    assert content is not None
    assert content.sound
    assert content.fields[FieldName.ID_NUMBER] == "038195000000"
    assert content.repaired == ("id_number:1", "id_number:3")


def test_a_doubtful_digit_is_put_right_by_the_check_digits_and_told() -> None:
    misread = lines_of(MRZ[0], MRZ[1].replace("950815", "950615"), MRZ[2])
    misread[1] = with_scores(misread[1], {3: 0.55})
    content = parse_mrz(misread)
    assert content is not None
    assert content.sound
    assert content.fields[FieldName.DATE_OF_BIRTH] == "1995-08-15"
    assert content.repaired == ("birth:4",)


def test_a_digit_that_was_clearly_seen_is_never_changed() -> None:
    content = parse_mrz(lines_of(MRZ[0], MRZ[1].replace("950815", "950615"), MRZ[2], score=0.95))
    assert content is not None
    assert content.failed == ("birth", "composite")
    assert content.repaired == ()


def test_a_doubt_that_several_digits_would_settle_is_left_open() -> None:
    """All of line 2 is doubtful: many changes would make the check digits fit, so none is made."""
    misread = lines_of(MRZ[0], MRZ[1].replace("950815", "950915"), MRZ[2])
    misread[1] = replace(misread[1], char_scores=(0.5,) * len(MRZ[1]))
    content = parse_mrz(misread)
    assert content is not None
    assert not content.sound
    assert content.repaired == ()


def test_a_wrong_check_digit_of_a_forger_stays_wrong() -> None:
    from specimen.mrz import with_wrong_check_digit

    content = parse_mrz(lines_of(*with_wrong_check_digit(MRZ)))
    assert content is not None
    assert content.failed == ("document_number", "composite")


@pytest.mark.parametrize("expiry", ["991231", "990815", "901231"])
def test_expiry_in_a_far_year_is_none(expiry: str) -> None:
    far = f"9508152F{expiry}{check_digit(expiry)}VNM<<<<<<<<<<<0"
    content = parse_mrz(lines_of(MRZ[0], far, MRZ[2]))
    assert content is not None
    assert content.fields[FieldName.DATE_OF_EXPIRY] == NO_EXPIRY


def test_the_specimen_of_icao_has_its_check_digits() -> None:
    first, second = "I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6"
    assert check_digit(first[5:14]) == int(first[14])
    assert check_digit(second[:6]) == int(second[6])
    assert check_digit(second[8:14]) == int(second[14])
    assert check_digit(first[5:] + second[:7] + second[8:15] + second[18:29]) == int(second[29])


# ---------------------------------------------------------------- a second look


class Rereader:
    """A recogniser that reads what the test says, and counts."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.calls = texts, 0

    def __call__(self, crops: Sequence[RgbImage]) -> list[Reading]:
        self.calls += 1
        assert len(crops) == len(self.texts)
        return [
            Reading(text=t, scores=(0.97,) * len(t), positions=(0.5,) * len(t)) for t in self.texts
        ]


CARD = RgbImage(np.full((100, 640, 3), 200, np.uint8))


def low(lines: list[TextLine]) -> list[TextLine]:
    return [replace(line, box=(0, 60 + i, 600, 80 + i)) for i, line in enumerate(lines)]


def test_a_failed_check_digit_is_read_again_first() -> None:
    once = low(lines_of(MRZ[0], MRZ[1].replace("950815", "950816"), MRZ[2]))
    again = Rereader(*MRZ)
    content = read_mrz(once, CARD, again)
    assert content is not None
    assert content.sound
    assert content.repaired == ()
    assert again.calls == 1


def test_what_stays_wrong_on_the_second_look_is_told() -> None:
    wrong = (MRZ[0], MRZ[1].replace("950815", "950816"), MRZ[2])
    content = read_mrz(low(lines_of(*wrong)), CARD, Rereader(*wrong))
    assert content is not None
    assert content.failed == ("birth", "composite")


def test_a_zone_that_is_sound_is_read_once() -> None:
    again = Rereader()
    content = read_mrz(low(lines_of(*MRZ)), CARD, again)
    assert content is not None
    assert again.calls == 0


def test_a_zone_that_was_not_recognised_is_found_on_the_second_look() -> None:
    lost = low(lines_of("IDVNM1950000009O38195", MRZ[1], MRZ[2]))
    content = read_mrz(lost, CARD, Rereader(*MRZ))
    assert content is not None
    assert content.sound


def test_nothing_to_look_at_again_is_no_zone() -> None:
    assert read_mrz(lines_of("Ngón trỏ trái"), CARD, Rereader()) is None
