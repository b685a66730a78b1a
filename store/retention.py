"""What is erased when its time is over: raw biometrics soon, whole cases late, told webhooks in between.

Two clocks, because the law pulls both ways: biometric data is kept no longer than its purpose needs, evidence of
identification for years. A case on hold keeps everything. Every step takes the row lock of its case, looks again, and
can be killed anywhere: files go first, rows with the commit, and what is half done is done again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from pipeline.case import CaseStatus
from pipeline.stages import EvidenceKind, Stage
from store.audit import note
from store.blobs import delete_blob
from store.cases import erase_case
from store.database import Store
from store.errors import Erased, OnHold, WrongStatus
from store.guards import lock_case
from store.holds import require_no_hold

#: Raw biometrics: what the person looks like, not what a card says.
BIOMETRICS = (EvidenceKind.SELFIE, EvidenceKind.CLIP)
#: Stages whose pictures show the person.
FACE_STAGES = (Stage.MATCH_FACE, Stage.SCORE_LIVENESS)
#: Statuses in which nobody needs the raw biometrics any more.
_ENDED = (CaseStatus.APPROVED, CaseStatus.REJECTED, CaseStatus.EXPIRED)
#: Somebody was faster, or put it on hold between the look and the lock: the next pass sees it as it is.
_MOVED = (Erased, OnHold, WrongStatus)
#: Cases of one pass: a pass holds no lock for long, and the next one comes soon.
BATCH = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """How long what is kept after the end of a case, in days; where the durations come from: docs/data_flow.md."""

    biometrics_days: float
    approved_days: float
    rejected_days: float
    expired_days: float
    delivered_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What one pass erased."""

    biometrics: int
    cases: int
    events: int


#: The oldest evidence first: the end of a case is never before its evidence came, so the index leads to every due one.
_DUE_BIOMETRICS = text(
    "SELECT DISTINCT c.id FROM blobs b JOIN cases c ON c.id = b.case_id"
    " WHERE b.kind IN ('selfie', 'clip') AND b.received_at < now() - :days * interval '1 day'"
    " AND c.status = ANY(:ended) AND coalesce(c.decided_at, c.created_at) < now() - :days * interval '1 day'"
    " AND NOT EXISTS (SELECT FROM legal_holds h WHERE h.case_id = c.id AND h.released_at IS NULL) LIMIT :batch"
)
_WITHDRAWN = text(
    "SELECT DISTINCT c.id FROM consents w JOIN cases c ON c.id = w.case_id JOIN blobs b ON b.case_id = c.id"
    " WHERE w.purpose = 'biometric_processing' AND w.ended_as = 'withdrawn' AND b.kind IN ('selfie', 'clip')"
    " AND c.status = ANY(:ended)"
    " AND NOT EXISTS (SELECT FROM consents g WHERE g.case_id = c.id AND g.purpose = w.purpose AND g.ended_at IS NULL)"
    " AND NOT EXISTS (SELECT FROM legal_holds h WHERE h.case_id = c.id AND h.released_at IS NULL) LIMIT :batch"
)
_DUE_CASES = text(
    "SELECT id FROM cases c WHERE status = :status"
    " AND coalesce(decided_at, created_at) < now() - :days * interval '1 day'"
    " AND NOT EXISTS (SELECT FROM legal_holds h WHERE h.case_id = c.id AND h.released_at IS NULL)"
    " ORDER BY coalesce(decided_at, created_at) LIMIT :batch"
)
_OBJECTS = text(
    "SELECT object_key FROM blobs WHERE case_id = :case_id AND kind = ANY(:kinds)"
    " UNION ALL SELECT object_key FROM upload_chunks WHERE case_id = :case_id AND kind = ANY(:kinds)"
    " UNION ALL SELECT object_key FROM pictures WHERE case_id = :case_id AND stage = ANY(:stages)"
)
_DROP = text(
    "WITH gone AS (DELETE FROM blobs WHERE case_id = :case_id AND kind = ANY(:kinds) RETURNING kind, sha256),"
    " chunks AS (DELETE FROM upload_chunks WHERE case_id = :case_id AND kind = ANY(:kinds)),"
    " faces AS (DELETE FROM face_templates t WHERE t.case_id = :case_id AND NOT EXISTS (SELECT FROM consents g"
    "   WHERE g.case_id = t.case_id AND g.purpose = 'duplicate_search' AND g.ended_at IS NULL)),"
    " shown AS (DELETE FROM pictures WHERE case_id = :case_id AND stage = ANY(:stages)),"
    " seen AS (UPDATE cases SET version = version + 1 WHERE id = :case_id)"
    " SELECT kind, sha256 FROM gone ORDER BY kind, sha256"
)
_DELIVERED = text(
    "DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o WHERE o.created_at < now() - :days * interval '1 day'"
    " AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.outbox_id = o.id AND d.status <> 'delivered')"
    " ORDER BY o.id LIMIT 1000)"
)


