"""A case in review as the workers leave it, with findings that disagree, a trace, and pictures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pipeline.challenge import Action, ChallengeStep
from pipeline.findings import (
    Band,
    CardFinding,
    FieldName,
    FieldReading,
    Finding,
    LivenessFinding,
    Source,
)
from pipeline.liveness.trace import ComparedFrame, Event, LivenessTrace
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import ENGINE_STAGES, EvidenceKind, Stage
from pipeline.summary import public_summary
from pipeline.verdict import Outcome, Reason
from store import cases, findings, queue
from store.database import Store
from store.pictures import NewPicture, keep_pictures
from tests.integration.store import cases_made as made
from tests.unit.api import files
from tests.unit.pipeline import factories

HARD = Reason(code=ReasonCode.FACE_NO_MATCH, stage=Stage.MATCH_FACE, weight=Severity.HARD)
SOFT = Reason(
    code=ReasonCode.QR_MISMATCH, stage=Stage.READ_CARD, weight=Severity.SOFT,
    facts={"fields": "full_name"},
)  # fmt: skip
NAMES = {
    Stage.READ_CARD: ("card_front", "card_back"),
    Stage.MATCH_FACE: ("portrait", "face"),
    Stage.SCORE_LIVENESS: ("still_00",),
}
CLIP = bytes(range(256)) * 40


def card(name: str = "NGUYỄN VĂN MẪU", qr_name: str = "NGUYỄN VĂN MÙA") -> CardFinding:
    """A card whose QR code gives another name."""
    full_name = FieldReading(
        value=name, confidence=0.5, source=Source.OCR, side="front", box=(40.0, 30.0, 200.0, 60.0),
        readings={"ocr": name, "qr": qr_name}, checks=("qr_different",),
    )  # fmt: skip
    return factories.card_with(FieldName.FULL_NAME, full_name)


def liveness(**changes: Any) -> LivenessFinding:
    window = ChallengeStep(action=Action.TURN_LEFT, count=1, start_s=1.2, end_s=4.4)
    event = Event(
        action=Action.TURN_LEFT, start_s=2.0, peak_s=2.5, end_s=3.0, strength=30.0, returned=True
    )
    times = tuple(i / 10 for i in range(100))
    trace = LivenessTrace(
        times_s=times, opening=(1.0,) * 100, mouth_gain=(1.0,) * 100, yaw_deg=(0.0,) * 100,
        events=(event,), windows=(window,),
        compared=(ComparedFrame(time_s=1.0, selfie_similarity=0.93, card_similarity=0.9),),
    )  # fmt: skip
    return factories.liveness(trace=trace, **changes)  # type: ignore[no-any-return]


def judged_case(store: Store, *reasons: Reason, **found: Finding) -> UUID:
    """A case in review with pictures, as workers leave it."""
    case_id = made.new_case(store)
    for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE):
        made.put(store, case_id, kind, files.picture())
    made.put(store, case_id, EvidenceKind.CLIP, CLIP, nonce=made.challenge(store, case_id))
    cases.submit_case(store, case_id, actor=made.ACTOR)
    of_stage: dict[Stage, Finding] = {
        Stage.READ_CARD: found.get("card", card()),
        Stage.MATCH_FACE: found.get("face", factories.face(fmr=2e-5)),
        Stage.SCORE_LIVENESS: found.get("liveness", liveness()),
    }
    for stage in ENGINE_STAGES:
        claim = made.claim(store, case_id, stage)
        kept = keep_pictures(store, claim, [picture(name) for name in NAMES[stage]])
        finding = of_stage[stage]
        queue.complete(
            store, claim, finding=findings.dump(finding), summary=public_summary(finding),
            duration_ms=1.0, pictures=kept,
        )  # fmt: skip
    assert made.decide(store, case_id, made.verdict(Outcome.REVIEW, *(reasons or (SOFT,))))
    return case_id


def picture(name: str) -> NewPicture:
    still = {"time_s": 2.5, "shows": "turn_left", "selfie_similarity": 0.61, "band": Band.REVIEW}
    more: dict[str, Any] = still if name.startswith("still") else {}
    return NewPicture(name=name, jpeg=files.picture(), width_px=1200, height_px=757, **more)
