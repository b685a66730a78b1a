"""Score a challenge clip: the liveness stage's engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.challenge import ChallengeStep
from pipeline.errors import CannotJudge
from pipeline.face.backend import Embedding, FaceBackend, load_backend
from pipeline.face.find import QUICK, LocatedFace
from pipeline.face.models import FaceModels, load_face_models
from pipeline.face.portrait import find_portrait
from pipeline.face.selfie import find_selfie
from pipeline.findings import (
    ActionFinding,
    Band,
    Cue,
    IdentityFinding,
    LivenessFinding,
    ModelRef,
    Rejection,
)
from pipeline.image import RgbImage
from pipeline.liveness.attacks import find_cues
from pipeline.liveness.events import Neutral, find_events, find_neutral
from pipeline.liveness.identity import ClipFace, compare_frames, judge_identity
from pipeline.liveness.landmarks import LandmarkBackend, load_landmarks
from pipeline.liveness.limits import EventLimits
from pipeline.liveness.observe import Candidate, Observation, observe
from pipeline.liveness.passive import PassiveNetwork, load_passive, passive_cue
from pipeline.liveness.sequence import Rest, judge_steps
from pipeline.liveness.stills import take_stills
from pipeline.liveness.thin import trace_of
from pipeline.liveness.trace import ComparedFrame
from pipeline.pictures import Picture
from pipeline.reasons import ReasonCode

#: A clip may end this much before its last window: cameras stop a few frames early.
_SHORT_S = 0.5
_NOBODY = IdentityFinding(
    band=None, selfie_similarity=None, card_similarity=None, lowest=None, frames_judged=0
)


def load_liveness_scorer(
    weights_root: Path,
    *,
    landmarks: str = "facemesh",
    face_backend: str = "dlib",
    device: str = "cpu",
    passive: str | None = None,
) -> LivenessScorer:
    """Load everything that scoring a clip needs.

    Args:
        weights_root: the weights folder.
        landmarks: "facemesh" or "dlib68".
        face_backend: the name of a profile (`pipeline.face.backend`), for the identity.
        device: where the embedder runs; everything else runs on the CPU.
        passive: the name of a manifest entry that tells living faces from copies (`passive_entry.py`); without one
            that cue is not evaluated.

    Raises:
        WeightsError: a file is missing or altered, or there is no such backend or entry.
    """
    return LivenessScorer(
        load_face_models(weights_root),
        load_landmarks(landmarks, weights_root),
        load_backend(face_backend, weights_root, device=device),
        load_passive(passive, weights_root) if passive else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClip:
    """A finding, and the clip's perceptual hash (`ClipHash`) from the same pass; None of a clip that was not judged."""

    finding: LivenessFinding
    perceptual_hash: str | None


@dataclass(slots=True)
class _Timing:
    """Milliseconds of each part, in order."""

    clock: Callable[[], float]
    last: float = 0.0
    ms: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        self.last = self.clock()

    def lap(self, name: str) -> None:
        now = self.clock()
        self.ms[name], self.last = (now - self.last) * 1000, now


