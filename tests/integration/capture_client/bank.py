"""The other side: a play worker that reads, matches and decides at once, and what the bank's record says of a case."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from pipeline.decision import decide
from pipeline.findings import CardFinding, FaceFinding, LivenessFinding
from pipeline.policy import POLICY_V1
from pipeline.stages import ENGINE_STAGES, Stage
from pipeline.summary import public_summary
from store import audit, queue
from store.database import Store
from store.findings import dump
from tests.integration.api.desk import GOOD
from tests.unit.pipeline import factories

Finding = CardFinding | FaceFinding | LivenessFinding


@dataclass
class Bank:
    """Works on whatever is pending, without looking at it: `findings` are what it finds."""

    store: Store
    findings: dict[Stage, Finding] = field(default_factory=lambda: dict(GOOD))
    is_at_work: bool = True
    #: Challenges never expire: a busy test machine is slower than any customer.
    is_patient: bool = False
    _closed: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        self._closed.set()

    def work(self) -> None:
        while not self._closed.wait(0.15):
            if self.is_patient:
                self.execute("UPDATE challenges SET expires_at = now() + interval '1 hour'")
            if self.is_at_work:
                self.work_once()

    def work_once(self) -> None:
        for stage in ENGINE_STAGES:
            for claim in queue.claim(self.store, stage, worker="play", lease_s=60):
                found = self.findings[stage]
                queue.complete(
                    self.store, claim, finding=dump(found), summary=public_summary(found),
                    duration_ms=1.0,
                )  # fmt: skip
        for claim in queue.claim(self.store, Stage.DECIDE, worker="play", lease_s=60):
            found_all = queue.load_findings(self.store, claim.case_id)
            evidence = factories.evidence(
                card=found_all.card, face=found_all.face, liveness=found_all.liveness,
                edits=found_all.edits, attempt=found_all.attempt,
            )  # fmt: skip
            queue.complete_decision(self.store, claim, decide(evidence, POLICY_V1))

    # ------------------------------------------------------------ the record

    def rows(self, sql: str, **values: object) -> list[Any]:
        with self.store.engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    def execute(self, sql: str) -> None:
        with self.store.engine.begin() as connection:
            connection.execute(text(sql))

    def only_case(self) -> UUID:
        """The one case that there is."""
        ((case_id,),) = self.rows("SELECT id FROM cases")
        return UUID(str(case_id))

    def digests(self, case_id: UUID) -> dict[str, str]:
        """The current evidence."""
        current = "SELECT kind, sha256 FROM blobs WHERE case_id = :id AND replaced_at IS NULL"
        return {kind: sha256 for kind, sha256 in self.rows(current, id=case_id)}

    def events(self, case_id: UUID) -> list[str]:
        """The audit events of a case, with the kind of evidence where there is one."""
        chain = audit.events(self.store, case_id)
        return [f"{event.kind} {event.payload.get('kind', '')}".strip() for event in chain]
