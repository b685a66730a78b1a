"""Cases for measuring and picturing the console: thousands of rows written straight, with stages but without evidence.

Their events are not written (the trigger that would is off), so the audit chain knows nothing of them: never in a
database that matters.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from pipeline.case import CaseStatus
from pipeline.policy import POLICY_V1
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import Stage

#: Share of the cases in each status, per cent; the open ones are minutes old, the decided ones weeks.
SHARES = {
    CaseStatus.APPROVED: 62, CaseStatus.REJECTED: 12, CaseStatus.EXPIRED: 10, CaseStatus.RETAKE: 6,
    CaseStatus.REVIEW: 4, CaseStatus.OPEN: 3, CaseStatus.PROCESSING: 1, CaseStatus.ERASED: 2,
}  # fmt: skip
LONGEST_AGE_MIN = {
    CaseStatus.REVIEW: 45, CaseStatus.PROCESSING: 3, CaseStatus.OPEN: 120, CaseStatus.RETAKE: 2880,
}  # fmt: skip
DECIDED_AGE_MIN = 60 * 24 * 60
REASONS_OF = {
    CaseStatus.REVIEW: (
        ReasonCode.FACE_BORDERLINE, ReasonCode.QR_MISMATCH, ReasonCode.FIELD_UNCERTAIN,
        ReasonCode.PRINT_UNCONFIRMED, ReasonCode.MRZ_MISMATCH,
    ),
    CaseStatus.REJECTED: (ReasonCode.FACE_NO_MATCH, ReasonCode.DOCUMENT_EXPIRED),
    CaseStatus.RETAKE: (ReasonCode.CARD_BLURRED, ReasonCode.CARD_GLARE),
}  # fmt: skip
PLACES = ("HN", "SG", "DN", "HP", "CT")
_CASE = (
    "INSERT INTO cases (id, status, branch, reference, attempt, stages_left, created_at, submitted_at, decided_at,"
    " status_since, outcome, reasons, policy_version, decided_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,"
    " %s, %s, %s)"
)
_STAGE = (
    "INSERT INTO stages (case_id, stage, status, attempts, finished_at, duration_ms)"
    " VALUES (%s, %s, %s, 1, %s, %s)"
)


def seed_cases(dsn: str, count: int, *, seed: int = 1) -> None:
    """Write `count` cases, the same for the same seed but for their ids' order in time.

    Args:
        dsn: of a superuser, as libpq has it.
        count: how many.
        seed: of all chance.
    """
    rng, now = Random(seed), datetime.now(UTC)
    rows = [_case(rng, now, number) for number in range(count)]
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.executemany(_CASE, rows)
        cursor.executemany(_STAGE, [stage for row in rows for stage in _stages(rng, row)])
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _case(rng: Random, now: datetime, number: int) -> tuple[Any, ...]:
    status = rng.choices(list(SHARES), weights=list(SHARES.values()))[0]
    since = now - timedelta(minutes=rng.random() * LONGEST_AGE_MIN.get(status, DECIDED_AGE_MIN))
    opened = since - timedelta(seconds=rng.uniform(40, 240))
    submitted = None if status in (CaseStatus.OPEN, CaseStatus.EXPIRED) else opened + timedelta(seconds=35)  # fmt: skip
    decided = since if status not in (CaseStatus.OPEN, CaseStatus.PROCESSING, CaseStatus.EXPIRED) else None  # fmt: skip
    outcome = str(status) if decided and status is not CaseStatus.ERASED else None
    branch = f"{rng.choice(PLACES)}-{rng.randint(1, 8):02}"
    return (
        UUID(int=rng.getrandbits(128), version=4), str(status), branch, f"HS-{2026000000 + number}",
        1 if submitted else 0, 0 if decided else 3, opened, submitted, decided, since, outcome,
        json.dumps(list(_reasons(rng, status))), POLICY_V1.version if outcome else None,
        "worker:seed" if outcome else None,
    )  # fmt: skip


def _reasons(rng: Random, status: CaseStatus) -> Iterator[dict[str, Any]]:
    possible = REASONS_OF.get(status, ())
    for code in rng.sample(possible, k=min(len(possible), rng.randint(1, 3))):
        spec = REASONS[code]
        yield {
            "code": str(code), "stage": str(Stage.DECIDE),
            "weight": str(spec.severity), "retake": [], "facts": {},
        }  # fmt: skip


def _stages(rng: Random, row: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    case_id, decided = row[0], row[8]
    for stage in Stage:
        status = "done" if decided else "waiting"
        yield case_id, str(stage), status, decided, rng.uniform(20, 2500) if decided else None
