"""Signs of an attack, each a named cue with a score and a threshold. What was not evaluated says so."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.challenge import Action
from pipeline.face.selfie import SECOND_FACE_SHARE
from pipeline.findings import Cue
from pipeline.liveness.events import find_neutral
from pipeline.liveness.limits import EventLimits
from pipeline.liveness.observe import Observation
from pipeline.liveness.paper import PAPER, SheetFit, fit_sheet
from pipeline.liveness.picture import repeated_share, strongest_cut
from pipeline.liveness.screen import SCREEN_PEAK, SCREEN_RIM, ScreenSigns
from pipeline.liveness.seams import SEAM_RATIO, Seam, strongest_seam
from pipeline.liveness.signals import Series, Track, median3, runs
from pipeline.liveness.trace import Event

TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)
#: A flat picture that is turned becomes narrow (nose length over eye distance rises by 7 % or more, one axis shrinks
#: to 93 % or less) while a plane explains all points within .015 of the eye distance: prints waved by 28 degrees
#: .006-.013, living faces that look as narrow .020 and more.
_NARROW_TALL, _NARROW_AXIS, _PLANE = 1.07, 0.93, 0.015
_NARROW_S = 0.25
#: A turn is compared with the frame furthest from its peak in this time before its start: at the start itself the
#: head is half way, and a real turn of 21 degrees looked flat (.017 from there, .075 from its rest).
_REST_BEFORE_S = 1.0
#: A face that jumps or changes its size this much between two frames (living: .10 and .07; cuts: .35 and .9).
_JUMP_WIDTHS, _JUMP_SIZE = 0.30, 0.25
#: Frames further apart than this tell nothing about a jump.
_JUMP_GAP_S = 0.2
#: Share of pictures seen before, see `repeated_share`.
_REPEATED_SHARE = 0.2
#: A second face must be there in this many looks: one look alone can be wrong.
_SECOND_LOOKS = 2


def find_cues(seen: Observation, events: Sequence[Event], limits: EventLimits) -> tuple[Cue, ...]:
    """Evaluate every cue of a clip.

    Args:
        seen: what the clip showed.
        events: what the person did.
        limits: of the landmark backend.
    """
    turns = [event for event in events if event.action in TURNS]
    return (
        flat_turn(seen.track, events, limits),
        paper_turn([fit_sheet(seen.track, seen.patches, event) for event in turns]),
        squashed_blink(seen.track, limits),
        frozen(seen.times, seen.thumbnails),
        cut(seen.track, seen.thumbnails),
        spliced(strongest_seam(seen.track, seen.times, seen.thumbnails, seen.size_px)),
        several_faces(seen.second_faces),
        screen(seen.screen),
        screen_rim(seen.screen),
    )


def flat_turn(track: Track, events: Sequence[Event], limits: EventLimits) -> Cue:
    """A head that turns leaves its plane; a photo does not. Not evaluated when nothing turned, not even a photo."""
    residuals = [_turn_residual(track, event) for event in events if event.action in TURNS]
    residuals += _flat_attempts(track, limits)
    score = min(residuals, default=None)
    return Cue(
        name="flat_turn",
        score=score,
        threshold=limits.flat_residual,
        suspicious=None if score is None else score < limits.flat_residual,
    )


def paper_turn(fits: Sequence[SheetFit]) -> Cue:
    """A head that turns is no bent sheet; a mask of paper is one. Not evaluated when no turn could be followed."""
    score = min((fit.unlike for fit in fits if fit.told), default=None)
    return Cue(
        name="paper_turn",
        score=score,
        threshold=PAPER,
        suspicious=None if score is None else score < PAPER,
    )


def squashed_blink(track: Track, limits: EventLimits) -> Cue:
    """Closing lids leave the nose as long as it was; a tilted print does not. 1 when no lid ever closed."""
    shut = (track.opening < limits.blink_open) & (
        np.abs(track.yaw_smooth_deg) < limits.blink_max_yaw_deg
    )
    usual = float(np.median(track.tall))
    score = float(median3(track.tall)[shut].min() / usual) if shut.any() else 1.0
    return Cue(
        name="squashed_blink",
        score=score,
        threshold=limits.squash,
        suspicious=score < limits.squash,
    )


def frozen(times: Series, thumbnails: NDArray[np.float32]) -> Cue:
    """Pictures that stand still or come again."""
    score = repeated_share(times, thumbnails)
    return Cue(
        name="frozen", score=score, threshold=_REPEATED_SHARE, suspicious=score >= _REPEATED_SHARE
    )


def cut(track: Track, thumbnails: NDArray[np.float32]) -> Cue:
    """A sudden change of the picture or of the face's place or size. Score: the largest, over what makes a cut."""
    width = track.box[:, 2] - track.box[:, 0]
    centre = (track.box[:, :2] + track.box[:, 2:]) / 2
    near = np.diff(track.time_s) <= _JUMP_GAP_S
    moved = np.linalg.norm(np.diff(centre, axis=0), axis=1) / width[:-1]
    grown = np.abs(np.diff(np.log(width)))
    jumps = np.maximum(moved / _JUMP_WIDTHS, grown / _JUMP_SIZE)[near]
    score = max(float(jumps.max(initial=0.0)), strongest_cut(thumbnails))
    return Cue(name="cut", score=score, threshold=1.0, suspicious=score >= 1.0)


