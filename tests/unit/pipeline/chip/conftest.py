"""Chips of a SPECIMEN person, signed by authorities drawn for the test."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from PIL import Image

from pipeline.chip.certificate import Certificate, parse_certificate
from pipeline.chip.document import ChipFile
from specimen.chip import Signer, chip_files, specimen_authority, specimen_signer
from specimen.people import CardVersion, Person, draw_person

TODAY = date(2026, 11, 23)
SIZE_PX = (240, 320)
Files = dict[ChipFile, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An authority and a document signer of it."""

    authority: Signer
    signer: Signer

    @property
    def trusted(self) -> tuple[Certificate, ...]:
        return (parse_certificate(self.authority.certificate),)


def new_issuer(kind: str = "SECP256R1") -> Issuer:
    authority = specimen_authority(kind)
    return Issuer(authority=authority, signer=specimen_signer(authority, kind))


def picture(kind: str = "JPEG") -> bytes:
    data = io.BytesIO()
    ramp = np.linspace(0, 255, SIZE_PX[0] * SIZE_PX[1] * 3).reshape(SIZE_PX[1], SIZE_PX[0], 3)
    Image.fromarray(ramp.astype(np.uint8)).save(data, kind)
    return data.getvalue()


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return new_issuer()


@pytest.fixture(scope="session")
def person() -> Person:
    return draw_person(np.random.default_rng(5), version=CardVersion.CHIP_2021, today=TODAY)


@pytest.fixture(scope="session")
def portrait() -> bytes:
    return picture()


@pytest.fixture(scope="session")
def files(issuer: Issuer, person: Person, portrait: bytes) -> Callable[[], Files]:
    made = chip_files(person, portrait, SIZE_PX, issuer.signer)
    return lambda: dict(made)
