"""Whether a card is found, put upright and recognised, one condition of the photo at a time.

    python -m bench.card_finding --each 8 --seed 65000 --out finding.jsonl

Every photo shows one side about 1100 pixels wide, whatever its share of the frame. `found`: all four corners of the
side that was read lie within 2 % of the card's width of the true ones, the right one first. `recognised`: its version
and side are right. One line is written for each photo; what the file holds already is not taken again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.card_gates import TODAY, draw_side
from ekyc.evaluation.statistics import Share
from pipeline.card.reader import CardReader, load_card_reader
from pipeline.image import decode_image
from pipeline.weights import DEFAULT_ROOT
from specimen.scene import Shot, Surface, draw_shot, photograph
from specimen.shots import card_width_px

_CARD_PX = 1100
#: Of the card's width; the reader's own lines are 4 % of it apart.
_NEAR = 0.02
Draw = Callable[[np.random.Generator, Shot], Shot]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of one photo; `off` is the worst corner's distance over the card's width, None if refused."""

    row: str
    seed: int
    off: float | None
    recognised: bool
    reason: str | None

    @property
    def is_found(self) -> bool:
        """Whether the corners are those of the card."""
        return self.off is not None and self.off <= _NEAR


_FOUND = TypeAdapter(Found)


# ---------------------------------------------------------------- conditions


def _share(share: float) -> Draw:
    return lambda rng, shot: replace(
        shot,
        share=share,
        offset=tuple(float(part) for part in rng.uniform(-0.4, 0.4, 2) * (1 - share)),
    )


def _quarter(rng: np.random.Generator, shot: Shot) -> Shot:
    turn = float(rng.choice([90, 180, 270])) + float(rng.uniform(-4, 4))
    return replace(shot, rotation_deg=turn)


def _between(rng: np.random.Generator, shot: Shot) -> Shot:
    quarter, rest = 90 * float(rng.integers(4)), float(rng.uniform(15, 75))
    return replace(shot, rotation_deg=quarter + rest)


def _leaning(lean_deg: float) -> Draw:
    def draw(rng: np.random.Generator, shot: Shot) -> Shot:
        axis = float(rng.uniform(0, 2 * np.pi))
        x, y = float(lean_deg * np.cos(axis)), float(lean_deg * np.sin(axis))
        return replace(shot, tilt_x_deg=x, tilt_y_deg=y)

    return draw


def _on(surface: Surface) -> Draw:
    return lambda rng, shot: replace(shot, surface=surface)


def _all_at_once(rng: np.random.Generator, shot: Shot) -> Shot:
    share = float(rng.uniform(0.35, 0.6))
    for draw in (_share(share), _between, _leaning(25), _on(Surface.CLUTTERED)):
        shot = draw(rng, shot)
    return shot


CONDITIONS: dict[str, Draw] = {
    "30 % of the frame": _share(0.30),
    "45 % of the frame": _share(0.45),
    "70 % of the frame": _share(0.70),
    "95 % of the frame": _share(0.95),
    "turned by a quarter or half": _quarter,
    "turned in between": _between,
    "leaning by 15 degrees": _leaning(15),
    "leaning by 30 degrees": _leaning(30),
    "cluttered table": _on(Surface.CLUTTERED),
    "pale table, little contrast": _on(Surface.PALE),
    "small, turned, leaning, clutter": _all_at_once,
}


def find(reader: CardReader, row: str, seed: int, keep: Path | None = None) -> Found:
    """Photograph one side under a condition, and look for it."""
    rng = np.random.default_rng(seed)
    _, version, side = draw_side(seed, rng)
    shot = CONDITIONS[row](rng, replace(draw_shot(rng), table_px=900))
    scale = _CARD_PX / card_width_px(shot)
    size = (round(shot.size[0] * scale), round(shot.size[1] * scale))
    photo = photograph(side.image, replace(shot, size=size), rng)
    reading = reader.look(decode_image(photo.jpeg, evidence="card_front"), None, today=TODAY)
    rejected, found = reading.finding.rejected, next(iter(reading.sides.values()), None)
    off = None if found is None else float(np.abs(found.card.corners - photo.corners).max())
    outcome = Found(
        row=row,
        seed=seed,
        off=None if off is None else off / _CARD_PX,
        recognised=found is not None
        and (str(found.kind.version), str(found.kind.side)) == (str(version), str(side.side)),
        reason=None if rejected is None else str(rejected.code),
    )
    if keep is not None and not (outcome.is_found and outcome.recognised):
        (keep / f"{seed}.jpg").write_bytes(photo.jpeg)
    return outcome


# ---------------------------------------------------------------- command


def main(
    out: Annotated[Path, typer.Option(help="A line of JSON for each photo; continued.")],
    each: Annotated[int, typer.Option(help="Photos a condition.")] = 8,
    seed: Annotated[int, typer.Option(help="First seed.")] = 65_000,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
    keep: Annotated[Path | None, typer.Option(help="Folder for photos gone wrong.")] = None,
) -> None:
    """Measure the finder on drawn photos."""
    cv2.setNumThreads(1)
    reader, started_s = load_card_reader(weights), time.process_time()
    rows = [row for row in CONDITIONS for _ in range(each)]
    done = {found.seed for found in _load(out)}
    plan = [(row, seed + i) for i, row in enumerate(rows) if seed + i not in done]
    with out.open("a", encoding="utf-8") as lines:
        for row, number in track(plan, console=Console(stderr=True)):
            lines.write(_FOUND.dump_json(find(reader, row, number, keep)).decode() + "\n")
            lines.flush()
    Console(width=120).print(_table(_load(out)), f"{time.process_time() - started_s:.0f} CPU-s")


def _load(path: Path) -> list[Found]:
    if not path.exists():
        return []
    return [_FOUND.validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _table(outcomes: Sequence[Found]) -> Table:
    table = Table("condition", "found", "worst, % of width", "recognised", "refused")
    for row in (*CONDITIONS, "all"):
        of_row = [o for o in outcomes if row in (o.row, "all")]
        worst = max((100 * o.off for o in of_row if o.off is not None), default=0.0)
        refused = ", ".join(sorted(o.reason for o in of_row if o.reason is not None))
        table.add_row(
            row, _of(sum(o.is_found for o in of_row), len(of_row)), f"{worst:.1f}",
            _of(sum(o.recognised for o in of_row), len(of_row)), refused or "-",
        )  # fmt: skip
    return table


def _of(part: int, whole: int) -> str:
    bounds = Share(part=part, whole=whole).interval
    return f"{part}/{whole} ({100 * bounds[0]:.0f}-{100 * bounds[1]:.0f} %)" if bounds else "-"


if __name__ == "__main__":
    typer.run(main)
