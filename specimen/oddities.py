"""Evidence that must not be read as a good card, and the few odd pairs that must: one kind of mistake or fraud each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import cv2
import numpy as np
from PIL import Image, ImageDraw

from pipeline.image import RgbImage
from specimen.backdrops import cluttered_table, table
from specimen.camera import add_noise, encode_jpeg
from specimen.canvas import BOLD, REGULAR, font
from specimen.cast import selfie_jpeg
from specimen.dice import pick
from specimen.people import CardVersion
from specimen.photos import Subject
from specimen.samples import CardSample, Entry, Source, draw_order, entry_of, photograph_card
from specimen.scene import draw_shot, lay_on, photograph
from specimen.shots import Severity

Rng = np.random.Generator
_FRAME = (1920, 1440)
_NO_CARD = ("card_not_found", "card_version_unknown", "card_unreadable", "evidence_undecodable")
_SHEET = RgbImage(np.full((1000, 1600, 3), 240, np.uint8))


class Oddity(StrEnum):
    """What is wrong."""

    TWO_CARDS = "two_cards"
    NO_CARD = "no_card"
    SIDES_SWAPPED = "sides_swapped"
    SIDES_DIFFER = "sides_differ"
    SAME_SIDE_TWICE = "same_side_twice"
    OLD_DOCUMENT = "old_document"
    OTHER_DOCUMENT = "other_document"
    FACE = "face"
    BLANK_SHEET = "blank_sheet"
    EXPIRED = "expired"
    FOREIGN_QR = "foreign_qr"
    WRONG_MRZ_DIGIT = "wrong_mrz_digit"


def draw_oddity(number: int, seed: int, source: Source) -> Entry:
    """Draw the odd case with this number: the kinds take turns, each with other people, designs and photos."""
    rng = np.random.default_rng([seed, 3, number])
    kinds = tuple(Oddity)
    kind = kinds[number % len(kinds)]
    return _MAKERS[kind](f"{number:04d}", seed, source, rng)


def _card(
    source: Source,
    rng: Rng,
    version: CardVersion | None = None,
    **changes: bool,
) -> CardSample:
    version = version or pick(rng, (CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024))
    order = draw_order(version, source, rng, expired=changes.get("expired", False))
    if changes.get("foreign_qr"):
        other = draw_order(version, source, rng).person
        order = replace(order, qr_person=other)
    if changes.get("wrong_mrz_digit"):
        order = replace(order, wrong_mrz_digit=True)
    return photograph_card(order, pick(rng, (Severity.CAREFUL, Severity.TURNED)), rng)


def _two_cards(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    """Another card's front lies beside the front."""
    one, other = (_card(source, rng) for _ in range(2))
    ground = table(rng, _FRAME)
    picture = add_noise(lay_on(ground, [one.sides[0].image, other.sides[0].image], rng), 2.0, rng)
    entry = entry_of(name, seed, one, condition="two_cards", expect=("card_several",))
    files = {**entry.files, entry.row["front"]: encode_jpeg(picture, 90)}
    return Entry(row=entry.row, places=None, files=files)


def _no_card(name: str, seed: int, _: Source, rng: Rng) -> Entry:
    draw = pick(rng, (table, cluttered_table))
    return _nothing(name, seed, "no_card", [encode_jpeg(draw(rng, _FRAME), 90) for _ in range(2)])


