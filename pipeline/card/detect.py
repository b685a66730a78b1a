"""Finds text lines: PP-OCRv6 small through PaddleOCR."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.card.geometry import Quad, order_corners, quad_size
from pipeline.card.paddle import model_folder, session_options
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.weights import open_weights

WEIGHTS = "ppocrv6_det_small"
_MODEL_NAME = "PP-OCRv6_small_det"
#: Normalisation and thresholds of PP-OCRv6 small detection: PaddleOCR's own inference.yml for that model.
_DESCRIPTION = """
Global: {model_name: PP-OCRv6_small_det}
PreProcess: {transform_ops: [{DetResizeForTest: {resize_long: 960}},
  {NormalizeImage: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 1./255., order: hwc}},
  {ToCHWImage: null}, {KeepKeys: {keep_keys: [image, shape]}}]}
PostProcess: {name: DBPostProcess, thresh: 0.3, box_thresh: 0.6, max_candidates: 1000, unclip_ratio: 1.5}
"""


class TextDetector(Protocol):
    """Finds text lines."""

    def __call__(self, image: RgbImage, long_side_px: int) -> list[Quad]:
        """Return a quad per line, in pixels of `image`."""


def load_detector(
    weights_root: Path, *, device: str = "cpu", threads: int = 1
) -> tuple[TextDetector, ModelRef]:
    """Load the PP-OCRv6 small detector.

    Args:
        weights_root: folder of manifest.toml.
        device: "cpu" or "cuda".
        threads: of the session on the CPU.

    Raises:
        WeightsError: the file is missing or altered.
    """
    from paddleocr import TextDetection

    entry = open_weights(WEIGHTS, weights_root)
    options = session_options(device, threads)
    with model_folder(entry, _DESCRIPTION) as folder:
        model = TextDetection(model_name=_MODEL_NAME, model_dir=folder, **options)

    def detect(image: RgbImage, long_side_px: int) -> list[Quad]:
        bgr = np.ascontiguousarray(image[..., ::-1])
        result = model.predict(bgr, limit_side_len=long_side_px, limit_type="max")[0]
        return [_reading_order(np.asarray(polygon, np.float32)) for polygon in result["dt_polys"]]

    return detect, entry.ref


def _reading_order(polygon: NDArray[np.float32]) -> Quad:
    """Order a line's corners so that its long side is the top; lines lean less than 45 degrees to the right angle."""
    quad = order_corners(polygon)
    width, height = quad_size(quad)
    upright_line = height > 1.5 * width
    return Quad(np.roll(quad, -1, axis=0)) if upright_line else quad
