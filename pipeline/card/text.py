"""Text lines of a card: PP-OCRv6 finds them, our Vietnamese recogniser reads them (detect.py, recognise.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.detect import TextDetector, load_detector
from pipeline.card.geometry import Quad, bounding_box, quad_size, warp_quad
from pipeline.card.recognise import INPUT_HEIGHT_PX, Reading, TextRecogniser, load_recogniser
from pipeline.findings import Box, ModelRef
from pipeline.image import RgbImage

#: Room at both ends of a crop, in heights of the line: of 152 printed fields 146 were right with it, 143 without.
_ROOM = 0.12
#: Room above and below, in heights of the line: the detector cuts off the dot below a capital. Of 30 printed names
#: 16 were right without it, 30 with it (drawn photos of November 2026; 0.25 does the same).
_ROOM_ABOVE_BELOW = 0.18


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextLine:
    """One read line.

    `char_scores` and `char_x` hold, per character of `text`, its probability and the x of its centre; `corners` and
    `box` are where the line is. All in pixels of the picture that was read.
    """

    text: str
    char_scores: tuple[float, ...]
    char_x: tuple[float, ...]
    corners: Quad
    box: Box

    @property
    def score(self) -> float:
        """Mean probability of the characters; 0 for an empty line."""
        return float(np.mean(self.char_scores)) if self.char_scores else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReader:
    """A detector and a recogniser that were loaded together."""

    detect: TextDetector
    recognise: TextRecogniser
    models: tuple[ModelRef, ...]

    def read_lines(
        self, image: RgbImage, quads: Sequence[Quad], *, input_width_px: float | None = None
    ) -> list[TextLine]:
        """Read the lines inside the given quads.

        Args:
            image: H x W x 3, uint8, RGB.
            quads: one per line, in pixels of `image`.
            input_width_px: narrow wider lines to this width of the recogniser's input (at its height of 48).

        Returns:
            A line per quad whose crop held any character.
        """
        crops = [crop_line(image, quad) for quad in quads]
        if input_width_px is not None:
            crops = [_narrow(crop, input_width_px) for crop in crops]
        readings = self.recognise(crops)
        lines = [_place(reading, quad) for reading, quad in zip(readings, quads, strict=True)]
        return [line for line in lines if line.text]


def crop_line(image: RgbImage, quad: Quad) -> RgbImage:
    """Cut a line out at its own resolution, upright.

    A crop more than twice as high as the recogniser's input is shrunk on the way, against aliasing.
    """
    quad = _widen(quad)
    width, height = quad_size(quad)
    scale = min(1.0, 2 * INPUT_HEIGHT_PX / max(height, 1.0))
    return warp_quad(image, quad, max(2, round(width * scale)), max(2, round(height * scale)))


def input_width_px(quad: Quad) -> float:
    """Return how wide a line becomes in the recogniser's input if it is not narrowed."""
    width, height = quad_size(_widen(quad))
    return INPUT_HEIGHT_PX * width / max(height, 1.0)


def _narrow(crop: RgbImage, most_px: float) -> RgbImage:
    height, width = crop.shape[:2]
    most = int(most_px * height / INPUT_HEIGHT_PX)
    if width <= most:
        return crop
    return RgbImage(cv2.resize(crop, (most, height), interpolation=cv2.INTER_AREA))


def _widen(quad: Quad) -> Quad:
    """Give a line a little room on all sides, where the detector cuts into letters and tone marks."""
    height = quad_size(quad)[1]
    along = _unit(quad[1] - quad[0] + quad[2] - quad[3]) * _ROOM * height
    down = _unit(quad[3] - quad[0] + quad[2] - quad[1]) * _ROOM_ABOVE_BELOW * height
    steps = np.array([-along - down, along - down, along + down, down - along])
    return Quad((quad + steps).astype(np.float32))


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


def _place(reading: Reading, quad: Quad) -> TextLine:
    text, kept = _strip(reading.text)
    left, right = (quad[0][0] + quad[3][0]) / 2, (quad[1][0] + quad[2][0]) / 2
    return TextLine(
        text=text,
        char_scores=reading.scores[kept],
        char_x=tuple(float(left + (right - left) * p) for p in reading.positions[kept]),
        corners=quad,
        box=bounding_box(quad),
    )


def _strip(text: str) -> tuple[str, slice]:
    start = len(text) - len(text.lstrip())
    stop = max(start, len(text.rstrip()))
    return text[start:stop], slice(start, stop)


class TextEngine(StrEnum):
    """What runs the text models: our own thin steps around ONNX Runtime, or PaddleOCR."""

    DIRECT = "direct"
    PADDLEOCR = "paddleocr"


def load_text_reader(
    weights_root: Path,
    *,
    device: str = "cpu",
    threads: int = 1,
    engine: TextEngine = TextEngine.DIRECT,
) -> TextReader:
    """Load detector and recogniser.

    Args:
        weights_root: folder of manifest.toml.
        device: "cpu" or "cuda".
        threads: of each session on the CPU.
        engine: what runs the models.

    Raises:
        WeightsError: a file is missing or altered, or the recogniser carries no dictionary.
        CharsetError: the recogniser cannot write Vietnamese.
    """
    if engine is TextEngine.PADDLEOCR:
        # Importing PaddleOCR takes seconds and 300 MB: only who asks for it pays.
        from pipeline.card.paddle import load_paddle_detector, load_paddle_recogniser

        detect, detector = load_paddle_detector(weights_root, device=device, threads=threads)
        recognise, recogniser = load_paddle_recogniser(weights_root, device=device, threads=threads)
    else:
        detect, detector = load_detector(weights_root, device=device, threads=threads)
        recognise, recogniser = load_recogniser(weights_root, device=device, threads=threads)
    return TextReader(detect=detect, recognise=recognise, models=(detector, recogniser))
