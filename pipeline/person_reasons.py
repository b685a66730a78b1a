"""What faces and clips give to object to: who it was, what was done, and which attack it may be."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.findings import Band, FaceFinding, LivenessFinding
from pipeline.policy import Policy
from pipeline.reasons import ReasonCode
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Reason, reason, refusal


def face_reasons(face: FaceFinding) -> Iterator[Reason]:
    """Yield what the comparison of card and selfie gives to object to."""
    if face.rejected is not None:
        yield refusal(face.rejected, Stage.MATCH_FACE, EvidenceKind.SELFIE)
    elif face.band is Band.NO_MATCH:
        yield reason(ReasonCode.FACE_NO_MATCH)
    elif face.band is not Band.MATCH:
        yield reason(ReasonCode.FACE_BORDERLINE)


#: What a suspicious cue means.
CUE_REASON = {
    "flat_turn": ReasonCode.FLAT_FACE,
    "paper_turn": ReasonCode.PAPER_SUSPECTED,
    "squashed_blink": ReasonCode.SQUASHED_FACE,
    "frozen": ReasonCode.FROZEN_CLIP,
    "cut": ReasonCode.CUT_CLIP,
    "spliced": ReasonCode.CUT_CLIP,
    "screen": ReasonCode.SCREEN_SUSPECTED,
    "screen_rim": ReasonCode.SCREEN_SUSPECTED,
    "passive": ReasonCode.FACE_COPY_SUSPECTED,
    "several_faces": ReasonCode.CLIP_SEVERAL_FACES,
    "replayed": ReasonCode.REPLAYED_CLIP,
}


def liveness_reasons(liveness: LivenessFinding, policy: Policy) -> Iterator[Reason]:
    """Yield what a clip gives to object to.

    Raises:
        KeyError: a suspicious cue has no reason (an error of ours, never a pass).
    """
    if liveness.rejected is not None:
        yield refusal(liveness.rejected, Stage.SCORE_LIVENESS, EvidenceKind.CLIP)
        return
    spoken = [*_cue_reasons(liveness), *_action_reasons(liveness), *_identity_reasons(liveness)]
    yield from spoken
    if liveness.passed is not True and not spoken:
        # A liveness stage that did not pass although nothing spoke against it must never end in an approval.
        yield reason(ReasonCode.IDENTITY_UNCERTAIN)
    if liveness.actions and all(action.passed for action in liveness.actions):
        judged = {cue.name for cue in liveness.cues if cue.suspicious is not None}
        for name in sorted(policy.required_cues - judged):
            yield reason(ReasonCode.CUE_NOT_EVALUATED, cue=name)


def _cue_reasons(liveness: LivenessFinding) -> Iterator[Reason]:
    for cue in liveness.cues:
        if cue.suspicious:
            yield reason(CUE_REASON[cue.name], cue=cue.name)


def _action_reasons(liveness: LivenessFinding) -> Iterator[Reason]:
    if not liveness.actions:
        yield reason(ReasonCode.ACTION_MISSING)
    for index, action in enumerate(liveness.actions):
        if not action.passed:
            code = action.reason or ReasonCode.ACTION_MISSING
            yield reason(code, action=str(action.action), step=index)


def _identity_reasons(liveness: LivenessFinding) -> Iterator[Reason]:
    band = liveness.identity.band
    if band is Band.NO_MATCH:
        yield reason(ReasonCode.IDENTITY_SWITCH)
    elif band is not Band.MATCH:
        yield reason(liveness.identity.reason or ReasonCode.IDENTITY_UNCERTAIN)


def disagreement(face: FaceFinding, liveness: LivenessFinding) -> Iterator[Reason]:
    """Yield a reason where one stage is sure that this is the person on the card, the other that it is not."""
    sure = {face.band, liveness.identity.card_band}
    if sure == {Band.MATCH, Band.NO_MATCH}:
        yield reason(ReasonCode.IDENTITY_DISAGREES)
