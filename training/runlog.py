"""The log of a training run: one JSON object per line, and the curve drawn from it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A moment of a run.

    The error rates are those of the averaged weights, and None between validations.
    The loss is None before the first step.
    """

    trained_s: float
    lines_seen: int
    loss: float | None
    rate: float
    character_error_rate: float | None = None
    exact_rate: float | None = None
    upper_error_rate: float | None = None


def append_progress(log: Path, progress: Progress) -> None:
    """Add one line to the log."""
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(progress)) + "\n")


def read_progress(log: Path) -> list[Progress]:
    """Read a log back."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [Progress(**json.loads(line)) for line in lines]


def rewind(log: Path, lines_seen: int) -> None:
    """Drop what a broken-off run logged after its last checkpoint."""
    kept = [step for step in read_progress(log) if step.lines_seen <= lines_seen]
    log.write_text("", encoding="utf-8")
    for step in kept:
        append_progress(log, step)


def draw_curve(log: Path, target: Path) -> None:
    """Draw loss and validation error over the lines seen.

    Raises:
        ValueError: the log holds no validation yet.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    steps = read_progress(log)
    judged = [step for step in steps if step.character_error_rate is not None]
    if not judged:
        raise ValueError(f"{log} holds no validation yet")
    trained = [step for step in steps if step.loss is not None]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    left.semilogy([s.lines_seen for s in trained], [s.loss for s in trained], linewidth=0.8)
    left.set(xlabel="lines seen", ylabel="CTC loss", title="training")
    seen = [step.lines_seen for step in judged]
    right.plot(seen, [100 * (s.character_error_rate or 0) for s in judged], "o-", label="all kinds")
    upper = [100 * (step.upper_error_rate or 0) for step in judged]
    right.plot(seen, upper, "o-", label="random UPPER-case syllables")
    right.set(xlabel="lines seen", ylabel="character error rate, %", title="validation fonts")
    right.set_ylim(bottom=0)
    right.legend()
    figure.savefig(target, dpi=110)
    plt.close(figure)
