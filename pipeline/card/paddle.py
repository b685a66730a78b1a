"""The same text models through PaddleOCR: the named alternative to detect.py and recognise.py.

It reads the same text for a little more work, and its import costs seconds and 300 MB.

PaddleOCR runs on ONNX Runtime here, without paddlepaddle. A model that is given as a folder is never asked of a model
hub, so nothing goes to the network.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.card import detect as detection
from pipeline.card import recognise as recognition
from pipeline.card.charset import require_vietnamese
from pipeline.card.geometry import Quad
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.weights import WeightsEntry, open_weights

_DETECTOR, _RECOGNISER = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"
#: PaddleOCR's own inference.yml for that model.
_DETECTOR_DESCRIPTION = """
Global: {model_name: PP-OCRv6_small_det}
PreProcess: {transform_ops: [{DecodeImage: {channel_first: false, img_mode: BGR}},
  {DetResizeForTest: {resize_long: 960}},
  {NormalizeImage: {mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 1./255., order: hwc}},
  {ToCHWImage: null}, {KeepKeys: {keep_keys: [image, shape]}}]}
PostProcess: {name: DBPostProcess, thresh: 0.3, box_thresh: 0.6, max_candidates: 1000, unclip_ratio: 1.5}
"""
#: Our weights borrow the name of the architecture they were fine-tuned from: PaddleOCR only loads names it knows. The
#: dictionary is a placeholder: the real one is metadata of the ONNX file and `_CharacterDecode` applies it.
_RECOGNISER_DESCRIPTION = """
Global: {model_name: PP-OCRv6_small_rec}
PreProcess: {transform_ops: [{DecodeImage: {channel_first: false, img_mode: BGR}},
  {RecResizeImg: {image_shape: [3, 48, 320]}}, {KeepKeys: {keep_keys: [image]}}]}
PostProcess: {name: CTCLabelDecode, character_dict: ['0']}
"""
_LEAST_WIDTH_PX = 320


def load_paddle_detector(
    weights_root: Path, *, device: str = "cpu", threads: int = 1
) -> tuple[detection.TextDetector, ModelRef]:
    """Load the PP-OCRv6 small detector into PaddleOCR.

    Args:
        weights_root: folder of manifest.toml.
        device: "cpu" or "cuda".
        threads: of the session on the CPU.

    Raises:
        WeightsError: the file is missing or altered.
    """
    from paddleocr import TextDetection

    entry = open_weights(detection.WEIGHTS, weights_root)
    with _model_folder(entry, _DETECTOR_DESCRIPTION) as folder:
        model = TextDetection(model_name=_DETECTOR, model_dir=folder, **_settings(device, threads))

    def detect(image: RgbImage, long_side_px: int) -> list[Quad]:
        bgr = np.ascontiguousarray(image[..., ::-1])
        result = model.predict(bgr, limit_side_len=long_side_px, limit_type="max")[0]
        polygons = [np.asarray(polygon, np.float32) for polygon in result["dt_polys"]]
        return [detection.reading_order(polygon) for polygon in polygons]

    return detect, entry.ref


def load_paddle_recogniser(
    weights_root: Path, *, device: str = "cpu", threads: int = 1
) -> tuple[recognition.TextRecogniser, ModelRef]:
    """Load the Vietnamese recogniser into PaddleOCR.

    Args:
        weights_root: folder of manifest.toml.
        device: "cpu" or "cuda".
        threads: of the session on the CPU.

    Raises:
        WeightsError: the file is missing or altered, or carries no dictionary.
        CharsetError: the dictionary lacks Vietnamese letters.
    """
    from paddleocr import TextRecognition

    entry = open_weights(recognition.WEIGHTS, weights_root)
    settings = _settings(device, threads)
    with _model_folder(entry, _RECOGNISER_DESCRIPTION) as folder:
        model = TextRecognition(model_name=_RECOGNISER, model_dir=folder, **settings)
    predictor = model.paddlex_predictor
    characters = recognition.dictionary(predictor.runner.session)
    require_vietnamese(characters)
    predictor.post_op = _CharacterDecode(characters)

    def recognise(crops: Sequence[RgbImage]) -> list[recognition.Reading]:
        if not crops:
            return []
        bgr = [np.ascontiguousarray(crop[..., ::-1]) for crop in crops]
        results = model.predict(bgr, batch_size=1)
        return [
            recognition.to_reading(result["rec_text"], result["rec_score"], _shown(crop))
            for result, crop in zip(results, crops, strict=True)
        ]

    return recognise, entry.ref


def _shown(crop: RgbImage) -> float:
    """Share of PaddleOCR's padded input that is the crop."""
    width_px = crop.shape[1] * recognition.INPUT_HEIGHT_PX / crop.shape[0]
    return float(min(1.0, width_px / max(width_px, _LEAST_WIDTH_PX)))


class _CharacterDecode:
    """Our decoding in the place of PaddleOCR's, which keeps only a line's mean probability."""

    def __init__(self, characters: Sequence[str]) -> None:
        self._decode = recognition.CharacterDecode(characters).decode

    def __call__(
        self, outputs: Sequence[NDArray[np.float32]], **_: object
    ) -> tuple[list[str], list[NDArray[np.float64]]]:
        decoded = [self._decode(steps) for steps in outputs[0]]
        return [text for text, _ in decoded], [columns for _, columns in decoded]


def _settings(device: str, threads: int) -> dict[str, Any]:
    return {
        "engine": "onnxruntime",
        "device": "gpu:0" if device == "cuda" else "cpu",
        "engine_config": {"intra_op_num_threads": threads, "inter_op_num_threads": 1},
    }


@contextmanager
def _model_folder(entry: WeightsEntry, description: str) -> Iterator[str]:
    """The folder that PaddleOCR loads a model from: inference.onnx and inference.yml."""
    with tempfile.TemporaryDirectory(prefix="ekyc-") as folder:
        Path(folder, "inference.onnx").symlink_to(entry.path.resolve())
        Path(folder, "inference.yml").write_text(description, encoding="utf-8")
        yield folder
