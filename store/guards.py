"""What every change of a case begins with: its row lock, first of all locks, and the check of its status."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from pipeline.case import ACCEPTS_EVIDENCE, CaseStatus
from pipeline.policy import POLICY_V1
from store.errors import AttemptsExhausted, CaseUnknown, Erased, WrongStatus

_LOCK = text(
    "SELECT status, attempt, stages_left, fields_version, reasons, decided_at FROM cases"
    " WHERE id = :case_id FOR UPDATE"
)


def lock_case(connection: Connection, case_id: UUID) -> Row[Any]:
    """Take the row lock of a case and return what stands in it.

    Raises:
        CaseUnknown: there is no such case.
    """
    case = connection.execute(_LOCK, {"case_id": case_id}).one_or_none()
    if case is None:
        raise CaseUnknown("no such case")
    return case


def require_status(status: str, allowed: Collection[str]) -> None:
    """Refuse what this status does not allow.

    Raises:
        Erased, WrongStatus: as their names say.
    """
    if status in allowed:
        return
    if status == CaseStatus.ERASED:
        raise Erased("the case was erased")
    raise WrongStatus(status)


def lock_for_evidence(connection: Connection, case_id: UUID) -> None:
    """Take the row lock of a case and check that evidence may still come.

    Raises:
        CaseUnknown, Erased, WrongStatus, AttemptsExhausted: as their names say.
    """
    case = lock_case(connection, case_id)
    require_status(case.status, ACCEPTS_EVIDENCE)
    if case.attempt >= POLICY_V1.max_attempts:
        raise AttemptsExhausted("the number of attempts is used up")
