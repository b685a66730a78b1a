"""`ekyc face`: compare two pictures of a face."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ekyc.card_desk import open_photo
from ekyc.refusal import print_refusal
from pipeline.errors import CannotJudge, EngineError
from pipeline.face.matcher import Comparison, FaceMatcher, load_face_matcher
from pipeline.face.profile import FaceProfile
from pipeline.findings import Band, FaceFinding
from pipeline.weights import DEFAULT_ROOT

app = typer.Typer(help="Compare faces.", no_args_is_help=True)
console, errors = Console(), Console(stderr=True)
#: Another person, or no judgement; 2 is wrong usage.
_EXIT = {Band.MATCH: 0, Band.REVIEW: 0, Band.NO_MATCH: 1, None: 3}
_COLOUR = {Band.MATCH: "green", Band.REVIEW: "yellow", Band.NO_MATCH: "red"}


@app.callback()
def _group() -> None:
    """Keep `match` a subcommand."""


@app.command()
def match(
    a: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Photo of the card, or of a person.")
    ],
    b: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Selfie.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Write one picture of the comparison here (.png).")
    ] = None,
    backend: Annotated[
        str, typer.Option(help="The name of a face profile: dlib, facenet or your own.")
    ] = "dlib",
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Say whether two pictures show one person, and how sure that is.

    Exit 0 for a match or a doubtful one, 1 for another person, 2 for wrong usage, 3 if it could not be judged.
    """
    try:
        matcher = load_face_matcher(weights, backend=backend)
        made = _matched(matcher, a, b)
    except CannotJudge as error:
        _not_judged(a, b, error, as_json=as_json)
        raise typer.Exit(_EXIT[None]) from None
    except EngineError as error:
        errors.print(f"face match: {error}", style="red")
        raise typer.Exit(_EXIT[None]) from None
    finding = made.finding
    if as_json:
        typer.echo(json.dumps(_as_json(a, b, finding)))
    else:
        _show(finding)
    if plot is not None:
        _draw(made, matcher.profile, plot)
    raise typer.Exit(_EXIT[finding.band])


def _matched(matcher: FaceMatcher, a: Path, b: Path) -> Comparison:
    return matcher.compare_photos(open_photo(a, "card_front"), open_photo(b, "selfie"))


def _not_judged(a: Path, b: Path, error: CannotJudge, *, as_json: bool) -> None:
    if not as_json:
        print_refusal(console, error.reason, error.facts, said="not judged")
        return
    unknown = dict.fromkeys(("similarity", "fmr", "band"))
    rejected = {"code": error.reason, **error.facts}
    typer.echo(json.dumps({"a": str(a), "b": str(b), **unknown, "rejected": rejected}))


def _draw(made: Comparison, profile: FaceProfile, out: Path) -> None:
    """The comparison was told already; a picture that cannot be written is wrong usage."""
    try:
        from ekyc.face_plot import plot_comparison

        plot_comparison(made, profile, out)
    except ModuleNotFoundError as error:
        raise typer.BadParameter(
            f"--plot needs {error.name} (pip install ekyc[specimen])"
        ) from None
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"--plot: {error}") from None


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
        print_refusal(console, finding.rejected.code, finding.rejected.facts, said="not judged")
        return
    band = finding.band or Band.NO_MATCH
    console.print(f"{band}", style=_COLOUR[band])
    console.print(f"similarity {finding.similarity:.3f}, strangers this close: {finding.fmr:.1e}")
    console.print(f"backend {finding.backend}, calibration {finding.calibration}")
    console.print(f"{finding.timing_ms['total']:.0f} ms")
