"""The usual way to do the same: a Celery chord of three stages and a decision, with an ORM session a step.

The same durable effects as our queue: the attempt is counted before the work, a sealed finding and its summary in the
row, an audit event with the hash chain for each step, a verdict by the same policy. What it lacks: it survives neither
FLUSHALL nor a lost message, its cases have neither versions nor generations, and no row waits in line.

As a module it is the app of its workers: celery -A bench.chord_app worker -Q ocr ...
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from celery import Celery, chord
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from bench.canned import FINDINGS
from pipeline.decision import Evidence
from pipeline.decision import decide as judge
from pipeline.policy import POLICY_V1
from pipeline.stages import Stage
from pipeline.summary import public_summary
from store import findings
from store.keyring import KEY_BYTES, CaseKey

DATABASE_URL = os.environ["EKYC_DATABASE_URL"]
BROKER_URL = os.environ["EKYC_BROKER_URL"]
STAGES = {"read_card": "ocr", "match_face": "face", "score_liveness": "liveness"}
KEY = CaseKey(secret=bytes(KEY_BYTES))

engine = sa.create_engine(DATABASE_URL, pool_pre_ping=True)
app = Celery("bench.chord_app", broker=BROKER_URL, backend=BROKER_URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    worker_send_task_events=False,
    broker_transport_options={"visibility_timeout": 300},
)


class Base(DeclarativeBase):
    """Base of the two tables."""

    type_annotation_map = {dict[str, Any]: JSONB}  # noqa: RUF012 - SQLAlchemy reads it so


class Case(Base):
    """A case."""

    __tablename__ = "chord_case"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="processing")
    stages: Mapped[list[StageResult]] = relationship(cascade="all")


class StageResult(Base):
    """A stage and its result."""

    __tablename__ = "chord_stage"
    case_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Case.id), primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(sa.DateTime(timezone=True))
    result: Mapped[dict[str, Any] | None]
    finding: Mapped[bytes | None]


EVENT = sa.text(
    "INSERT INTO audit.event (actor, case_id, kind, payload) VALUES ('bench', :case_id, :kind, CAST(:payload AS jsonb))"
)


def submit() -> uuid.UUID:
    """Make a case and send its chord."""
    with Session(engine) as session, session.begin():
        case = Case(id=uuid.uuid4(), stages=[StageResult(stage=stage) for stage in STAGES])
        session.add(case)
        session.execute(EVENT, {"case_id": case.id, "kind": "submitted", "payload": "{}"})
        case_id = case.id
    header = [tasks[stage].s(str(case_id)).set(queue=queue) for stage, queue in STAGES.items()]
    chord(header)(decide.si(str(case_id)).set(queue="control"))
    return case_id


def _stage_task(name: str) -> Any:
    finding = FINDINGS[Stage(name)]

    @app.task(name=f"chord.{name}")
    def work(case_id: str) -> str:
        key = (uuid.UUID(case_id), name)
        with Session(engine) as session, session.begin():
            row = session.get_one(StageResult, key, with_for_update=True)
            row.status, row.attempts = "running", row.attempts + 1
        with Session(engine) as session, session.begin():
            row = session.get_one(StageResult, key, with_for_update=True)
            row.status, row.finished_at = "done", datetime.now(UTC)
            row.result = dict(public_summary(finding))
            row.finding = KEY.seal(findings.dump(finding), case_id, "finding", name)
            values = {"case_id": key[0], "kind": "stage_done", "payload": json.dumps(row.result)}
            session.execute(EVENT, values)
        return name

    return work


tasks = {stage: _stage_task(stage) for stage in STAGES}


@app.task(name="chord.decide")
def decide(case_id: str) -> None:
    """Draw the verdict from the three results."""
    with Session(engine) as session, session.begin():
        case = session.get_one(Case, uuid.UUID(case_id), with_for_update=True)
        found = {
            row.stage: KEY.open(row.finding or b"", case_id, "finding", row.stage)
            for row in case.stages
        }
        verdict = judge(
            Evidence(
                card=findings.load_card(found["read_card"]), face=findings.load_face(found["match_face"]),
                liveness=findings.load_liveness(found["score_liveness"]), edits={}, dead_stages=(), attempt=1,
                today=datetime.now(UTC).date(),
            ),
            POLICY_V1,
        )  # fmt: skip
        case.status = str(verdict.outcome)
        payload = json.dumps({"outcome": case.status, "reasons": len(verdict.reasons)})
        session.execute(EVENT, {"case_id": case.id, "kind": "decided", "payload": payload})
