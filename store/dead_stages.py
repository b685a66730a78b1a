"""Stages that failed for good: what operators look at and start again (`store.queue.requeue`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from pipeline.case import CaseStatus
from pipeline.stages import Stage
from store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadStage:
    """One dead stage and where its case stands."""

    case_id: UUID
    stage: Stage
    case_status: CaseStatus
    branch: str | None
    error_code: str | None
    attempts: int
    finished_at: datetime | None


_LIST = text(
    "SELECT s.case_id, s.stage, c.status AS case_status, c.branch, s.error_code, s.attempts, s.finished_at"
    " FROM stages s JOIN cases c ON c.id = s.case_id"
    " WHERE s.status = 'dead' AND c.status IN ('open', 'processing', 'retake', 'review')"
    " ORDER BY s.finished_at DESC NULLS LAST LIMIT :limit"
)


def list_dead(store: Store, *, limit: int = 100) -> list[DeadStage]:
    """Return dead stages of cases that are not decided by anybody yet, the latest first."""
    with store.hot() as connection:
        rows = connection.execute(_LIST, {"limit": limit}).mappings().all()
    return [
        DeadStage(
            **{**row, "stage": Stage(row["stage"]), "case_status": CaseStatus(row["case_status"])}
        )
        for row in rows
    ]
