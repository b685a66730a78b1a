"""Our card reader, stock PaddleOCR and Tesseract on the same cards in one run; print alone, QR code and MRZ off.

    python -m bench.card DATASET --jobs 2 --report docs/reports/card-2026-12.html

DATASET is a folder as `python -m training.card_dataset` writes it. The other engines get our rectified sides, our
version and side, and our parser on their lines (bench/card_peers.py). Only cards that a person can read and that our
reader did not refuse are compared; what it refused is told beside. The time of ours is that of finding and reading,
theirs that of reading alone. Needs Tesseract with `vie` (Debian: tesseract-ocr, tesseract-ocr-vie).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.card_peers import ask, fetch_stock, stock_paddleocr, tesseract
from ekyc.card_desk import load_reader
from ekyc.eval_cli import facts_of, show, write_report
from ekyc.evaluation.comparison import (
    TEXT_FIELDS,
    Compared,
    FieldFigures,
    View,
    compared,
    field_figures,
    field_groups,
    is_to_be_read,
)
from ekyc.evaluation.dataset import CardTruth, load_dataset
from ekyc.evaluation.figures import figures
from ekyc.evaluation.records import CardRecord, FieldRead, look, to_record
from ekyc.evaluation.run import measure
from ekyc.evaluation.summary import to_json
from pipeline.weights import DEFAULT_ROOT

OURS, PADDLE, TESSERACT = "ours", "stock PaddleOCR v6", "Tesseract vie"
_FETCHED = "fetched"


def read_with_peers(card: CardTruth, folder: Path, weights: Path, today: date) -> CardRecord:
    """Read a card with our reader, then its rectified sides with the others."""
    reading, cpu_s = look(load_reader(weights), card, folder, today)
    record = to_record(card, folder, reading, cpu_s)
    if record.rejected is not None or not is_to_be_read(card):
        return record
    stock = stock_paddleocr(fetch_stock(weights / _FETCHED), weights)
    peers = {PADDLE: ask(stock, reading), TESSERACT: ask(tesseract, reading)}
    return record.model_copy(update={"peers": peers})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One engine's figures."""

    groups: Mapping[str, FieldFigures]
    text: FieldFigures
    cpu_median_s: float


def compare(cards: Sequence[CardTruth], records: Sequence[CardRecord]) -> dict[str, Column]:
    """Count the fields of all engines over the same cards."""
    pairs = [
        (card, record)
        for card, record in zip(cards, records, strict=True)
        if is_to_be_read(card) and record.peers
    ]
    ours = list(compared(pairs, View.PRINTED))
    columns = {OURS: _column(ours, [record.cpu_s / record.sides for _, record in pairs])}
    for engine in (PADDLE, TESSERACT):
        rows = [_by_peer(row, engine) for row in ours]
        spent = [record.peers[engine].cpu_s / record.sides for _, record in pairs]
        columns[engine] = _column(rows, spent)
    return columns


def _by_peer(row: Compared, engine: str) -> Compared:
    value = row.record.peers[engine].fields.get(row.name)
    read = FieldRead(value=value, confidence=0.0, source="ocr") if value is not None else None
    return Compared(card=row.card, record=row.record, name=row.name, truth=row.truth, read=read)


def _column(rows: Sequence[Compared], spent_s: Sequence[float]) -> Column:
    return Column(
        groups=field_groups(rows),
        text=field_figures([row for row in rows if row.name in TEXT_FIELDS]),
        cpu_median_s=float(np.median(spent_s)) if spent_s else 0.0,
    )


def main(
    dataset: Annotated[Path, typer.Argument(help="Folder with cards.jsonl and the photos.")],
    *,
    jobs: Annotated[int, typer.Option(min=1, help="Processes; not more than quiet cores.")] = 2,
    cards: Annotated[int | None, typer.Option(min=1, help="Only the first N cards.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write our page here; all figures as .json beside it.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Keep readings here.")] = None,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Measure three engines on one data set."""
    if shutil.which("tesseract") is None:
        raise typer.BadParameter(
            "tesseract is not installed (Debian: tesseract-ocr, tesseract-ocr-vie)"
        )
    fetch_stock(weights / _FETCHED)
    truths = load_dataset(dataset)[:cards]
    found = measure(truths, dataset, weights, jobs=jobs, cache=cache, read=read_with_peers)
    errors = Console(stderr=True)
    records = list(track(found, "reading", total=len(truths), console=errors))
    counted, columns = figures(truths, records), compare(truths, records)
    show(Console(), counted, View.PRINTED)
    Console().print(_table(columns))
    if report is not None:
        facts = facts_of(dataset, weights, jobs)
        write_report(report, facts, truths, records, counted, View.PRINTED)
        path = report.with_suffix(".json")
        everything = {**json.loads(path.read_text("utf-8")), "engines": to_json(columns)}
        path.write_text(json.dumps(everything, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _table(columns: Mapping[str, Column]) -> Table:
    table = Table("exact, print alone", *columns, title="same rectified sides, same parser")
    for group in next(iter(columns.values())).groups:
        table.add_row(group, *(_share(column.groups[group]) for column in columns.values()))
    rates = [column.text.cer for column in columns.values()]
    read = [column.text.read_cer for column in columns.values()]
    table.add_row("Vietnamese CER", *(_percent(rate.value, 2) for rate in rates))
    table.add_row("CER where read", *(_percent(rate.value, 2) for rate in read))
    table.add_row("CPU s a side", *(f"{column.cpu_median_s:.2f}" for column in columns.values()))
    return table


def _share(found: FieldFigures) -> str:
    return f"{_percent(found.strict.value, 1)} ({found.strict.part}/{found.strict.whole})"


def _percent(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{100 * value:.{digits}f} %"


if __name__ == "__main__":
    typer.run(main)
