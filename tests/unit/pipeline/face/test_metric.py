from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.face.metric import Metric, from_l1, from_l2

RIGHT, UP, LEFT = (np.array(v, np.float32) for v in ((1, 0, 0, 0), (0, 1, 0, 0), (-1, 0, 0, 0)))
SIXTY = np.array((0.5, math.sqrt(0.75), 0, 0), np.float32)
UNIT = (Metric.L2, Metric.COSINE, Metric.L1)


@pytest.mark.parametrize(
    ("metric", "other", "similarity"),
    [
        (Metric.L2, UP, 0.0),
        (Metric.L2, LEFT, -1.0),
        (Metric.L2, SIXTY, 0.5),
        (Metric.COSINE, UP, 0.0),
        (Metric.COSINE, LEFT, -1.0),
        (Metric.COSINE, SIXTY, 0.5),
        (Metric.L1, UP, 0.0),  # 1 - 2 / 2
        (Metric.L1, LEFT, 0.0),  # as far in the sum as a right angle
        (Metric.L1, SIXTY, 1 - (0.5 + math.sqrt(0.75)) / 2),
        (Metric.DLIB, UP, -1.0),
        (Metric.DLIB, SIXTY, 0.0),
    ],
)
def test_known_vectors_have_the_known_similarity(metric, other, similarity):
    assert metric.similarity(RIGHT, other) == pytest.approx(similarity, abs=1e-6)
    assert metric.similarity(other, RIGHT) == pytest.approx(similarity, abs=1e-6)


@pytest.mark.parametrize("metric", Metric)
def test_the_same_numbers_are_one(metric):
    assert metric.similarity(SIXTY, SIXTY) == pytest.approx(1.0)


def units(count: int) -> np.ndarray:
    drawn = np.random.default_rng(1).normal(size=(count, 512))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def test_l2_of_unit_vectors_is_told_as_their_cosine():
    for a, b in zip(units(20), units(40)[20:], strict=True):
        by_cosine = Metric.COSINE.similarity(a, b)
        assert Metric.L2.similarity(a, b) == pytest.approx(by_cosine, abs=1e-6)


def test_the_threshold_of_l1_is_that_of_a_gap_of_070_for_spread_differences():
    here, way = units(2)
    near = here + 0.7 * way / np.linalg.norm(way)
    l1 = from_l1(float(np.abs(near - here).sum()), 512)
    assert l1 == pytest.approx(1 - 0.7 * math.sqrt(2 / math.pi), abs=0.03)
    assert from_l2(0.7) == pytest.approx(0.755)


def test_every_similarity_is_bounded():
    for metric in Metric:
        assert -1 <= metric.similarity(3 * RIGHT, 3 * LEFT) <= 1
