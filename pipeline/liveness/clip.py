"""The one door for clips: bytes become frames with real time stamps here, in memory, bounded, one at a time."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from pipeline.errors import CannotJudge
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

MAX_DURATION_S = 30.0
#: 30 s at 60 fps and some; a container can claim any number.
MAX_FRAMES = 2000
#: Landmarks are measured at this width; a phone's full HD costs ten times as much and finds no more.
WIDTH_PX = 640
#: Largest picture that is decoded at all (4K; a decoder allocates before it fails).
MAX_FRAME_PIXELS = 4096 * 2304
MIN_SIDE_PX = 120
#: More frames a second tell no more about a blink of .1 s; they are decoded and passed over.
MAX_RATE_HZ = 32.0
#: Below this a blink falls between two frames (12-15 fps finds 17 of 18; measured 22 Nov 2026).
MIN_RATE_HZ = 9.5
MIN_DURATION_S = 0.5
MIN_FRAMES = 2
#: Key frames are enough for a rate if they are at most so many of its intervals apart.
_MOST_GAP = 1.5

#: First bytes -> the one demuxer that may read them. Never let the library guess: a playlist sent as a clip would
#: make it open other files and addresses.
_BRANDS = ((4, b"ftyp", "mp4"), (0, b"\x1a\x45\xdf\xa3", "matroska"), (8, b"AVI ", "avi"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipFrame:
    """One frame: H x W x 3, uint8, RGB, at most 640 wide, and its seconds from the first frame."""

    rgb: RgbImage
    time_s: float


def read_clip(data: bytes, *, rate_hz: float = MAX_RATE_HZ) -> Iterator[ClipFrame]:
    """Yield the frames of a clip in order of time, never more than one held.

    Args:
        data: an MP4/MOV, WebM/Matroska or AVI file.
        rate_hz: frames a second at most; the others are decoded and passed over.

    Raises:
        CannotJudge: `evidence_undecodable`; `clip_too_long` as soon as it is; `clip_too_short` at the end of a clip
            of less than two frames or half a second.
    """
    container = _open(data)
    try:
        stream = _video_stream(container)
        yield from _converted(_bounded(_decoded(container, stream), rate_hz))
    finally:
        container.close()


def glance_clip(data: bytes, *, rate_hz: float) -> Iterator[ClipFrame]:
    """Yield about so many frames a second, and decode no more of the clip than that needs.

    Where key frames come often enough they alone are decoded, elsewhere all frames that others are made from. So
    damage between them goes unseen: `read_clip` is the judge of a clip.

    Args:
        data: as for `read_clip`.
        rate_hz: frames a second at most; two thirds of it at least where the clip has them.

    Raises:
        CannotJudge: see `read_clip`.
    """
    container = _open(data)
    try:
        stream = _video_stream(container)
        dense = _longest_gap_s(data) <= _MOST_GAP / rate_hz
        stream.codec_context.skip_frame = "NONKEY" if dense else "NONREF"
        yield from _converted(_bounded(_decoded(container, stream), rate_hz))
    finally:
        container.close()


def _longest_gap_s(data: bytes) -> float:
    """The longest time of a clip without a key frame, as its packets say; infinite where they do not."""
    container = _open(data)
    try:
        stream = _video_stream(container)
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        times = [packet.pts for packet in packets if packet.is_keyframe]
        if len(times) < MIN_FRAMES:
            return math.inf
        times.append(max(packet.pts for packet in packets))
        return float(max(b - a for a, b in pairwise(times)) * stream.time_base)
    except CannotJudge:
        raise
    except Exception as error:  # libav's errors share no class
        raise _undecodable(type(error).__name__) from error
    finally:
        container.close()


def frames_at(data: bytes, times_s: Sequence[float], *, within_s: float) -> list[RgbImage | None]:
    """Return the frame of `read_clip` nearest to each time; None where none is nearer than `within_s`.

    Frames are decoded up to the last time, and only those that are wanted become pictures.

    Raises:
        CannotJudge: see `read_clip`.
    """
    nearest: list[tuple[float, Any]] = [(within_s, None)] * len(times_s)
    for raw, time_s in _raw_frames(data, until_s=max(times_s, default=0.0) + within_s):
        for index, wanted_s in enumerate(times_s):
            away_s = abs(time_s - wanted_s)
            if away_s < nearest[index][0]:
                nearest[index] = away_s, raw
    converter = VideoReformatter()
    return [None if raw is None else _upright(raw, converter) for _, raw in nearest]


def _raw_frames(data: bytes, *, until_s: float) -> Iterator[tuple[Any, float]]:
    container = _open(data)
    try:
        frames = _bounded(_decoded(container, _video_stream(container)), MAX_RATE_HZ)
        yield from takewhile(lambda pair: pair[1] <= until_s, frames)
    finally:
        container.close()


def clip_duration_s(data: bytes) -> float:
    """Return the seconds from the first frame of a clip to the last, decoding all of it.

    Raises:
        CannotJudge: see `read_clip`.
    """
    return max(frame.time_s for frame in read_clip(data))


def require_rate(times_s: list[float]) -> float:
    """Return frames per second of a whole clip.

    Args:
        times_s: times of the frames that `read_clip` yielded.

    Raises:
        CannotJudge: `clip_low_frame_rate`.
    """
    rate = (len(times_s) - 1) / (times_s[-1] - times_s[0])
    if rate < MIN_RATE_HZ:
        raise CannotJudge(ReasonCode.CLIP_LOW_FRAME_RATE, fps=round(rate, 2))
    return rate


def _undecodable(cause: str) -> CannotJudge:
    return CannotJudge(ReasonCode.EVIDENCE_UNDECODABLE, evidence="clip", cause=cause)


def _open(data: bytes) -> Any:
    names = [name for at, brand, name in _BRANDS if data[at : at + len(brand)] == brand]
    if not names:
        raise _undecodable("unknown_container")
    try:
        return av.open(io.BytesIO(data), format=names[0])
    except Exception as error:  # libav's errors share no class
        raise _undecodable(type(error).__name__) from error


def _video_stream(container: Any) -> Any:
    if not container.streams.video:
        raise _undecodable("no_video")
    stream = container.streams.video[0]
    codec = stream.codec_context
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    if codec.width * codec.height > MAX_FRAME_PIXELS:
        raise _undecodable("too_many_pixels")
    if min(codec.width, codec.height) < MIN_SIDE_PX:
        raise _undecodable("too_small")
    claimed_s = float(stream.duration * stream.time_base) if stream.duration else 0.0
    if claimed_s > MAX_DURATION_S:
        raise CannotJudge(ReasonCode.CLIP_TOO_LONG, duration_s=round(claimed_s, 1))
    return stream


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Frames of a stream; a file that is damaged in the middle is undecodable, not shorter."""
    try:
        yield from container.decode(stream)
    except CannotJudge:
        raise
    except Exception as error:  # libav's errors share no class
        raise _undecodable(type(error).__name__) from error


