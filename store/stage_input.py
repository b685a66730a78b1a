"""What a stage looks at, in one query: the current evidence of its kinds and the challenge's steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from pipeline.challenge import Action, ChallengeStep
from pipeline.stages import LOOKS_AT, EvidenceKind
from store.blobs import get_blob
from store.database import Store
from store.errors import EvidenceUnknown
from store.queue import Claim, claim_key

_LOOK = text(
    "SELECT b.kind, b.object_key, b.sha256, c.steps FROM blobs b"
    " LEFT JOIN challenges c ON c.case_id = b.case_id AND c.superseded_at IS NULL AND b.kind = 'clip'"
    " WHERE b.case_id = :case_id AND b.replaced_at IS NULL AND b.kind = ANY(:kinds)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageInput:
    """Evidence in the clear, for the length of one piece of work; `steps` is empty unless there is a clip."""

    evidence: Mapping[EvidenceKind, bytes]
    steps: tuple[ChallengeStep, ...]

    def need(self, kind: EvidenceKind) -> bytes:
        """Return evidence without which the stage makes no sense.

        Raises:
            EvidenceUnknown: it is not there.
        """
        if kind not in self.evidence:
            raise EvidenceUnknown(f"no {kind}")
        return self.evidence[kind]


def read_stage_input(store: Store, claim: Claim) -> StageInput:
    """Return everything that the stage of a claim looks at.

    Raises:
        Erased: the key of the case was destroyed.
        SealBroken: a blob was altered.
    """
    values = {"case_id": claim.case_id, "kinds": [str(kind) for kind in LOOKS_AT[claim.stage]]}
    rows, key = store.run(_LOOK, values), claim_key(store, claim)
    steps = next((row.steps for row in rows if row.steps), ())
    return StageInput(
        evidence={
            EvidenceKind(row.kind): key.open(
                get_blob(store.blobs, row.object_key), claim.case_id, row.kind, row.sha256
            )
            for row in rows
        },
        steps=tuple(ChallengeStep(**{**step, "action": Action(step["action"])}) for step in steps),
    )
