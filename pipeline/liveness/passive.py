"""Does a network that was trained on copies take the face for one? Optional; a person looks at what it suspects.

Which network, and how a face is shown to it, is an entry of the manifest of weights (`passive_entry.py`). Without one
the cue is not evaluated. It never stands alone: such networks take some living people for copies and some copies for
living people (docs/reports/passive-2026-11.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import EngineError, WeightsError
from pipeline.face.region import Points, lift_dark
from pipeline.findings import Cue, ModelRef
from pipeline.image import RgbImage
from pipeline.liveness.passive_entry import PassiveEntry, read_passive_entry
from pipeline.onnx_model import OnnxModel
from pipeline.weights import open_weights

CUE = "passive"
#: Fewer frames than this say too little of a clip; of more than the other the sharpest are taken, because a living face
#: that is blurred by 2 % of its width is taken for a copy in 3 of 35 photos (docs/reports/passive-2026-11.md).
LEAST_FRAMES, MOST_FRAMES = 3, 7
#: The sum of a network's classes may be this far from 1.
_NO_PROBABILITY = 1e-3

#: crops x side x side x 3, uint8, RGB: all crops of one frame.
Crops = NDArray[np.uint8]


class PassiveNetwork:
    """A loaded network with its entry; one per process, not shared between threads."""

    def __init__(self, network: OnnxModel, entry: PassiveEntry, ref: ModelRef) -> None:
        self._network, self._entry, self.ref = network, entry, ref

    @property
    def suspect_below(self) -> float:
        """The least usual probability that is not suspicious."""
        return self._entry.suspect_below

    def crops(self, rgb: RgbImage, box: Points) -> Crops | None:
        """Cut out of a frame what the network looks at; a dark one is brightened first, as for landmarks.

        Args:
            rgb: H x W x 3, uint8, RGB.
            box: x1, y1, x2, y2 of the landmarks (forehead to chin) in its pixels.

        Returns:
            None where the face fills too much of the frame.
        """
        if room_around(rgb, box) < self._entry.least_crop:
            return None
        rgb, size_px = lift_dark(rgb), self._entry.size_px
        return np.stack([crop_around(rgb, box, scale, size_px) for scale in self._entry.crops])

    def alive(self, crops: Crops) -> float:
        """Return the probability that a frame shows a living face, 0..1.

        Raises:
            EngineError: what the network says is no probability.
        """
        classes = self._classes(crops)
        probability = float(classes[self._entry.live])
        if not 0 <= probability <= 1:  # also what is no number
            raise EngineError(f"the network {self.ref.name} gave no probability")
        return probability

    def require_fit(self) -> None:
        """Show the network a grey picture.

        Raises:
            WeightsError: it does not take such crops, or what comes out are no probabilities of classes.
        """
        name, side = self.ref.name, self._entry.size_px
        try:
            classes = self._classes(np.full((len(self._entry.crops), side, side, 3), 127, np.uint8))
        except Exception as error:  # ONNX Runtime's own exception classes are not public
            raise WeightsError(
                f"weights {name} do not run as [{name}.passive] says: {type(error).__name__}"
            ) from error
        if classes.ndim != 1 or len(classes) <= self._entry.live:
            raise WeightsError(f"weights {name} give {classes.shape}, not the classes that it says")
        if classes.min() < 0 or not abs(classes.sum() - 1) < _NO_PROBABILITY:
            raise WeightsError(f"weights {name} give no probabilities: classes must sum to 1")

    def _classes(self, crops: Crops) -> NDArray[np.float32]:
        outputs = self._network(prepare(crops, self._entry))
        classes: NDArray[np.float32] = outputs[self._entry.output or next(iter(outputs))][0]
        return classes


def load_passive(name: str, weights_root: Path) -> PassiveNetwork:
    """Load the network of a manifest entry and run it once.

    Raises:
        WeightsError: no such entry, the file is missing or altered, or it does not do what the entry says.
    """
    entry = open_weights(name, weights_root)
    network = PassiveNetwork(OnnxModel(entry.path), read_passive_entry(entry), entry.ref)
    network.require_fit()
    return network


def passive_cue(network: PassiveNetwork | None, frames: Sequence[Crops]) -> Cue:
    """Judge the usual frame of a clip. Not evaluated without a network or with too few frames.

    Args:
        network: None where the deployment names none.
        frames: what `PassiveNetwork.crops` cut out of frontal frames.
    """
    if network is None or len(frames) < LEAST_FRAMES:
        threshold = network.suspect_below if network else 0.0
        return Cue(name=CUE, score=None, threshold=threshold, suspicious=None)
    sharpest = sorted(frames, key=_sharpness, reverse=True)[:MOST_FRAMES]
    score = float(np.median([network.alive(crops) for crops in sharpest]))
    return Cue(
        name=CUE, score=score, threshold=network.suspect_below,
        suspicious=score < network.suspect_below,
    )  # fmt: skip


def _sharpness(crops: Crops) -> float:
    grey = cv2.cvtColor(crops[0], cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).std())


def room_around(rgb: RgbImage, box: Points) -> float:
    """Return by how much a box can grow until it is as wide or as high as its frame."""
    height, width = rgb.shape[:2]
    return float(min(np.array([width - 1, height - 1]) / _sides(box)))


def _sides(box: Points) -> Points:
    sides: Points = np.maximum(box[2:] - box[:2], 1.0)
    return sides


def crop_around(rgb: RgbImage, box: Points, scale: float, size_px: int) -> RgbImage:
    """Cut what is around a face out of a frame: the rule of Silent-Face-Anti-Spoofing (src/generate_patches.py).

    The box grows about its centre by `scale`, or by less, so that it fits into the frame, and is shifted inside it.
    It is squeezed to a square by bilinear interpolation, which skips pixels, as the networks learnt it.

    Args:
        rgb: H x W x 3, uint8, RGB.
        box: x1, y1, x2, y2 in its pixels.
        scale: side of the crop over that of the box.
        size_px: side of the result.
    """
    height, width = rgb.shape[:2]
    frame = np.array([width - 1, height - 1], np.float64)
    grown = _sides(box) * min(scale, room_around(rgb, box))
    low = np.clip((box[:2] + box[2:] - grown) / 2, 0, frame - grown)
    (x1, y1), (x2, y2) = low.astype(int), (low + grown).astype(int)
    part = np.ascontiguousarray(rgb[y1 : y2 + 1, x1 : x2 + 1])
    return RgbImage(cv2.resize(part, (size_px, size_px), interpolation=cv2.INTER_LINEAR))


def prepare(crops: Crops, entry: PassiveEntry) -> NDArray[np.float32]:
    """Return a frame's crops as the network's input, without the batch axis, float32."""
    ordered = crops if entry.colours == "RGB" else crops[..., ::-1]
    values = (ordered.astype(np.float32) - entry.mean) / entry.deviation
    placed = values if entry.layout == "NHWC" else values.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(placed if len(entry.crops) > 1 else placed[0], np.float32)
