"""Draws the demo's evidence in processes of its own, so that drawing, loading and judging share the cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from multiprocessing.pool import AsyncResult, Pool

from ekyc.parent_death import die_with_parent
from pipeline.challenge import ChallengeStep
from pipeline.stages import EvidenceKind

VIET_NAM = timezone(timedelta(hours=7))
#: The pictures are the same in every run of a day.
PICTURE_SEED = 1
PROCESSES = 2

Stills = dict[EvidenceKind, bytes]


class Drawer:
    """Hands out what the processes of a pool draw."""

    def __init__(self, pool: Pool, names: Sequence[str]) -> None:
        """Start drawing the pictures of all scenarios at once."""
        today = datetime.now(VIET_NAM).date()
        self._pool = pool
        self._stills: Mapping[str, AsyncResult[Stills]] = {
            name: pool.apply_async(draw_stills, (name, today)) for name in names
        }

    def stills(self, name: str) -> Stills:
        """Return card and selfie of a scenario, as soon as they are drawn."""
        return self._stills[name].get()

    def clip(self, name: str, seed: int, steps: Sequence[ChallengeStep]) -> bytes:
        """Return a clip that answers a challenge."""
        return self._pool.apply_async(draw_clip, (name, seed, tuple(steps))).get()


@contextmanager
def drawing(names: Sequence[str]) -> Iterator[Drawer]:
    """Run the drawing processes for the length of a `with` block; at its end they are stopped, finished or not."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # inherited; the processes are the parallelism
    context = multiprocessing.get_context("spawn")  # a fork would copy our threads' locks
    with context.Pool(PROCESSES, initializer=_begin, initargs=(os.getpid(),)) as pool:
        yield Drawer(pool, names)


def _begin(parent_pid: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent stops us when it is interrupted
    die_with_parent(parent_pid)
    import cv2

    cv2.setNumThreads(1)


def draw_stills(name: str, today: date) -> Stills:
    """Draw card and selfie of a scenario."""
    from specimen.bundle import SCENARIOS, card_and_selfie

    return card_and_selfie(SCENARIOS[name], PICTURE_SEED, today).by_kind()


def draw_clip(name: str, seed: int, steps: tuple[ChallengeStep, ...]) -> bytes:
    """Draw the clip of a scenario for a challenge."""
    from specimen.bundle import SCENARIOS, clip

    return clip(SCENARIOS[name], seed, steps)
