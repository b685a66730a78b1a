from __future__ import annotations

import dataclasses
import hashlib

import numpy as np
import pytest

from pipeline.face.metric import Metric, from_dlib
from pipeline.face.profile import DLIB, FACENET, PROFILES, UNCALIBRATED
from pipeline.findings import Band


@pytest.mark.parametrize(
    ("gap", "rate"),
    [(0.30, 1e-5), (0.50, 1e-5), (0.55, 1e-4), (0.60, 7.8e-4), (0.67, 1e-2), (1.3, 1.0)],
)
def test_the_false_match_rate_is_the_measured_one(gap, rate):
    assert DLIB.fmr(from_dlib(gap)) == pytest.approx(rate, rel=1e-6)


def test_the_rate_falls_as_the_similarity_rises():
    rates = [DLIB.fmr(s / 100) for s in range(-100, 101)]
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("rate", [1e-5, 1e-4, 1e-3, 1e-2, 0.3])
def test_a_rate_leads_back_to_its_similarity(rate):
    assert DLIB.fmr(DLIB.similarity_at(rate)) == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(("profile", "rate"), [(FACENET, 1e-3), (DLIB, 1e-6)])
def test_no_similarity_is_told_for_a_rate_that_nobody_measured(profile, rate):
    with pytest.raises(ValueError, match="not calibrated"):
        profile.similarity_at(rate)


@pytest.mark.parametrize(
    ("gap", "band"),
    [
        (0.0, Band.MATCH),
        (0.55, Band.MATCH),
        (0.551, Band.REVIEW),
        (0.67, Band.REVIEW),
        (0.671, Band.NO_MATCH),
        (1.5, Band.NO_MATCH),
    ],
)
def test_the_bands_end_where_the_rates_say(gap, band):
    assert DLIB.band(from_dlib(gap)) is band


def test_similarity_is_bounded_and_one_for_the_same_picture():
    assert from_dlib(0.0) == 1.0
    assert from_dlib(9.0) == -1.0


def test_a_backend_that_nobody_measured_never_says_match():
    assert FACENET.band(1.0) is Band.REVIEW
    assert FACENET.band(0.2) is Band.NO_MATCH
    assert FACENET.fmr(1.0) == 1.0


def test_another_calibration_needs_another_id():
    numbers = repr((DLIB.calibration, DLIB.review_at, DLIB.duplicate_at))
    digest = hashlib.sha256(numbers.encode()).hexdigest()[:12]
    assert (DLIB.calibration_id, digest) == ("dlib-2026-11-22", "8b2f088dbaff")


def test_only_a_measured_backend_has_a_calibration_and_knows_duplicates():
    for profile in PROFILES.values():
        measured = profile.calibration is not None
        assert (profile.calibration_id != UNCALIBRATED) is measured
        assert measured or profile.duplicate_at is None


def test_the_source_says_what_is_not_known_of_its_people():
    assert "not proved" in DLIB.source


@pytest.mark.parametrize(
    "changes",
    [
        {"calibration_id": UNCALIBRATED},
        {"calibration": None},
        {"calibration": None, "calibration_id": UNCALIBRATED},
        {"metric": Metric.L1},
    ],
)
def test_a_profile_promises_nothing_that_nobody_measured(changes):
    with pytest.raises(ValueError, match="dlib"):
        dataclasses.replace(DLIB, **changes)


@pytest.mark.parametrize("name", ["facenet", "facenet_cosine", "facenet_l1"])
def test_no_metric_of_facenet_says_match(name):
    profile = PROFILES[name]
    same = profile.compare(*[np.full(4, 0.5, np.float32)] * 2)
    assert (same, profile.band(same), profile.duplicate_at) == (1.0, Band.REVIEW, None)
    assert profile.band(profile.review_at - 1e-9) is Band.NO_MATCH
