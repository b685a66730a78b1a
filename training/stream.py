"""An endless, repeatable stream of batches: batch after batch is a pure function of the seed and a pool number."""

import itertools
import multiprocessing
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.fonts import load_shelf
from training.lexicon import Lexicon, Part
from training.lines import NET_HEIGHT_PX, Sample, draw_sample, net_input
from training.text import Kind, draw_line, draw_line_of, text_source

# Lines are drawn in pools and sorted by width inside a pool, so that little padding is trained on.
BATCHES_PER_POOL = 8
# PaddleOCR pads a batch to at least this width; a reader that never saw padding writes into it.
_PADDLE_MIN_WIDTH_PX = 320
_WIDTH_GRAIN_PX = 16
_RENDERER_NICENESS = 5
_POOLS_AHEAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """Everything that decides which lines are drawn."""

    lexicon: Lexicon
    font_folder: Path
    seed: int
    batch_lines: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """`images` is B x 3 x 48 x W, float32, -1..1, BGR, padded on the right with 0."""

    images: NDArray[np.float32]
    truths: tuple[str, ...]


def draw_pool(plan: StreamPlan, number: int) -> list[Batch]:
    """Draw one pool of training batches; the same plan and number give the same pixels."""
    rng = random.Random(f"{plan.seed}/{number}")
    source = text_source(plan.lexicon, Part.TRAIN)
    shelf = load_shelf(plan.font_folder, Part.TRAIN)
    count = plan.batch_lines * BATCHES_PER_POOL
    samples = [draw_sample(draw_line(source, rng), shelf, rng) for _ in range(count)]
    samples.sort(key=lambda sample: sample.aspect)
    batches = [
        to_batch(samples[start : start + plan.batch_lines], _padding(rng))
        for start in range(0, count, plan.batch_lines)
    ]
    rng.shuffle(batches)
    return batches


def draw_samples(plan: StreamPlan, part: Part, kind: Kind, count: int) -> list[Sample]:
    """Draw the lines of one kind on which a part is scored."""
    rng = random.Random(f"{plan.seed}/{part}/{kind}")
    source = text_source(plan.lexicon, part)
    shelf = load_shelf(plan.font_folder, part)
    return [draw_sample(draw_line_of(kind, source, rng), shelf, rng) for _ in range(count)]


def to_batch(samples: list[Sample], min_width_px: int = 0) -> Batch:
    """Scale samples to the net's height and pad them to one width."""
    images = [net_input(sample.pixels) for sample in samples]
    widest = max(min_width_px, *(image.shape[2] for image in images))
    width = -(-widest // _WIDTH_GRAIN_PX) * _WIDTH_GRAIN_PX
    stack = np.zeros((len(images), 3, NET_HEIGHT_PX, width), np.float32)
    for row, image in zip(stack, images, strict=True):
        row[:, :, : image.shape[2]] = image
    return Batch(images=stack, truths=tuple(sample.truth for sample in samples))


def _padding(rng: random.Random) -> int:
    return _PADDLE_MIN_WIDTH_PX if rng.random() < 0.4 else 0


@contextmanager
def pool_stream(
    plan: StreamPlan, first_pool: int, renderers: int = 1
) -> Iterator[Iterator[tuple[int, list[Batch]]]]:
    """Draw pools in other processes; yield (number, batches) from the pool asked for onwards, in order."""
    context = multiprocessing.get_context("spawn")
    queues: list[Any] = [context.Queue(_POOLS_AHEAD) for _ in range(renderers)]
    workers = [
        context.Process(
            target=_draw_forever,
            args=(plan, itertools.count(first_pool + index, renderers), queue),
            daemon=True,
        )
        for index, queue in enumerate(queues)
    ]
    for worker in workers:
        worker.start()
    try:
        yield (queue.get() for queue in itertools.cycle(queues))
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _draw_forever(
    plan: StreamPlan, numbers: Iterator[int], pools: "Queue[tuple[int, list[Batch]]]"
) -> None:
    os.nice(_RENDERER_NICENESS)
    cv2.setNumThreads(1)
    for number in numbers:
        pools.put((number, draw_pool(plan, number)))
