"""Cases: open, submit, expire, erase. Reading and reviewing (`case_views`, `reviews`) are reached from here too.

Every change of status is one statement whose sources and target come from the table of `pipeline.case`; the trigger on
`cases` writes it to the audit chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from pipeline.case import ACCEPTS_EVIDENCE, CaseEvent
from pipeline.findings import FieldName
from pipeline.policy import POLICY_V1
from pipeline.stages import EvidenceKind, Stage
from store.blobs import delete_blobs_of
from store.case_views import (
    CaseListItem,
    CasePage,
    CaseView,
    ChallengeView,
    EvidenceView,
    StageView,
    VerdictView,
    case_version,
    get_case,
    list_cases,
)
from store.challenges import issue_challenge
from store.database import Store
from store.errors import (
    AttemptsExhausted,
    CaseUnknown,
    EvidenceMissing,
    FieldRequired,
    IdempotencyConflict,
)
from store.guards import lock_case, require_status
from store.holds import require_no_hold
from store.reviews import record_review
from store.statements import CREATE, SUBMIT
from store.transitions import parameters, sources_and_target

__all__ = [
    "CaseListItem", "CasePage", "CaseView", "ChallengeView", "CreatedCase", "EvidenceView", "Idempotency", "StageView",
    "VerdictView", "case_version", "create_case", "erase_case", "expire_due", "get_case", "issue_challenge",
    "list_cases", "record_review", "submit_case",
]  # fmt: skip

#: Without these nothing can be judged.
NEEDED = (EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE, EvidenceKind.CLIP)
#: Without these nobody can be identified; the operator may enter them where the machine could not read.
NEEDED_FIELDS = (FieldName.ID_NUMBER, FieldName.DATE_OF_BIRTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idempotency:
    """The same key of the same caller with the same body means the same case."""

    scope: str
    key: str
    request_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedCase:
    """A case that was opened now, or by an earlier identical request."""

    case_id: UUID
    replayed: bool


_REPLAY = text(
    "SELECT case_id, request_sha256 FROM idempotency WHERE scope = :scope AND key = :key"
)


def create_case(
    store: Store,
    *,
    branch: str | None,
    reference: str | None,
    actor: str,
    idempotency: Idempotency | None = None,
) -> CreatedCase:
    """Open a case.

    Raises:
        IdempotencyConflict: the idempotency key was used with another body.
    """
    replayed = _replay(store, idempotency) if idempotency else None
    if replayed is not None:
        return replayed
    case_id = uuid4()
    _, wrapped = store.keyring.new_key()
    values = {
        "case_id": case_id, "branch": branch, "reference": reference, "actor": actor,
        "open_ttl_s": POLICY_V1.open_ttl_s, "wrapped": wrapped, "kek_id": store.keyring.current,
        "idempotency_scope": idempotency.scope if idempotency else None,
        "idempotency_key": idempotency.key if idempotency else None,
        "request_sha256": idempotency.request_sha256 if idempotency else None,
    }  # fmt: skip
    try:
        with store.hot() as connection:
            connection.execute(CREATE, values)
    except IntegrityError:
        # Another request with the same key was faster: the whole statement was undone, its case is ours.
        replayed = _replay(store, idempotency) if idempotency else None
        if replayed is None:
            raise
        return replayed
    return CreatedCase(case_id=case_id, replayed=False)


def _replay(store: Store, idempotency: Idempotency) -> CreatedCase | None:
    with store.hot() as connection:
        row = connection.execute(
            _REPLAY, {"scope": idempotency.scope, "key": idempotency.key}
        ).one_or_none()
    if row is None:
        return None
    if row.request_sha256 != idempotency.request_sha256:
        raise IdempotencyConflict("the idempotency key was used with another body")
    return CreatedCase(case_id=row.case_id, replayed=True)


# ---------------------------------------------------------------- submit

_CHECK = text(
    "SELECT c.status, c.version, c.attempt, c.retake,"
    " (SELECT coalesce(jsonb_object_agg(kind, coalesce(received_at > c.decided_at, true)), '{}') FROM blobs"
    "   WHERE case_id = c.id AND replaced_at IS NULL) AS evidence,"
    " CASE WHEN s.status = 'done' AND s.summary ->> 'rejected' IS NULL THEN s.summary -> 'fields' END AS read,"
    " ARRAY(SELECT field FROM field_edits WHERE case_id = c.id AND generation = s.generation) AS edited"
    " FROM cases c JOIN stages s ON s.case_id = c.id AND s.stage = 'read_card' WHERE c.id = :case_id"
)


def submit_case(store: Store, case_id: UUID, *, actor: str) -> tuple[Stage, ...]:
    """Hand a case in to be judged; return the stages to ring.

    Raises:
        CaseUnknown, Erased, WrongStatus: as their names say.
        AttemptsExhausted: it was handed in as often as the policy allows.
        EvidenceMissing: card, selfie or clip is missing, or was not sent again although a retake was asked for.
        FieldRequired: the card was read, but not its number or the birth date, and nobody entered them.
    """
    while True:
        version = _check_submit(store, case_id)
        rows = store.run(
            SUBMIT,
            {
                "case_id": case_id,
                "actor": actor,
                "version": version,
                **parameters(CaseEvent.SUBMIT),
            },
        )
        if rows:
            return (Stage.DECIDE,) if rows[0].ring_decide else ()
        # Something came in after the check: a handful of results at most, so this ends.


def _check_submit(store: Store, case_id: UUID) -> int:
    cases = store.run(_CHECK, {"case_id": case_id})
    if not cases:
        raise CaseUnknown("no such case")
    case = cases[0]
    require_status(case.status, ACCEPTS_EVIDENCE)
    if case.attempt >= POLICY_V1.max_attempts:
        raise AttemptsExhausted("the number of attempts is used up")
    again = [kind for kind in case.retake if not case.evidence.get(kind)]
    missing = {*again, *(str(kind) for kind in NEEDED if kind not in case.evidence)}
    if missing:
        raise EvidenceMissing([kind for kind in EvidenceKind if kind in missing])
    if case.read is not None:
        unknown = [f for f in NEEDED_FIELDS if f not in case.read and f not in case.edited]
        if unknown:
            raise FieldRequired(unknown)
    return int(case.version)


# ---------------------------------------------------------------- the end of a case

_EXPIRE = text(
    "WITH due AS (SELECT id FROM cases WHERE status = ANY(:sources) AND"
    "   (expires_at < now() OR coalesce(decided_at, created_at) < now() - :open_ttl_s * interval '1 second')"
    "   ORDER BY expires_at LIMIT 200 FOR UPDATE SKIP LOCKED)"
    " UPDATE cases SET status = :target, changed_by = 'sweeper', version = version + 1, expires_at = NULL"
    " FROM due WHERE cases.id = due.id RETURNING cases.id"
)
_ERASE = text(
    "WITH erased AS (UPDATE cases SET status = :target, changed_by = :actor, version = version + 1, reference = NULL"
    "   WHERE id = :case_id RETURNING id),"
    " keys AS (DELETE FROM case_keys WHERE case_id IN (SELECT id FROM erased)),"
    " evidence AS (DELETE FROM blobs WHERE case_id IN (SELECT id FROM erased)),"
    " shown AS (DELETE FROM pictures WHERE case_id IN (SELECT id FROM erased)),"
    " chunks AS (DELETE FROM upload_chunks WHERE case_id IN (SELECT id FROM erased)),"
    " asked AS (DELETE FROM challenges WHERE case_id IN (SELECT id FROM erased)),"
    " clips AS (DELETE FROM clip_hashes WHERE case_id IN (SELECT id FROM erased)),"
    " edits AS (DELETE FROM field_edits WHERE case_id IN (SELECT id FROM erased)),"
    " numbers AS (DELETE FROM id_number_index WHERE case_id IN (SELECT id FROM erased)),"
    " faces AS (DELETE FROM face_templates WHERE case_id IN (SELECT id FROM erased)),"
    " spoken AS (DELETE FROM reviews WHERE case_id IN (SELECT id FROM erased)),"
    # A worker may still be at a case that expired: another generation, so that its late result leaves nothing.
    " found AS (UPDATE stages SET finding = NULL, changes = changes + 1, lease_until = NULL,"
    "   generation = generation + CASE WHEN status IN ('pending', 'running') THEN 1 ELSE 0 END,"
    "   status = CASE WHEN status IN ('pending', 'running') THEN 'waiting' ELSE status END"
    "   WHERE case_id IN (SELECT id FROM erased))"
    " SELECT id FROM erased"
)


def expire_due(store: Store, *, open_ttl_s: float) -> int:
    """Close cases that nobody handed in for too long (open, or sent back for a retake); return how many."""
    with store.hot() as connection:
        values = {"open_ttl_s": open_ttl_s, **parameters(CaseEvent.EXPIRE)}
        return len(connection.execute(_EXPIRE, values).all())


def erase_case(store: Store, case_id: UUID, *, actor: str) -> None:
    """Destroy the key of a case, its evidence and all that was read from it; the audit chain keeps what happened.

    Raises:
        CaseUnknown, Erased, OnHold: as their names say.
        WrongStatus: it is not final yet.
    """
    sources, target = sources_and_target(CaseEvent.ERASE)
    with store.engine.begin() as connection:
        require_status(lock_case(connection, case_id).status, sources)
        require_no_hold(connection, case_id)
        connection.execute(_ERASE, {"case_id": case_id, "actor": actor, "target": target})
    # From the commit on the blobs are noise; that they go too is tidiness.
    delete_blobs_of(store.blobs, case_id)
