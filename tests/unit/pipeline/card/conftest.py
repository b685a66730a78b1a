"""A reader with its models, once, and photographed cards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import cv2
import numpy as np
import pytest

from pipeline.card.reader import CardReader, load_card_reader
from pipeline.image import RgbImage
from pipeline.weights import DEFAULT_ROOT, read_manifest
from specimen.card import CardOrder, PrintedSide, print_card
from specimen.people import CardVersion, Person, draw_person

TODAY = date(2026, 11, 23)
PORTRAIT = RgbImage(np.full((300, 200, 3), (150, 130, 120), np.uint8))
Print = Callable[..., tuple[Person, tuple[PrintedSide, PrintedSide]]]


@pytest.fixture(scope="session")
def reader() -> CardReader:
    entry = read_manifest(DEFAULT_ROOT)["ppocrv6_det_small"]
    if not entry.path.is_file():
        pytest.skip("the text detector is not here: run `ekyc weights fetch`")
    cv2.setNumThreads(1)
    return load_card_reader(DEFAULT_ROOT)


@pytest.fixture(scope="session")
def print_person() -> Print:
    def make(
        version: CardVersion, seed: int = 7, **order: object
    ) -> tuple[Person, tuple[PrintedSide, PrintedSide]]:
        person = draw_person(np.random.default_rng(seed), version=version, today=TODAY)
        return person, print_card(
            CardOrder(person=person, version=version, portrait=PORTRAIT, **order)  # type: ignore[arg-type]
        )

    return make
