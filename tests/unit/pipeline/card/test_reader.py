"""The whole reader with its models on printed and photographed cards."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.card.reader import CardReader
from pipeline.findings import NO_EXPIRY, CardFinding, FieldName, Source
from pipeline.image import RgbImage, decode_image
from pipeline.policy import POLICY_V1
from pipeline.reasons import ReasonCode
from specimen.camera import Look
from specimen.card import PrintedSide
from specimen.conditions import Circumstance, Condition, photograph_under
from specimen.people import CardVersion, Person, draw_person
from specimen.scene import Shot, photograph
from tests.unit.pipeline.card.conftest import TODAY, Print

SHARP = Shot(size=(1600, 1200), look=Look(noise=1.5))


def shoot(side: PrintedSide, shot: Shot = SHARP) -> RgbImage:
    jpeg = photograph(side.image, shot, np.random.default_rng(5)).jpeg
    return decode_image(jpeg, evidence="card_front")


def failed(finding: CardFinding) -> set[ReasonCode]:
    return {check.code for check in finding.checks if check.passed is False}


def values_of(person: Person) -> dict[FieldName, str]:
    expiry = person.date_of_expiry
    return {
        FieldName.ID_NUMBER: person.id_number,
        FieldName.FULL_NAME: person.full_name.upper(),
        FieldName.DATE_OF_BIRTH: person.date_of_birth.isoformat(),
        FieldName.SEX: person.sex,
        FieldName.PLACE_OF_RESIDENCE: person.place_of_residence,
        FieldName.DATE_OF_ISSUE: person.date_of_issue.isoformat(),
        FieldName.DATE_OF_EXPIRY: expiry.isoformat() if expiry else NO_EXPIRY,
        FieldName.NATIONALITY: "Việt Nam",
    }


@pytest.mark.parametrize(
    ("version", "front_turn", "back_turn"),
    [(CardVersion.CHIP_2021, 12.0, 180.0), (CardVersion.CAN_CUOC_2024, 90.0, -35.0)],
)
def test_turned_cards_are_read_fully_and_surely(
    version: CardVersion,
    front_turn: float,
    back_turn: float,
    reader: CardReader,
    print_person: Print,
) -> None:
    person, (front, back) = print_person(version)
    finding = reader.read(
        shoot(front, replace(SHARP, rotation_deg=front_turn)),
        shoot(back, replace(SHARP, rotation_deg=back_turn)),
        today=TODAY,
    )
    assert finding.rejected is None
    assert finding.version == version
    assert failed(finding) == set()
    read = {name: finding.fields[name].value for name in values_of(person)}
    assert read == values_of(person)
    assert all(
        finding.fields[name].confidence >= POLICY_V1.min_field_confidence
        for name in POLICY_V1.required_fields[finding.version]
    )


def test_swapped_sides_are_put_right_and_a_foreign_qr_is_a_mismatch(
    reader: CardReader, print_person: Print
) -> None:
    other = draw_person(np.random.default_rng(99), version=CardVersion.CHIP_2021, today=TODAY)
    person, (front, back) = print_person(CardVersion.CHIP_2021, qr_person=other)
    finding = reader.read(back.image, front.image, today=TODAY)
    assert failed(finding) == {
        ReasonCode.CARD_SIDES_SWAPPED,
        ReasonCode.QR_MISMATCH,
        ReasonCode.CODES_DISAGREE,
    }
    number = finding.fields[FieldName.ID_NUMBER]
    assert (number.value, number.source) == (person.id_number, Source.OCR)
    assert number.readings["qr"] == other.id_number


def test_front_and_back_of_two_people_differ(reader: CardReader, print_person: Print) -> None:
    _, (front, _) = print_person(CardVersion.CHIP_2021, seed=7)
    _, (_, back) = print_person(CardVersion.CHIP_2021, seed=8)
    finding = reader.read(front.image, back.image, today=TODAY)
    assert ReasonCode.CARD_SIDES_DIFFER in failed(finding)


def test_a_blurred_front_is_refused_and_a_blurred_back_is_named(
    reader: CardReader, print_person: Print
) -> None:
    _, (front, back) = print_person(CardVersion.CHIP_2021)
    blurred = replace(SHARP, look=Look(blur_px=9.0))
    refused = reader.read(shoot(front, blurred), back.image, today=TODAY)
    assert refused.rejected is not None
    assert refused.rejected.code is ReasonCode.CARD_BLURRED
    kept = reader.read(front.image, shoot(back, blurred), today=TODAY)
    assert kept.rejected is None
    assert ReasonCode.CARD_BACK_UNREADABLE in failed(kept)
    assert FieldName.FULL_NAME in kept.fields


def test_a_reading_keeps_the_sides_and_what_print_alone_says(
    reader: CardReader, print_person: Print
) -> None:
    other = draw_person(np.random.default_rng(99), version=CardVersion.CHIP_2021, today=TODAY)
    person, (front, back) = print_person(CardVersion.CHIP_2021, qr_person=other)
    reading = reader.look(front.image, back.image, today=TODAY)
    number = reading.printed[FieldName.ID_NUMBER]
    assert (number.value, number.source) == (person.id_number, Source.OCR)
    assert dict(number.readings) == {"ocr": person.id_number}
    assert number.box is not None
    height, width = reading.sides["front"].card.image.shape[:2]
    assert number.box[2] <= width
    assert number.box[3] <= height
    assert set(reading.sides) == {"front", "back"}


def test_a_back_alone_asks_for_the_front(reader: CardReader, print_person: Print) -> None:
    _, (_, back) = print_person(CardVersion.CHIP_2021)
    finding = reader.read(back.image, None, today=TODAY)
    assert finding.sides == ("back",)
    assert ReasonCode.CARD_UNREADABLE in failed(finding)


@pytest.mark.parametrize("scene", ["empty", "noise", "two cards"])
def test_other_pictures_are_refused_with_a_reason(
    scene: str, reader: CardReader, print_person: Print
) -> None:
    rng = np.random.default_rng(1)
    _, (front, _) = print_person(CardVersion.CHIP_2021)
    expected = {ReasonCode.CARD_NOT_FOUND}
    if scene == "empty":
        picture = np.full((900, 1200, 3), 90, np.uint8)
    elif scene == "noise":
        picture = rng.integers(0, 255, (600, 800, 3), dtype=np.uint8)
    else:
        picture = np.full((1500, 1200, 3), 60, np.uint8)
        card = front.image[::2, ::2]
        for y in (100, 800):
            picture[y : y + card.shape[0], 150 : 150 + card.shape[1]] = card
        expected = {ReasonCode.CARD_SEVERAL}
    finding = reader.read(RgbImage(picture), None, today=TODAY)
    assert finding.rejected is not None
    assert finding.rejected.code in expected


def test_paper_on_the_name_is_named_as_the_cause(reader: CardReader, print_person: Print) -> None:
    _, (front, _) = print_person(CardVersion.CAN_CUOC_2024)
    paper = Circumstance(condition=Condition.PAPER, strength=1.0, region="full_name")
    photo = photograph_under(front, paper, SHARP, np.random.default_rng(5))
    refused = reader.read(decode_image(photo.jpeg, evidence="card_front"), None, today=TODAY)
    assert refused.rejected is not None
    assert refused.rejected.code is ReasonCode.CARD_COVERED
    assert "full_name" in str(refused.rejected.facts["front"])


def test_a_clean_photo_fails_no_quality_gate(reader: CardReader, print_person: Print) -> None:
    _, (front, back) = print_person(CardVersion.CHIP_2021)
    finding = reader.read(shoot(front), shoot(back), today=TODAY)
    gates = {code for code in ReasonCode if code.startswith("card_")}
    assert failed(finding) & gates == set()
    seen = {check.code for check in finding.checks}
    assert seen >= {ReasonCode.CARD_COVERED, ReasonCode.CARD_GLARE, ReasonCode.CARD_SCREEN}
