"""The evidence package of a case: a ZIP that a third party verifies without us, our database or our network.

It holds no personal data unless images are asked for: hashes, scores, models, the policy, every audit event of the case
with a proof that it is in the signed chain, and a signature over all of it. `docs/examples/verify_package.py` is how.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from pipeline.stages import EvidenceKind
from store import merkle
from store.anchors import Notary, SignedAnchor, event_hashes, list_anchors, make_anchor
from store.audit import append
from store.case_views import get_case
from store.chain import COLUMNS
from store.database import Store
from store.errors import AnchorMissing
from store.evidence import view_evidence
from store.signing import PACKAGE, canonical

FORMAT = "ekyc-evidence-package/1"
SUFFIXES = {
    "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "video/quicktime": "mov",
    "video/webm": "webm", "video/x-matroska": "mkv", "application/json": "json",
}  # fmt: skip

_CASE = text(
    "SELECT id::text AS id, status, branch, attempt, created_at, submitted_at, decided_at, outcome, reasons, retake,"
    " policy_version, decided_by FROM cases WHERE id = :case_id"
)
_STAGES = text(
    "SELECT stage, status, generation, attempts, started_at, finished_at, worker, summary, error_code FROM stages"
    " WHERE case_id = :case_id ORDER BY stage"
)
_EVENTS = text(f"SELECT {COLUMNS} FROM audit.event WHERE case_id = :case_id ORDER BY seq")
_POLICIES = text(
    "SELECT sha256, version, canonical FROM audit.policy WHERE sha256 IN (SELECT payload ->> 'policy_sha256'"
    " FROM audit.event WHERE case_id = :case_id AND kind = 'case_decided') ORDER BY first_used_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """That images go into the package, and who answers for it: an API key that may see evidence."""

    actor: str
    branch: str | None


def write_package(
    store: Store,
    notary: Notary,
    case_id: UUID,
    out: Path,
    *,
    actor: str,
    images: Images | None = None,
) -> None:
    """Write the evidence package of a case; that it was made is an event of the case and in the package.

    Args:
        store: the open store.
        notary: signs it, and the anchor that covers the case's last event.
        case_id: the case.
        out: the file; it must not exist.
        actor: who exports.
        images: with the evidence itself.

    Raises:
        CaseUnknown: there is no such case, or it belongs to another branch than the key.
        AnchorBroken, AnchorMissing: the chain is not one to vouch for.
        ValueError: there is no key to sign with.
        FileExistsError: the file is there already.
    """
    get_case(store, case_id, branch=images.branch if images else None)
    files = _images(store, case_id, images) if images else {}
    append(
        store, actor=images.actor if images else actor, case_id=case_id, kind="case_packaged",
        payload={"images": sorted(files)},
    )  # fmt: skip
    make_anchor(store, notary)
    anchors = list_anchors(notary)
    with store.auditor() as connection:
        files |= _record(connection, case_id, anchors)
    manifest = canonical(
        {
            "format": FORMAT, "case_id": str(case_id), "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "made_by": images.actor if images else actor, "key_id": notary.signer.key_id,
            "files": {
                name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
                for name, data in sorted(files.items())
            },
        }
    )  # fmt: skip
    files |= {
        "manifest.json": manifest,
        "manifest.sig": notary.signer.sign(PACKAGE, manifest).encode(),
    }
    with out.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(name, data)


def _images(store: Store, case_id: UUID, images: Images) -> dict[str, bytes]:
    case = get_case(store, case_id, branch=images.branch)
    files: dict[str, bytes] = {}
    for kind in EvidenceKind:
        if kind in case.evidence:
            data, mime = view_evidence(store, case_id, kind, actor=images.actor)
            files[f"evidence/{kind}.{SUFFIXES[mime]}"] = data
    return files


def _record(connection: Connection, case_id: UUID, anchors: list[SignedAnchor]) -> dict[str, bytes]:
    events = [_event(row) for row in connection.execute(_EVENTS, {"case_id": case_id})]
    used = _prove(connection, events, anchors)
    case = _plain(connection.execute(_CASE, {"case_id": case_id}).one())
    stages = [_plain(row) for row in connection.execute(_STAGES, {"case_id": case_id})]
    policies = [_plain(row) for row in connection.execute(_POLICIES, {"case_id": case_id})]
    models = {
        stage["stage"]: stage["summary"]["models"]
        for stage in stages
        if stage["summary"] and "models" in stage["summary"]
    }
    evidence = [
        json.loads(event["payload"]) for event in events if event["kind"] == "evidence_received"
    ]
    return {
        "case.json": _json({**case, "stages": stages}),
        "evidence.json": _json(evidence),
        "models.json": _json(models),
        "policies.json": _json(policies),
        "events.json": _json(events),
        "anchors.json": _json([asdict(signed) for signed in used]),
    }


def _event(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "prev_hash": bytes(row.prev_hash).hex(), "hash": bytes(row.hash).hex()}


def _prove(
    connection: Connection, events: list[dict[str, Any]], anchors: list[SignedAnchor]
) -> list[SignedAnchor]:
    """Give every event its path to the root of the anchor that covers it; return those anchors."""
    used: list[SignedAnchor] = []
    for signed in anchors:
        anchor = signed.anchor
        covered = [event for event in events if anchor.since < event["seq"] <= anchor.seq]
        if not covered:
            continue
        used.append(signed)
        hashes = event_hashes(connection, anchor.since, anchor.seq)
        for event in covered:
            index = event["seq"] - anchor.since - 1
            path = [sibling.hex() for sibling in merkle.path(hashes, index)]
            event["proof"] = {"anchor": anchor.seq, "path": path}
    if any("proof" not in event for event in events):
        raise AnchorMissing("an anchor outside the database is missing")
    return used


def _plain(row: Row[Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in row._mapping.items()
    }


def _json(value: Mapping[str, Any] | list[Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
