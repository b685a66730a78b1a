"""Face templates at rest: sealed by the key of their case, so they go with it, in backups too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import text

from pipeline.case import CaseStatus
from pipeline.face.template import Template
from store.database import Store
from store.keyring import CaseKey
from store.queue import Claim, claim_key

#: A late result of an older generation replaces nothing, and no template comes to a case without a key.
_KEEP = text(
    "INSERT INTO face_templates (case_id, generation, backend, model_sha256, sealed)"
    " SELECT case_id, :generation, :backend, :model_sha256, :sealed FROM case_keys WHERE case_id = :case_id"
    " ON CONFLICT (case_id) DO UPDATE SET generation = excluded.generation, backend = excluded.backend,"
    " model_sha256 = excluded.model_sha256, sealed = excluded.sealed, made_at = now()"
    " WHERE face_templates.generation <= excluded.generation"
)
_ONE = text(
    "SELECT t.case_id, t.backend, t.model_sha256, t.sealed, k.wrapped, k.kek_id FROM face_templates t"
    " JOIN case_keys k USING (case_id) JOIN stages s ON s.case_id = t.case_id AND s.stage = 'match_face'"
    " WHERE t.case_id = :case_id AND t.generation = s.generation"
)
#: By the time of the approval, so that a gallery is brought up to date by what came since.
_APPROVED = text(
    "SELECT c.decided_at, t.case_id, t.backend, t.model_sha256, t.sealed, k.wrapped, k.kek_id FROM cases c"
    " JOIN face_templates t ON t.case_id = c.id JOIN case_keys k ON k.case_id = c.id"
    " WHERE c.status = :approved AND coalesce(c.decided_at, c.created_at) >= :since"
    " ORDER BY coalesce(c.decided_at, c.created_at) LIMIT :limit"
)
_STILL = text(
    "SELECT t.case_id FROM face_templates t JOIN cases c ON c.id = t.case_id"
    " WHERE c.status = :approved AND (CAST(:only AS uuid[]) IS NULL OR t.case_id = ANY(CAST(:only AS uuid[])))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """The template of an approved case."""

    case_id: UUID
    template: Template
    approved_at: datetime


def keep_template(store: Store, claim: Claim, template: Template) -> None:
    """Keep the template that a claimed stage made.

    Raises:
        Erased: the key of the case was destroyed.
    """
    sealed = claim_key(store, claim).seal(
        template.vector.tobytes(), claim.case_id, "template", template.backend, template.model_sha256
    )  # fmt: skip
    with store.hot() as connection:
        connection.execute(
            _KEEP,
            {
                "case_id": claim.case_id, "generation": claim.generation, "backend": template.backend,
                "model_sha256": template.model_sha256, "sealed": sealed,
            },
        )  # fmt: skip


def template_of(store: Store, case_id: UUID) -> Template | None:
    """Return the template of the case's current face, if there is one.

    Raises:
        SealBroken: it was altered.
    """
    rows = store.run(_ONE, {"case_id": case_id})
    return _open(_key(store, rows[0]), rows[0]) if rows else None


def approved_since(store: Store, since: datetime, *, limit: int) -> list[Enrolled]:
    """Return templates of cases approved at or after a time, in the order of their approval.

    Raises:
        SealBroken: one was altered.
    """
    values = {"approved": str(CaseStatus.APPROVED), "since": since, "limit": limit}
    return [
        Enrolled(case_id=row.case_id, template=_open(_key(store, row), row), approved_at=row.decided_at)
        for row in store.run(_APPROVED, values)
    ]  # fmt: skip


def still_enrolled(store: Store, only: list[UUID] | None = None) -> set[UUID]:
    """Return which cases (of these, or of all) are approved and still have a template."""
    values = {"approved": str(CaseStatus.APPROVED), "only": only}
    return {row.case_id for row in store.run(_STILL, values)}


def _key(store: Store, row: Any) -> CaseKey:
    return store.keyring.unwrap(row.wrapped, row.kek_id)


def _open(key: CaseKey, row: Any) -> Template:
    opened = key.open(row.sealed, row.case_id, "template", row.backend, row.model_sha256)
    return Template(
        backend=row.backend, model_sha256=row.model_sha256, vector=np.frombuffer(opened, np.float32)
    )  # fmt: skip
