"""Only a worker's child loads models: gateway, sweeper, and a worker's parent stay free of them."""

from __future__ import annotations

import subprocess
import sys

import pytest

_HEAVY = ("dlib", "torch", "onnxruntime", "cv2", "av", "paddleocr", "facenet_pytorch")


@pytest.mark.parametrize(
    "module",
    ["api.application", "workers.app", "workers.tasks", "workers.sweeper", "workers.courier"],
)
def test_importing_it_loads_no_model_runtime(module: str) -> None:
    code = f"import {module}, sys; print([n for n in {_HEAVY} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"
