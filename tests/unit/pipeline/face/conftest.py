"""The models, once a session; they come with `ekyc weights fetch`, which the Makefile runs before the tests."""

from __future__ import annotations

import pytest

from pipeline.errors import WeightsError
from pipeline.face.find import FaceFinder
from pipeline.face.matcher import FaceMatcher, load_face_matcher
from pipeline.face.models import load_face_models
from pipeline.weights import DEFAULT_ROOT


@pytest.fixture(scope="session")
def matcher() -> FaceMatcher:
    try:
        return load_face_matcher(DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")


@pytest.fixture(scope="session")
def finder() -> FaceFinder:
    try:
        return load_face_models(DEFAULT_ROOT).finder()
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
