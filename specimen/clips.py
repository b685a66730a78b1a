"""Lets a puppet perform a challenge, and packs frames into an MP4."""

import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from pipeline.challenge import LEAD_IN_S, WINDOW_S, Action, ChallengeStep
from pipeline.image import RgbImage
from specimen.camera import GrainReel
from specimen.puppet import Mouth, Pose, Puppet

#: What a cheap webcam gives in a room; liveness is measured at this and other rates.
FPS = 15.0
#: How long the camera runs on after the last window.
TAIL_S = 0.4
#: Reads as 25 to 28 degrees on FaceMesh, because the rim of the puppet is flatter than a head.
TURN_DEG = 32.0
_BLINK_HALF_S = 0.17
_NOISE = 1.6
_TIME_BASE = Fraction(1, 1000)
#: Shares of a window at which a slow action starts, is full, begins to end, and is over.
_RISE = (0.14, 0.36)
_FALL = (0.70, 0.92)


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """The camera's mode: (width, height) in pixels, frames a second."""

    size: tuple[int, int] = (640, 480)
    fps: float = FPS


WEBCAM = Film()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """A picture (H x W x 3, uint8, RGB) and when it is shown, in seconds from the first."""

    image: RgbImage
    time_s: float


def steps_of(actions: Sequence[tuple[Action, int | None]]) -> tuple[ChallengeStep, ...]:
    """Windows for (action, count) in order, as the server gives them when nothing else is said."""
    return tuple(
        ChallengeStep(
            action=action,
            count=count or 1,
            start_s=LEAD_IN_S + i * WINDOW_S,
            end_s=LEAD_IN_S + (i + 1) * WINDOW_S,
        )
        for i, (action, count) in enumerate(actions)
    )


def clip_times(steps: Sequence[ChallengeStep], fps: float = FPS) -> list[float]:
    """Times of the frames of a clip that covers all windows."""
    end_s = max((step.end_s for step in steps), default=LEAD_IN_S) + TAIL_S
    return [i / fps for i in range(round(end_s * fps))]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Performance:
    """Amounts of each action over time: what to do, with which mouth, and one person's small irregularities."""

    steps: tuple[ChallengeStep, ...]
    mouth: Mouth
    #: Phases of the idle motion, and delays of each step's start in seconds.
    phases: tuple[float, ...]
    delays_s: tuple[float, ...]

    def pose(self, t: float) -> Pose:
        """The pose at a time: idle motion plus whatever the running step asks for."""
        p = self.phases
        yaw = 1.6 * np.sin(0.9 * t + p[0]) + TURN_DEG * (
            self.amount(Action.TURN_LEFT, t) - self.amount(Action.TURN_RIGHT, t)
        )
        smile = self.amount(Action.SMILE, t)
        return Pose(
            yaw_deg=float(yaw),
            pitch_deg=float(1.3 * np.sin(0.7 * t + p[1])),
            roll_deg=float(np.sin(0.5 * t + p[2])),
            blink=self.amount(Action.BLINK, t),
            smile=self.mouth.relaxed + (self.mouth.smiling - self.mouth.relaxed) * smile,
            dx_px=float(3 * np.sin(0.6 * t + p[3])),
            dy_px=float(2 * np.sin(0.8 * t + p[4])),
            zoom=float(1 + 0.01 * np.sin(0.4 * t + p[5])),
        )

    def amount(self, action: Action, t: float) -> float:
        """How far an action is performed at a time, 0 to 1."""
        timed = zip(self.steps, self.delays_s, strict=True)
        return max(
            (_amount(step, t - late) for step, late in timed if step.action is action), default=0.0
        )


def rehearse(steps: Sequence[ChallengeStep], mouth: Mouth, rng: np.random.Generator) -> Performance:
    """Draw one performance of a challenge."""
    return Performance(
        steps=tuple(steps),
        mouth=mouth,
        phases=tuple(float(p) for p in rng.uniform(0, 6, 6)),
        delays_s=tuple(float(d) for d in rng.uniform(0, 0.12, len(steps))),
    )


def perform(
    puppet: Puppet, performance: Performance, rng: np.random.Generator, *, fps: float = FPS
) -> Iterator[Frame]:
    """Yield the frames of a puppet that performs, with fresh camera noise on each.

    Args:
        puppet: who performs.
        performance: what, see `rehearse`.
        rng: draws the noise.
        fps: frames per second.
    """
    grain = GrainReel(puppet.size, _NOISE, rng)
    share = puppet.size[0] / WEBCAM.size[0]
    for t in clip_times(performance.steps, fps):
        pose = performance.pose(t)
        swaying = replace(pose, dx_px=pose.dx_px * share, dy_px=pose.dy_px * share)
        yield Frame(image=grain.over(puppet.render(swaying)), time_s=t)


def drop_frames(frames: Iterable[Frame], share: float, rng: np.random.Generator) -> Iterator[Frame]:
    """Lose a share of the frames at random, as a busy phone does; the others keep their times."""
    return (frame for i, frame in enumerate(frames) if i == 0 or rng.random() >= share)


def encode_clip(frames: Iterable[Frame]) -> bytes:
    """Pack frames into an MP4 (H.264 where the encoder exists, else MPEG-4 part 2); times become the frames' pts.

    Raises:
        ValueError: there is no frame.
    """
    shown = iter(frames)
    first = next(shown, None)
    if first is None:
        raise ValueError("a clip needs at least one frame")
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = _video_stream(container, first.image)
        for frame in itertools.chain((first,), shown):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame.image), format="rgb24")
            picture.pts, picture.time_base = round(frame.time_s / _TIME_BASE), _TIME_BASE
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return out.getvalue()


def _video_stream(container: OutputContainer, image: RgbImage) -> VideoStream:
    h264 = "libx264" in av.codecs_available
    options = {"crf": "21", "preset": "veryfast"} if h264 else {"qscale": "3"}
    stream = container.add_stream("libx264" if h264 else "mpeg4", rate=round(FPS), options=options)
    stream.height, stream.width = image.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = _TIME_BASE
    return stream


def _amount(step: ChallengeStep, t: float) -> float:
    shape: Callable[[ChallengeStep, float], float] = (
        _blinks if step.action is Action.BLINK else _plateau
    )
    return shape(step, t)


def _plateau(step: ChallengeStep, t: float) -> float:
    share = (t - step.start_s) / (step.end_s - step.start_s)
    return _ease(share, *_RISE) * (1 - _ease(share, *_FALL))


def _blinks(step: ChallengeStep, t: float) -> float:
    gap = (step.end_s - step.start_s) / (step.count + 1)
    centres = (step.start_s + (i + 1) * gap for i in range(step.count))
    return max(_bump(t, centre, min(_BLINK_HALF_S, gap / 3)) for centre in centres)


def _ease(t: float, start: float, end: float) -> float:
    x = min(max((t - start) / (end - start), 0.0), 1.0)
    return x * x * (3 - 2 * x)


def _bump(t: float, centre: float, half: float) -> float:
    rise = _ease(t, centre - half, centre - half * 0.3)
    return rise * (1 - _ease(t, centre + half * 0.3, centre + half))
