"""The models, once a session; they come with `ekyc weights fetch`, which the Makefile runs before the tests."""

from __future__ import annotations

import pytest

from pipeline.errors import WeightsError
from pipeline.face.matcher import FaceMatcher, load_face_matcher
from pipeline.weights import DEFAULT_ROOT


@pytest.fixture(scope="session")
def matcher() -> FaceMatcher:
    try:
        return load_face_matcher(DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
