"""Challenges: one is current; issuing another voids it, and the clip that answered it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from pipeline.challenge import Action, ChallengeStep
from pipeline.stages import STARTS_WITH, EvidenceKind, stages_voided_by
from store.audit import note
from store.case_views import ChallengeView, current_challenge
from store.database import Store
from store.errors import ChallengeExpired, ChallengeMissing, ChallengeSuperseded
from store.guards import lock_for_evidence

_SUPERSEDE = text(
    "UPDATE challenges SET superseded_at = clock_timestamp() WHERE case_id = :case_id AND superseded_at IS NULL"
)
_ISSUE = text(
    "INSERT INTO challenges (id, case_id, nonce, steps, excluded, expires_at) VALUES"
    " (:id, :case_id, :nonce, CAST(:steps AS jsonb), :excluded, clock_timestamp() + :ttl_s * interval '1 second')"
)
#: Stages that cannot do without the clip wait for the next one; others are void only if there was a clip to use, and
#: then wait as well, because the next clip starts them again.
_VOID_CLIP = text(
    "WITH hit AS (SELECT stage FROM stages WHERE case_id = :case_id AND status <> 'waiting' AND stage = ANY(:voided)"
    "   AND (stage = ANY(:needing) OR EXISTS (SELECT FROM blobs"
    "     WHERE case_id = :case_id AND kind = 'clip' AND replaced_at IS NULL))),"
    " clip AS (UPDATE blobs SET replaced_at = clock_timestamp()"
    "   WHERE case_id = :case_id AND kind = 'clip' AND replaced_at IS NULL),"
    " chunks AS (DELETE FROM upload_chunks WHERE case_id = :case_id AND kind = 'clip'),"
    " voided AS (UPDATE stages SET status = 'waiting', generation = generation + 1, attempts = 0, lease_until = NULL,"
    "   worker = NULL, started_at = NULL, finished_at = NULL, duration_ms = NULL, finding = NULL, summary = NULL,"
    "   error_code = NULL WHERE case_id = :case_id AND stage IN (SELECT stage FROM hit))"
    " UPDATE cases SET version = version + 1, stages_left = (SELECT count(*) FROM stages WHERE case_id = :case_id"
    "   AND stage <> 'decide' AND (stage IN (SELECT stage FROM hit) OR status NOT IN ('done', 'dead')))"
    " WHERE id = :case_id"
)
_LATE = text(
    "SELECT expires_at < clock_timestamp() AND promised_sha256 IS DISTINCT FROM :sha256 FROM challenges WHERE id = :id"
)
_PROMISE = text(
    "UPDATE challenges SET promised_sha256 = :sha256, promised_at = clock_timestamp() WHERE id = :id"
    " AND promised_sha256 IS DISTINCT FROM :sha256"
)


def issue_challenge(
    store: Store,
    case_id: UUID,
    *,
    steps: Sequence[ChallengeStep],
    excluded: Sequence[Action],
    nonce: str,
    ttl_s: float,
    actor: str,
) -> ChallengeView:
    """Record a challenge; the one before it, and a clip recorded for it, are void from now on.

    Raises:
        CaseUnknown, Erased, WrongStatus, AttemptsExhausted: as their names say.
    """
    challenge_id, without = uuid4(), [str(action) for action in excluded]
    rows = [dataclasses.asdict(step) for step in steps]
    with store.engine.begin() as connection:
        lock_for_evidence(connection, case_id)
        connection.execute(_SUPERSEDE, {"case_id": case_id})
        connection.execute(
            _ISSUE,
            {
                "id": challenge_id, "case_id": case_id, "nonce": nonce, "steps": json.dumps(rows),
                "excluded": without, "ttl_s": ttl_s,
            },
        )  # fmt: skip
        voided = stages_voided_by(EvidenceKind.CLIP)
        needing = [str(stage) for stage in voided if EvidenceKind.CLIP in STARTS_WITH[stage]]
        connection.execute(
            _VOID_CLIP,
            {"case_id": case_id, "voided": [str(stage) for stage in voided], "needing": needing},
        )
        note(
            connection, actor=actor, case_id=case_id, kind="challenge_issued",
            payload={
                "challenge": str(challenge_id), "actions": [str(step.action) for step in steps],
                "excluded": without,
            },
        )  # fmt: skip
        issued = current_challenge(connection, case_id)
    assert issued is not None
    return issued


def require_challenge(connection: Connection, case_id: UUID, nonce: str | None) -> ChallengeView:
    """Return the challenge that a clip with this nonce answers; it may be expired.

    Raises:
        ChallengeMissing: none was issued.
        ChallengeSuperseded: another one is current.
    """
    challenge = current_challenge(connection, case_id)
    if challenge is None:
        raise ChallengeMissing("no challenge was issued")
    if nonce != challenge.nonce:
        raise ChallengeSuperseded("another challenge is current")
    return challenge


def require_in_time(connection: Connection, challenge: ChallengeView, sha256: str) -> None:
    """Refuse a clip that comes, and was not promised, before its challenge expired, by the clock of the database.

    Raises:
        ChallengeExpired: as its name says.
    """
    if connection.execute(_LATE, {"id": challenge.id, "sha256": sha256}).scalar_one():
        raise ChallengeExpired("the challenge has expired")


def promise_clip(store: Store, case_id: UUID, *, sha256: str, nonce: str, actor: str) -> None:
    """Record the digest of a clip that answers the current challenge, so that the clip itself may come later.

    The same digest again changes nothing, also after the expiry; another one takes its place only in time.

    Raises:
        CaseUnknown, Erased, WrongStatus, AttemptsExhausted: as their names say.
        ChallengeMissing, ChallengeSuperseded, ChallengeExpired: as their names say.
    """
    with store.engine.begin() as connection:
        lock_for_evidence(connection, case_id)
        challenge = require_challenge(connection, case_id, nonce)
        require_in_time(connection, challenge, sha256)
        if connection.execute(_PROMISE, {"id": challenge.id, "sha256": sha256}).rowcount:
            note(
                connection, actor=actor, case_id=case_id, kind="clip_promised",
                payload={"challenge": str(challenge.id), "sha256": sha256},
            )  # fmt: skip
