"""What the card reader sees on a data set, kept in a file: lines with probabilities, so that what follows is cheap.

Finding, detecting and recognising cost a second a side; turning lines into fields costs a millisecond. Whatever is
fitted or measured behind the recogniser starts from this file.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.card.geometry import Quad, bounding_box
from pipeline.card.reader import CardReader, CardReading, load_card_reader
from pipeline.card.recognise import WEIGHTS as RECOGNISER
from pipeline.card.text import TextLine
from pipeline.errors import CannotJudge
from pipeline.findings import CardVersion, FieldName
from pipeline.image import RgbImage, decode_image
from pipeline.weights import DEFAULT_ROOT, read_manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSide:
    """The lines of one rectified side. `width_px` is None if the card's border was not found."""

    lines: tuple[TextLine, ...]
    width_px: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCard:
    """A card of a data set: what is true of it, and what was seen on it. `rejected` is the code if it was refused."""

    id: str
    severity: str
    truth: Mapping[FieldName, str]
    version: CardVersion
    sides: Mapping[str, ReadSide]
    qr: Mapping[FieldName, str]
    rejected: str | None


def read_dataset(dataset: Path, cache: Path) -> list[ReadCard]:
    """Return the readable cards of a data set as the present reader sees them.

    Args:
        dataset: folder with cards.jsonl.
        cache: file of earlier readings, continued where it ends. Those of another recogniser do not count.
    """
    sha256 = read_manifest(DEFAULT_ROOT)[RECOGNISER].ref.sha256
    earlier = _json_lines(cache) if cache.is_file() else ()
    kept = {card["id"]: card for card in earlier if card["recogniser"] == sha256}
    rows = [row for row in _json_lines(dataset / "cards.jsonl") if row["readable"]]
    missing = [row for row in rows if row["id"] not in kept]
    reader = load_card_reader(DEFAULT_ROOT) if missing else None
    with cache.open("a", encoding="utf-8") as out:
        for row in missing:
            assert reader is not None
            kept[row["id"]] = {"recogniser": sha256, **_look(reader, dataset, row)}
            out.write(json.dumps(kept[row["id"]], ensure_ascii=False) + "\n")
            out.flush()
    return [_card(kept[row["id"]], row) for row in rows]


def _json_lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _look(reader: CardReader, dataset: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        front, back = (_open(dataset, row[side], side) for side in ("front", "back"))
        if front is None:
            front, back = back, None
        assert front is not None
        reading = reader.look(front, back, today=None)
    except CannotJudge as problem:
        return {"id": row["id"], "rejected": str(problem.reason), "sides": {}, "qr": {}}
    return {"id": row["id"], **_seen(reading)}


def _open(dataset: Path, name: str | None, side: str) -> RgbImage | None:
    if name is None:
        return None
    return decode_image((dataset / name).read_bytes(), evidence=f"card_{side}")


def _seen(reading: CardReading) -> dict[str, Any]:
    finding = reading.finding
    return {
        "rejected": str(finding.rejected.code) if finding.rejected else None,
        "version": str(finding.version),
        "qr": {
            str(name): r.readings["qr"] for name, r in finding.fields.items() if "qr" in r.readings
        },
        "sides": {
            name: {
                "width_px": float(side.card.image.shape[1]) if side.bordered else None,
                "lines": [
                    [line.text, line.char_scores, line.char_x, np.asarray(line.corners).tolist()]
                    for line in side.lines
                ],
            }
            for name, side in reading.sides.items()
        },
    }


def _card(seen: Mapping[str, Any], row: Mapping[str, Any]) -> ReadCard:
    return ReadCard(
        id=row["id"],
        severity=row["severity"],
        truth={FieldName(name): value for name, value in row["fields"].items()},
        version=CardVersion(seen.get("version", CardVersion.UNKNOWN)),
        sides={name: _side(side) for name, side in seen["sides"].items()},
        qr={FieldName(name): value for name, value in seen["qr"].items()},
        rejected=seen["rejected"],
    )


def _side(side: Mapping[str, Any]) -> ReadSide:
    lines = tuple(_line(*line) for line in side["lines"])
    return ReadSide(lines=lines, width_px=side["width_px"])


def _line(text: str, scores: list[float], xs: list[float], corners: list[list[float]]) -> TextLine:
    quad = Quad(np.asarray(corners, np.float32))
    return TextLine(
        text=text,
        char_scores=tuple(scores),
        char_x=tuple(xs),
        corners=quad,
        box=bounding_box(quad),
    )
