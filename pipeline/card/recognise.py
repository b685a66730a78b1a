"""Reads lines: our Vietnamese recogniser through PaddleOCR, with a probability and a place per character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.card.charset import require_vietnamese
from pipeline.card.paddle import model_folder, session_options
from pipeline.errors import WeightsError
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.weights import open_weights

WEIGHTS = "vn_card_rec"
#: Our weights borrow the name of the architecture they were fine-tuned from: PaddleOCR only loads names it knows.
_MODEL_NAME = "PP-OCRv6_small_rec"
INPUT_HEIGHT_PX, _LEAST_WIDTH_PX = 48, 320
#: The dictionary is a placeholder: the real one is metadata of the ONNX file and `_CharacterDecode` applies it.
_DESCRIPTION = """
Global: {model_name: PP-OCRv6_small_rec}
PreProcess: {transform_ops: [{DecodeImage: {channel_first: false, img_mode: BGR}},
  {RecResizeImg: {image_shape: [3, 48, 320]}}, {KeepKeys: {keep_keys: [image]}}]}
PostProcess: {name: CTCLabelDecode, character_dict: ['0']}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the recogniser says about one crop; `positions` are 0 (left edge) to 1 (right edge)."""

    text: str
    scores: tuple[float, ...]
    positions: tuple[float, ...]


class TextRecogniser(Protocol):
    """Reads crops of single lines."""

    def __call__(self, crops: Sequence[RgbImage]) -> list[Reading]:
        """Return one reading per crop."""


def load_recogniser(
    weights_root: Path, *, device: str = "cpu", threads: int = 1
) -> tuple[TextRecogniser, ModelRef]:
    """Load the Vietnamese recogniser.

    Args:
        weights_root: folder of manifest.toml.
        device: "cpu" or "cuda".
        threads: of the session on the CPU.

    Raises:
        WeightsError: the file is missing or altered, or carries no dictionary.
        CharsetError: the dictionary lacks Vietnamese letters.
    """
    from paddleocr import TextRecognition

    entry = open_weights(WEIGHTS, weights_root)
    options = session_options(device, threads)
    with model_folder(entry, _DESCRIPTION) as folder:
        model = TextRecognition(model_name=_MODEL_NAME, model_dir=folder, **options)
    predictor = model.paddlex_predictor
    characters = _dictionary(predictor.runner.session)
    require_vietnamese(characters)
    predictor.post_op = _CharacterDecode(characters)

    def recognise(crops: Sequence[RgbImage]) -> list[Reading]:
        if not crops:
            return []
        bgr = [np.ascontiguousarray(crop[..., ::-1]) for crop in crops]
        # One crop a batch: on a CPU the padding of a mixed batch costs more than the batch saves.
        results = model.predict(bgr, batch_size=1)
        return [
            _reading(result["rec_text"], result["rec_score"], crop)
            for result, crop in zip(results, crops, strict=True)
        ]

    return recognise, entry.ref


def _reading(text: str, columns: NDArray[np.float64], crop: RgbImage) -> Reading:
    """Turn columns of the padded input into positions within the crop."""
    width_px = crop.shape[1] * INPUT_HEIGHT_PX / crop.shape[0]
    shown = min(1.0, width_px / max(width_px, _LEAST_WIDTH_PX))
    return Reading(
        text=text,
        scores=tuple(float(score) for score in columns[:, 0]),
        positions=tuple(min(1.0, float(at) / shown) for at in columns[:, 1]),
    )


def characters_of(weights_root: Path) -> tuple[str, ...]:
    """Return the characters that the recogniser can write, without loading PaddleOCR.

    Raises:
        WeightsError: the file is missing or altered, or carries no dictionary.
    """
    import onnxruntime

    path = open_weights(WEIGHTS, weights_root).path
    return _dictionary(onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]))


def _dictionary(session: Any) -> tuple[str, ...]:
    """The metadata entry `character` of an ONNX recogniser: one character a line, without blank and space."""
    listed = session.get_modelmeta().custom_metadata_map.get("character")
    if not listed:
        raise WeightsError("the recogniser's file carries no dictionary (metadata `character`)")
    return tuple(listed.split("\n"))


class _CharacterDecode:
    """Greedy CTC that keeps each character's probability and place, where PaddleOCR keeps only the line's mean."""

    def __init__(self, characters: Sequence[str]) -> None:
        self._classes = ("", *characters, " ")

    def __call__(
        self, outputs: Sequence[NDArray[np.float32]], **_: object
    ) -> tuple[list[str], list[NDArray[np.float64]]]:
        decoded = [self._decode(steps) for steps in outputs[0]]
        return [text for text, _ in decoded], [columns for _, columns in decoded]

    def _decode(self, steps: NDArray[np.float32]) -> tuple[str, NDArray[np.float64]]:
        """Steps x classes probabilities to a text and, per character, (probability, place from 0 to 1)."""
        best = steps.argmax(axis=1)
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        stops = np.append(starts[1:], len(best))
        runs = [(a, b) for a, b in zip(starts, stops, strict=True) if best[a] != 0]
        text = "".join(self._classes[best[a]] for a, _ in runs)
        columns = [(steps[a:b, best[a]].max(), (a + b) / 2 / len(best)) for a, b in runs]
        return text, np.asarray(columns, np.float64).reshape(-1, 2)