def _bounded(frames: Iterator[Any], rate_hz: float) -> Iterator[tuple[Any, float]]:
    """Frames with their seconds from the first one, at most so many a second."""
    first_s: float | None = None
    count, last_s, kept_s = 0, 0.0, -1.0
    for frame in frames:
        if frame.time is None:
            raise _undecodable("no_time_stamps")
        first_s = float(frame.time) if first_s is None else first_s
        time_s, count = float(frame.time) - first_s, count + 1
        if time_s > MAX_DURATION_S or count > MAX_FRAMES:
            raise CannotJudge(ReasonCode.CLIP_TOO_LONG, duration_s=round(time_s, 1), frames=count)
        last_s = max(last_s, time_s)
        if kept_s < 0 or time_s - kept_s >= 1 / rate_hz:
            kept_s = time_s
            yield frame, time_s
    if count < MIN_FRAMES or last_s < MIN_DURATION_S:
        raise CannotJudge(ReasonCode.CLIP_TOO_SHORT, duration_s=round(last_s, 2), frames=count)


def _converted(frames: Iterator[tuple[Any, float]]) -> Iterator[ClipFrame]:
    converter = VideoReformatter()  # one a clip: a frame's own is set up anew for each
    for frame, time_s in frames:
        yield ClipFrame(rgb=_upright(frame, converter), time_s=time_s)


def _upright(frame: Any, converter: VideoReformatter) -> RgbImage:
    """RGB, at most 640 wide once it stands upright; phones store which way that is."""
    quarter_turns = round(frame.rotation / 90) % 4
    across = frame.height if quarter_turns % 2 else frame.width
    scale = min(1.0, WIDTH_PX / across)
    width, height = max(round(frame.width * scale), 2), max(round(frame.height * scale), 2)
    shrunk = converter.reformat(frame, width, height, "rgb24", interpolation="AREA")
    return RgbImage(np.ascontiguousarray(np.rot90(shrunk.to_ndarray(), quarter_turns)))
