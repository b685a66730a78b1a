"""Reads cards one by one or in several processes; each process loads the models once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2

from ekyc.card_files import CardFiles
from ekyc.card_json import result_json
from ekyc.card_overlay import write_overlays
from ekyc.side_by_side import side_by_side
from pipeline.card.reader import CardReader, CardReading, load_card_reader
from pipeline.chip.authorities import load_authorities
from pipeline.chip.document import unreadable
from pipeline.errors import CannotJudge
from pipeline.findings import CardFinding, CardVersion, Fact, Rejection
from pipeline.image import RgbImage, decode_image, refuse_picture
from pipeline.limits import MAX_CHIP_BYTES, MAX_FILE_BYTES
from pipeline.picture_bytes import PictureFault
from pipeline.reasons import ReasonCode

_VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTask:
    """How cards are to be read: with which weights, and where overlay pictures go, if any are wanted.

    `chip` is the upload of an NFC reader for the one card that is read, `authorities` the folder of trusted signers.
    """

    weights: Path
    overlays: Path | None = None
    chip: Path | None = None
    authorities: Path | None = None


Result = dict[str, Any]


def read_cards(cards: Sequence[CardFiles], task: CardTask, *, jobs: int) -> Iterator[Result]:
    """Yield a result per card, in the order of the cards, as soon as it is there.

    Args:
        cards: what to read.
        task: how to read.
        jobs: processes; with 1 everything happens in this one.

    Raises:
        EngineError: the models could not be loaded.
    """
    return side_by_side(cards, partial(read_card, task=task), _died, jobs=jobs)


def _died(photos: CardFiles) -> Result:
    died = refused(ReasonCode.ENGINE_UNAVAILABLE, cause="process_died")
    return result_json(photos, died.finding)


def read_card(photos: CardFiles, task: CardTask) -> Result:
    """Read one card with the models of this process; whatever goes wrong with it becomes its result.

    Raises:
        EngineError: the models could not be loaded.
    """
    reader = load_reader(task.weights, task.authorities)
    pictures: dict[str, RgbImage] = {}
    try:
        reading = _look(reader, photos, pictures, task.chip)
    except CannotJudge as problem:
        reading = refused(problem.reason, **problem.facts)
    except (
        Exception
    ) as error:  # one card must not stop the rest; nothing of it is told but the type
        reading = refused(ReasonCode.ENGINE_UNAVAILABLE, cause=type(error).__name__)
    if task.overlays is not None:
        write_overlays(reading, pictures, task.overlays, photos.name)
    return result_json(photos, reading.finding)


def _look(
    reader: CardReader, photos: CardFiles, pictures: dict[str, RgbImage], chip: Path | None
) -> CardReading:
    pictures["front"] = open_photo(photos.front, "card_front")
    if photos.back is not None:
        pictures["back"] = open_photo(photos.back, "card_back")
    today = datetime.now(_VIET_NAM).date()
    document = _open_chip(chip) if chip is not None else None
    return reader.look(pictures["front"], pictures.get("back"), today=today, chip=document)


def _open_chip(path: Path) -> bytes:
    """At most one byte more than is taken, so that a larger file is refused for its size."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_CHIP_BYTES + 1)
    except OSError as error:
        raise unreadable("file_unreadable") from error


def open_photo(path: Path, evidence: str) -> RgbImage:
    """Read and decode a file of bounded size.

    Raises:
        CannotJudge: `evidence_undecodable`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise refuse_picture(PictureFault.FILE_UNREADABLE, evidence=evidence) from error
    if len(data) > MAX_FILE_BYTES:
        raise refuse_picture(PictureFault.TOO_MANY_BYTES, evidence=evidence)
    return decode_image(data, evidence=evidence)


def refused(code: ReasonCode, **facts: Fact) -> CardReading:
    """Return the reading of a card that was not even looked at."""
    finding = CardFinding(
        version=CardVersion.UNKNOWN, sides=(), fields={}, checks=(), models=(), timing_ms={},
        rejected=Rejection(code=code, facts=facts),
    )  # fmt: skip
    return CardReading(finding=finding, sides={}, printed={})


@cache
def load_reader(weights: Path, authorities: Path | None = None) -> CardReader:
    """Load the models of this process, once.

    Raises:
        EngineError: a file is missing or altered, or the authorities cannot be loaded.
    """
    cv2.setNumThreads(1)
    reader = load_card_reader(weights, authorities=load_authorities(authorities))
    reader.warm_up()
    return reader
