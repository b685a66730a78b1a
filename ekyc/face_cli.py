"""`ekyc face`: compare two pictures of a face."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline.errors import CannotJudge, EngineError
from pipeline.face.matcher import Comparison, FaceMatcher, load_face_matcher
from pipeline.face.profile import FaceProfile
from pipeline.findings import Band, FaceFinding
from pipeline.image import decode_image
from pipeline.weights import DEFAULT_ROOT

app = typer.Typer(help="Compare faces.", no_args_is_help=True)
console = Console()
#: Another person, or no judgement; 2 is wrong usage.
_EXIT = {Band.MATCH: 0, Band.REVIEW: 0, Band.NO_MATCH: 1, None: 3}
_COLOUR = {Band.MATCH: "green", Band.REVIEW: "yellow", Band.NO_MATCH: "red"}


@app.callback()
def _group() -> None:
    """Keep `match` a subcommand."""


@app.command()
def match(
    a: Annotated[Path, typer.Argument(exists=True, help="Photo of the card, or of a person.")],
    b: Annotated[Path, typer.Argument(exists=True, help="Selfie.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Write one picture of the comparison here (.png).")
    ] = None,
    backend: Annotated[
        str, typer.Option(help="The name of a face profile: dlib, facenet or your own.")
    ] = "dlib",
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Say whether two pictures show one person, and how sure that is."""
    try:
        matcher = load_face_matcher(weights, backend=backend)
        made = _matched(matcher, a, b)
    except (CannotJudge, EngineError) as error:
        console.print(f"face match: {error}", style="red")
        raise typer.Exit(3) from error
    finding = made.finding
    if as_json:
        typer.echo(json.dumps(_as_json(a, b, finding)))
    else:
        _show(finding)
    if plot is not None:
        _draw(made, matcher.profile, plot)
    raise typer.Exit(_EXIT[finding.band])


def _matched(matcher: FaceMatcher, a: Path, b: Path) -> Comparison:
    first = decode_image(a.read_bytes(), evidence="card_front")
    return matcher.compare_photos(first, decode_image(b.read_bytes(), evidence="selfie"))


def _draw(made: Comparison, profile: FaceProfile, out: Path) -> None:
    try:
        from ekyc.face_plot import plot_comparison

        plot_comparison(made, profile, out)
    except ModuleNotFoundError as error:
        console.print(f"--plot needs {error.name} (pip install ekyc[specimen])", style="red")
        raise typer.Exit(2) from None


def _as_json(a: Path, b: Path, finding: FaceFinding) -> dict[str, object]:
    rejected = finding.rejected
    return {
        "a": str(a),
        "b": str(b),
        "similarity": finding.similarity,
        "fmr": finding.fmr,
        "band": finding.band,
        "rejected": {"code": rejected.code, **rejected.facts} if rejected else None,
        "backend": finding.backend,
        "calibration": finding.calibration,
        "model_sha256": {model.name: model.sha256 for model in finding.models},
        "quality": dict(finding.quality),
        "timing_ms": {name: round(value, 1) for name, value in finding.timing_ms.items()},
    }


def _show(finding: FaceFinding) -> None:
    if finding.rejected is not None:
        console.print(f"not judged: {finding.rejected.code}", style="yellow")
        return
    band = finding.band or Band.NO_MATCH
    console.print(f"{band}", style=_COLOUR[band])
    console.print(f"similarity {finding.similarity:.3f}, strangers this close: {finding.fmr:.1e}")
    console.print(f"backend {finding.backend}, calibration {finding.calibration}")
    console.print(f"{finding.timing_ms['total']:.0f} ms")
