"""One ONNX model on ONNX Runtime, one thread: a worker process is the unit of parallelism, not a thread pool."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from pipeline.errors import WeightsError


class OnnxModel:
    """Callable: one image in, all outputs by name out."""

    def __init__(self, path: Path) -> None:
        """Open the session.

        Raises:
            WeightsError: ONNX Runtime cannot read the file.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's own exception classes are not public
            raise WeightsError(f"{path.name} cannot be opened: {type(error).__name__}") from error
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def __call__(self, image: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Run one image (H x W x 3, without batch axis); return every output with its batch axis."""
        outputs = self._session.run(None, {self._input: image[None]})
        return dict(zip(self._outputs, outputs, strict=True))
