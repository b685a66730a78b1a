"""Attacks made of recordings of living people: frozen, looped, cut, spliced, switched, shown on a screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.challenge import ChallengeStep
from pipeline.image import RgbImage
from specimen.clips import Frame

Frames = Sequence[Frame]

#: A stretch that is played again, in seconds.
_LOOP_S = (1.0, 2.2)
#: The second person: height over the first one's, and how much of the clip.
_BESIDE_SHARE = (0.62, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Footage:
    """What an attacker has recorded, each drawn or read when it is asked for.

    Attributes:
        steps: the challenge that is to be answered.
        own: the person answers it.
        again: the same person answers it, elsewhere.
        other: somebody else answers it.
        shuffled: the person performs the same actions one place later: the last action comes first.
    """

    steps: tuple[ChallengeStep, ...]
    own: Callable[[], Frames]
    again: Callable[[], Frames]
    other: Callable[[], Frames]
    shuffled: Callable[[], Frames]


def shuffled_steps(steps: Sequence[ChallengeStep]) -> tuple[ChallengeStep, ...]:
    """The same windows, every action one window later, the last one first."""
    actions = [(step.action, step.count) for step in (steps[-1], *steps[:-1])]
    return tuple(
        ChallengeStep(action=action, count=count, start_s=step.start_s, end_s=step.end_s)
        for (action, count), step in zip(actions, steps, strict=True)
    )


def replay(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
    """A genuine clip recorded for another order of the same actions."""
    del rng
    yield from footage.shuffled()


def frozen(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
    """A recording whose picture stands still, bit for bit, after its first third."""
    del rng
    frames = footage.own()
    held = next(f for f in frames if f.time_s >= frames[-1].time_s / 3)
    for frame in frames:
        shown = frame if frame.time_s < held.time_s else held
        yield Frame(image=shown.image, time_s=frame.time_s)


def looped(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
    """A recording of which a stretch between two actions is played again to gain time."""
    frames, border = footage.own(), _border(footage, rng)
    span = min(float(rng.uniform(*_LOOP_S)), border)
    at = {round(frame.time_s, 3): frame for frame in frames}
    times = np.array(list(at))
    for frame in frames:
        back = span if border <= frame.time_s < border + span else 0.0
        source = times[int(np.argmin(np.abs(times - (frame.time_s - back))))]
        yield Frame(image=at[float(source)].image, time_s=frame.time_s)


def cut(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
    """Two recordings of one person, in the right order, in two rooms."""
    border = _border(footage, rng)
    for first, second in zip(footage.own(), footage.again(), strict=True):
        yield first if first.time_s < border else second


def splice(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
    """One recording of another order, its parts put into the order that is asked for."""
    del rng
    frames, steps = footage.shuffled(), footage.steps
    for frame in frames:
        yield Frame(image=frames[_source(frame.time_s, frames, steps)].image, time_s=frame.time_s)


def switch(share: float) -> Callable[[Footage, np.random.Generator], Iterator[Frame]]:
    """Another person takes over after a share of the clip, in the same pose."""

    def switched(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
        del rng
        own, other = footage.own(), footage.other()
        for first, second in zip(own, other, strict=True):
            yield first if first.time_s < share * own[-1].time_s else second

    return switched


def several_faces(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
    """Somebody else looks over the person's shoulder through half of the clip or more."""
    share, left = float(rng.uniform(*_BESIDE_SHARE)), bool(rng.random() < 0.5)
    own, other = footage.own(), footage.other()
    start_s = float(rng.uniform(0, 0.4)) * own[-1].time_s
    for frame, beside in zip(own, other, strict=True):
        if frame.time_s < start_s:
            yield frame
        else:
            image = _beside(frame.image, beside.image, share, left=left)
            yield Frame(image=image, time_s=frame.time_s)


