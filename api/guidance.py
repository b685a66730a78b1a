"""What the customer is told: the words of the reasons, without codes, scores or suspicions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from api.answers import Guidance
from api.gateway import Language
from pipeline.case import CaseStatus
from pipeline.part_words import affected
from pipeline.policy import POLICY_V1
from pipeline.reasons import REASONS, ReasonCode, ReasonSpec, Severity
from pipeline.stages import ENGINE_STAGES, EvidenceKind, Stage
from store.cases import CaseView

#: Without these a case cannot be submitted.
NEEDED = (EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE, EvidenceKind.CLIP)

#: What a stage mainly looks at: what to send again when its evidence cannot be decoded.
_MAIN_EVIDENCE = {
    Stage.READ_CARD: EvidenceKind.CARD_FRONT,
    Stage.MATCH_FACE: EvidenceKind.SELFIE,
    Stage.SCORE_LIVENESS: EvidenceKind.CLIP,
}

_COLUMN = {Language.VI: 0, Language.EN: 1}


def customer_text(spec: ReasonSpec, language: Language) -> str:
    """Return the customer's words of a reason; empty for a mere note."""
    return spec.customer_vi if language is Language.VI else spec.customer_en


def staff_text(spec: ReasonSpec, language: Language) -> str:
    """Return the words for staff."""
    return spec.staff_vi if language is Language.VI else spec.staff_en


def guide(case: CaseView, language: Language) -> tuple[Guidance, ...]:
    """Return what to tell the customer: of the verdict, else of what the stages could not judge so far."""
    if case.status in (CaseStatus.OPEN, CaseStatus.PROCESSING):
        rows = _of_stages(case, language)
    elif case.verdict is not None and case.status not in (CaseStatus.APPROVED, CaseStatus.ERASED):
        rows = _of_verdict(case, language)
    else:
        rows = iter(())
    return _merged(rows)


def _of_stages(
    case: CaseView, language: Language
) -> Iterator[tuple[str, tuple[EvidenceKind, ...]]]:
    """Early guidance: what could not be judged can be sent again while the customer is still there."""
    for stage in ENGINE_STAGES:
        view = case.stages.get(stage)
        code = (view.summary or {}).get("rejected") if view else None
        if code:
            spec = REASONS[ReasonCode(str(code))]
            if spec.severity is Severity.RETAKE:
                yield customer_text(spec, language), spec.retake or (_MAIN_EVIDENCE[stage],)


def _of_verdict(
    case: CaseView, language: Language
) -> Iterator[tuple[str, tuple[EvidenceKind, ...]]]:
    """The reasons of the outcome alone: a rejected customer is not also sent to retake something."""
    assert case.verdict is not None
    shown = {
        CaseStatus.RETAKE: (Severity.RETAKE,),
        CaseStatus.REVIEW: (Severity.SOFT,),
        CaseStatus.REJECTED: (Severity.HARD,),
    }.get(case.status, ())
    for reason in case.verdict.reasons:
        if Severity(reason["weight"]) in shown:
            spec = REASONS[ReasonCode(reason["code"])]
            words = [customer_text(spec, language), affected(reason["facts"], _COLUMN[language])]
            yield " ".join(filter(None, words)), tuple(map(EvidenceKind, reason["retake"]))


def _merged(rows: Iterable[tuple[str, tuple[EvidenceKind, ...]]]) -> tuple[Guidance, ...]:
    """One line per text: equal words for different reasons must not be told apart by their number."""
    by_text: dict[str, set[EvidenceKind]] = {}
    for text, kinds in rows:
        if text:
            by_text.setdefault(text, set()).update(kinds)
    return tuple(
        Guidance(text=text, retake=tuple(kind for kind in EvidenceKind if kind in kinds))
        for text, kinds in by_text.items()
    )


def missing_evidence(case: CaseView) -> tuple[EvidenceKind, ...]:
    """Return what must still be sent before the case can be submitted."""
    wanted = {kind for kind in NEEDED if kind not in case.evidence} | _back_if_needed(case)
    if case.status is CaseStatus.RETAKE and case.verdict is not None:
        wanted |= {kind for kind in case.verdict.retake if not _sent_since_verdict(case, kind)}
    if case.status not in (CaseStatus.OPEN, CaseStatus.RETAKE):
        wanted = set()
    return tuple(kind for kind in EvidenceKind if kind in wanted)


def _back_if_needed(case: CaseView) -> set[EvidenceKind]:
    view = case.stages.get(Stage.READ_CARD)
    version = (view.summary or {}).get("version") if view else None
    needs = version in POLICY_V1.needs_back and EvidenceKind.CARD_BACK not in case.evidence
    return {EvidenceKind.CARD_BACK} if needs else set()


def _sent_since_verdict(case: CaseView, kind: EvidenceKind) -> bool:
    assert case.verdict is not None
    sent = case.evidence.get(kind)
    return sent is not None and sent.received_at > case.verdict.decided_at
