"""`ekyc eval liveness`: how often attacks pass and living people do not, on clips whose truth is known."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ekyc.evaluation.clip_figures import ClipFigures, clip_figures
from ekyc.evaluation.clip_page import rate_text, render_clips
from ekyc.evaluation.clip_run import judge
from ekyc.evaluation.clips import load_clips
from ekyc.evaluation.dataset import DatasetError
from ekyc.evaluation.page import percent
from ekyc.evaluation.report_folder import make_report_folder
from ekyc.evaluation.summary import to_json
from pipeline.errors import EngineError
from pipeline.weights import DEFAULT_ROOT, open_weights

_VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
_MODELS = (
    "facemesh_detector",
    "facemesh_mesh",
    "facemesh_eye",
    "dlib_resnet",
    "dlib_points5",
)


def liveness(  # noqa: PLR0913 - each is an option of the command line
    dataset: Annotated[Path, typer.Argument(help="Folder with clips.csv and the clips.")],
    *,
    report: Annotated[
        Path | None, typer.Option(help="Write the page here, and all figures as .json beside it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that judge side by side.")] = 1,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Keep records here, to stop and resume; remove it after a change in code."
        ),
    ] = None,
    no_pictures: Annotated[
        bool,
        typer.Option("--no-pictures", help="Show no frames: the people may not be yours to show."),
    ] = False,
    passive: Annotated[
        str | None, typer.Option(help="Entry of the weights that tells living faces from copies.")
    ] = None,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Measure liveness. Exit 0 whatever the figures are, 2 if nothing could be measured."""
    errors = Console(stderr=True)
    try:
        make_report_folder(report)
        clips = load_clips(dataset)
        found = judge(clips, dataset, weights, jobs=jobs, cache=cache, passive=passive)
        shown = track(found, "judging", len(clips), console=errors, transient=True)
        records = list(shown if errors.is_terminal else found)
        if no_pictures:
            records = [record.model_copy(update={"picture": None}) for record in records]
    except (DatasetError, EngineError) as error:
        errors.print(f"eval liveness: {error}", style="red", markup=False)
        raise typer.Exit(2) from None
    counted = clip_figures(clips, records)
    facts = _facts(dataset, weights, (*_MODELS, passive) if passive else _MODELS)
    everything = json.dumps(_all(facts, counted), ensure_ascii=False, indent=1) + "\n"
    if as_json:
        typer.echo(everything)
    else:
        _show(Console(), counted)
    if report is not None:
        page = render_clips("Liveness, measured", facts, clips, records, counted)
        report.write_text(page, encoding="utf-8")
        report.with_suffix(".json").write_text(everything, encoding="utf-8")
        errors.print(f"{report} and {report.with_suffix('.json').name}", markup=False)


def _all(facts: dict[str, str], counted: ClipFigures) -> dict[str, object]:
    return {
        "facts": facts,
        "bars": dict(counted.bars),
        "max_apcer": counted.max_apcer,
        **to_json(counted),
    }


def _facts(dataset: Path, weights: Path, names: Sequence[str]) -> dict[str, str]:
    """What a reader of a report must know."""
    models = [open_weights(name, weights).ref for name in names]
    about = dataset / "dataset.json"
    made = json.loads(about.read_text(encoding="utf-8")) if about.is_file() else {}
    return {
        "data set": dataset.name,
        "made by": str(made.get("command", "not said")),
        "date": datetime.now(_VIET_NAM).date().isoformat(),
        "models": ", ".join(f"{model.name} {model.sha256[:12]}" for model in models),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }


def _show(console: Console, counted: ClipFigures) -> None:
    """Print everything within about eighty columns."""
    console.print(f"BPCER {rate_text(counted.refused)}, {counted.people} people")
    if counted.unanswered.part:
        console.print(f"living people without an answer: {rate_text(counted.unanswered)}")
    console.print(_species(counted))
    console.print(_actions(counted))
    marks = {True: "reached", False: "[red]missed[/]", None: "too few to say"}
    groups = {
        mark: [n for n, ok in counted.bars.items() if ok is key] for key, mark in marks.items()
    }
    for mark, names in groups.items():
        if names:
            console.print(f"bars {mark}: {', '.join(names)}")


def _species(counted: ClipFigures) -> Table:
    table = Table("species", "APCER", "below", "named", title="attacks", box=None, padding=(0, 1))
    for name, one in counted.species.items():
        named = ", ".join(list(one.reasons)[:3])
        table.add_row(name, rate_text(one.passed), percent(one.passed.upper), named)
    return table


def _actions(counted: ClipFigures) -> Table:
    table = Table("action", "found", "false", title="actions", box=None, padding=(0, 1))
    for name, one in counted.actions.items():
        false = rate_text(one.false_alarm) if one.false_alarm is not None else "–"
        table.add_row(name, rate_text(one.hit), false)
    return table
