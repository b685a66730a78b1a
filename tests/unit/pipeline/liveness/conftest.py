"""The models, once a session; they come with `ekyc weights fetch`, which the Makefile runs before the tests."""

from __future__ import annotations

import pytest

from pipeline.errors import WeightsError
from pipeline.liveness.scorer import LivenessScorer, load_liveness_scorer
from pipeline.weights import DEFAULT_ROOT


@pytest.fixture(scope="session")
def scorer() -> LivenessScorer:
    try:
        return load_liveness_scorer(DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
