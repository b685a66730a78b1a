"""What the quality gates look at: one side of a card, and which of its parts were not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.card.geometry import CARD_MM
from pipeline.card.quality import SideQuality
from pipeline.card.rectify import Rectified
from pipeline.card.regions import MRZ, QR, REGIONS_MM
from pipeline.findings import Box, CardVersion, FieldName, FieldReading
from pipeline.image import RgbImage

#: The policy's least confidence of a required field (pipeline/policy.py): below it a person would have to look.
_READ_WELL = 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRead:
    """What was read of a whole card: its fused fields, and which of "qr" and "mrz"."""

    version: CardVersion
    fields: Mapping[FieldName, FieldReading]
    codes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideLook:
    """One side and what of it was read.

    `unread` are parts that the decision needs and that were not read well; `codes_unread` codes that were not read;
    `exposed` boxes, in mm, of values that were read but that no code confirms. `bordered` is False if the card's border
    was not found, so that places on it are rough.
    """

    side: str
    version: CardVersion
    photo: RgbImage
    card: Rectified
    #: From `measured_picture`, made once because every gate looks at it.
    picture: RgbImage
    quality: SideQuality
    unread: tuple[str, ...]
    codes_unread: tuple[str, ...]
    exposed: Mapping[str, Box]
    bordered: bool = True


def look_at(
    side: str,
    read: CardRead,
    *,
    photo: RgbImage,
    card: Rectified,
    picture: RgbImage,
    quality: SideQuality,
    bordered: bool,
) -> SideLook:
    """Compare what a side should yield with what was read.

    Args:
        side: "front" or "back".
        read: of the whole card.
        photo: the whole photo, H x W x 3, uint8, RGB.
        card: the rectified side.
        picture: of it, from `measured_picture`.
        quality: of the side.
        bordered: whether the card's border was found.
    """
    wanted = REGIONS_MM.get((read.version, side), {})
    codes = tuple(name for name in (QR, MRZ) if name in wanted and name not in read.codes)
    unread = [name for name in wanted if name in set(FieldName) and not _is_read(name, read.fields)]
    if not read.codes:  # one code is enough to confirm the print
        unread += codes
    to_mm = CARD_MM[0] / card.image.shape[1]
    exposed = {
        str(name): scaled(reading.box, to_mm)
        for name, reading in read.fields.items()
        if reading.box is not None and reading.side == side and name in wanted
        if not any(mark.endswith("_same") for mark in reading.checks)
    }
    return SideLook(
        side=side, version=read.version, photo=photo, card=card,
        picture=picture, quality=quality,
        unread=tuple(unread), codes_unread=codes, exposed=exposed, bordered=bordered,
    )  # fmt: skip


def _is_read(name: str, fields: Mapping[FieldName, FieldReading]) -> bool:
    reading = fields.get(FieldName(name))
    return reading is not None and reading.confidence >= _READ_WELL


def scaled(box: Box, factor: float) -> Box:
    """Return a box in other units."""
    x1, y1, x2, y2 = (edge * factor for edge in box)
    return x1, y1, x2, y2
