"""`ekyc specimen clip` and `clips`: living puppets and attacks, of the bundled people or of any photograph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from pipeline.challenge import Action, ChallengeStep
from pipeline.errors import WeightsError
from pipeline.face.models import FaceModels, load_face_models
from pipeline.weights import DEFAULT_ROOT
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.bundle import SCENARIOS, clip
from specimen.clip_dataset import Plan, write_clips
from specimen.clips import encode_clip, steps_of
from specimen.photos import Subject
from specimen.sitters import Sitter, Who, sitter_of
from specimen.strangers import PhotoUnfit, sitter_from, sitters_in

app = typer.Typer()
console = Console()
_BAD_INPUT = 2

Actions = Annotated[str, typer.Option("--actions", help="What to perform, in order.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed makes the same files.")]
Weights = Annotated[Path, typer.Option("--weights", help="The weights folder, for photographs.")]


@app.command("clip")
def make_clip(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    out: Annotated[Path, typer.Option("--out", help="Folder for the file.")],
    scenario: Annotated[
        str, typer.Option("--scenario", metavar="NAME", help="One of `ekyc specimen list`.")
    ] = "genuine",
    seed: Seed = 1,
    actions: Actions = "blink:2,turn_left,smile",
    species: Annotated[
        ClipKind | None, typer.Option("--species", help="What it is, instead of a scenario.")
    ] = None,
    photo: Annotated[
        Path | None,
        typer.Option("--photo", exists=True, dir_okay=False, help="A frontal face to animate."),
    ] = None,
    other_photo: Annotated[
        Path | None,
        typer.Option("--other-photo", exists=True, dir_okay=False, help="Who else is seen."),
    ] = None,
    weights: Weights = DEFAULT_ROOT,
) -> None:
    """Perform a challenge before the camera, or attack it; the windows follow one another as the server's do."""
    steps = read_actions(actions)
    if species is None and photo is None:
        if scenario not in SCENARIOS:
            raise typer.BadParameter(f"{scenario!r} is none of {', '.join(SCENARIOS)}")
        data = clip(SCENARIOS[scenario], seed, steps)
    else:
        cast = _cast(photo, other_photo, weights)
        make = CLIP_MAKERS[species or ClipKind.LIVE]
        data = encode_clip(make(cast, steps, np.random.default_rng(seed)))
    out.mkdir(parents=True, exist_ok=True)
    (out / "clip.mp4").write_bytes(data)
    console.print(f"made {out / 'clip.mp4'}", markup=False)


@app.command("clips")
def make_clips(
    out: Annotated[
        Path, typer.Argument(help="Folder for the data set; an unfinished one is completed.")
    ],
    per_species: Annotated[
        int, typer.Option("--per-species", min=1, help="Presentations of each species.")
    ] = 4,
    seed: Seed = 1,
    photos: Annotated[
        Path | None,
        typer.Option("--photos", exists=True, file_okay=False, help="Photographs of people."),
    ] = None,
    species: Annotated[
        str | None, typer.Option("--species", help="Only these, separated by commas.")
    ] = None,
    weights: Weights = DEFAULT_ROOT,
) -> None:
    """Draw clips of living people and of every species of attack, for `ekyc eval liveness`."""
    kinds = _kinds(species)
    plan = Plan(sitters=_sitters(photos, weights), kinds=kinds, seed=seed)
    command = f"ekyc specimen clips OUT --per-species {per_species} --seed {seed}"
    rows = write_clips(out, plan, rounds=per_species, command=command)
    total = per_species * len(kinds)
    for _ in track(rows, total=total, description="clips", console=console):
        pass
    console.print(f"made {out}", markup=False)


def read_actions(text: str) -> tuple[ChallengeStep, ...]:
    """Read "blink:2,turn_left,smile" as consecutive windows.

    Raises:
        typer.BadParameter: it cannot be read.
    """
    actions = []
    for part in text.split(","):
        name, _, count = part.strip().partition(":")
        if name not in set(Action) or not (count or "1").isdigit() or count == "0":
            raise typer.BadParameter(
                f"{part!r} is not one of {', '.join(Action)}, with :COUNT or not"
            )
        actions.append((Action(name), int(count) if count else None))
    return steps_of(actions)


def _kinds(species: str | None) -> tuple[ClipKind, ...]:
    if species is None:
        return tuple(ClipKind)
    names = [name.strip() for name in species.split(",")]
    unknown = [name for name in names if name not in set(ClipKind)]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(ClipKind)}")
    return tuple(ClipKind(name) for name in names)


def _cast(photo: Path | None, other: Path | None, weights: Path) -> list[Who]:
    models = _models(weights) if photo or other else None
    bundled = tuple(Subject)
    return [
        _sat(path, models) if path and models else subject
        for path, subject in zip((photo, other), bundled, strict=True)
    ]


def _sat(path: Path, models: FaceModels) -> Sitter:
    try:
        return sitter_from(path, models)
    except PhotoUnfit as error:
        console.print(f"specimen clip: {error}", style="red", markup=False)
        raise typer.Exit(_BAD_INPUT) from None


def _sitters(photos: Path | None, weights: Path) -> tuple[Sitter, ...]:
    if photos is None:
        return tuple(sitter_of(subject) for subject in Subject)
    sitters = []
    for found in sitters_in(photos, _models(weights)):
        if isinstance(found, PhotoUnfit):
            console.print(f"left out: {found}", style="yellow", markup=False)
        else:
            sitters.append(found)
    if len(sitters) < len(Subject):
        console.print("specimen clips: two people are needed", style="red")
        raise typer.Exit(_BAD_INPUT)
    return tuple(sitters)


def _models(weights: Path) -> FaceModels:
    try:
        return load_face_models(weights)
    except WeightsError as error:
        console.print(f"specimen: {error}", style="red", markup=False)
        raise typer.Exit(_BAD_INPUT) from None
