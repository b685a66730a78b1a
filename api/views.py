"""What a caller sees of a case: one view for the capture client, one for the bank's staff."""

from __future__ import annotations

from api.answers import (
    CaseForCapture,
    CaseForStaff,
    ChallengeShown,
    EvidenceShown,
    FieldEdit,
    FieldShown,
    FieldsShown,
    Guidance,
    ReasonShown,
    StageProgress,
    StageShown,
    Step,
    VerdictShown,
)
from api.gateway import Language
from api.guidance import customer_text, guide, missing_evidence, staff_text
from pipeline.challenge import ChallengeStep
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome
from store.cases import CaseView, ChallengeView, StageView, VerdictView
from store.fields import FieldsView


def capture_view(case: CaseView, language: Language) -> CaseForCapture:
    """Return a case without scores, reasons or summaries."""
    return CaseForCapture(
        id=case.id,
        version=case.version,
        status=case.status,
        attempt=case.attempt,
        evidence=_evidence(case),
        missing=missing_evidence(case),
        stages=tuple(
            StageProgress(stage=stage, status=case.stages[stage].status)
            for stage in Stage
            if stage in case.stages
        ),
        challenge=_challenge(case.challenge),
        guidance=guide(case, language),
        expires_at=case.expires_at,
    )


def staff_view(case: CaseView, language: Language) -> CaseForStaff:
    """Return a case with everything but the evidence and the values read from it."""
    return CaseForStaff(
        id=case.id,
        version=case.version,
        status=case.status,
        branch=case.branch,
        reference=case.reference,
        attempt=case.attempt,
        created_at=case.created_at,
        submitted_at=case.submitted_at,
        decided_at=case.decided_at,
        expires_at=case.expires_at,
        evidence=_evidence(case),
        missing=missing_evidence(case),
        stages=tuple(_stage(case.stages[stage]) for stage in Stage if stage in case.stages),
        challenge=_challenge(case.challenge),
        guidance=guide(case, language),
        verdict=_verdict(case.verdict, language) if case.verdict else None,
    )


def steps_shown(steps: tuple[ChallengeStep, ...]) -> tuple[Step, ...]:
    """Return the steps of a challenge as they are told."""
    return tuple(
        Step(action=step.action, count=step.count, start_s=step.start_s, end_s=step.end_s)
        for step in steps
    )


def _evidence(case: CaseView) -> tuple[EvidenceShown, ...]:
    present = [case.evidence[kind] for kind in EvidenceKind if kind in case.evidence]
    return tuple(
        EvidenceShown(
            kind=view.kind,
            sha256=view.sha256,
            size=view.size,
            media_type=view.mime,
            received_at=view.received_at,
        )
        for view in present
    )


def _challenge(challenge: ChallengeView | None) -> ChallengeShown | None:
    if challenge is None:
        return None
    return ChallengeShown(
        id=str(challenge.id),
        steps=steps_shown(challenge.steps),
        excluded=tuple(challenge.excluded),
        issued_at=challenge.issued_at,
        expires_at=challenge.expires_at,
        answered=challenge.answered,
    )


def _stage(view: StageView) -> StageShown:
    return StageShown(
        stage=view.stage,
        status=view.status,
        generation=view.generation,
        attempts=view.attempts,
        summary=view.summary,
        queued_at=view.queued_at,
        started_at=view.started_at,
        finished_at=view.finished_at,
        duration_ms=view.duration_ms,
        worker=view.worker,
        error_code=view.error_code,
    )


def _verdict(verdict: VerdictView, language: Language) -> VerdictShown:
    return VerdictShown(
        outcome=Outcome(verdict.outcome),
        reasons=tuple(
            ReasonShown(**reason, text=staff_text(REASONS[ReasonCode(reason["code"])], language))
            for reason in verdict.reasons
        ),
        retake=tuple(verdict.retake),
        policy_version=verdict.policy_version,
        decided_by=verdict.decided_by,
        decided_at=verdict.decided_at,
    )


def fields_view(view: FieldsView, language: Language) -> FieldsShown:
    """Return the fields of a card with their sources and edits."""
    rejected = None
    if view.rejected:
        spec = REASONS[ReasonCode(view.rejected)]
        rejected = Guidance(text=customer_text(spec, language), retake=spec.retake)
    return FieldsShown(
        version=view.version,
        ready=view.ready,
        rejected=rejected,
        fields={name: _field(row) for name, row in view.fields.items()},
    )


def _field(row: dict[str, object]) -> FieldShown:
    edited = row.get("edited")
    return FieldShown.model_validate(
        {**row, "edited": FieldEdit.model_validate(edited) if edited else None}
    )
