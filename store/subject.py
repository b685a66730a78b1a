"""Everything held about a person, for that person: the right of access (Law 91/2025/QH15), case by case.

A ZIP with one readable JSON document and the evidence itself. No score, no suspicion and no name of a colleague: those
are the bank's. Who looked, and when, is in it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import EvidenceKind
from store import audit
from store.case_views import CaseView, get_case
from store.consents import list_consents
from store.database import Store
from store.evidence import read_evidence
from store.fields import get_fields
from store.package import SUFFIXES

FORMAT = "ekyc-subject-export/1"


def write_subject_export(store: Store, case_id: UUID, out: Path, *, actor: str) -> None:
    """Write what is held about the person of a case; that it was made is an event of the case.

    Args:
        store: the open store.
        case_id: the case.
        out: the ZIP; it must not exist.
        actor: who answers for the export.

    Raises:
        CaseUnknown, Erased: as their names say.
        SealBroken: evidence was altered.
        FileExistsError: as its name says.
    """
    case = get_case(store, case_id)
    about = _about(store, case)
    audit.append(store, actor=actor, case_id=case_id, kind="subject_exported", payload={})
    try:
        with out.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("about.json", json.dumps(about, ensure_ascii=False, indent=1))
            for name, data in _files(store, case):
                package.writestr(name, data)
    except FileExistsError:
        raise
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _about(store: Store, case: CaseView) -> dict[str, Any]:
    fields = get_fields(store, case.id)
    return {
        "format": FORMAT,
        "case": str(case.id),
        "status": str(case.status),
        "opened_at": case.created_at.isoformat(),
        "submitted_at": case.submitted_at.isoformat() if case.submitted_at else None,
        "decided_at": case.decided_at.isoformat() if case.decided_at else None,
        "told": _told(case),
        "fields": {str(name): _field(row) for name, row in fields.fields.items()},
        "consents": [
            {
                "purpose": str(row.purpose), "text_version": row.text.version, "text_sha256": row.text.sha256,
                "given_at": row.given_at.isoformat(), "ended_as": row.ended_as,
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            }
            for row in list_consents(store, case.id)
        ],
        "looked_at": [
            {"at": event.at.isoformat(), "what": event.kind}
            for event in audit.events(store, case.id)
            if event.kind in audit.LOOKS
        ],
    }  # fmt: skip


def _told(case: CaseView) -> list[dict[str, str]]:
    """The reasons in the customer's words; what was only noted has none."""
    specs = [
        REASONS[ReasonCode(row["code"])] for row in (case.verdict.reasons if case.verdict else [])
    ]
    said = {spec.customer_vi: spec.customer_en for spec in specs if spec.customer_vi}
    return [{"vi": vi, "en": en} for vi, en in said.items()]


def _field(row: dict[str, Any]) -> dict[str, Any]:
    edited = row["edited"]
    return {
        "value": row["value"], "source": row["source"],
        "corrected_from": edited["before"] if edited else None,
    }  # fmt: skip


def _files(store: Store, case: CaseView) -> Iterator[tuple[str, bytes]]:
    for kind in EvidenceKind:
        if kind in case.evidence:
            suffix = SUFFIXES.get(case.evidence[kind].mime, "bin")
            yield f"evidence/{kind}.{suffix}", read_evidence(store, case.id, kind)
