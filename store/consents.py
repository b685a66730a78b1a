"""Receipts of consents: given for one purpose, withdrawn for one purpose, never altered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text

from pipeline.case import CaseStatus
from pipeline.consent import Purpose
from store.audit import note
from store.database import Store
from store.errors import ConsentUnknown, Erased
from store.guards import lock_case


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """Which text the customer agreed to: its version, the hash of its UTF-8 bytes (hex) and its language."""

    version: str
    sha256: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One receipt; `ended_as` is None while it holds, else "withdrawn" or "replaced"."""

    id: UUID
    purpose: Purpose
    text: ConsentText
    given_at: datetime
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None
    ended_as: str | None


_COLUMNS = "id, purpose, text_version, text_sha256, language, given_at, recorded_at, recorded_by, ended_at, ended_as"
_CURRENT = text(
    f"SELECT {_COLUMNS} FROM consents WHERE case_id = :case_id AND purpose = :purpose AND ended_at IS NULL"
)
_ALL = text(f"SELECT {_COLUMNS} FROM consents WHERE case_id = :case_id ORDER BY recorded_at, id")
_HELD = text("SELECT purpose FROM consents WHERE case_id = :case_id AND ended_at IS NULL")
_GIVE = text(
    "INSERT INTO consents (id, case_id, purpose, text_version, text_sha256, language, given_at, recorded_by)"
    " VALUES (:id, :case_id, :purpose, :version, :sha256, :language, :given_at, :actor)"
)
_END = text(
    "UPDATE consents SET ended_at = clock_timestamp(), ended_by = :actor, ended_as = :ended_as"
    " WHERE case_id = :case_id AND purpose = :purpose AND ended_at IS NULL RETURNING id"
)


def give_consent(
    store: Store, case_id: UUID, *, purpose: Purpose, shown: ConsentText, given_at: datetime, actor: str
) -> Consent:  # fmt: skip
    """Record that the customer agreed; the same text again changes nothing, another text replaces the receipt.

    Raises:
        CaseUnknown, Erased: as their names say.
    """
    with store.engine.begin() as connection:
        _require_there(connection, case_id)
        held = _current(connection, case_id, purpose)
        if held is not None and held.text == shown:
            return held
        of_case = {"case_id": case_id, "purpose": str(purpose), "actor": actor}
        connection.execute(_END, {**of_case, "ended_as": "replaced"})
        connection.execute(
            _GIVE,
            {
                **of_case, "id": uuid4(), "given_at": given_at,
                "version": shown.version, "sha256": shown.sha256, "language": shown.language,
            },
        )  # fmt: skip
        given = _current(connection, case_id, purpose)
        assert given is not None
        note(
            connection, actor=actor, case_id=case_id, kind="consent_given",
            payload={
                "consent": str(given.id), "purpose": str(purpose), "text_version": shown.version,
                "text_sha256": shown.sha256, "language": shown.language,
            },
        )  # fmt: skip
        return given


def withdraw_consent(store: Store, case_id: UUID, *, purpose: Purpose, actor: str) -> None:
    """Record that the customer no longer agrees.

    Raises:
        CaseUnknown, Erased: as their names say.
        ConsentUnknown: there is no consent that could be withdrawn.
    """
    with store.engine.begin() as connection:
        _require_there(connection, case_id)
        of_case = {"case_id": case_id, "purpose": str(purpose), "actor": actor}
        ended = connection.execute(_END, {**of_case, "ended_as": "withdrawn"}).one_or_none()
        if ended is None:
            raise ConsentUnknown("no such consent is in force")
        note(
            connection, actor=actor, case_id=case_id, kind="consent_withdrawn",
            payload={"consent": str(ended.id), "purpose": str(purpose)},
        )  # fmt: skip


def list_consents(store: Store, case_id: UUID) -> list[Consent]:
    """Return every receipt of a case, those that ended too, in the order in which they came."""
    with store.hot() as connection:
        return [_consent(row) for row in connection.execute(_ALL, {"case_id": case_id})]


def purposes_held(store: Store, case_id: UUID) -> frozenset[Purpose]:
    """Return what the customer agrees to now."""
    rows = store.run(_HELD, {"case_id": case_id})
    return frozenset(Purpose(row.purpose) for row in rows)


def _require_there(connection: Connection, case_id: UUID) -> None:
    if lock_case(connection, case_id).status == CaseStatus.ERASED:
        raise Erased("the case was erased")


def _current(connection: Connection, case_id: UUID, purpose: Purpose) -> Consent | None:
    row = connection.execute(_CURRENT, {"case_id": case_id, "purpose": str(purpose)}).one_or_none()
    return _consent(row) if row else None


def _consent(row: Row[tuple[object, ...]]) -> Consent:
    return Consent(
        id=row.id,
        purpose=Purpose(row.purpose),
        text=ConsentText(version=row.text_version, sha256=row.text_sha256, language=row.language),
        given_at=row.given_at,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        ended_at=row.ended_at,
        ended_as=row.ended_as,
    )