def _sides_swapped(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    """The operator mixed up front and back: the card must be read all the same."""
    entry = entry_of(name, seed, _card(source, rng), condition="sides_swapped")
    front, back = entry.row["front"], entry.row["back"]
    files = {front: entry.files[back], back: entry.files[front]}
    return Entry(row=entry.row, places=None, files=files)


def _sides_differ(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    """Front and back belong to two people; both cards are of one version."""
    version = pick(rng, (CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024))
    one, other = (_card(source, rng, version) for _ in range(2))
    mixed = replace(
        one, sides=(one.sides[0], other.sides[1]), photos=(one.photos[0], other.photos[1])
    )
    expect = ("card_sides_differ", "mrz_mismatch", "qr_mismatch", "codes_disagree")
    entry = entry_of(name, seed, mixed, condition="sides_differ", expect=expect)
    return Entry(row=_without_fields(entry), places=entry.places, files=entry.files)


def _same_side_twice(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    """Two photos of one side, of the front or of the back."""
    sample = _card(source, rng)
    side = int(rng.integers(2))
    again = photograph(sample.sides[side].image, draw_shot(rng), rng)
    expect = ("card_back_missing", "card_back_unreadable", "card_unreadable", "card_sides_differ")
    entry = entry_of(name, seed, sample, condition="same_side_twice", expect=expect)
    names = entry.row["front"], entry.row["back"]
    files = {names[0]: sample.photos[side].jpeg, names[1]: again.jpeg}
    return Entry(row=_without_fields(entry), places=None, files=files)


def _old_document(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    sample = _card(source, rng, CardVersion.CMND_9)
    return entry_of(
        name, seed, sample, condition="old_document", expect=("document_no_longer_valid",)
    )


def _other_document(name: str, seed: int, _: Source, rng: Rng) -> Entry:
    """A library ticket with a portrait-like box, as large as a citizen card."""
    photos = [photograph(_library_ticket(rng), draw_shot(rng), rng).jpeg for _ in range(2)]
    return _nothing(name, seed, "other_document", photos)


def _face(name: str, seed: int, _: Source, rng: Rng) -> Entry:
    subject = pick(rng, tuple(Subject))
    return _nothing(name, seed, "face", [selfie_jpeg(subject, rng) for _ in range(2)])


def _blank_sheet(name: str, seed: int, _: Source, rng: Rng) -> Entry:
    photos = [photograph(_SHEET, draw_shot(rng), rng).jpeg for _ in range(2)]
    return _nothing(name, seed, "blank_sheet", photos)


def _expired(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    sample = _card(source, rng, CardVersion.CHIP_2021, expired=True)
    return entry_of(name, seed, sample, condition="expired", expect=("document_expired",))


def _foreign_qr(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    expect = ("qr_mismatch", "codes_disagree", "card_sides_differ")
    sample = _card(source, rng, foreign_qr=True)
    return entry_of(name, seed, sample, condition="foreign_qr", expect=expect)


def _wrong_mrz_digit(name: str, seed: int, source: Source, rng: Rng) -> Entry:
    sample = _card(source, rng, wrong_mrz_digit=True)
    return entry_of(name, seed, sample, condition="wrong_mrz_digit", expect=("mrz_check_digit",))


def _nothing(name: str, seed: int, condition: str, photos: list[bytes]) -> Entry:
    """Two photos without any citizen card."""
    front, back = f"{name}-front.jpg", f"{name}-back.jpg"
    row = {
        "id": name,
        "front": front,
        "back": back,
        "version": "unknown",
        "severity": "careful",
        "condition": condition,
        "readable": False,
        "expect": list(_NO_CARD),
        "fields": {},
        "seed": seed,
    }
    return Entry(row=row, places=None, files=dict(zip((front, back), photos, strict=True)))


def _without_fields(entry: Entry) -> dict[str, object]:
    """A row that asks for no field: two photos that do not belong together have no truth."""
    return {**entry.row, "fields": {}, "readable": False}


def _library_ticket(rng: Rng) -> RgbImage:
    image = Image.new("RGB", (1600, 1009), tuple(int(c) for c in rng.integers(180, 250, 3)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((90, 300, 440, 790), fill=(150, 160, 176))
    lines = ("THƯ VIỆN MẪU", "SPECIMEN", "Thẻ bạn đọc", "Mã thẻ: 000000", "Họ tên: BẠN ĐỌC MẪU")
    for i, line in enumerate(lines):
        size, name = (96, BOLD) if i == 0 else (60, REGULAR)
        draw.text((520, 120 + 150 * i), line, fill=(40, 40, 60), font=font(name, size))
    return RgbImage(np.asarray(cv2.GaussianBlur(np.asarray(image), (0, 0), 0.8)))


_MAKERS: dict[Oddity, Callable[[str, int, Source, Rng], Entry]] = {
    Oddity.TWO_CARDS: _two_cards,
    Oddity.NO_CARD: _no_card,
    Oddity.SIDES_SWAPPED: _sides_swapped,
    Oddity.SIDES_DIFFER: _sides_differ,
    Oddity.SAME_SIDE_TWICE: _same_side_twice,
    Oddity.OLD_DOCUMENT: _old_document,
    Oddity.OTHER_DOCUMENT: _other_document,
    Oddity.FACE: _face,
    Oddity.BLANK_SHEET: _blank_sheet,
    Oddity.EXPIRED: _expired,
    Oddity.FOREIGN_QR: _foreign_qr,
    Oddity.WRONG_MRZ_DIGIT: _wrong_mrz_digit,
}
