"""Which engine, on which device; never a silent second choice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline.errors import EngineError
from workers.engines import engine_module, pick_device
from workers.settings import DeviceWish, WorkerSettings

CPU = ["CPUExecutionProvider"]
GPU = ["CUDAExecutionProvider", "CPUExecutionProvider"]


@pytest.mark.parametrize(
    ("wish", "providers", "device"),
    [
        (DeviceWish.AUTO, CPU, "cpu"),
        (DeviceWish.AUTO, GPU, "cuda"),
        (DeviceWish.CPU, GPU, "cpu"),
        (DeviceWish.CUDA, GPU, "cuda"),
    ],
)
def test_device_is_what_is_wished_for_and_offered(
    wish: DeviceWish, providers: list[str], device: str
) -> None:
    assert pick_device(wish, providers) == device


def test_cuda_demanded_but_not_offered_is_an_error() -> None:
    with pytest.raises(EngineError, match="CUDAExecutionProvider"):
        pick_device(DeviceWish.CUDA, CPU)


def test_engines_are_the_real_ones_unless_said_otherwise() -> None:
    assert engine_module(WorkerSettings()).__name__ == "workers.real_engines"
    assert engine_module(WorkerSettings(engines="real")).__name__ == "workers.real_engines"


def test_the_parent_of_a_worker_loads_no_model_runtime() -> None:
    """CUDA must not be touched before the fork, and a parent with models would hold them twice."""
    code = (
        "import sys, workers.app, workers.desk, workers.real_engines, ekyc.worker;"
        "heavy = {'numpy', 'cv2', 'onnxruntime', 'torch', 'dlib', 'paddleocr', 'av'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
