"""`ekyc liveness`: score a challenge clip."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ekyc.card_desk import open_photo
from ekyc.cue_score import cue_score
from ekyc.refusal import print_refusal
from pipeline.challenge import Action, ChallengeStep
from pipeline.errors import CannotJudge, EngineError
from pipeline.findings import LivenessFinding
from pipeline.image import RgbImage
from pipeline.liveness.clip import clip_duration_s
from pipeline.liveness.scorer import LivenessScorer, load_liveness_scorer
from pipeline.weights import DEFAULT_ROOT

app = typer.Typer(help="Score liveness.", no_args_is_help=True)
console, errors = Console(), Console(stderr=True)
_PASSED, _FAILED, _NOT_JUDGED = 0, 1, 3


@app.callback()
def _group() -> None:
    """Keep `score` a subcommand."""


@app.command()
def score(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    clip: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="MP4, WebM or AVI.")],
    actions: Annotated[str, typer.Option(help="In order, as blink:2,turn_left,smile.")],
    windows: Annotated[
        str | None,
        typer.Option(help="Seconds of each action, as 1.2-4.4,4.4-7.6; even parts otherwise."),
    ] = None,
    selfie: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Who it should be.")
    ] = None,
    card: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Whose card it should be.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,  # noqa: FBT002
    picture: Annotated[
        Path | None, typer.Option("--plot", help="Write one picture of the clip here (.png).")
    ] = None,
    landmarks: Annotated[str, typer.Option(help="facemesh or dlib68.")] = "facemesh",
    passive: Annotated[
        str | None, typer.Option(help="Entry of the weights that tells living faces from copies.")
    ] = None,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Say whether a living person performed the actions, and which attack the clip may be.

    Without --windows the clip is cut into even parts, and its last action need not return to rest. Exit 0 if it
    passed, 1 if not, 2 for wrong usage, 3 if it could not be judged.
    """
    try:
        data = clip.read_bytes()
        scorer = load_liveness_scorer(weights, landmarks=landmarks, passive=passive)
        steps = parse_steps(actions, windows, clip_duration_s(data))
        finding = scorer.score(
            data, steps, selfie=_picture(selfie, "selfie"), card_front=_picture(card, "card_front"),
            must_return=windows is not None,
        )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except CannotJudge as error:
        _not_judged(clip, error, as_json=as_json)
        raise typer.Exit(_NOT_JUDGED) from None
    except EngineError as error:
        errors.print(f"liveness score: {error}", style="red")
        raise typer.Exit(_NOT_JUDGED) from None
    if as_json:
        typer.echo(json.dumps(_as_json(clip, finding)))
    else:
        _show(finding)
    if picture is not None:
        _draw(scorer, data, finding, clip.name, picture)
    raise typer.Exit(_exit_code(finding))


def parse_steps(actions: str, windows: str | None, duration_s: float) -> tuple[ChallengeStep, ...]:
    """Read "blink:2,turn_left" and "0-4,4-8" into the steps of a challenge.

    Raises:
        ValueError: an unknown action, a count below 1, or not one window for each action.
    """
    asked = [_action(word) for word in actions.split(",") if word]
    if not asked:
        raise ValueError("no actions")
    spans = _windows(windows, len(asked), duration_s)
    return tuple(
        ChallengeStep(action=action, count=count, start_s=start, end_s=end)
        for (action, count), (start, end) in zip(asked, spans, strict=True)
    )


def _action(word: str) -> tuple[Action, int]:
    name, _, count = word.strip().partition(":")
    if name not in list(Action):
        raise ValueError(f"no action {name!r}; there are {', '.join(Action)}")
    if count and (not count.isdigit() or int(count) < 1):
        raise ValueError(f"the count of {name} must be at least 1, not {count!r}")
    return Action(name), int(count or 1)


