from dataclasses import replace

import numpy as np

from training.lexicon import Part
from training.lines import Sample
from training.stream import (
    BATCHES_PER_POOL,
    StreamPlan,
    draw_pool,
    draw_samples,
    pool_stream,
    to_batch,
)
from training.text import Kind


def test_a_pool_is_a_function_of_seed_and_number(plan: StreamPlan) -> None:
    again, other = draw_pool(plan, 4), draw_pool(plan, 5)
    first = draw_pool(plan, 4)
    assert len(first) == BATCHES_PER_POOL
    assert [batch.truths for batch in first] == [batch.truths for batch in again]
    assert all(np.array_equal(a.images, b.images) for a, b in zip(first, again, strict=True))
    assert [batch.truths for batch in first] != [batch.truths for batch in other]


def test_a_stream_resumed_at_a_pool_gives_that_pool(plan: StreamPlan) -> None:
    with pool_stream(plan, 3) as pools:
        number, batches = next(pools)
    assert number == 3
    assert [batch.truths for batch in batches] == [batch.truths for batch in draw_pool(plan, 3)]


def test_several_renderers_keep_the_order_of_the_pools(plan: StreamPlan) -> None:
    with pool_stream(plan, 5, renderers=2) as pools:
        drawn = [next(pools) for _ in range(3)]
    assert [number for number, _ in drawn] == [5, 6, 7]
    assert [batch.truths for batch in drawn[1][1]] == [batch.truths for batch in draw_pool(plan, 6)]


def test_a_batch_is_padded_on_the_right_with_zero() -> None:
    bright = [
        Sample(pixels=np.full((48, width, 3), 255, np.uint8), truth="x") for width in (30, 100)
    ]
    batch = to_batch(bright)
    assert batch.images.shape == (2, 3, 48, 112)
    assert batch.images[0, :, :, 30:].any() == np.False_
    assert (batch.images[1, :, :, :100] == 1).all()
    assert to_batch(bright, 320).images.shape[3] == 320


def test_parts_are_drawn_apart(plan: StreamPlan) -> None:
    drawn = draw_samples(plan, Part.TRAIN, Kind.NUMBER, 5)
    other_seed = draw_samples(replace(plan, seed=2), Part.TRAIN, Kind.NUMBER, 5)
    assert [sample.truth for sample in drawn] != [sample.truth for sample in other_seed]
