"""Small encoded clips for tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np

_TICK = Fraction(1, 1000)


def film(
    times_s: Sequence[float],
    size: tuple[int, int] = (320, 240),
    fmt: str = "mp4",
    *,
    key_frame_every: int = 12,
) -> bytes:
    """Encode one grey frame, a little lighter each time, at each of the times."""
    codec = {"mp4": "mpeg4", "matroska": "mpeg4", "avi": "mpeg4"}[fmt]
    out = io.BytesIO()
    with av.open(out, "w", format=fmt) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = key_frame_every
        stream.codec_context.time_base = _TICK
        for i, t in enumerate(times_s):
            grey = np.full((size[1], size[0], 3), 40 + i % 100, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = round(t / _TICK), _TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
