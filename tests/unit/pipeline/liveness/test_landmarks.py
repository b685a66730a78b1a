"""Which landmark model is loaded when: a bank must be able to run without the 68 points."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.errors import WeightsError
from pipeline.liveness.landmarks import load_landmarks
from pipeline.weights import DEFAULT_ROOT

#: Every weights file is hashed before it is used, so Python opens it, and an audit hook sees that.
_LOAD = """
import sys
opened = []
sys.addaudithook(lambda name, given: opened.append(str(given[0])) if name == "open" else None)
from pipeline.face.matcher import load_face_matcher
from pipeline.liveness.landmarks import load_landmarks
from pipeline.liveness.scorer import load_liveness_scorer
from pipeline.weights import DEFAULT_ROOT
load_face_matcher(DEFAULT_ROOT)
load_liveness_scorer(DEFAULT_ROOT).warm_up()
print("default", any("shape_predictor_68" in path for path in opened))
load_landmarks("dlib68", DEFAULT_ROOT)
print("asked for", any("shape_predictor_68" in path for path in opened))
"""


def test_the_68_points_are_read_only_when_asked_for_by_name():
    try:
        load_landmarks("dlib68", DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
    done = subprocess.run(
        [sys.executable, "-c", _LOAD], capture_output=True, text=True, timeout=240, check=True
    )
    assert done.stdout.split("\n")[:2] == ["default False", "asked for True"]


def test_there_is_no_third_backend():
    with pytest.raises(WeightsError, match="facemesh and dlib68"):
        load_landmarks("mediapipe", DEFAULT_ROOT)
