"""`ekyc eval face`: how right the face comparison is on labelled photos."""

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
from rich.table import Table

from ekyc.evaluation.dataset import DatasetError
from ekyc.evaluation.face_figures import ConditionFigures, condition_figures, face_bars
from ekyc.evaluation.face_page import render_faces
from ekyc.evaluation.face_pairs import FacePairs, load_pairs
from ekyc.evaluation.face_rates import Operating
from ekyc.evaluation.face_run import Condition, Outcome, Reader, run
from ekyc.evaluation.page import percent
from ekyc.evaluation.report_folder import make_report_folder
from ekyc.evaluation.summary import to_json
from pipeline.errors import EngineError
from pipeline.face.backend import FaceBackend, load_backend
from pipeline.face.models import load_face_models
from pipeline.weights import DEFAULT_ROOT

_VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
_CARD_PX = (60, 80, 110, 150)
#: What a clip adds to a selfie.
_FUSED = 4


def face(
    pairs: Annotated[
        Path,
        typer.Argument(
            help="A CSV (file_a, file_b, same); or a folder, of which all pairs are made, with labels.csv "
            "(file, identity) or one folder a person."
        ),
    ],
    *,
    report: Annotated[
        Path | None, typer.Option(help="Write the page here, and all figures as .json beside it.")
    ] = None,
    card_px: Annotated[
        list[int] | None, typer.Option(help="Face heights of printed portraits; 60, 80, 110, 150.")
    ] = None,
    pictures: Annotated[
        bool, typer.Option(help="Show the worst pairs on the page; without them nobody is shown.")
    ] = True,
    backend: Annotated[str, typer.Option(help="The name of a face profile.")] = "dlib",
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Measure the face comparison. Exit 0 whatever the figures are, 2 if nothing could be measured."""
    errors = Console(stderr=True)
    heights = tuple(card_px or _CARD_PX)
    try:
        make_report_folder(report)
        data, embedder = load_pairs(pairs), load_backend(backend, weights)
        reader = Reader(data=data, finder=load_face_models(weights).finder(), backend=embedder)
        outcomes = [o for o in run(reader, conditions_of(heights)) if _both(o)]
        found = [condition_figures(o, data, embedder.profile) for o in outcomes]
    except (DatasetError, EngineError) as error:
        errors.print(f"eval face: {error}", style="red", markup=False)
        raise typer.Exit(2) from None
    if not found:
        errors.print("eval face: no genuine and impostor pair could be judged", style="red")
        raise typer.Exit(2)
    show(Console(), found)
    if report is not None:
        _write(
            report,
            facts_of(data, pairs, embedder),
            found,
            outcomes,
            reader if pictures else None,
        )
        errors.print(f"{report} and {report.with_suffix('.json').name}", markup=False)


def conditions_of(heights: Sequence[int]) -> tuple[Condition, ...]:
    """Photo to photo, cards of each height, and both with more photos of the person joined."""
    cards = tuple(Condition(card_px=height) for height in heights)
    joined = (
        Condition(fused=_FUSED),
        *(Condition(card_px=h, fused=_FUSED) for h in heights if h == 110),
    )
    return Condition(), *cards, *joined


def _both(outcome: Outcome) -> bool:
    return {compared.pair.same for compared in outcome.judged} == {True, False}


def facts_of(data: FacePairs, source: Path, backend: FaceBackend) -> dict[str, str]:
    """Return what a reader of a report must know."""
    return {
        "data set": source.name,
        "photos, people, pairs": f"{len(data.people)}, {len(set(data.people.values()))}, {len(data.pairs)}",
        "date": datetime.now(_VIET_NAM).date().isoformat(),
        "backend": backend.profile.name,
        "models": ", ".join(f"{model.name} {model.sha256[:12]}" for model in backend.refs),
        "calibration": f"{backend.profile.calibration_id}: {backend.profile.source}",
        "machine": f"{platform.machine()}, Python {platform.python_version()}, one thread",
    }


def _write(
    report: Path,
    facts: dict[str, str],
    found: Sequence[ConditionFigures],
    outcomes: Sequence[Outcome],
    reader: Reader | None,
) -> None:
    report.write_text(render_faces(facts, found, outcomes, reader), encoding="utf-8")
    everything = {
        "facts": facts,
        "bars": [{**to_json(bar), "reached": bar.reached} for bar in face_bars(found)],
        "conditions": [to_json(each) for each in found],
    }
    text = json.dumps(everything, ensure_ascii=False, indent=1)
    report.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def show(console: Console, found: Sequence[ConditionFigures]) -> None:
    """Print rates and bars within a hundred columns."""
    table = Table(
        "", "pairs", "FNMR at 1e-2", "at 1e-3", "at 1e-4", "EER", box=None, padding=(0, 1)
    )
    for each in found:
        rates = each.rates
        table.add_row(
            each.name, f"{rates.genuine}+{rates.impostor}", *(_fnmr(at) for at in rates.operating),
            percent(rates.eer, 2),
        )  # fmt: skip
    console.print(table)
    for each in found:
        refused = ", ".join(f"{code} {n}" for code, n in sorted(each.refused_genuine.items()))
        if refused:
            console.print(f"genuine pairs not judged, {each.name}: {refused}", markup=False)
    for bar in face_bars(found):
        mark = "[green]reached[/]" if bar.reached else "[red]missed[/]"
        console.print(
            f"{bar.name}: {percent(bar.measured, 2)}, must be ≤ {percent(bar.must)} {mark}"
        )


def _fnmr(at: Operating) -> str:
    star = "" if at.resolved else "*"
    low, high = at.interval or (0.0, 1.0)
    return f"{100 * at.fnmr:.1f} %{star} ({100 * low:.1f}-{100 * high:.1f})"
