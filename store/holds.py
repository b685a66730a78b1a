"""Legal holds: while one is in force nothing of the case is erased, whoever asks and whatever clock ran out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from pipeline.case import CaseStatus
from store.audit import note
from store.database import Store
from store.errors import Erased, HoldUnknown, OnHold
from store.guards import lock_case
from store.keyring import key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One hold; in force while `released_at` is None. Its reason stays sealed."""

    id: UUID
    held_by: str
    held_at: datetime
    released_by: str | None
    released_at: datetime | None


_HELD = text("SELECT id FROM legal_holds WHERE case_id = :case_id AND released_at IS NULL")
_ALL = text(
    "SELECT id, held_by, held_at, released_by, released_at FROM legal_holds WHERE case_id = :case_id ORDER BY held_at"
)
_HOLD = text(
    "INSERT INTO legal_holds (id, case_id, sealed_reason, held_by) VALUES (:id, :case_id, :sealed, :actor)"
)
_RELEASE = text(
    "UPDATE legal_holds SET released_by = :actor, released_at = clock_timestamp()"
    " WHERE case_id = :case_id AND released_at IS NULL RETURNING id"
)


def hold_case(store: Store, case_id: UUID, *, reason: str, actor: str) -> UUID:
    """Put a case on hold; one that is on hold stays so. Returns the hold.

    Raises:
        CaseUnknown, Erased: as their names say.
    """
    with store.engine.begin() as connection:
        if lock_case(connection, case_id).status == CaseStatus.ERASED:
            raise Erased("the case was erased")
        held = connection.execute(_HELD, {"case_id": case_id}).scalar_one_or_none()
        if held is not None:
            return UUID(str(held))
        hold_id = uuid4()
        sealed = key_of(connection, store.keyring, case_id).seal(reason.encode(), case_id, "hold")
        connection.execute(
            _HOLD, {"id": hold_id, "case_id": case_id, "sealed": sealed, "actor": actor}
        )
        note(
            connection, actor=actor, case_id=case_id, kind="hold_set", payload={"hold": str(hold_id)}
        )  # fmt: skip
        return hold_id


def release_case(store: Store, case_id: UUID, *, actor: str) -> None:
    """End the hold of a case; its clocks count from when they always did.

    Raises:
        CaseUnknown: as its name says.
        HoldUnknown: the case is not on hold.
    """
    with store.engine.begin() as connection:
        lock_case(connection, case_id)
        released = connection.execute(
            _RELEASE, {"case_id": case_id, "actor": actor}
        ).scalar_one_or_none()
        if released is None:
            raise HoldUnknown("the case is not on hold")
        note(
            connection, actor=actor, case_id=case_id, kind="hold_released", payload={"hold": str(released)}
        )  # fmt: skip


def list_holds(store: Store, case_id: UUID) -> list[Hold]:
    """Return the holds of a case, those that ended too."""
    return [Hold(**row._asdict()) for row in store.run(_ALL, {"case_id": case_id})]


def require_no_hold(connection: Connection, case_id: UUID) -> None:
    """Refuse to erase a case on hold; the caller has its row lock.

    Raises:
        OnHold: as its name says.
    """
    if connection.execute(_HELD, {"case_id": case_id}).scalar_one_or_none() is not None:
        raise OnHold("the case is on hold")
