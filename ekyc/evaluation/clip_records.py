"""What liveness said of one presentation, as plain values that can be kept in a file and counted later."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from ekyc.evaluation.clips import ClipTruth
from ekyc.evaluation.dataset import DatasetError
from ekyc.liveness_cli import parse_steps
from pipeline.challenge import ChallengeStep
from pipeline.errors import CannotJudge
from pipeline.findings import LivenessFinding
from pipeline.image import RgbImage, decode_image
from pipeline.liveness.clip import clip_duration_s, read_clip
from pipeline.liveness.scorer import LivenessScorer

#: Frames of the picture of a clip, and their height.
_FRAMES, _HEIGHT_PX = 8, 110


class CueRead(BaseModel):
    """One cue; `suspicious` is None when it was not evaluated."""

    model_config = ConfigDict(frozen=True)

    score: float | None
    suspicious: bool | None


class ActionRead(BaseModel):
    """One step of the challenge."""

    model_config = ConfigDict(frozen=True)

    action: str
    passed: bool
    reason: str | None


class ClipRecord(BaseModel):
    """What liveness said of one presentation.

    `passed` is None when it could not be judged; `rejected` says why. `events` counts every action that was seen,
    asked for or not. `picture` is a strip of frames of a mistake, as base64 of a JPEG.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    sha256: str
    passed: bool | None
    rejected: str | None
    actions: tuple[ActionRead, ...]
    cues: dict[str, CueRead]
    events: dict[str, int]
    identity: str | None
    fps: float
    duration_s: float
    cpu_s: float
    picture: str | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that spoke against the clip, by name, cues first."""
        cues = [name for name, cue in self.cues.items() if cue.suspicious]
        actions = [a.reason or "action_missing" for a in self.actions if not a.passed]
        stranger = ["identity_switch"] if self.identity == "no_match" else []
        rejected = [self.rejected] if self.rejected else []
        return tuple(dict.fromkeys([*rejected, *cues, *stranger, *actions]))


def digest(clip: ClipTruth, folder: Path) -> str:
    """Return the sha256 of a clip's file."""
    return hashlib.sha256((folder / clip.file).read_bytes()).hexdigest()


def score_clip(clip: ClipTruth, folder: Path, scorer: LivenessScorer) -> ClipRecord:
    """Judge one presentation.

    Raises:
        DatasetError: its actions or windows cannot be read.
    """
    data = (folder / clip.file).read_bytes()
    started = time.process_time()
    try:
        steps = _steps(clip, data)
    except CannotJudge as error:
        return _unjudged(clip, data, str(error.reason))
    finding = scorer.score(
        data, steps, selfie=_picture(folder, clip.selfie), card_front=_picture(folder, clip.card),
        must_return=bool(clip.windows),
    )  # fmt: skip
    return _record(clip, data, finding, time.process_time() - started)


def _steps(clip: ClipTruth, data: bytes) -> tuple[ChallengeStep, ...]:
    try:
        seconds = 0.0 if clip.windows else clip_duration_s(data)
        return parse_steps(clip.actions, clip.windows or None, seconds)
    except ValueError as error:
        raise DatasetError(f"{clip.file}: {error}") from error


def _record(clip: ClipTruth, data: bytes, finding: LivenessFinding, cpu_s: float) -> ClipRecord:
    events = finding.trace.events if finding.trace else ()
    names = [str(event.action) for event in events]
    mistake = finding.passed is not clip.is_bona_fide
    return ClipRecord(
        key=clip.key,
        sha256=hashlib.sha256(data).hexdigest(),
        passed=finding.passed,
        rejected=str(finding.rejected.code) if finding.rejected else None,
        actions=tuple(
            ActionRead(action=a.action, passed=a.passed, reason=a.reason) for a in finding.actions
        ),
        cues={c.name: CueRead(score=c.score, suspicious=c.suspicious) for c in finding.cues},
        events={name: names.count(name) for name in dict.fromkeys(names)},
        identity=str(finding.identity.band) if finding.identity.band else None,
        fps=round(finding.fps, 2),
        duration_s=round(finding.duration_s, 2),
        cpu_s=round(cpu_s, 3),
        picture=_strip(data, finding.duration_s)
        if mistake and finding.passed is not None
        else None,
    )


def _unjudged(clip: ClipTruth, data: bytes, code: str) -> ClipRecord:
    return ClipRecord(
        key=clip.key, sha256=hashlib.sha256(data).hexdigest(), passed=None, rejected=code,
        actions=(), cues={}, events={}, identity=None, fps=0.0, duration_s=0.0, cpu_s=0.0,
    )  # fmt: skip


def _picture(folder: Path, name: str) -> RgbImage | None:
    return decode_image((folder / name).read_bytes(), evidence="selfie") if name else None


def _strip(data: bytes, duration_s: float) -> str:
    """Frames at even distances, side by side."""
    times = np.linspace(0.02, 0.98, _FRAMES) * duration_s
    strip = np.hstack(list(_frames_at(data, times.tolist())))
    done, jpeg = cv2.imencode(
        ".jpg", cv2.cvtColor(strip, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 72]
    )
    if not done:
        raise ValueError("a strip of frames could not be encoded")
    return base64.b64encode(jpeg.tobytes()).decode()


def _frames_at(data: bytes, times_s: Sequence[float]) -> Iterator[RgbImage]:
    left = list(times_s)
    for frame in read_clip(data):
        if left and frame.time_s >= left[0]:
            left.pop(0)
            scale = _HEIGHT_PX / frame.rgb.shape[0]
            size = (round(frame.rgb.shape[1] * scale), _HEIGHT_PX)
            yield RgbImage(cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA))
