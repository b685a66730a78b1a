"""What a branch PC must not have to carry: the client's guidance runs without the engines' heavy parts."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Installed with the engines alone.
HEAVY = ("dlib", "torch", "paddle", "paddleocr", "scipy", "sqlalchemy", "celery", "zxingcpp")


@pytest.mark.parametrize(
    "module", ["pipeline.face.selfie", "pipeline.face.quality", "pipeline.card.find"]
)
def test_what_guides_a_capture_needs_no_engine(module: str) -> None:
    shown = f"import sys, {module}; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", shown], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