def purge(store: Store, clocks: Clocks, *, actor: str) -> Purged:
    """Erase what is due, a batch at a time."""
    return Purged(
        biometrics=_purge_biometrics(store, clocks, actor),
        cases=_purge_cases(store, clocks, actor),
        events=_purge_events(store, clocks),
    )


def erase_biometrics(store: Store, case_id: UUID, *, because: str, actor: str) -> None:
    """Erase selfie and clip of an ended case, also replaced ones, and pictures made of them; the findings stay.

    The template of the face goes too, unless the person agreed to the search for duplicates, whose purpose goes on.

    Args:
        store: the open store.
        case_id: the case.
        because: "retention" or "withdrawal", for the record.
        actor: who erases.

    Raises:
        CaseUnknown, Erased, OnHold: as their names say.
        WrongStatus: it has not ended.
    """
    with store.engine.begin() as connection:
        _require_ended(lock_case(connection, case_id).status)
        require_no_hold(connection, case_id)
        of_case = {
            "case_id": case_id, "kinds": [str(kind) for kind in BIOMETRICS],
            "stages": [str(stage) for stage in FACE_STAGES],
        }  # fmt: skip
        for row in connection.execute(_OBJECTS, of_case).all():
            delete_blob(store.blobs, row.object_key)
        gone = [row._asdict() for row in connection.execute(_DROP, of_case)]
        note(
            connection, actor=actor, case_id=case_id, kind="biometrics_erased",
            payload={"because": because, "evidence": gone},
        )  # fmt: skip


def _require_ended(status: str) -> None:
    if status == CaseStatus.ERASED:
        raise Erased("the case was erased")
    if status not in _ENDED:
        raise WrongStatus(status)


def _purge_biometrics(store: Store, clocks: Clocks, actor: str) -> int:
    ended, done = [str(status) for status in _ENDED], 0
    for because, query in (("withdrawal", _WITHDRAWN), ("retention", _DUE_BIOMETRICS)):
        asked = {"days": clocks.biometrics_days, "ended": ended, "batch": BATCH}
        for row in store.run(query, asked):
            with suppress(*_MOVED):
                erase_biometrics(store, row.id, because=because, actor=actor)
                done += 1
    return done


def _purge_cases(store: Store, clocks: Clocks, actor: str) -> int:
    done = 0
    for status, days in (
        (CaseStatus.APPROVED, clocks.approved_days),
        (CaseStatus.REJECTED, clocks.rejected_days),
        (CaseStatus.EXPIRED, clocks.expired_days),
    ):
        for row in store.run(_DUE_CASES, {"status": str(status), "days": days, "batch": BATCH}):
            with suppress(*_MOVED):
                erase_case(store, row.id, actor=actor)
                done += 1
    return done


def _purge_events(store: Store, clocks: Clocks) -> int:
    with store.hot() as connection:
        return connection.execute(_DELIVERED, {"days": clocks.delivered_days}).rowcount
