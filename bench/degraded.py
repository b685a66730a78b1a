"""Make a good clip a bad one, frame by frame: slow, uneven, small, dark, or badly compressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import cv2
import numpy as np

from pipeline.image import RgbImage
from pipeline.liveness.clip import ClipFrame

#: Faces are put on a canvas of this size when they are made small: a distant person in a webcam's picture.
_CANVAS = (480, 640)
_NOISE_LEVELS = 2.0
_SEED = 20261130

Frames = Iterable[ClipFrame]
Degrade = Callable[[Frames], Iterator[ClipFrame]]


def at_rate(fps: float) -> Degrade:
    """Keep at most `fps` frames a second."""

    def degrade(frames: Frames) -> Iterator[ClipFrame]:
        due_s = 0.0
        for frame in frames:
            if frame.time_s >= due_s - 1e-3:
                due_s = max(due_s + 1 / fps, frame.time_s)
                yield frame

    return degrade


def uneven(frames: Frames) -> Iterator[ClipFrame]:
    """Lose a third of the frames at random, and never know when the others really were (20 ms)."""
    rng = np.random.default_rng(_SEED)
    last_s = -1.0
    for frame in frames:
        if last_s >= 0 and rng.random() < 1 / 3:
            continue
        last_s = max(frame.time_s + float(rng.uniform(-0.02, 0.02)), last_s + 0.001, 0.0)
        yield ClipFrame(rgb=frame.rgb, time_s=last_s)


def face_of(height_px: float, face_px: float) -> Degrade:
    """Shrink a picture whose face is `face_px` high until it is `height_px`; never enlarge it."""
    scale = min(1.0, height_px / face_px)

    def degrade(frames: Frames) -> Iterator[ClipFrame]:
        for frame in frames:
            small = cv2.resize(frame.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield ClipFrame(rgb=_on_canvas(small), time_s=frame.time_s)

    return degrade


def jpeg(quality: int) -> Degrade:
    """Compress every frame as JPEG."""

    def degrade(frames: Frames) -> Iterator[ClipFrame]:
        for frame in frames:
            bgr = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
            _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
            again = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
            yield ClipFrame(rgb=RgbImage(again), time_s=frame.time_s)

    return degrade


def light(share: float) -> Degrade:
    """A share of the light, and the noise of a sensor that lacks it."""

    def degrade(frames: Frames) -> Iterator[ClipFrame]:
        rng = np.random.default_rng(_SEED)
        for frame in frames:
            noise = rng.normal(0, _NOISE_LEVELS, frame.rgb.shape)
            dark = np.clip(frame.rgb * share + noise, 0, 255).astype(np.uint8)
            yield ClipFrame(rgb=RgbImage(dark), time_s=frame.time_s)

    return degrade


def mirrored(frames: Frames) -> Iterator[ClipFrame]:
    """Left and right swapped."""
    for frame in frames:
        flipped = np.ascontiguousarray(frame.rgb[:, ::-1])
        yield ClipFrame(rgb=RgbImage(flipped), time_s=frame.time_s)


def as_filmed(frames: Frames) -> Iterator[ClipFrame]:
    """Nothing changed."""
    yield from frames


def _on_canvas(small: RgbImage) -> RgbImage:
    """In the middle of a grey canvas, which is enlarged where the picture is larger."""
    height, width = (max(a, b) for a, b in zip(_CANVAS, small.shape[:2], strict=True))
    canvas = np.full((height, width, 3), 110, np.uint8)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return RgbImage(canvas)
