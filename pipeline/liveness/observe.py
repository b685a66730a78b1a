"""One pass over a clip: every frame is seen once and let go; what stays is small.

The picture as a whole is compared in every frame, the face is measured where it takes that (`looks.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import CannotJudge
from pipeline.face.find import LocatedFace, cut_patch, followed_face
from pipeline.image import RgbImage
from pipeline.liveness.clip import ClipFrame, read_clip, require_rate
from pipeline.liveness.clip_hash import ClipHash
from pipeline.liveness.face_patch import face_patch
from pipeline.liveness.landmarks import LandmarkBackend, LandmarkTracker
from pipeline.liveness.looks import CloseLooks, Look
from pipeline.liveness.passive import Crops, PassiveNetwork
from pipeline.liveness.picture import thumbnail
from pipeline.liveness.screen import ScreenSigns, ScreenWatch
from pipeline.liveness.signals import Series, Signals, Track
from pipeline.reasons import ReasonCode

#: How often all faces of the picture are counted.
_LOOK_EVERY_S = 0.35
#: One frontal frame a slot (a quarter of a window) is kept for the identity. Of one person in seven real clips they
#: are at least .82 alike (a match is .70): another person for a second shows.
SLOT_S = 0.8
#: Frames turned further than this are not compared; frames with lids more shut than this share of the widest are worse.
MAX_YAW_DEG, _OPEN_SHARE = 18.0, 0.7
#: Signals without a face: this long in one piece, or this share of all looks, and the clip tells too little.
_LOST_S, _LEAST_SEEN = 1.0, 0.8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """The best frame of a slot so far; the lower `penalty`, the more frontal and open-eyed.

    `face` is the followed face in its patch; None where the landmarks are no mesh: then it must be looked for. `crops`
    is what a passive network looks at; None where there is none or the face fills the frame.
    """

    penalty: float
    time_s: float
    patch: RgbImage
    face: LocatedFace | None
    crops: Crops | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """What a clip showed.

    Attributes:
        size_px: width and height of the frames that were looked at.
        times: seconds of all frames.
        thumbnails: (n, 3072) of all frames.
        track: signals of the frames that were looked at and show a face.
        patches: small grey pictures of the face, one for each row of the track.
        second_faces: area of the second face over the first, at each look.
        screen: signs that a screen was filmed.
        candidates: one frontal frame a slot.
        fps: frames a second of the clip, at most `clip.MAX_RATE_HZ`.
        perceptual_hash: what stays alike when the clip is encoded again, see `ClipHash`.
    """

    size_px: tuple[int, int]
    times: Series
    thumbnails: NDArray[np.float32]
    track: Track
    patches: tuple[NDArray[np.uint8], ...]
    second_faces: tuple[float, ...]
    screen: ScreenSigns
    candidates: tuple[Candidate, ...]
    fps: float
    perceptual_hash: str

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the last."""
        return float(self.times[-1])


