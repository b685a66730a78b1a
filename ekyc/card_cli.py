"""`ekyc card`: read cards from files, and see what was read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import cv2
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from pipeline.card.reader import CardReader, load_card_reader
from pipeline.errors import CannotJudge, EngineError
from pipeline.findings import CardFinding, CardVersion, ChipFinding, FieldReading, Rejection
from pipeline.image import RgbImage, decode_image
from pipeline.reasons import REASONS
from pipeline.weights import DEFAULT_ROOT

app = typer.Typer(help="Read cards.", no_args_is_help=True)
console = Console()
errors = Console(stderr=True)

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


@app.callback()
def card() -> None:
    """Read cards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFiles:
    """The photos of one card."""

    front: Path
    back: Path | None

    @property
    def name(self) -> str:
        """What a result about them is called."""
        return self.front.stem


Files = Annotated[
    list[Path],
    typer.Argument(help="FRONT [BACK], or one folder: *front* and *back* of a name go together."),
]


@app.command()
def read(
    files: Files,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per card and line.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Also write <out>/<name>.json per card.")] = None,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Read a card's fields. Exit 1 if a card could not be read, 2 if nothing could be tried."""
    cards = list(_cards(files))
    reader = _load(weights)
    refused = 0
    for photos in track(cards, "reading", console=errors, disable=len(cards) < 2):
        result = _read(reader, photos)
        refused += result["rejected"] is not None
        text = json.dumps(result, ensure_ascii=False)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{photos.name}.json").write_text(text + "\n", encoding="utf-8")
        if as_json:
            typer.echo(text)
        else:
            _show(result)
    raise typer.Exit(1 if refused else 0)


def _load(weights: Path) -> CardReader:
    cv2.setNumThreads(1)
    try:
        return load_card_reader(weights)
    except EngineError as error:
        errors.print(f"card read: {error}", style="red")
        raise typer.Exit(2) from error


# ---------------------------------------------------------------- files


def _cards(files: list[Path]) -> Iterator[CardFiles]:
    """A folder's cards, or the one or two files given."""
    absent = [str(path) for path in files if not path.exists()]
    if absent:
        raise typer.BadParameter(f"no such file: {', '.join(absent)}")
    if len(files) == 1 and files[0].is_dir():
        yield from _folder(files[0])
    elif len(files) <= 2 and not any(path.is_dir() for path in files):
        yield CardFiles(front=files[0], back=files[1] if len(files) == 2 else None)
    else:
        raise typer.BadParameter("give FRONT, FRONT BACK, or one folder")


def _folder(folder: Path) -> Iterator[CardFiles]:
    photos = sorted(p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES)
    if not photos:
        raise typer.BadParameter(f"no pictures ({', '.join(_SUFFIXES)}) in {folder}")
    backs = {photo: _back_of(photo) for photo in photos if "front" in photo.stem}
    taken = set(backs.values())
    for photo in photos:
        if photo not in taken:
            yield CardFiles(front=photo, back=backs.get(photo))


def _back_of(front: Path) -> Path | None:
    """The picture named like a front, with `back` in place of the last `front`."""
    start, _, end = front.stem.rpartition("front")
    back = (front.with_name(f"{start}back{end}{suffix}") for suffix in (front.suffix, *_SUFFIXES))
    return next((path for path in back if path.is_file()), None)


# ---------------------------------------------------------------- reading


def _read(reader: CardReader, photos: CardFiles) -> dict[str, Any]:
    today = datetime.now(_VIET_NAM).date()
    try:
        finding = _find(reader, photos, today)
    except CannotJudge as problem:
        rejected = Rejection(code=problem.reason, facts=problem.facts)
        finding = CardFinding(
            version=CardVersion.UNKNOWN, sides=(), fields={}, checks=(), rejected=rejected,
            models=reader.models, timing_ms={},
        )  # fmt: skip
    back = str(photos.back) if photos.back else None
    return {"file": str(photos.front), "back_file": back, **card_json(finding)}


def _find(reader: CardReader, photos: CardFiles, today: date) -> CardFinding:
    front = _decode(photos.front, "card_front")
    back = _decode(photos.back, "card_back") if photos.back else None
    return reader.read(front, back, today=today)


def _decode(path: Path, evidence: str) -> RgbImage:
    return decode_image(path.read_bytes(), evidence=evidence)


def card_json(finding: CardFinding) -> dict[str, Any]:
    """Return a finding in the form of `ekyc card read --json`."""
    side = "both" if len(finding.sides) == 2 else next(iter(finding.sides), None)
    return {
        "document": {"version": str(finding.version), "side": side},
        "fields": {str(name): _field_json(reading) for name, reading in finding.fields.items()},
        "checks": [
            {
                "code": str(c.code),
                "passed": c.passed,
                "fields": list(c.fields),
                "facts": dict(c.facts),
            }
            for c in finding.checks
        ],
        "chip": _chip_json(finding.chip),
        "assurance": str(finding.assurance) if finding.assurance else None,
        "rejected": _rejected_json(finding.rejected),
        "models": [{"name": model.name, "sha256": model.sha256} for model in finding.models],
        "timing_ms": {step: round(spent, 1) for step, spent in finding.timing_ms.items()},
    }


def _field_json(reading: FieldReading) -> dict[str, Any]:
    return {
        "value": reading.value,
        "confidence": reading.confidence,
        "source": str(reading.source),
        "checks": list(reading.checks),
        "side": reading.side,
        "box": [round(v, 1) for v in reading.box] if reading.box else None,
        "readings": dict(reading.readings),
    }


def _chip_json(chip: ChipFinding | None) -> dict[str, Any] | None:
    if chip is None:
        return None
    return {
        "integrity": str(chip.integrity),
        "origin": str(chip.origin),
        "files": list(chip.files),
        "causes": list(chip.causes),
    }


def _rejected_json(rejected: Rejection | None) -> dict[str, Any] | None:
    if rejected is None:
        return None
    spec = REASONS[rejected.code]
    reasons = [
        {
            "code": str(rejected.code),
            "facts": dict(rejected.facts),
            "vi": spec.customer_vi,
            "en": spec.customer_en,
        }
    ]
    return {"code": str(rejected.code), "reasons": reasons}


# ---------------------------------------------------------------- showing


def _show(result: dict[str, Any]) -> None:
    document = result["document"]
    title = f"{result['file']}: {document['version']}, {document['side'] or 'no side read'}"
    table = Table("field", "value", "confidence", "source", title=title, title_justify="left")
    for name, field in result["fields"].items():
        table.add_row(name, field["value"], f"{field['confidence']:.3f}", field["source"])
    if result["fields"]:
        console.print(table)
        console.print(f"assurance: {result['assurance']}")
    for check in result["checks"]:
        if check["passed"] is False:
            console.print(
                f"[yellow]{check['code']}[/] {', '.join(check['fields'])} {check['facts'] or ''}"
            )
    if result["rejected"]:
        reason = result["rejected"]["reasons"][0]
        console.print(f"{title}\n[red]{reason['code']}[/]: {reason['en']} / {reason['vi']}")