class LivenessScorer:
    """Judges clips; one per process, not shared between threads."""

    def __init__(
        self, models: FaceModels, landmarks: LandmarkBackend, face: FaceBackend,
        passive: PassiveNetwork | None = None, *, clock: Callable[[], float] = time.perf_counter,
    ) -> None:  # fmt: skip
        self._finder, self._passive = models.finder(), passive
        self._landmarks, self._face, self._clock = landmarks, face, clock
        self.backend = f"{landmarks.name}+{face.profile.name}"
        refs = (*models.refs, *landmarks.refs, *face.refs, *([passive.ref] if passive else ()))
        self.models: tuple[ModelRef, ...] = tuple(dict.fromkeys(refs))
        self.limits, self.profile = landmarks.limits, face.profile

    def warm_up(self) -> None:
        """Run each model once, so that the first case is as quick as the others."""
        grey = RgbImage(np.full((480, 640, 3), 127, np.uint8))
        self._landmarks.start().signals(grey, 0.0)
        self._finder.find(grey, steps=QUICK)

    def stills(self, clip: bytes, finding: LivenessFinding) -> tuple[Picture, ...]:
        """Return frames for people, see `stills.take_stills`."""
        return take_stills(clip, finding, self._face.profile.band)

    def score(
        self, clip: bytes, steps: Sequence[ChallengeStep],
        *, selfie: RgbImage | None, card_front: RgbImage | None, must_return: bool = True,
    ) -> LivenessFinding:  # fmt: skip
        """Judge as `judge` does, and keep the finding alone."""
        return self.judge(
            clip, steps, selfie=selfie, card_front=card_front, must_return=must_return
        ).finding

    def judge(
        self, clip: bytes, steps: Sequence[ChallengeStep],
        *, selfie: RgbImage | None, card_front: RgbImage | None, must_return: bool = True,
    ) -> JudgedClip:  # fmt: skip
        """Judge a clip against its challenge, and hash it, in one pass over its frames.

        Args:
            clip: an encoded clip, see `read_clip`.
            steps: the challenge in order, windows in seconds from the first frame.
            selfie: the person who should be in the clip.
            card_front: the card that should be theirs.
            must_return: an action counts only when the face went back to neutral.

        Returns:
            Actions, cues and identity, or `rejected` with why there is no judgement. `passed` is True only when every
            action was found, no cue is suspicious and the identity is not another one.
        """
        timing = _Timing(self._clock)
        timing.start()
        try:
            seen = observe(clip, self._landmarks, self._passive)
            timing.lap("landmarks")
            _require_length(seen, steps)
            finding = self._judged(
                seen, steps, (selfie, card_front), timing, must_return=must_return
            )
            return JudgedClip(finding=finding, perceptual_hash=seen.perceptual_hash)
        except CannotJudge as error:
            timing.lap("landmarks")
            rejected = Rejection(code=error.reason, facts=error.facts)
            return JudgedClip(finding=self._rejected(rejected, timing), perceptual_hash=None)

    def _judged(
        self, seen: Observation, steps: Sequence[ChallengeStep],
        pictures: tuple[RgbImage | None, RgbImage | None], timing: _Timing, *, must_return: bool,
    ) -> LivenessFinding:  # fmt: skip
        limits = self._landmarks.limits
        events, neutral = find_events(seen.track, limits), find_neutral(seen.track, limits)
        actions = judge_steps(steps, events, rest_of(neutral, limits), must_return=must_return)
        from_rest = [event for event in events if event.from_rest]
        crops = [c.crops for c in seen.candidates if c.crops is not None]
        cues = (*find_cues(seen, from_rest, limits), passive_cue(self._passive, crops))
        timing.lap("judge")
        faces, compared = self._compared(seen.candidates, *pictures)
        identity = judge_identity(faces, compared, steps, self._face)
        timing.lap("identity")
        return LivenessFinding(
            passed=_passed(actions, cues, identity), actions=actions, cues=cues, identity=identity,
            rejected=None, fps=seen.fps, duration_s=seen.duration_s, backend=self.backend,
            models=self.models, timing_ms=timing.ms,
            trace=trace_of(seen.track, neutral.mouth, events, steps, compared),
        )  # fmt: skip

    def _rejected(self, rejected: Rejection, timing: _Timing) -> LivenessFinding:
        return LivenessFinding(
            passed=None, actions=(), cues=(), identity=_NOBODY, rejected=rejected,
            fps=0.0, duration_s=0.0, backend=self.backend, models=self.models, timing_ms=timing.ms,
        )  # fmt: skip

    # ---- identity

    def _compared(
        self, candidates: Sequence[Candidate], selfie: RgbImage | None, card: RgbImage | None
    ) -> tuple[list[ClipFace], tuple[ComparedFrame, ...]]:
        faces = [face for face in map(self._embedded, candidates) if face is not None]
        references = self._reference(selfie, find_selfie), self._reference(card, find_portrait)
        return faces, compare_frames(faces, *references, self._face)

    def _embedded(self, frame: Candidate) -> ClipFace | None:
        face = frame.face
        if face is None:
            found = self._finder.find(frame.patch, steps=QUICK, refine=False)
            if not found:
                return None
            face = found[0]
        return ClipFace(time_s=frame.time_s, embedding=self._face.embed(face))

    def _reference(
        self, picture: RgbImage | None, find: Callable[..., LocatedFace]
    ) -> Embedding | None:
        """A picture without a usable face is the face stage's reason to retake; here it is nothing to compare with."""
        if picture is None:
            return None
        try:
            return self._face.embed(find(picture, self._finder, refine=False))
        except CannotJudge:
            return None


def rest_of(neutral: Neutral, limits: EventLimits) -> Rest:
    """Say what of the person's rest the clip never showed."""
    return Rest(
        never_frontal=neutral.yaw_deg is None,
        always_smiling=neutral.mouth is not None and neutral.mouth >= limits.smile_always,
    )


def _require_length(seen: Observation, steps: Sequence[ChallengeStep]) -> None:
    end_s = max((step.end_s for step in steps), default=0.0)
    if seen.duration_s < end_s - _SHORT_S:
        raise CannotJudge(
            ReasonCode.CLIP_TOO_SHORT,
            duration_s=round(seen.duration_s, 2),
            needed_s=round(end_s, 2),
        )


def _passed(
    actions: Sequence[ActionFinding], cues: Sequence[Cue], identity: IdentityFinding
) -> bool:
    done = bool(actions) and all(action.passed for action in actions)
    return done and not any(cue.suspicious for cue in cues) and identity.band is not Band.NO_MATCH
