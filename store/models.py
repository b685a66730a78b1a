"""The tables as typed models, for reads; the schema itself is migrations/sql, the hot statements are store/sql."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime


class Model(DeclarativeBase):
    """Base of all models."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it so
        str: Text,
        bytes: LargeBinary,
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


class CaseRow(Model):
    """One case."""

    __tablename__ = "cases"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    version: Mapped[int]
    branch: Mapped[str | None]
    reference: Mapped[str | None]
    attempt: Mapped[int]
    stages_left: Mapped[int]
    fields_version: Mapped[int]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    reasons: Mapped[list[dict[str, Any]]]
    retake: Mapped[list[str]]
    policy_version: Mapped[str | None]
    decided_by: Mapped[str | None]
    status_since: Mapped[datetime]


class StageRow(Model):
    """One stage of a case: a piece of work and its result."""

    __tablename__ = "stages"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    generation: Mapped[int]
    attempts: Mapped[int]
    priority: Mapped[int]
    changes: Mapped[int]
    queued_at: Mapped[datetime | None]
    available_at: Mapped[datetime]
    rung_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    duration_ms: Mapped[float | None]
    finding: Mapped[bytes | None]
    summary: Mapped[dict[str, Any] | None]
    error_code: Mapped[str | None]


class BlobRow(Model):
    """One piece of evidence, current or replaced."""

    __tablename__ = "blobs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    kind: Mapped[str]
    object_key: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    mime: Mapped[str]
    challenge_id: Mapped[UUID | None]
    received_by: Mapped[str]
    received_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class ChallengeRow(Model):
    """One challenge, current or superseded."""

    __tablename__ = "challenges"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    nonce: Mapped[str]
    steps: Mapped[list[dict[str, Any]]]
    excluded: Mapped[list[str]]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    promised_sha256: Mapped[str | None]
    promised_at: Mapped[datetime | None]


class FieldEditRow(Model):
    """One edit of one field; before and after are sealed."""

    __tablename__ = "field_edits"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[UUID]
    generation: Mapped[int]
    field: Mapped[str]
    sealed: Mapped[bytes]
    edited_by: Mapped[str]
    edited_at: Mapped[datetime]


class ApiKeyRow(Model):
    """One API key, hashed."""

    __tablename__ = "api_keys"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    key_sha256: Mapped[bytes]
    scopes: Mapped[list[str]]
    branch: Mapped[str | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class HeartbeatRow(Model):
    """The last sign of life of one process."""

    __tablename__ = "worker_heartbeats"

    worker: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str]
    device: Mapped[str]
    models: Mapped[list[dict[str, Any]]]
    pid: Mapped[int]
    host: Mapped[str]
    started_at: Mapped[datetime]
    last_seen: Mapped[datetime]
