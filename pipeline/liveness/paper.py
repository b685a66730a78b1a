"""Does a bent sheet of paper explain a turn? A paper mask with a living person's eyes and mouth in its holes turns so.

Paper bends one way only: whatever its curve, points of one column stay a column, and where they are seen from another
side follows from where they lie across the bend. A nose breaks that. Landmarks cannot tell, because their model draws a
head into every face; so the pictures themselves are followed through a turn as a sheet would move (least squares on the
sheet's parameters, Lucas and Kanade 1981). Then it is measured how far the middle of the face stands out from the sheet
(a bump that moves further, fitted with it), and what the sheet leaves unexplained as a flow (dense inverse search,
Kroeger and others 2016). Only what shows neither is paper. Eyes and mouth are left out: a living person may show there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.liveness.face_patch import SIDE_PX, to_patch
from pipeline.liveness.signals import Series, Track
from pipeline.liveness.trace import Event

Floats = NDArray[np.float32]
Patch = NDArray[np.uint8]

#: A sheet's columns are seen at a polynomial of this degree of where they lie; a column may be scaled and sheared.
_DEGREE = 5
_PARAMETERS = _DEGREE + 4
#: Frames that are followed from rest to peak, so many degrees apart and at most so many; rounds of fitting at each, at
#: the peak, at the peak in detail, and of the nose in either detail.
_STEP_DEG, _MOST_FRAMES = 1.5, 20
_ROUNDS, _PEAK_ROUNDS, _FINE_ROUNDS, _NOSE_ROUNDS = 4, 10, 10, 6
#: Detail that is compared (standard deviations of two blurs, pixels of a patch): while following, at last, in the flow.
_COARSE, _FINE, _FINEST = (2.0, 10.0), (1.2, 8.0), (0.8, 8.0)
#: Contrast that counts as noise (squared grey levels), far-off pixels, and how much each step is held back.
_NOISE, _FAR_OFF, _DAMPING = 4.0, 0.4, 2e-3
#: The face and its holes as ellipses in eye distances from the middle of the eyes: centre, half width, half height.
_FACE_MIDDLE, _FACE_HALF = 0.30, (0.68, 0.88)
_EYE_HALF, _MOUTH_HALF = (0.28, 0.21), (0.42, 0.26)
#: The nose as a bump: how far below the middle of the eyes, and its spread along and across them, in eye distances.
_NOSE_BELOW, _NOSE_SPREAD = 0.48, (0.14, 0.16)
#: The nose is measured in the last frames within so many degrees of rest (further on it hides the cheek behind it, and
#: fits slip) but none nearer than so many; the larger counts. A smaller sine of the turn counts as this one.
_NOSE_DEG, _LEAST_NOSE_DEG, _LEAST_SINE = (11.0, 16.0), 6.0, 0.1
#: Left-over motion that a nose is worth, over how far it stands out.
_NOSE_WORTH = 0.075
#: Below this correlation of the two pictures no sheet was found, so that it tells nothing that little is left over.
_FOUND = 0.75
#: The rest is looked for in this time before a turn, within so much of the furthest from its peak; a turn is followed
#: until this share of it: beyond, half the face is hidden and everything fits badly.
_REST_BEFORE_S, _REST_DEG, _MOST_OF_IT = 1.0, 2.0, 0.75
#: A turn of paper is less unlike paper than this, see docs/thresholds.md.
PAPER = 0.018
#: A face is level below this sine of its tilt.
_LEVEL = 0.07


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFit:
    """How well a bent sheet explains a turn.

    Attributes:
        left_over: median motion that it leaves unexplained, in eye distances.
        nose: how far the middle of the face stands out from the sheet, or lies behind it, in eye distances.
        alike: correlation of the rest with the peak once it is moved back, at most 1.
    """

    left_over: float
    nose: float
    alike: float

    @property
    def unlike(self) -> float:
        """How unlike paper the turn is: by motion left over in eye distances, or by the nose."""
        return max(self.left_over, _NOSE_WORTH * self.nose)

    @property
    def told(self) -> bool:
        """Whether it means anything: little that is left over by a sheet that was not found does not."""
        return self.unlike >= PAPER or self.alike >= _FOUND


def fit_sheet(track: Track, patches: Sequence[Patch], turn: Event) -> SheetFit:
    """Follow a face from its rest through a turn as if it were paper.

    Args:
        track: where the face is.
        patches: `face_patch.face_patch` of each frame of the track.
        turn: an event of a turn that started from rest.
    """
    rest, peak = _span(track, turn)
    rigid = to_patch(track.rigid[rest], track.box[rest])
    tries = [_followed(_Face(rigid, bend), track, patches, rest, peak) for bend in _bends(rigid)]
    return max(tries, key=lambda fit: fit.alike)


def _span(track: Track, turn: Event) -> tuple[int, int]:
    """The last frame at rest before a turn, and the first that has made most of it."""
    peak = int(np.argmin(np.abs(track.time_s - turn.peak_s)))
    before = np.flatnonzero(
        (track.time_s >= turn.start_s - _REST_BEFORE_S) & (track.time_s <= turn.start_s)
    )
    away = np.abs(track.yaw_smooth_deg[before] - track.yaw_smooth_deg[peak])
    rest = int(before[np.flatnonzero(away >= away.max() - _REST_DEG)[-1]])
    made = np.abs(track.yaw_smooth_deg[rest : peak + 1] - track.yaw_smooth_deg[rest])
    return rest, rest + int(np.argmax(made >= _MOST_OF_IT * made[-1]))


def _bends(rigid: Series) -> list[Series]:
    """Directions across which paper may be bent: along the eyes, and along the picture if the face is tilted in it."""
    eyes = _unit(rigid[-5:-3].mean(0) - rigid[-7:-5].mean(0))
    level = np.array([1.0, 0.0])
    return [level] if abs(eyes[1]) < _LEVEL else [eyes, level]


def _followed(
    face: _Face, track: Track, patches: Sequence[Patch], rest: int, peak: int
) -> SheetFit:
    moved, nose, near = face.start(), 0.0, _near(track, rest, peak)
    for i in sorted({*_along(track, rest, peak), *near}):
        moved = face.fitted(moved, patches[rest], patches[i], _COARSE, _ROUNDS, thin=2)
        if i in near:
            turn = np.radians(track.yaw_smooth_deg[i] - track.yaw_smooth_deg[rest])
            further = face.nose(moved, patches[rest], patches[i])
            nose = max(nose, further / max(abs(float(np.sin(turn))), _LEAST_SINE))
    moved = face.fitted(moved, patches[rest], patches[peak], _COARSE, _PEAK_ROUNDS, thin=2)
    moved = face.fitted(moved, patches[rest], patches[peak], _FINE, _FINE_ROUNDS, thin=1)
    left_over, alike = face.judged(moved, patches[rest], patches[peak])
    return SheetFit(left_over=left_over, nose=nose, alike=alike)


def _near(track: Track, rest: int, peak: int) -> set[int]:
    """The frames in which the nose is measured: within each limit the last, or the first that is turned enough."""
    away = np.abs(track.yaw_smooth_deg[rest : peak + 1] - track.yaw_smooth_deg[rest])
    enough = np.flatnonzero(away >= min(_LEAST_NOSE_DEG, away[-1]))
    within = (enough[away[enough] <= max(limit, away[enough[0]])] for limit in _NOSE_DEG)
    return {rest + int(frames[-1]) for frames in within}


def _along(track: Track, rest: int, peak: int) -> list[int]:
    """Frames between rest and peak, so near that a fit finds from one to the next."""
    chosen, last = list[int](), track.yaw_deg[rest]
    for i in range(rest + 1, peak):
        if abs(track.yaw_deg[i] - last) >= _STEP_DEG:
            chosen.append(i)
            last = track.yaw_deg[i]
    return chosen[:_MOST_FRAMES]


class _Face:
    """The face at rest as a sheet, in its own coordinates: along the eyes and across them, in eye distances."""

    def __init__(self, rigid: Series, bend: Series) -> None:
        right, left = rigid[-7:-5].mean(0), rigid[-5:-3].mean(0)
        self._middle, self._eyes = (right + left) / 2, _unit(left - right)
        # The middles of the eyes lie about two thirds of the outer corners' distance apart.
        self._eyes_px = 1.5 * float(np.linalg.norm(left - right))
        self._along, self._across = bend, _quarter_turn(bend)
        self.mask = self._looked_at(rigid)

    def start(self) -> Series:
        """The parameters of a sheet that has not moved."""
        still = np.zeros((_PARAMETERS, 2))
        still[0], still[1] = self._middle, self._along * self._eyes_px
        still[_DEGREE + 1] = self._across * self._eyes_px
        return still

    def fitted(
        self, moved: Series, rest: Patch, seen: Patch, detail: tuple[float, float], rounds: int,
        *, thin: int,
    ) -> Series:  # fmt: skip
        """Parameters that carry the rest into what is seen, from earlier ones: a sheet's, or a nose's row too."""
        y, x = (where[::thin] for where in np.nonzero(self._grid(thin)))
        table, wanted = self._table(x, y)[:, : len(moved)], _detail(rest, detail)[y, x]
        after = _detail(seen, detail)
        slopes = [cv2.Sobel(after, cv2.CV_32F, *way, ksize=3) / 8 for way in ((1, 0), (0, 1))]
        for _ in range(rounds):
            moved = moved + _step(table, moved, wanted, after, slopes)
        return moved

    def nose(self, moved: Series, rest: Patch, seen: Patch) -> float:
        """How much further than a sheet that was fitted the nose moved along the eyes, in eye distances."""
        with_nose = np.vstack([moved, np.zeros(2)])
        for detail in (_COARSE, _FINE):
            with_nose = self.fitted(with_nose, rest, seen, detail, _NOSE_ROUNDS, thin=2)
        return abs(float(with_nose[-1] @ self._eyes)) / self._eyes_px

    def judged(self, moved: Series, rest: Patch, peak: Patch) -> tuple[float, float]:
        """What a fit leaves over, and how alike the pictures are then, see `SheetFit`."""
        y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
        table = self._table(x.ravel(), y.ravel())[:, :_PARAMETERS]
        at = (table @ moved).astype(np.float32)
        at = at.reshape(SIDE_PX, SIDE_PX, 2)
        back = cv2.remap(peak, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        before, after = _detail(rest, _FINE), _detail(np.asarray(back, np.uint8), _FINE)
        flow = _flow(rest, np.asarray(back, np.uint8))[self.mask] / self._eyes_px
        left_over = _weighted_median(flow, _texture(before)[self.mask])
        return left_over, _correlation(before[self.mask], after[self.mask])

    def _table(self, x: NDArray[np.intp], y: NDArray[np.intp]) -> Series:
        away = (np.stack([x, y], axis=1) - self._middle) / self._eyes_px
        u, v = away @ self._along, away @ self._across
        aside, down = away @ self._eyes, away @ _quarter_turn(self._eyes) - _NOSE_BELOW
        bump = np.exp(-((aside / _NOSE_SPREAD[0]) ** 2 + (down / _NOSE_SPREAD[1]) ** 2) / 2)
        sheet = (*(u**n for n in range(_DEGREE + 1)), v, u * v, u * u * v)
        return np.stack([*sheet, bump], axis=1)

    def _grid(self, thin: int) -> NDArray[np.bool_]:
        """Every so many rows of what is looked at."""
        rows = np.zeros_like(self.mask)
        rows[::thin] = self.mask[::thin]
        return rows

    def _looked_at(self, rigid: Series) -> NDArray[np.bool_]:
        """The face without eyes and mouth."""
        drawn = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
        down = _FACE_MIDDLE * self._eyes_px * _quarter_turn(self._eyes)
        self._ellipse(drawn, self._middle + down, _FACE_HALF, 1)
        for eye in (rigid[-7:-5], rigid[-5:-3]):
            self._ellipse(drawn, eye.mean(0), _EYE_HALF, 0)
        self._ellipse(drawn, rigid[-3:-1].mean(0), _MOUTH_HALF, 0)
        drawn[[0, -1]], drawn[:, [0, -1]] = 0, 0
        return drawn > 0

    def _ellipse(
        self, drawn: NDArray[np.uint8], middle: Series, half: tuple[float, float], value: int
    ) -> None:
        angle = float(np.degrees(np.arctan2(self._eyes[1], self._eyes[0])))
        axes = [max(round(size * self._eyes_px), 1) for size in half]
        cv2.ellipse(drawn, [round(float(n)) for n in middle], axes, angle, 0, 360, value, -1)


def _unit(vector: Series) -> Series:
    unit: Series = vector / max(float(np.linalg.norm(vector)), 1e-6)
    return unit


def _quarter_turn(vector: Series) -> Series:
    return np.array([-vector[1], vector[0]])


def _step(
    table: Series, moved: Series, wanted: Floats, after: Floats, slopes: Sequence[Floats]
) -> Series:
    """One damped step of least squares, far-off pixels weighing less; a change of contrast is fitted and dropped."""
    at = (table @ moved).astype(np.float32)[None]
    seen, across, down = (_sampled(picture, at)[:, None] for picture in (after, *slopes))
    columns = np.hstack([table * across, table * down, seen, np.ones_like(seen)])
    off = wanted - seen[:, 0]
    weighted = columns / np.maximum(np.abs(off) / _FAR_OFF, 1)[:, None]
    normal = weighted.T @ columns
    normal[np.diag_indices_from(normal)] *= 1 + _DAMPING
    normal[np.diag_indices_from(normal)] += 1e-6
    change: Series = np.linalg.solve(normal, weighted.T @ off)[: 2 * table.shape[1]]
    return change.reshape(2, -1).T


def _sampled(picture: Floats, at: Floats) -> Floats:
    edge = cv2.BORDER_REPLICATE
    return np.asarray(
        cv2.remap(picture, at, None, cv2.INTER_LINEAR, borderMode=edge)[0], np.float32
    )


def _detail(patch: Patch, blurs: tuple[float, float]) -> Floats:
    """Detail between two sizes at even contrast, so that shade and light do not count."""
    grey = patch.astype(np.float32)
    between = cv2.GaussianBlur(grey, (0, 0), blurs[0]) - cv2.GaussianBlur(grey, (0, 0), blurs[1])
    power = cv2.GaussianBlur(between * between, (0, 0), blurs[1])
    return np.asarray(between / np.sqrt(power + _NOISE), np.float32)


def _flow(before: Patch, after: Patch) -> Floats:
    """Pixels that each point moved."""
    shown = (np.clip(128 + 45 * _detail(patch, _FINEST), 0, 255) for patch in (before, after))
    search: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    first, second = (picture.astype(np.uint8) for picture in shown)
    flow = search.calc(first, second, None)
    return np.asarray(np.linalg.norm(flow, axis=2), np.float32)


def _texture(detail: Floats) -> Floats:
    slopes = (cv2.Sobel(detail, cv2.CV_32F, *way, ksize=3) for way in ((1, 0), (0, 1)))
    # not cv2.magnitude, which rounds by where its arrays lie in memory
    return np.asarray(np.hypot(*slopes), np.float32)


def _correlation(first: Floats, second: Floats) -> float:
    """0 where one of them is even."""
    spread = float(first.std() * second.std())
    covered = float(((first - first.mean()) * (second - second.mean())).mean())
    return covered / spread if spread > 0 else 0.0


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(summed, summed[-1] / 2)])