def screen(footage: Footage, rng: np.random.Generator) -> Iterator[Frame]:
    """The right answer shown on a screen: its pixels beat against the camera's, its lamp flickers, a rim is seen."""
    shown = Screen.drawn(rng)
    return (
        Frame(image=shown.filmed(frame.image, frame.time_s), time_s=frame.time_s)
        for frame in footage.own()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen before a camera; lengths in pixels of the frame, strengths as shares of the brightness."""

    period_px: float
    moire: float
    angle_rad: float
    flicker: float
    band_hz: float
    bezel_px: int
    blur_px: float

    @staticmethod
    def drawn(rng: np.random.Generator) -> Screen:
        """Draw a phone or a monitor at some distance."""
        return Screen(
            period_px=float(rng.uniform(2.3, 7.0)),
            moire=float(rng.uniform(0.02, 0.09)),
            angle_rad=float(rng.uniform(-0.2, 0.2)),
            flicker=float(rng.uniform(0.0, 0.06)),
            band_hz=float(rng.uniform(0.3, 2.5)),
            bezel_px=int(rng.integers(0, 22)),
            blur_px=float(rng.uniform(0.4, 1.0)),
        )

    def filmed(self, image: RgbImage, t: float) -> RgbImage:
        """One frame of the screen."""
        height, width = image.shape[:2]
        y, x = np.mgrid[:height, :width].astype(np.float32)
        along = x * np.cos(self.angle_rad) + y * np.sin(self.angle_rad)
        upon = y * np.cos(self.angle_rad) - x * np.sin(self.angle_rad)
        drift, wave = 0.4 * np.sin(0.8 * t), 2 * np.pi / self.period_px
        beat = np.sin(wave * along + drift) * np.sin(wave * 0.97 * upon + drift)
        band = np.sin(2 * np.pi * (y / height - self.band_hz * t))
        gain = 1 + self.moire * beat + self.flicker * band
        soft = cv2.GaussianBlur(image, (0, 0), self.blur_px).astype(np.float32)
        seen = np.clip(255 * (soft / 255) ** 0.92 * gain[..., None], 0, 255).astype(np.uint8)
        return _in_bezel(seen, self.bezel_px)


def _in_bezel(seen: NDArray[np.uint8], bezel_px: int) -> RgbImage:
    if bezel_px:
        rim, grown = bezel_px, np.full_like(seen, 22)
        height, width = seen.shape[:2]
        inner = (width - 2 * rim, height - 2 * rim)
        grown[rim : height - rim, rim : width - rim] = cv2.resize(
            seen, inner, interpolation=cv2.INTER_AREA
        )
        seen = grown
    return RgbImage(seen)


# ---------------------------------------------------------------- parts


def _border(footage: Footage, rng: np.random.Generator) -> float:
    """A moment between two windows, in seconds."""
    return footage.steps[int(rng.integers(1, len(footage.steps)))].start_s


def _source(t: float, frames: Frames, steps: Sequence[ChallengeStep]) -> int:
    """Number of the frame of the shuffled recording that belongs at a time of the asked order."""
    for index, step in enumerate(steps):
        if step.start_s <= t < step.end_s:
            t += steps[(index + 1) % len(steps)].start_s - step.start_s
            break
    return int(np.argmin([abs(frame.time_s - t) for frame in frames]))


def _beside(image: RgbImage, other: RgbImage, share: float, *, left: bool) -> RgbImage:
    """Paste the middle of another frame, shrunk, at one side, with a soft rim."""
    height, width = image.shape[:2]
    small = cv2.resize(other, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    half = round(0.21 * small.shape[1])
    middle = small.shape[1] // 2
    head = small[:, middle - half : middle + half].astype(np.float32)
    cover = np.zeros(head.shape[:2], np.float32)
    centre = (half, round(0.5 * head.shape[0]))
    cv2.ellipse(cover, centre, (half - 4, round(0.42 * head.shape[0])), 0, 0, 360, 1.0, -1)
    cover = cv2.GaussianBlur(cover, (0, 0), 3)[..., None]
    x = 0 if left else width - 2 * half
    y = min(round(0.12 * height), height - head.shape[0])
    seen = image.astype(np.float32)
    place = seen[y : y + head.shape[0], x : x + 2 * half]
    place[:] = place * (1 - cover) + head * cover
    return RgbImage(seen.astype(np.uint8))
