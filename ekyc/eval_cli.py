"""`ekyc eval`: how right the engines are on data whose truth is known."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ekyc.eval_face_cli import face
from ekyc.eval_liveness_cli import liveness
from ekyc.evaluation.bars import bars
from ekyc.evaluation.comparison import FieldFigures, View
from ekyc.evaluation.dataset import CardTruth, DatasetError, load_dataset
from ekyc.evaluation.figures import Figures, figures
from ekyc.evaluation.page import percent, render
from ekyc.evaluation.records import CardRecord
from ekyc.evaluation.report_folder import make_report_folder
from ekyc.evaluation.run import measure
from ekyc.evaluation.statistics import Share
from ekyc.evaluation.summary import to_json
from pipeline.errors import EngineError
from pipeline.weights import DEFAULT_ROOT, open_weights

app = typer.Typer(help="Measure engines on data whose truth is known.", no_args_is_help=True)
app.command()(liveness)
app.command()(face)
_VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
_T = TypeVar("_T")


@app.callback()
def evaluate() -> None:
    """Measure engines on data whose truth is known."""


@app.command()
def card(
    dataset: Annotated[Path, typer.Argument(help="Folder with cards.jsonl and the photos.")],
    *,
    report: Annotated[
        Path | None, typer.Option(help="Write the page here, and all figures as .json beside it.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that read side by side.")] = 1,
    no_codes: Annotated[
        bool, typer.Option("--no-codes", help="Show print alone, without QR code and MRZ.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(help="Keep readings here; remove it after a change in code."),
    ] = None,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Measure the card reader. Exit 0 whatever the figures are, 2 if nothing could be measured."""
    errors = Console(stderr=True)
    view = View.PRINTED if no_codes else View.FUSED
    try:
        make_report_folder(report)
        cards = load_dataset(dataset)
        found = measure(cards, dataset, weights, jobs=jobs, cache=cache)
        records = list(_tracked(found, len(cards), errors))
    except (DatasetError, EngineError) as error:
        errors.print(f"eval card: {error}", style="red", markup=False)
        raise typer.Exit(2) from None
    counted = figures(cards, records)
    show(Console(), counted, view)
    if report is not None:
        write_report(report, facts_of(dataset, weights, jobs), cards, records, counted, view)
        errors.print(f"{report} and {report.with_suffix('.json').name}", markup=False)


def _tracked(things: Iterable[_T], total: int, console: Console) -> Iterable[_T]:
    return track(
        things,
        "reading",
        total=total,
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )


def facts_of(dataset: Path, weights: Path, jobs: int) -> dict[str, str]:
    """Return what a reader of a report must know."""
    models = [open_weights(name, weights).ref for name in ("ppocrv6_det_small", "vn_card_rec")]
    command = dataset / "dataset.json"
    made = json.loads(command.read_text(encoding="utf-8")) if command.is_file() else {}
    return {
        "data set": dataset.name,
        "made by": str(made.get("command", "not said")),
        "part, seed": f"{made.get('part', 'not said')}, {made.get('seed', 'not said')}",
        "date": datetime.now(_VIET_NAM).date().isoformat(),
        "models": ", ".join(f"{model.name} {model.sha256[:12]}" for model in models),
        "machine": f"{platform.machine()}, Python {platform.python_version()}, jobs: {jobs}, one thread each",
    }


def write_report(
    report: Path,
    facts: dict[str, str],
    cards: Sequence[CardTruth],
    records: Sequence[CardRecord],
    counted: Figures,
    view: View,
) -> None:
    """Write the page and, beside it, all figures as JSON."""
    report.parent.mkdir(parents=True, exist_ok=True)
    page = render("Card reading, measured", facts, cards, records, counted, view)
    report.write_text(page, encoding="utf-8")
    everything = {
        "facts": facts,
        "shown": str(view),
        "bars": [{**to_json(bar), "reached": bar.reached} for bar in bars(counted, view)],
        **to_json(counted),
    }
    text = json.dumps(everything, ensure_ascii=False, indent=1)
    report.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


# ---------------------------------------------------------------- showing


def show(console: Console, counted: Figures, view: View) -> None:
    """Print bars and fields within eighty columns."""
    console.print(_bars(counted, view))
    shown = counted.views[view]
    console.print(_fields(f"by field ({view})", shown.fields))
    severities = {name: groups["all fields"] for name, groups in shown.severities.items()}
    console.print(_fields("by severity, all fields", severities))
    refusals = counted.refusals
    reasons = ", ".join(f"{code} {n}" for code, n in refusals.by_reason.items())
    console.print(f"readable cards refused: {_share(refusals.readable)} {reasons}")
    if refusals.expected.whole:
        unmet = f"; not met: {' '.join(refusals.unmet[:20])}" if refusals.unmet else ""
        console.print(f"known reasons given: {_share(refusals.expected)}{unmet}")
    for wanted, read, count in shown.mark_slips[:8]:
        console.print(f"  {wanted or '(nothing)'} read as {read or '(nothing)'}: {count}")


def _bars(counted: Figures, view: View) -> Table:
    table = Table("bar", "measured", "counted", "must", "", title="bars", box=None, padding=(0, 1))
    for bar in bars(counted, view):
        sign = ">=" if bar.higher_is_better else "<="
        if bar.unit == "share":
            measured, must = percent(bar.measured, 2), percent(bar.must, 2)
        else:
            measured, must = f"{bar.measured:.2f} {bar.unit}", f"{bar.must:g} {bar.unit}"
        mark = {True: "[green]ok[/]", False: "[red]missed[/]", None: "-"}[bar.reached]
        table.add_row(bar.name, measured, bar.counted, f"{sign} {must}", mark)
    return table


def _fields(title: str, rows: Mapping[str, FieldFigures]) -> Table:
    table = Table("", "exact", "placed", "missing", "CER", title=title, box=None, padding=(0, 1))
    for name, found in rows.items():
        table.add_row(
            name,
            _share(found.strict),
            percent(found.placed.value),
            str(found.missing),
            percent(found.cer.value, 2),
        )
    return table


def _share(share: Share) -> str:
    if share.interval is None:
        return "-"
    low, high = share.interval
    return f"{percent(share.value)} ({share.part}/{share.whole}; {100 * low:.1f}-{100 * high:.1f})"
