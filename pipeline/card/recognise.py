"""Reads lines: our Vietnamese recogniser on ONNX Runtime, with a probability and a place per character.

`pipeline/card/paddle.py` runs the same weights through PaddleOCR; a test holds the two to the same text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.charset import require_vietnamese
from pipeline.card.session import open_session
from pipeline.errors import WeightsError
from pipeline.findings import ModelRef
from pipeline.image import RgbImage
from pipeline.weights import open_weights

WEIGHTS = "vn_card_rec"
#: Widths are padded to a multiple of this, as in training (training/stream.py).
WIDTH_GRAIN_PX, _LEAST_INPUT_PX = 16, 48
#: PaddleOCR's own bound: a line 67 times as wide as high is no line.
_MOST_WIDTH_PX = 3200
INPUT_HEIGHT_PX = 48


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
    entry = open_weights(WEIGHTS, weights_root)
    session = open_session(entry.path, device=device, threads=threads)
    characters = dictionary(session)
    require_vietnamese(characters)
    decode = CharacterDecode(characters)
    name = session.get_inputs()[0].name

    def recognise(crops: Sequence[RgbImage]) -> list[Reading]:
        # One crop a run: on a CPU a batch saves nothing (docs/reports/card-speed-2026-11.md) and its padding costs.
        return [_read(crop) for crop in crops]

    def _read(crop: RgbImage) -> Reading:
        pixels, shown = _net_input(crop)
        text, columns = decode.decode(session.run(None, {name: pixels})[0][0])
        return to_reading(text, columns, shown)

    return recognise, entry.ref


def _net_input(crop: RgbImage) -> tuple[NDArray[np.float32], float]:
    """1 x 3 x 48 x W, BGR in -1..1, padded on the right with 0 as in training; and the share that is the crop."""
    height, width = crop.shape[:2]
    shown_px = min(max(1, math.ceil(INPUT_HEIGHT_PX * width / height)), _MOST_WIDTH_PX)
    padded_px = max(_LEAST_INPUT_PX, -(-shown_px // WIDTH_GRAIN_PX) * WIDTH_GRAIN_PX)
    scaled = cv2.resize(crop, (shown_px, INPUT_HEIGHT_PX))[..., ::-1].astype(np.float32)
    pixels = np.zeros((1, 3, INPUT_HEIGHT_PX, padded_px), np.float32)
    pixels[0, :, :, :shown_px] = (scaled / 127.5 - 1).transpose(2, 0, 1)
    return pixels, shown_px / padded_px


def to_reading(text: str, columns: NDArray[np.float64], shown: float) -> Reading:
    """Turn columns of the padded input into a reading with positions within the crop.

    Args:
        text: what was decoded.
        columns: N x 2, per character its probability and its place, 0 to 1, in the padded input.
        shown: share of the padded input that is the crop.
    """
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
    return dictionary(onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]))


def dictionary(session: Any) -> tuple[str, ...]:
    """Return the metadata entry `character` of an ONNX recogniser: one character a line, without blank and space.

    Raises:
        WeightsError: there is no such entry.
    """
    listed = session.get_modelmeta().custom_metadata_map.get("character")
    if not listed:
        raise WeightsError("the recogniser's file carries no dictionary (metadata `character`)")
    return tuple(listed.split("\n"))


class CharacterDecode:
    """Greedy CTC that keeps each character's probability and place, where PaddleOCR keeps only the line's mean."""

    def __init__(self, characters: Sequence[str]) -> None:
        """Keep the classes: blank, the dictionary, space."""
        self._classes = ("", *characters, " ")

    def decode(self, steps: NDArray[np.float32]) -> tuple[str, NDArray[np.float64]]:
        """Return the text of steps x classes probabilities and, per character, (probability, place from 0 to 1)."""
        best = steps.argmax(axis=1)
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        if not len(starts):
            return "", np.zeros((0, 2))
        stops = np.append(starts[1:], len(best))
        highest = np.maximum.reduceat(steps[np.arange(len(best)), best], starts)
        is_letter = best[starts] != 0
        text = "".join(self._classes[letter] for letter in best[starts[is_letter]])
        columns = np.stack([highest, (starts + stops) / 2 / len(best)], axis=1)
        return text, np.asarray(columns[is_letter], np.float64)
