"""Prints held before the camera: turned, bent, rotated, squashed, and with holes in which a living person moves.

A print is one picture warped for every frame. Its bend runs about its vertical axis, so a column of the print stays a
column: where it is seen follows from one series of numbers, and a frame costs a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.challenge import Action, ChallengeStep
from pipeline.image import RgbImage
from specimen.backdrops import room
from specimen.camera import GrainReel
from specimen.cast import print_puppet
from specimen.clips import Film, Frame, Performance, clip_times, rehearse
from specimen.mesh_points import ABOVE_LIDS, LIPS, LOWER_LIDS, MOUTH_CORNERS, UPPER_LIDS
from specimen.puppet import Pose
from specimen.sitters import Who, sitter_of

Floats = NDArray[np.float32]

_NOISE = 1.8
_BORDER_PX, _WHITE = 12, (238, 238, 234)
#: Height of the print over the frame's, and distance of the camera in frame widths.
_HEIGHT_SHARE, _CAMERA_WIDTHS = 0.92, 1.6
#: Columns of a print that is looked up for where they are seen.
_COLUMNS = 241
#: Holes: drawn positions of lids and mouth, light behind the print, sway of the person against it in print pixels.
_LEVELS, _SHADOW, _SWAY_PX = 5, 0.88, 3.0


class Holes(StrEnum):
    """What is cut out of a print."""

    NONE = "none"
    EYES = "eyes"
    EYES_AND_MOUTH = "eyes_and_mouth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grip:
    """How a print is handled.

    `turn` and `roll` are degrees per degree of the turn that the challenge asks for; `bend_rad` is half the angle of
    the arc the print is bent to (0 = flat, below 0 hollow); `squash` is the share of the height that is lost while the
    eyes should be shut.
    """

    turn: float = 1.0
    roll: float = 0.0
    bend_rad: float = 0.0
    squash: float = 0.0
    holes: Holes = Holes.NONE


def hold_print(
    who: Who, steps: Sequence[ChallengeStep], rng: np.random.Generator, grip: Grip, film: Film
) -> Iterator[Frame]:
    """Yield the frames of a print that is handled wherever the challenge asks for something."""
    print_ = _Print(who, rng, grip.holes)
    background = room(rng, film.size)
    hand = rehearse(steps, sitter_of(who).part.mouth, rng)
    grain = GrainReel(film.size, _NOISE, rng)
    for t in clip_times(steps, film.fps):
        seen = _hold_up(print_.picture(hand, t), grip, hand, t, background)
        yield Frame(image=grain.over(seen), time_s=t)


class _Print:
    """The printed picture, RGBA with a white border, and what is seen through its holes."""

    def __init__(self, who: Who, rng: np.random.Generator, holes: Holes) -> None:
        self._mouth, self._holes = sitter_of(who).part.mouth, holes
        self._puppet = print_puppet(who, rng)
        self._phase = float(rng.uniform(0, 6))

    @cached_property
    def _paper(self) -> RgbImage:
        return self._puppet.render(Pose(smile=self._mouth.relaxed))

    def picture(self, hand: Performance, t: float) -> NDArray[np.uint8]:
        """The print at a time, H x W x 4."""
        if self._holes is Holes.NONE:
            return self._flat
        behind = self._behind(hand.amount(Action.BLINK, t), hand.amount(Action.SMILE, t))
        sway = _SWAY_PX * np.array([np.sin(1.1 * t + self._phase), np.sin(0.7 * t + 2)])
        shift = np.array([[1, 0, sway[0]], [0, 1, sway[1]]], np.float32)
        size = (behind.shape[1], behind.shape[0])
        moved = cv2.warpAffine(behind, shift, size, borderMode=cv2.BORDER_REPLICATE)
        seen = cv2.convertScaleAbs(moved, alpha=_SHADOW)
        return _bordered(RgbImage(np.where(self._mask[..., None] > 0, seen, self._paper)))

    @cached_property
    def _flat(self) -> NDArray[np.uint8]:
        return _bordered(self._paper)

    @cached_property
    def _people(self) -> dict[tuple[int, int], RgbImage]:
        return {}

    def _behind(self, blink: float, smile: float) -> RgbImage:
        """The living person at the nearest drawn level of both."""
        level = round(blink * (_LEVELS - 1)), round(smile * (_LEVELS - 1))
        if level not in self._people:
            mouth = self._mouth
            widened = mouth.relaxed + (mouth.smiling - mouth.relaxed) * level[1] / (_LEVELS - 1)
            pose = Pose(blink=level[0] / (_LEVELS - 1), smile=widened)
            self._people[level] = self._puppet.render(pose)
        return self._people[level]

    @cached_property
    def _mask(self) -> NDArray[np.uint8]:
        """255 where the print is cut out."""
        points = self._puppet.points(Pose(smile=self._mouth.relaxed))
        mask = np.zeros(self._paper.shape[:2], np.uint8)
        for eye in (slice(0, 7), slice(7, 14)):
            lids = UPPER_LIDS[eye] + ABOVE_LIDS[eye] + LOWER_LIDS[eye]
            _cut_out(mask, points[lids], 1.25)
        if self._holes is Holes.EYES_AND_MOUTH:
            _cut_out(mask, points[[*LIPS, *(corner for corner, _ in MOUTH_CORNERS)]], 1.35)
        return mask


def _cut_out(mask: NDArray[np.uint8], points: Floats, grown: float) -> None:
    middle = points.mean(0)
    hull = cv2.convexHull((middle + grown * (points - middle)).astype(np.float32))
    cv2.fillPoly(mask, [np.round(hull).astype(np.int32)], 255)


def _bordered(picture: RgbImage) -> NDArray[np.uint8]:
    sides = (_BORDER_PX,) * 4
    paper = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=_WHITE)
    return np.dstack([paper, np.full(paper.shape[:2], 255, np.uint8)])


# ---------------------------------------------------------------- in front of the camera


def _hold_up(
    print_: NDArray[np.uint8], grip: Grip, hand: Performance, t: float, background: RgbImage
) -> RgbImage:
    """One frame of a print in a hand."""
    height, width = background.shape[:2]
    asked = hand.pose(t).yaw_deg
    half_h = _HEIGHT_SHARE / 2 * height
    half_w = half_h * print_.shape[1] / print_.shape[0]
    x, y = _paper_axes((width, height), np.radians(grip.roll * asked), t)
    seen_x, near = _bent(half_w, grip.bend_rad, np.radians(grip.turn * asked), width)
    across = np.linspace(-1, 1, _COLUMNS)
    u = np.interp(x, seen_x, across, left=-2, right=2)
    squash = 1 - grip.squash * hand.amount(Action.BLINK, t)
    v = y / (half_h * squash * np.interp(x, seen_x, near))
    columns, rows = (u + 1) / 2 * (print_.shape[1] - 1), (v + 1) / 2 * (print_.shape[0] - 1)
    where = columns.astype(np.float32), rows.astype(np.float32)
    layer = cv2.remap(print_, *where, cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT)
    alpha = cv2.extractChannel(layer, 3).astype(np.float32)
    person = cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB)
    return RgbImage(np.asarray(cv2.blendLinear(person, background, alpha, 255 - alpha), np.uint8))


def _paper_axes(size: tuple[int, int], roll: float, t: float) -> tuple[Floats, Floats]:
    """Pixels of the frame along the print's own axes, from its swaying centre."""
    width, height = size
    sway = np.array([np.sin(1.3 * t), 0.5 * np.sin(2.1 * t)]) * 0.019 * width
    x, y = np.meshgrid(
        np.arange(width) - width / 2 - sway[0], np.arange(height) - height / 2 - sway[1]
    )
    along = np.cos(roll) * x + np.sin(roll) * y, np.cos(roll) * y - np.sin(roll) * x
    return along[0].astype(np.float32), along[1].astype(np.float32)


def _bent(half_w: float, bend: float, turn: float, width: int) -> tuple[Floats, Floats]:
    """Where the columns of a print are seen, and how much larger than at the pivot.

    The print lies on a cylinder that turns about a vertical axis halfway between its middle and its rims. Columns that
    are hidden behind others are left out: the positions grow from left to right.
    """
    across = np.linspace(-1, 1, _COLUMNS)
    if abs(bend) > 1e-3:
        radius = half_w / bend
        x, z = radius * np.sin(across * bend), radius * (np.cos(across * bend) - 1)
        z -= (z.min() + z.max()) / 2
    else:
        x, z = half_w * across, np.zeros_like(across)
    toward = z * np.cos(turn) - x * np.sin(turn)
    near = _CAMERA_WIDTHS * width / (_CAMERA_WIDTHS * width - toward)
    seen = (x * np.cos(turn) + z * np.sin(turn)) * near
    return np.maximum.accumulate(seen).astype(np.float32), near.astype(np.float32)