@dataclass(slots=True)
class _Watch:
    """The state of the pass."""

    tracker: LandmarkTracker
    looks: CloseLooks
    passive: PassiveNetwork | None = None
    size_px: tuple[int, int] = (0, 0)
    times: list[float] = field(default_factory=list)
    thumbnails: list[NDArray[np.float32]] = field(default_factory=list)
    rows: list[Signals] = field(default_factory=list)
    patches: list[NDArray[np.uint8]] = field(default_factory=list)
    second_faces: list[float] = field(default_factory=list)
    screen: ScreenWatch = field(default_factory=ScreenWatch)
    hashed: ClipHash = field(default_factory=ClipHash)
    best: dict[int, Candidate] = field(default_factory=dict)
    gap: float = 0.0
    widest: float = 0.0
    looked_s: float = -1.0
    looked_at: int = 0

    def see(self, frame: ClipFrame) -> None:
        if not self.times:
            self.size_px = frame.rgb.shape[1], frame.rgb.shape[0]
        self.times.append(frame.time_s)
        self.thumbnails.append(thumbnail(frame.rgb))
        self.screen.see(frame.rgb)
        self.hashed.see(frame)
        if frame.time_s - self.looked_s >= _LOOK_EVERY_S:
            self.looked_s = frame.time_s
            self._look(frame.rgb)
        self._note(self.looks.see(frame))

    def end(self) -> None:
        self._note(self.looks.end())
        in_time = np.argsort([row.time_s for row in self.rows])
        self.rows = [self.rows[i] for i in in_time]
        self.patches = [self.patches[i] for i in in_time]

    def _note(self, looks: Iterable[Look]) -> None:
        for look in looks:
            self.looked_at += 1
            if look.signals is not None:
                self.rows.append(look.signals)
                self.patches.append(face_patch(look.frame.rgb, look.signals.box))
                self._keep(look.signals, look.frame)

    def _look(self, rgb: RgbImage) -> None:
        areas = self.tracker.face_areas(rgb)
        self.screen.look(rgb)
        if areas:
            self.second_faces.append(areas[1] / areas[0] if len(areas) > 1 else 0.0)

    def _keep(self, signals: Signals, frame: ClipFrame) -> None:
        if abs(signals.yaw_deg) > MAX_YAW_DEG:
            return
        both = signals.open_right + signals.open_left
        self.gap = self.gap if np.isnan(both) else both
        self.widest = max(self.widest, self.gap)
        shut = max(0.0, _OPEN_SHARE - self.gap / max(self.widest, 1e-6))
        penalty = abs(signals.yaw_deg) / MAX_YAW_DEG + 10 * shut
        slot = int(frame.time_s / SLOT_S)
        if slot not in self.best or penalty < self.best[slot].penalty:
            self.best[slot] = _candidate(penalty, frame, signals, self.passive)


def _candidate(
    penalty: float, frame: ClipFrame, signals: Signals, passive: PassiveNetwork | None
) -> Candidate:
    patch, origin, scale = cut_patch(frame.rgb, signals.box)
    face = None if signals.mesh is None else followed_face(signals.mesh, patch, origin, scale)
    crops = passive.crops(frame.rgb, signals.box) if passive else None
    return Candidate(penalty=penalty, time_s=frame.time_s, patch=patch, face=face, crops=crops)


def observe(
    clip: bytes, backend: LandmarkBackend, passive: PassiveNetwork | None = None
) -> Observation:
    """Watch a whole clip.

    Args:
        clip: an encoded clip, see `read_clip`.
        backend: of the landmarks.
        passive: the network for which crops are kept.

    Raises:
        CannotJudge: see `read_clip`; `clip_low_frame_rate`, `clip_no_face`, `clip_face_lost`.
    """
    return observe_frames(read_clip(clip), backend, passive)


def observe_frames(
    frames: Iterable[ClipFrame], backend: LandmarkBackend, passive: PassiveNetwork | None = None
) -> Observation:
    """Watch frames in order of time, see `observe`.

    Raises:
        CannotJudge: `clip_low_frame_rate`, `clip_no_face`, `clip_face_lost`, and whatever the frames' source raises.
    """
    tracker = backend.start()
    watch = _Watch(tracker=tracker, looks=CloseLooks(tracker, backend.limits), passive=passive)
    for frame in frames:
        watch.see(frame)
    watch.end()
    fps = require_rate(watch.times)
    times = np.array(watch.times)
    _require_face(times, watch)
    return Observation(
        size_px=watch.size_px,
        times=times,
        thumbnails=np.stack(watch.thumbnails),
        track=Track(watch.rows),
        patches=tuple(watch.patches),
        second_faces=tuple(watch.second_faces),
        screen=watch.screen.signs(),
        candidates=tuple(watch.best[slot] for slot in sorted(watch.best)),
        fps=fps,
        perceptual_hash=watch.hashed.text(),
    )


def _require_face(times: Series, watch: _Watch) -> None:
    rows = watch.rows
    if not rows:
        raise CannotJudge(ReasonCode.CLIP_NO_FACE)
    seen_s = np.array([times[0], *(row.time_s for row in rows), times[-1]])
    lost_s, share = float(np.diff(seen_s).max()), len(rows) / watch.looked_at
    if lost_s > _LOST_S or share < _LEAST_SEEN:
        raise CannotJudge(ReasonCode.CLIP_FACE_LOST, lost_s=round(lost_s, 2), seen=round(share, 3))