def _windows(windows: str | None, wanted: int, duration_s: float) -> list[tuple[float, float]]:
    if windows is None:
        part = duration_s / wanted
        return [(i * part, (i + 1) * part) for i in range(wanted)]
    try:
        spans = [(float(a), float(b)) for a, _, b in (w.partition("-") for w in windows.split(","))]
    except ValueError:
        spans = []
    if len(spans) != wanted or not all(0 <= a < b < math.inf for a, b in spans):
        raise ValueError(f"{wanted} windows are needed, as 1.2-4.4,4.4-7.6")
    return spans


def _picture(path: Path | None, evidence: str) -> RgbImage | None:
    return open_photo(path, evidence) if path else None


def _draw(
    scorer: LivenessScorer, clip: bytes, finding: LivenessFinding, title: str, out: Path
) -> None:
    """The finding was told already; a picture that cannot be written is wrong usage."""
    if finding.trace is None:
        errors.print("no picture: the clip was not judged", style="yellow")
        return
    try:
        from ekyc.liveness_plot import Scales, plot

        scales = Scales(limits=scorer.limits, band_of=scorer.profile.band)
        plot(finding, scorer.stills(clip, finding), scales, title, out)
    except ModuleNotFoundError as error:
        raise typer.BadParameter(
            f"--plot needs {error.name} (pip install ekyc[specimen])"
        ) from None
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"--plot: {error}") from None


def _exit_code(finding: LivenessFinding) -> int:
    if finding.passed is None:
        return _NOT_JUDGED
    return _PASSED if finding.passed else _FAILED


def _not_judged(clip: Path, error: CannotJudge, *, as_json: bool) -> None:
    if as_json:
        rejected = {"code": error.reason, **error.facts}
        typer.echo(json.dumps({"clip": str(clip), "passed": None, "rejected": rejected}))
    else:
        print_refusal(console, error.reason, error.facts, said="not judged")


def _as_json(clip: Path, finding: LivenessFinding) -> dict[str, object]:
    rejected, identity = finding.rejected, finding.identity
    return {
        "clip": str(clip),
        "passed": finding.passed,
        "actions": [
            {"action": a.action, "passed": a.passed, "start_s": a.start_s, "end_s": a.end_s, "reason": a.reason}
            for a in finding.actions
        ],
        "attack_cues": {
            cue.name: {"score": cue.score, "threshold": cue.threshold, "suspicious": cue.suspicious}
            for cue in finding.cues
        },
        "identity": {
            "band": identity.band,
            "selfie_similarity": identity.selfie_similarity,
            "card_similarity": identity.card_similarity,
            "lowest": identity.lowest,
            "frames_judged": identity.frames_judged,
            "reason": identity.reason,
            "calibration": identity.calibration,
        },
        "rejected": {"code": rejected.code, **rejected.facts} if rejected else None,
        "fps": round(finding.fps, 2),
        "duration_s": round(finding.duration_s, 2),
        "backend": finding.backend,
        "model_sha256": {model.name: model.sha256 for model in finding.models},
        "timing_ms": {name: round(value, 1) for name, value in finding.timing_ms.items()},
    }  # fmt: skip


def _show(finding: LivenessFinding) -> None:
    if finding.rejected is not None:
        print_refusal(console, finding.rejected.code, finding.rejected.facts, said="not judged")
        return
    word, style = ("passed", "green") if finding.passed else ("not passed", "red")
    console.print(word, style=style)
    table = Table("what", "result", "details")
    for a in finding.actions:
        when = f"{a.start_s:.1f}-{a.end_s:.1f} s" if a.start_s is not None else ""
        table.add_row(a.action, "ok" if a.passed else str(a.reason), when)
    for cue in finding.cues:
        result = {None: "not evaluated", True: "SUSPICIOUS", False: "ok"}[cue.suspicious]
        table.add_row(cue.name, result, cue_score(cue))
    band = str(finding.identity.band or "not judged")
    table.add_row("identity", band, f"{finding.identity.frames_judged} frames")
    console.print(table)
