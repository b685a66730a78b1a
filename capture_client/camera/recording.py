"""A clip of a camera's own frames, each with its own time: nothing is dropped, repeated or moved to an even rate.

H.264 in MP4. The encoder runs in a thread of its own, so that neither the camera nor the window waits for it.
"""

from __future__ import annotations

import io
import queue
import threading
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np

from capture_client.camera.frames import Frame
from pipeline.image import RgbImage

#: One tick is a tenth of a millisecond.
_TIME_BASE = Fraction(1, 10_000)
#: Larger frames are shrunk to this; liveness is measured at 640 and the line of a branch is thin.
MAX_WIDTH_PX = 1280
#: At 1280 x 720 about 2 Mbit/s, 12 to 15 ms of a busy core a frame (docs/reports/client-guidance-2026-11.md).
_OPTIONS = {"crf": "22", "preset": "veryfast", "tune": "zerolatency"}
#: What may wait for the encoder: a whole clip of 640 x 480, five seconds of 1280 x 720.
_WAITING_BYTES = 400_000_000


class RecordingFault(Exception):
    """No clip came of it: `clip_empty`, or `clip_encoder` with what the encoder said as its cause."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A finished clip: an MP4 file, the seconds of its frames from the first, and how many the encoder missed."""

    data: bytes
    times_s: tuple[float, ...]
    missed: int

    @property
    def rate_hz(self) -> float:
        """Frames a second, on average."""
        span_s = self.times_s[-1] - self.times_s[0] if self.times_s else 0.0
        return (len(self.times_s) - 1) / span_s if span_s > 0 else 0.0


@dataclass(slots=True)
class _Film:
    """What the encoder's thread makes."""

    out: io.BytesIO = field(default_factory=io.BytesIO)
    times_s: list[float] = field(default_factory=list)
    container: Any = None
    stream: Any = None


class Recorder:
    """Records from `add` to `finish`; the first frame is second 0."""

    def __init__(self) -> None:
        self._frames: queue.Queue[Frame | None] = queue.Queue()
        self._film, self._missed = _Film(), 0
        self._fault: Exception | None = None
        #: Time of the first frame, by the camera.
        self.first_s: float | None = None
        self._thread = threading.Thread(target=self._encode_all, name="recorder", daemon=True)
        self._thread.start()

    def add(self, frame: Frame) -> None:
        """Take a frame; never waits."""
        self.first_s = frame.time_s if self.first_s is None else self.first_s
        if self._frames.qsize() * frame.rgb.nbytes > _WAITING_BYTES:
            self._missed += 1
        else:
            self._frames.put_nowait(frame)

    def finish(self) -> Recording:
        """Return the clip; waits for the encoder.

        Raises:
            RecordingFault: there is none.
        """
        self._frames.put(None)
        self._thread.join()
        if self._fault:
            raise RecordingFault("clip_encoder") from self._fault
        if not self._film.times_s:
            raise RecordingFault("clip_empty")
        return Recording(
            data=self._film.out.getvalue(), times_s=tuple(self._film.times_s), missed=self._missed
        )

    def _encode_all(self) -> None:
        try:
            first_s: float | None = None
            while (frame := self._frames.get()) is not None:
                first_s = frame.time_s if first_s is None else first_s
                _encode(self._film, frame.rgb, frame.time_s - first_s)
            _close(self._film)
        except Exception as error:  # told by `finish`, in the thread that asked for a clip
            self._fault = error
            while self._frames.get() is not None:
                continue


def _encode(film: _Film, rgb: RgbImage, time_s: float) -> None:
    picture = _even(rgb)
    if film.stream is None:
        film.container, film.stream = _opened(film.out, picture)
    shown = av.VideoFrame.from_ndarray(picture, format="rgb24")
    shown.pts, shown.time_base = round(time_s / _TIME_BASE), _TIME_BASE
    film.container.mux(film.stream.encode(shown))
    film.times_s.append(time_s)


def _opened(out: io.BytesIO, picture: RgbImage) -> tuple[Any, Any]:
    container = av.open(out, "w", format="mp4")
    stream = container.add_stream("libx264", rate=30, options=_OPTIONS)
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = _TIME_BASE
    stream.codec_context.thread_count = 1
    return container, stream


def _close(film: _Film) -> None:
    if film.stream is not None:
        film.container.mux(film.stream.encode(None))
        film.container.close()


def _even(rgb: RgbImage) -> RgbImage:
    """At most `MAX_WIDTH_PX` wide, both sides even: colour is stored for two by two pixels."""
    scale = min(1.0, MAX_WIDTH_PX / rgb.shape[1])
    width, height = (max(round(side * scale / 2) * 2, 2) for side in (rgb.shape[1], rgb.shape[0]))
    if (height, width) == rgb.shape[:2]:
        return RgbImage(np.ascontiguousarray(rgb))
    return RgbImage(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA))
