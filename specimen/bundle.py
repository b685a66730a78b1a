"""Whole cases: the four pieces of evidence for each demo scenario, as bytes ready to upload."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from pipeline.challenge import ChallengeStep
from pipeline.stages import EvidenceKind
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.card import CardOrder, PrintedSide, print_card
from specimen.cast import card_portrait, selfie_jpeg
from specimen.clips import encode_clip
from specimen.people import CardVersion, Person, Sex, draw_person
from specimen.photos import Subject
from specimen.scene import draw_shot, photograph

_ASTRONAUT, _HOPPER = Subject.ASTRONAUT, Subject.GRACE_HOPPER


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story: who is on the card, who comes, and what is wrong. Which verdict is right is not said here."""

    name: str
    title: str
    version: CardVersion = CardVersion.CHIP_2021
    on_card: Subject = _ASTRONAUT
    on_selfie: Subject = _ASTRONAUT
    in_clip: tuple[Subject, ...] = (_ASTRONAUT,)
    clip: ClipKind = ClipKind.LIVE
    expired: bool = False
    #: The QR code belongs to somebody else.
    foreign_qr: bool = False
    wrong_mrz_digit: bool = False
    card_blur_px: float = 0.0


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            name="genuine",
            title="Genuine customer, 2021 chip card",
        ),
        Scenario(
            name="genuine_2024",
            title="Genuine customer, 2024 identity card",
            version=CardVersion.CAN_CUOC_2024,
        ),
        Scenario(
            name="impostor_selfie",
            title="Somebody else with the customer's card",
            on_selfie=_HOPPER,
            in_clip=(_HOPPER,),
        ),
        Scenario(
            name="identity_switch",
            title="Another person takes over in the clip",
            in_clip=(_ASTRONAUT, _HOPPER),
            clip=ClipKind.IDENTITY_SWITCH,
        ),
        Scenario(
            name="waved_photo",
            title="A printed photo waved before the camera",
            clip=ClipKind.WAVED_PHOTO,
        ),
        Scenario(
            name="qr_mismatch",
            title="The QR code disagrees with the print",
            foreign_qr=True,
        ),
        Scenario(
            name="blurred_card",
            title="The card's photo is unreadable",
            card_blur_px=14.0,
        ),
        Scenario(
            name="expired_card",
            title="The card has expired",
            expired=True,
        ),
        Scenario(
            name="squashed_photo",
            title="A printed photo waved and tilted",
            clip=ClipKind.SQUASHED_PHOTO,
        ),
        Scenario(
            name="frozen_clip",
            title="The clip freezes after a third",
            clip=ClipKind.FROZEN,
        ),
        Scenario(
            name="still_clip",
            title="One picture shown for the whole clip",
            clip=ClipKind.STILL,
        ),
        Scenario(
            name="replayed_clip",
            title="A clip recorded for another challenge",
            clip=ClipKind.REPLAY,
        ),
        Scenario(
            name="wrong_mrz_digit",
            title="A check digit of the MRZ is wrong",
            wrong_mrz_digit=True,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StillEvidence:
    """What exists before a challenge is issued: JPEG bytes of card and selfie, and who the card names."""

    person: Person
    card_front: bytes
    card_back: bytes
    selfie: bytes

    def by_kind(self) -> dict[EvidenceKind, bytes]:
        """The same, as kinds of evidence, in the order to send them: the front starts the reading."""
        return {
            EvidenceKind.CARD_BACK: self.card_back,
            EvidenceKind.CARD_FRONT: self.card_front,
            EvidenceKind.SELFIE: self.selfie,
        }


def card_and_selfie(scenario: Scenario, seed: int, today: date) -> StillEvidence:
    """Make the pictures of a case.

    Args:
        scenario: the story, see `SCENARIOS`.
        seed: everything random follows from it and the scenario's name.
        today: decides which cards are valid.
    """
    person, sides = printed_card(scenario, seed, today)
    front, back = (
        _card_photo(scenario, side, _stream(scenario, seed, f"photo-{side.side}")) for side in sides
    )
    return StillEvidence(
        person=person,
        card_front=front,
        card_back=back,
        selfie=selfie_jpeg(scenario.on_selfie, _stream(scenario, seed, "selfie")),
    )


def clip(scenario: Scenario, seed: int, steps: Sequence[ChallengeStep]) -> bytes:
    """Make the clip of a case as MP4 bytes, once the server has issued the challenge."""
    make = CLIP_MAKERS[scenario.clip]
    return encode_clip(make(scenario.in_clip, steps, _stream(scenario, seed, "clip")))


def make_case(
    scenario: Scenario, seed: int, today: date, steps: Sequence[ChallengeStep]
) -> dict[EvidenceKind, bytes]:
    """Make all four pieces of evidence for a challenge that is already known."""
    stills = card_and_selfie(scenario, seed, today).by_kind()
    return {**stills, EvidenceKind.CLIP: clip(scenario, seed, steps)}


def printed_card(
    scenario: Scenario, seed: int, today: date
) -> tuple[Person, tuple[PrintedSide, PrintedSide]]:
    """Print the card of a case: who it names, and both sides with their truth."""
    rng = _stream(scenario, seed, "person")
    person = draw_person(
        rng, version=scenario.version, today=today, sex=Sex.FEMALE, expired=scenario.expired
    )
    order = CardOrder(
        person=person,
        version=scenario.version,
        portrait=card_portrait(scenario.on_card),
        qr_person=_somebody_else(rng, scenario, person, today) if scenario.foreign_qr else None,
        wrong_mrz_digit=scenario.wrong_mrz_digit,
    )
    return person, print_card(order)


def _somebody_else(
    rng: np.random.Generator, scenario: Scenario, person: Person, today: date
) -> Person:
    while (
        other := draw_person(rng, version=scenario.version, today=today)
    ).id_number == person.id_number:
        continue
    return other


def _card_photo(scenario: Scenario, side: PrintedSide, rng: np.random.Generator) -> bytes:
    shot = draw_shot(rng)
    look = replace(shot.look, blur_px=scenario.card_blur_px)
    return photograph(side.image, replace(shot, look=look), rng).jpeg


def _stream(scenario: Scenario, seed: int, purpose: str) -> np.random.Generator:
    """Independent randomness per scenario and purpose, so that one picture never changes another."""
    return np.random.default_rng([seed, *f"{scenario.name}/{purpose}".encode()])