def spliced(seam: Seam | None) -> Cue:
    """A head at rest that is elsewhere in the next frame, and at rest again. Not evaluated when it never rested."""
    return Cue(
        name="spliced",
        score=seam.ratio if seam else None,
        threshold=SEAM_RATIO,
        suspicious=seam.ratio >= SEAM_RATIO if seam else None,
    )


def screen(signs: ScreenSigns) -> Cue:
    """The grid of a screen. Not evaluated when the pictures are too small."""
    return Cue(
        name="screen",
        score=signs.peak,
        threshold=SCREEN_PEAK,
        suspicious=None if signs.peak is None else signs.peak >= SCREEN_PEAK,
    )


def screen_rim(signs: ScreenSigns) -> Cue:
    """The rim of a screen around all four sides of the picture."""
    return Cue(
        name="screen_rim",
        score=signs.rim,
        threshold=SCREEN_RIM,
        suspicious=signs.rim >= SCREEN_RIM,
    )


def several_faces(second_faces: Sequence[float]) -> Cue:
    """A second person near the camera, in at least two looks."""
    largest = sorted(second_faces, reverse=True)
    if len(largest) < _SECOND_LOOKS:
        return Cue(name="several_faces", score=None, threshold=SECOND_FACE_SHARE, suspicious=None)
    score = largest[_SECOND_LOOKS - 1]
    return Cue(
        name="several_faces", score=score, threshold=SECOND_FACE_SHARE,
        suspicious=score >= SECOND_FACE_SHARE,
    )  # fmt: skip


# ---------------------------------------------------------------- planes


def _turn_residual(track: Track, event: Event) -> float:
    """How far the points are from a plane's motion between the last rest and the peak of a turn."""
    peak = int(np.argmin(np.abs(track.time_s - event.peak_s)))
    before = np.flatnonzero(
        (track.time_s >= event.start_s - _REST_BEFORE_S) & (track.time_s <= event.start_s)
    )
    away = np.abs(track.yaw_smooth_deg[before] - track.yaw_smooth_deg[peak])
    rest = int(before[np.argmax(away)])
    return plane_residual(
        _steady(track.rigid, rest), _steady(track.rigid, peak), track.eyes_px[peak]
    )


def _flat_attempts(track: Track, limits: EventLimits) -> list[float]:
    """Residuals of stretches in which the face became narrow like a picture, and not turned like a head."""
    neutral = find_neutral(track, limits).yaw_deg
    if neutral is None:
        return []
    change = np.abs(track.yaw_smooth_deg - neutral)
    tall = median3(track.tall) / np.median(track.tall)
    narrow = (tall > _NARROW_TALL) & (change < limits.turn_change_deg)
    if not narrow.any():
        return []
    rest = track.rigid[int(np.argmin(change + 100 * np.abs(tall - 1)))]
    found = []
    for first, last in runs(narrow):
        at = first + int(np.argmax(tall[first : last + 1]))
        residual = plane_residual(rest, _steady(track.rigid, at), track.eyes_px[at])
        long_enough = track.time_s[last] - track.time_s[first] >= _NARROW_S
        if long_enough and residual < _PLANE and _axis_share(rest, track.rigid[at]) < _NARROW_AXIS:
            found.append(residual)
    return found


def plane_residual(a: Series, b: Series, scale: float) -> float:
    """Return the RMS distance of points `b` from the best plane-to-plane map of `a`, over `scale`.

    Args:
        a: (n, 2) points of one frame.
        b: the same points of another.
        scale: the eye distance in pixels of `b`.
    """
    matrix, _ = cv2.findHomography(a.astype(np.float32), b.astype(np.float32), 0)
    if matrix is None:  # points on one line
        return 0.0
    moved = cv2.perspectiveTransform(a[None].astype(np.float32), matrix)[0]
    return float(np.sqrt(((moved - b) ** 2).sum(1).mean()) / scale)


def _axis_share(a: Series, b: Series) -> float:
    """The smaller over the larger stretch of the affine map from `a` to `b`."""
    with_one = np.column_stack([a, np.ones(len(a))])
    affine = np.linalg.lstsq(with_one, b, rcond=None)[0][:2]
    stretch = np.linalg.svd(affine, compute_uv=False)
    return float(stretch[1] / stretch[0])


def _steady(rigid: Series, i: int) -> Series:
    """The points around a frame, without one frame's jitter."""
    mean: Series = np.median(rigid[max(0, i - 1) : i + 2], axis=0)
    return mean
