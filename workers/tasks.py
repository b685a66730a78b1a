"""One task a stage: claim the row, look at the evidence, judge, complete. The bell only says that there may be work.

Every judgement ends in a finding ("could not judge" too). Every other exception is counted in the row: the stage is
tried again, and after three attempts the case goes to a person.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, cast

import structlog
from celery import Celery, Task

from pipeline.card_reasons import id_number_of
from pipeline.decision import Evidence, decide
from pipeline.errors import CannotJudge, EkycError
from pipeline.findings import Cue, Finding
from pipeline.pictures import Judged
from pipeline.stages import EvidenceKind, Stage
from pipeline.summary import public_summary
from store import clips, findings, queue
from store.decisions import StoredFindings
from store.doorbell import ring, task_name
from store.duplicates import cases_of_same_number
from store.pictures import drop_untaken, keep_pictures
from store.queue import Claim
from store.stage_input import StageInput, read_stage_input
from workers.desk import Desk
from workers.engines import CardReader, FaceMatcher, LivenessScorer
from workers.patience import patiently
from workers.pictures import encoded
from workers.refusals import refusal

if TYPE_CHECKING:
    from uuid import UUID

    from pipeline.image import RgbImage  # brings numpy, which only the child may load

log = structlog.get_logger(__name__)

VIET_NAM = timezone(timedelta(hours=7))


def register(app: Celery, stages: Iterable[Stage], desk: Callable[[], Desk]) -> None:
    """Give the app one task for each stage, under the name that the bell rings."""
    for stage in stages:
        app.task(_answer(stage, desk), name=task_name(stage), bind=True)


def _answer(stage: Stage, desk: Callable[[], Desk]) -> Callable[[Task, str], None]:
    def answer(task: Task, case_id: str) -> None:
        del case_id  # a bell says "look"; which row comes first is the queue's business
        at = desk()
        for claim in patiently(lambda: claim_rows(at, stage)):
            serve(at, claim)

    return answer


def claim_rows(desk: Desk, stage: Stage) -> list[Claim]:
    """Take what is due; should the answer get lost, the rows wait for the end of their lease."""
    return queue.claim(
        desk.store, stage, worker=desk.worker, lease_s=desk.lease_s, limit=desk.claim_rows
    )


def serve(desk: Desk, claim: Claim) -> None:
    """Work on one claimed row; nothing but a lost database leaves here as an exception."""
    with structlog.contextvars.bound_contextvars(
        case_id=str(claim.case_id), stage=str(claim.stage), attempt=claim.attempt
    ):
        try:
            work = decide_case if claim.stage is Stage.DECIDE else judge_stage
            work(desk, claim)
        except Exception as error:
            code = error.code if isinstance(error, EkycError) else type(error).__name__
            log.error("stage_failed", code=code, where=_where(error))
            ring(desk.bell, patiently(lambda: queue.fail(desk.store, claim, error_code=code)).ring)


def judge_stage(desk: Desk, claim: Claim) -> None:
    """Let the engine judge, and record what it found."""
    began = time.perf_counter()
    try:
        judged = JUDGES[claim.stage](desk, claim)
    except CannotJudge as error:
        judged = Judged(finding=refusal(claim.stage, error, desk.engine))
    duration_ms = (time.perf_counter() - began) * 1000
    kept = keep_pictures(desk.store, claim, encoded(judged.pictures))
    if judged.template is not None:
        from store.templates import keep_template

        keep_template(desk.store, claim, judged.template)
    done = patiently(
        lambda: queue.complete(
            desk.store, claim, finding=findings.dump(judged.finding),
            summary=public_summary(judged.finding), duration_ms=duration_ms, pictures=kept,
        )
    )  # fmt: skip
    if not done.effective:
        drop_untaken(desk.store, claim.case_id, kept)
    ring(desk.bell, done.ring)
    log.info("stage_done", effective=done.effective, duration_ms=round(duration_ms))


def decide_case(desk: Desk, claim: Claim) -> None:
    """Draw the verdict from what the stages found, and apply it."""
    found = queue.load_findings(desk.store, claim.case_id)
    same_number = _same_number(desk, claim, found)
    verdict = decide(
        Evidence(
            card=found.card, face=found.face, liveness=found.liveness, edits=found.edits,
            dead_stages=found.dead_stages, attempt=found.attempt, today=found.submitted_on,
            consents=found.consents, same_number=same_number, same_face=_same_face(desk, claim, same_number),
        ),
        desk.policy,
    )  # fmt: skip
    effective = patiently(
        lambda: queue.complete_decision(desk.store, claim, verdict, policy=desk.policy)
    )
    log.info("case_decided", outcome=str(verdict.outcome), effective=effective)


def _same_number(desk: Desk, claim: Claim, found: StoredFindings) -> tuple[UUID, ...] | None:
    """Look for other cases of the same number, where the policy wants to know; a case without one has no others."""
    if not desk.policy.duplicates_hold_up:
        return None
    number = id_number_of(found.card, found.edits)
    return cases_of_same_number(desk.store, claim.case_id, number) if number else ()


def _same_face(
    desk: Desk, claim: Claim, same_number: tuple[UUID, ...] | None
) -> tuple[UUID, ...] | None:
    """Look for approved cases of the same face under another number; a case without a usable face has no others."""
    if desk.gallery is None or same_number is None:
        return None
    from pipeline.face.profile import PROFILES
    from store.templates import template_of

    template = template_of(desk.store, claim.case_id)
    if template is None:
        return ()
    profile = PROFILES.get(template.backend)
    alike = desk.gallery.same_face(claim.case_id, template, profile) if profile else None
    return None if alike is None else tuple(c for c in alike if c not in same_number)


# ---------------------------------------------------------------- the engine stages


def read_card(desk: Desk, claim: Claim) -> Judged[Finding]:
    """Read both sides of the card and its chip; back and chip may not be there yet."""
    seen = read_stage_input(desk.store, claim)
    front = _picture(seen, EvidenceKind.CARD_FRONT)
    has_back = EvidenceKind.CARD_BACK in seen.evidence
    back = _picture(seen, EvidenceKind.CARD_BACK) if has_back else None
    today = datetime.now(UTC).astimezone(VIET_NAM).date()
    chip = seen.evidence.get(EvidenceKind.CHIP)
    seen_card = cast(CardReader, desk.engine).look(front, back, today=today, chip=chip)
    return Judged(finding=seen_card.finding, pictures=seen_card.pictures)


def match_face(desk: Desk, claim: Claim) -> Judged[Finding]:
    """Compare the selfie, and the clip once it is there, with the portrait on the card or in its chip."""
    seen = read_stage_input(desk.store, claim)
    front, selfie = (
        _picture(seen, kind) for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE)
    )
    chip = seen.evidence.get(EvidenceKind.CHIP)
    clip = seen.evidence.get(EvidenceKind.CLIP)
    return cast(FaceMatcher, desk.engine).compare(front, selfie, chip=chip, clip=clip)


def score_liveness(desk: Desk, claim: Claim) -> Judged[Finding]:
    """Judge the clip against its challenge, the selfie, the card, and the clips of other cases."""
    seen = read_stage_input(desk.store, claim)
    front, selfie = (
        _picture(seen, kind) for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE)
    )
    clip, scorer = seen.need(EvidenceKind.CLIP), cast(LivenessScorer, desk.engine)
    judged = scorer.judge(clip, seen.steps, selfie=selfie, card_front=front)
    finding, perceptual = judged.finding, judged.perceptual_hash
    if perceptual is None:
        return Judged(finding=finding)
    replayed = clips.clip_seen_elsewhere(desk.store, claim.case_id, perceptual)
    finding = dataclasses.replace(finding, cues=(*finding.cues, replay_cue(seen=replayed)))
    return Judged(finding=finding, pictures=scorer.stills(clip, finding))


def replay_cue(*, seen: bool) -> Cue:
    """The cue that only the store can see: the clip, or one like it, belongs to another case."""
    return Cue(name="replayed", score=float(seen), threshold=0.5, suspicious=seen)


JUDGES: dict[Stage, Callable[[Desk, Claim], Judged[Finding]]] = {
    Stage.READ_CARD: read_card,
    Stage.MATCH_FACE: match_face,
    Stage.SCORE_LIVENESS: score_liveness,
}


def _picture(seen: StageInput, kind: EvidenceKind) -> RgbImage:
    from pipeline.image import decode_image

    return decode_image(seen.need(kind), evidence=str(kind))


def _where(error: BaseException) -> str:
    """File and line of the innermost frame: messages and arguments may hold what was read from a card."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else ""
