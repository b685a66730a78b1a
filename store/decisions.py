"""What `decide` looks at, and how its verdict becomes the status of the case."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from sqlalchemy import text

from pipeline.consent import Purpose
from pipeline.findings import CardFinding, FaceFinding, FieldName, LivenessFinding
from pipeline.policy import POLICY_V1, Policy
from pipeline.stages import Stage
from pipeline.verdict import EVENT_OF, Reason, Verdict
from store.database import Store
from store.errors import CaseUnknown, Erased
from store.fields import edited_values
from store.findings import load_card, load_face, load_liveness
from store.keyring import CaseKey
from store.policies import record_policy
from store.statements import DECIDE
from store.transitions import parameters

#: A card is valid, and a person of age, by the date in Viet Nam (UTC+7 all year).
VIET_NAM = timezone(timedelta(hours=7))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFindings:
    """Everything that `decide` looks at; a finding is None for a dead stage alone."""

    card: CardFinding | None
    face: FaceFinding | None
    liveness: LivenessFinding | None
    edits: Mapping[FieldName, str]
    dead_stages: tuple[Stage, ...]
    attempt: int
    submitted_on: date
    consents: frozenset[Purpose]


_FOUND = text(
    "SELECT c.attempt, c.submitted_at, k.wrapped, k.kek_id, s.stage, s.status, s.generation, s.finding,"
    " EXISTS (SELECT FROM field_edits WHERE case_id = c.id) AS edited,"
    " ARRAY(SELECT purpose FROM consents WHERE case_id = c.id AND ended_at IS NULL) AS consents FROM cases c"
    " JOIN stages s ON s.case_id = c.id AND s.stage <> 'decide'"
    " LEFT JOIN case_keys k ON k.case_id = c.id WHERE c.id = :case_id"
)


def load_findings(store: Store, case_id: UUID) -> StoredFindings:
    """Return everything that `decide` looks at.

    Raises:
        CaseUnknown, Erased: as their names say.
    """
    rows = {Stage(row.stage): row for row in store.run(_FOUND, {"case_id": case_id})}
    if not rows:
        raise CaseUnknown("no such case")
    read = rows[Stage.READ_CARD]
    if read.wrapped is None:
        raise Erased("the key of the case was destroyed")
    key = store.keyring.unwrap(read.wrapped, read.kek_id)
    card, face, liveness = (
        _open(key, case_id, rows[stage])
        for stage in (Stage.READ_CARD, Stage.MATCH_FACE, Stage.SCORE_LIVENESS)
    )
    submitted_at = read.submitted_at or datetime.now(UTC)
    return StoredFindings(
        card=load_card(card) if card else None,
        face=load_face(face) if face else None,
        liveness=load_liveness(liveness) if liveness else None,
        edits=_edits(store, key, case_id, read) if read.edited else {},
        dead_stages=tuple(
            stage for stage in Stage if stage in rows and rows[stage].status == "dead"
        ),
        attempt=read.attempt,
        submitted_on=submitted_at.astimezone(VIET_NAM).date(),
        consents=frozenset(map(Purpose, read.consents)),
    )


def _edits(store: Store, key: CaseKey, case_id: UUID, read: Any) -> dict[FieldName, str]:
    with store.hot() as connection:
        return edited_values(connection, key, case_id, read.generation)


def _open(key: CaseKey, case_id: UUID, row: Any) -> bytes | None:
    if row.status != "done":
        return None
    return key.open(row.finding, case_id, "finding", row.stage, row.generation)


def decide(
    store: Store,
    case_id: UUID,
    verdict: Verdict,
    *,
    generation: int,
    actor: str,
    policy: Policy | None = None,
) -> bool:
    """Apply a verdict; False when another finisher was faster or the case moved on.

    Args:
        store: the open store.
        case_id: the case.
        verdict: what was decided.
        generation: of the claimed row.
        actor: who decides.
        policy: by what; it is put into the record first, and its hash goes with the verdict. None: by no policy.
    """
    policy_sha256 = record_policy(store, policy, actor=actor) if policy else None
    summary = {"outcome": str(verdict.outcome), "policy_version": verdict.policy_version}
    values = {
        "case_id": case_id, "generation": generation, "actor": actor, **parameters(EVENT_OF[verdict.outcome]),
        "outcome": str(verdict.outcome), "retake": [str(kind) for kind in verdict.retake],
        "reasons": json.dumps([plain_reason(reason) for reason in verdict.reasons]),
        "policy_version": verdict.policy_version, "policy_sha256": policy_sha256, "summary": json.dumps(summary),
        "retake_ttl_s": POLICY_V1.open_ttl_s,
    }  # fmt: skip
    return bool(store.run(DECIDE, values))


def plain_reason(reason: Reason) -> dict[str, Any]:
    """Return a reason as it stands in the record."""
    return {field.name: getattr(reason, field.name) for field in dataclasses.fields(reason)} | {
        "facts": dict(reason.facts)
    }
