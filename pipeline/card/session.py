"""ONNX Runtime sessions of the text models, and the checked file behind each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from pipeline.errors import WeightsError


def open_session(path: Path, *, device: str, threads: int) -> Any:
    """Open a model.

    Args:
        path: of a checked ONNX file.
        device: "cpu" or "cuda".
        threads: of the session on the CPU.

    Raises:
        WeightsError: ONNX Runtime cannot read the file, or has no such device.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Threads that wait in a loop take the core from the worker beside this one.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    provider = "CUDAExecutionProvider" if device == "cuda" else "CPUExecutionProvider"
    if provider not in onnxruntime.get_available_providers():
        raise WeightsError(f"this ONNX Runtime has no {provider}")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=[provider])
    except Exception as error:  # ONNX Runtime's own exception classes are not public
        raise WeightsError(f"{path.name} cannot be opened: {type(error).__name__}") from error
