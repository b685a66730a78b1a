"""Is the person in the clip, all the way through, the person of the selfie and of the card?

The steadiest frontal frame of every quarter window is compared, so every action and every rest between them is covered.
Turned faces are not judged: their similarity says little (a cut inside a turn is for the cut cue).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.challenge import ChallengeStep
from pipeline.face.backend import Embedding, FaceBackend
from pipeline.findings import Band, IdentityFinding
from pipeline.liveness.trace import ComparedFrame
from pipeline.reasons import ReasonCode

#: Fewer judged frames than this cannot vouch for a clip.
MIN_FRAMES = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClipFace:
    """The face of one frontal frame of the clip, and the frame's seconds."""

    time_s: float
    embedding: Embedding


def compare_frames(
    clip: Sequence[ClipFace],
    selfie: Embedding | None,
    card: Embedding | None,
    backend: FaceBackend,
) -> tuple[ComparedFrame, ...]:
    """Return each frame's similarity to the selfie and to the portrait on the card."""
    return tuple(
        ComparedFrame(
            time_s=round(face.time_s, 3),
            selfie_similarity=_similarity(face, selfie, backend),
            card_similarity=_similarity(face, card, backend),
        )
        for face in clip
    )


def _similarity(face: ClipFace, other: Embedding | None, backend: FaceBackend) -> float | None:
    return None if other is None else backend.compare(face.embedding, other)


def judge_identity(
    clip: Sequence[ClipFace], compared: Sequence[ComparedFrame], steps: Sequence[ChallengeStep],
    backend: FaceBackend,
) -> IdentityFinding:  # fmt: skip
    """Compare the frames of a clip with the selfie, the card and each other.

    Args:
        clip: frontal frames in order of time.
        compared: the same frames, see `compare_frames`.
        steps: the challenge: a frame of every action must have been compared.
        backend: what the embeddings came from.

    Returns:
        `no_match` when the clip shows somebody else, or somebody else for a while; `review` when that is uncertain,
        an action was done unseen, or there is nothing to compare with.
    """
    to_selfie = [c.selfie_similarity for c in compared if c.selfie_similarity is not None]
    to_card = [c.card_similarity for c in compared if c.card_similarity is not None]
    band = _band([face.embedding for face in clip], to_selfie, to_card, backend)
    if band is Band.MATCH and not all(_seen_in(step, compared) for step in steps):
        band = Band.REVIEW
    return IdentityFinding(
        band=band,
        selfie_similarity=_median(to_selfie),
        card_similarity=_median(to_card),
        lowest=min(to_selfie, default=None),
        frames_judged=len(clip),
        reason=_REASON[band],
        card_band=backend.profile.band(float(np.median(to_card))) if to_card else None,
        calibration=backend.profile.calibration_id,
    )


def _seen_in(step: ChallengeStep, compared: Sequence[ComparedFrame]) -> bool:
    return any(step.start_s <= frame.time_s <= step.end_s for frame in compared)


_REASON = {
    Band.MATCH: None,
    Band.REVIEW: ReasonCode.IDENTITY_UNCERTAIN,
    Band.NO_MATCH: ReasonCode.IDENTITY_SWITCH,
}


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _band(
    clip: Sequence[Embedding], to_selfie: list[float], to_card: list[float], backend: FaceBackend
) -> Band:
    # The selfie is the better picture of the two; the card alone still tells a stranger.
    reference = to_selfie or to_card
    if not reference:
        return Band.REVIEW
    profile = backend.profile
    overall = profile.band(float(np.median(reference)))
    if overall is Band.NO_MATCH or _switched(clip, to_selfie, backend):
        return Band.NO_MATCH
    strangers = sum(profile.band(s) is Band.NO_MATCH for s in reference)
    card = profile.band(float(np.median(to_card))) if to_card else Band.MATCH
    uncertain = len(clip) < MIN_FRAMES or strangers > 0 or not to_selfie or card is Band.NO_MATCH
    return Band.REVIEW if uncertain else overall


def _switched(clip: Sequence[Embedding], to_selfie: list[float], backend: FaceBackend) -> bool:
    """Two frames that are strangers to the selfie, or to most of the clip: one alone can be a bad frame."""
    no_match = [backend.profile.band(s) is Band.NO_MATCH for s in to_selfie]
    odd = [_is_odd(i, clip, backend) for i in range(len(clip))]
    return sum(no_match) >= 2 or sum(odd) >= 2


def _is_odd(i: int, clip: Sequence[Embedding], backend: FaceBackend) -> bool:
    """A frame that is less like the median of the others than frames of one clip are."""
    others = [backend.compare(clip[i], other) for k, other in enumerate(clip) if k != i]
    return bool(others) and float(np.median(others)) < backend.profile.same_clip
