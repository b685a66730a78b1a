"""The fields of the card: what was read, and what people put in its place. Both are sealed by the key of the case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from pipeline.case import ACCEPTS_EVIDENCE, CaseStatus
from pipeline.findings import CardFinding, FieldName, Source
from pipeline.stages import Stage
from store.audit import note
from store.database import Store
from store.errors import CaseUnknown, FieldsNotReady, StaleVersion
from store.findings import load_card
from store.guards import lock_case, require_status
from store.keyring import CaseKey, key_of

#: The operator corrects while the customer is there, the reviewer while looking at the case.
MAY_EDIT = frozenset({*ACCEPTS_EVIDENCE, CaseStatus.REVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsView:
    """The fields; `version` is what an edit must name. `ready` says that the card was looked at.

    Each field is a dict of value, confidence, source, side, box, readings, checks and edited (before, after, by; or
    None). `rejected` is the code of why the card could not be judged.
    """

    version: int
    ready: bool
    fields: Mapping[FieldName, dict[str, Any]]
    rejected: str | None


_READ = text(
    "SELECT c.fields_version, s.status, s.generation, s.finding FROM cases c"
    " JOIN stages s ON s.case_id = c.id AND s.stage = 'read_card' WHERE c.id = :case_id"
)
_EDITS = text(
    "SELECT DISTINCT ON (field) field, sealed, edited_by FROM field_edits"
    " WHERE case_id = :case_id AND generation = :generation ORDER BY field, id DESC"
)
_KEEP = text(
    "INSERT INTO field_edits (case_id, generation, field, sealed, edited_by)"
    " VALUES (:case_id, :generation, :field, :sealed, :actor)"
)
_BUMP = text(
    "UPDATE cases SET fields_version = fields_version + 1, version = version + 1 WHERE id = :case_id"
)


def get_fields(store: Store, case_id: UUID) -> FieldsView:
    """Return the fields of a case.

    Raises:
        CaseUnknown, Erased: as their names say.
    """
    with store.engine.begin() as connection:
        return _view(connection, store, case_id)


def _view(connection: Connection, store: Store, case_id: UUID) -> FieldsView:
    row, key = _read(connection, store, case_id)
    if row.status != "done":
        return FieldsView(version=row.fields_version, ready=False, fields={}, rejected=None)
    card = _open_card(key, case_id, row)
    fields: dict[FieldName, dict[str, Any]] = {
        name: {**asdict(reading), "edited": None} for name, reading in card.fields.items()
    }
    for name, edit in _edits(connection, key, case_id, row.generation).items():
        fields[name] = _edited(fields.get(name), edit)
    rejected = str(card.rejected.code) if card.rejected else None
    return FieldsView(version=row.fields_version, ready=True, fields=fields, rejected=rejected)


def _read(connection: Connection, store: Store, case_id: UUID) -> tuple[Row[Any], CaseKey]:
    row = connection.execute(_READ, {"case_id": case_id}).one_or_none()
    if row is None:
        raise CaseUnknown("no such case")
    return row, key_of(connection, store.keyring, case_id)


def _open_card(key: CaseKey, case_id: UUID, row: Row[Any]) -> CardFinding:
    return load_card(key.open(row.finding, case_id, "finding", Stage.READ_CARD, row.generation))


def _edited(reading: dict[str, Any] | None, edit: dict[str, Any]) -> dict[str, Any]:
    base = reading or {"side": "front", "box": None, "readings": {}, "checks": ()}
    return {
        **base, "value": edit["after"], "confidence": 1.0, "source": Source.EDITED, "edited": edit,
    }  # fmt: skip


def _edits(
    connection: Connection, key: CaseKey, case_id: UUID, generation: int
) -> dict[FieldName, dict[str, Any]]:
    rows = connection.execute(_EDITS, {"case_id": case_id, "generation": generation}).all()
    return {
        FieldName(row.field): {
            **json.loads(key.open(row.sealed, case_id, "edit", row.field, generation)),
            "by": row.edited_by,
        }
        for row in rows
    }


def edited_values(
    connection: Connection, key: CaseKey, case_id: UUID, generation: int
) -> dict[FieldName, str]:
    """Return, per edited field, the value that a person put in place of the one that was read."""
    edits = _edits(connection, key, case_id, generation)
    return {name: str(edit["after"]) for name, edit in edits.items()}


def edit_fields(
    store: Store,
    case_id: UUID,
    *,
    edits: Mapping[FieldName, str],
    expected_version: int,
    actor: str,
) -> FieldsView:
    """Put values in place of those that were read; what was read stays beside them.

    Raises:
        CaseUnknown, Erased, WrongStatus: as their names say.
        FieldsNotReady: the card has not been read yet.
        StaleVersion: the fields are no longer those that the caller looked at.
    """
    with store.engine.begin() as connection:
        require_status(lock_case(connection, case_id).status, MAY_EDIT)
        row, key = _read(connection, store, case_id)
        if row.status != "done":
            raise FieldsNotReady("the card has not been read yet")
        if row.fields_version != expected_version:
            raise StaleVersion("the fields were changed meanwhile")
        _keep(connection, key, case_id, row, edits, actor)
        connection.execute(_BUMP, {"case_id": case_id})
        note(
            connection, actor=actor, case_id=case_id, kind="fields_edited",
            payload={"fields": sorted(str(name) for name in edits)},
        )  # fmt: skip
        return _view(connection, store, case_id)


def _keep(
    connection: Connection, key: CaseKey, case_id: UUID, row: Row[Any],
    edits: Mapping[FieldName, str], actor: str,
) -> None:  # fmt: skip
    card = _open_card(key, case_id, row)
    for name, after in edits.items():
        reading = card.fields.get(name)
        change = {"before": reading.value if reading else None, "after": after}
        sealed = key.seal(json.dumps(change).encode(), case_id, "edit", str(name), row.generation)
        connection.execute(
            _KEEP,
            {
                "case_id": case_id, "generation": row.generation, "field": str(name),
                "sealed": sealed, "actor": actor,
            },
        )  # fmt: skip
