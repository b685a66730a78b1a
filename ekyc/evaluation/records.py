"""What one card gave, as plain values that can be kept in a file and counted later."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from ekyc.card_desk import load_reader, open_photo, refused
from ekyc.evaluation.dataset import CardTruth
from pipeline.card.reader import CardReader, CardReading
from pipeline.errors import CannotJudge
from pipeline.findings import CardVersion, FieldName, FieldReading
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

#: Room around the picture of a line, in its heights; its largest size; width of a whole side's picture.
_ROOM, _CROP_PX, _SIDE_WIDTH_PX = 0.6, (700, 90), 420
_ON_BACKS = ("personal_identification", "date_of_issue", "issuing_authority")
_ON_BACKS_OF_2024 = ("place_of_birth", "place_of_residence", "date_of_expiry")


class FieldRead(BaseModel):
    """One field as read."""

    model_config = ConfigDict(frozen=True)

    value: str
    confidence: float
    source: str


class Peer(BaseModel):
    """What another engine read on the same rectified sides, and the CPU time it took, in seconds."""

    model_config = ConfigDict(frozen=True)

    fields: dict[str, str]
    cpu_s: float


class CardRecord(BaseModel):
    """What the reader made of one card.

    `fused` has the help of QR code and MRZ, `printed` has not. `pictures` shows, by field, the line of what was read
    wrong, as base64 of a JPEG. `cpu_s` is the time of finding, detecting, recognising and judging, without decoding the
    files.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    photos_sha256: str
    version: str
    rejected: str | None
    failed_checks: tuple[str, ...]
    fused: dict[str, FieldRead]
    printed: dict[str, FieldRead]
    pictures: dict[str, str]
    sides: int
    cpu_s: float
    peers: dict[str, Peer] = {}


def read_truth(card: CardTruth, folder: Path, weights: Path, today: date | None) -> CardRecord:
    """Read one card of a data set with the models of this process.

    Args:
        card: what to read.
        folder: of the data set.
        weights: folder of manifest.toml.
        today: for rules about age; None leaves them unjudged.
    """
    reader = load_reader(weights)
    reading, cpu_s = look(reader, card, folder, today)
    return to_record(card, folder, reading, cpu_s)


def look(
    reader: CardReader, card: CardTruth, folder: Path, today: date | None
) -> tuple[CardReading, float]:
    """Read a card; returns the reading and its CPU time in seconds. An engine that fails is a refusal with its type."""
    try:
        photos = [open_photo(folder / name, "card_front") for name in card.photos]
    except CannotJudge as problem:
        return refused(problem.reason, **problem.facts), 0.0
    start_s = time.process_time()
    try:
        reading = reader.look(photos[0], photos[1] if len(photos) > 1 else None, today=today)
    except Exception as error:  # one card must not stop the rest; the report names and counts it
        reading = refused(ReasonCode.ENGINE_UNAVAILABLE, cause=type(error).__name__)
    return reading, time.process_time() - start_s


def to_record(card: CardTruth, folder: Path, reading: CardReading, cpu_s: float) -> CardRecord:
    """Keep of a reading what is counted and shown later."""
    finding = reading.finding
    fused, printed = _kept(finding.fields), _kept(reading.printed)
    return CardRecord(
        id=card.id,
        photos_sha256=digest(card, folder),
        version=str(finding.version),
        rejected=str(finding.rejected.code) if finding.rejected else None,
        failed_checks=tuple(str(check.code) for check in finding.checks if check.passed is False),
        fused=fused,
        printed=printed,
        pictures=_pictures(card, reading),
        sides=len(card.photos),
        cpu_s=round(cpu_s, 4),
    )


def lost(card: CardTruth) -> CardRecord:
    """Return the record of a card whose process died."""
    return CardRecord(
        id=card.id, photos_sha256="", version="unknown", rejected=str(ReasonCode.ENGINE_UNAVAILABLE),
        failed_checks=(), fused={}, printed={}, pictures={}, sides=len(card.photos), cpu_s=0.0,
    )  # fmt: skip


def digest(card: CardTruth, folder: Path) -> str:
    """Return the sha256 of a card's photos, one after the other."""
    found = hashlib.sha256()
    for name in card.photos:
        found.update((folder / name).read_bytes())
    return found.hexdigest()


def _kept(fields: Mapping[FieldName, FieldReading]) -> dict[str, FieldRead]:
    return {
        str(name): FieldRead(
            value=field.value, confidence=field.confidence, source=str(field.source)
        )
        for name, field in fields.items()
    }


# ---------------------------------------------------------------- pictures


def _pictures(card: CardTruth, reading: CardReading) -> dict[str, str]:
    """The lines of what was read wrong; of what was not read, the side that should hold it."""
    shown = {}
    for name, value in card.fields.items():
        both = [found.get(FieldName(name)) for found in (reading.printed, reading.finding.fields)]
        if all(field is not None and field.value == value for field in both):
            continue
        picture = _line_of(both[0] or both[1], reading) or _side_of(name, reading)
        if picture is not None:
            shown[name] = picture
    return shown


def _line_of(field: FieldReading | None, reading: CardReading) -> str | None:
    if field is None or field.box is None or field.side not in reading.sides:
        return None
    image = reading.sides[field.side].card.image
    x1, y1, x2, y2 = field.box
    room = _ROOM * min(y2 - y1, x2 - x1)
    left, top = max(0, int(x1 - room)), max(0, int(y1 - room))
    crop = image[top : int(y2 + room) + 1, left : int(x2 + room) + 1]
    return _encoded(crop, *_CROP_PX) if crop.size else None


def _side_of(name: str, reading: CardReading) -> str | None:
    """The side that should hold a field, or the other where that was not read."""
    back = name in _ON_BACKS or (
        name in _ON_BACKS_OF_2024 and reading.finding.version is CardVersion.CAN_CUOC_2024
    )
    side = reading.sides.get("back" if back else "front") or next(
        iter(reading.sides.values()), None
    )
    return _encoded(side.card.image, _SIDE_WIDTH_PX, _SIDE_WIDTH_PX) if side else None


def _encoded(image: RgbImage | np.ndarray, most_width: int, most_height: int) -> str:
    height, width = image.shape[:2]
    scale = min(most_width / width, most_height / height, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return base64.b64encode(data.tobytes()).decode()
