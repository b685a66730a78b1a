"""PaddleOCR on ONNX Runtime, without paddlepaddle: the folder it wants around a weights file, and its settings.

A model that is given as a folder is never asked of a model hub, so nothing goes to the network.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.weights import WeightsEntry


def session_options(device: str, threads: int) -> dict[str, Any]:
    """Return the engine settings of a PaddleOCR module.

    Args:
        device: "cpu" or "cuda".
        threads: of a session on the CPU.
    """
    return {
        "engine": "onnxruntime",
        "device": "gpu:0" if device == "cuda" else "cpu",
        "engine_config": {"intra_op_num_threads": threads, "inter_op_num_threads": 1},
    }


@contextmanager
def model_folder(entry: WeightsEntry, description: str) -> Iterator[str]:
    """Make the folder that PaddleOCR loads a model from: inference.onnx and inference.yml.

    Args:
        entry: a checked weights file.
        description: text of inference.yml.
    """
    with tempfile.TemporaryDirectory(prefix="ekyc-") as folder:
        Path(folder, "inference.onnx").symlink_to(entry.path.resolve())
        Path(folder, "inference.yml").write_text(description, encoding="utf-8")
        yield folder
