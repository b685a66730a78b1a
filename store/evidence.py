"""Evidence: sealed before it leaves memory, replaced as a whole, and whatever was found in its predecessor is void."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, text

from pipeline.case import CaseStatus
from pipeline.stages import EvidenceKind, Stage, stages_ready, stages_voided_by
from store.audit import note
from store.blobs import delete_blob, get_blob, new_object_key, put_blob
from store.challenges import require_challenge, require_in_time
from store.database import Store
from store.errors import (
    CaseUnknown,
    Erased,
    EvidenceUnknown,
)
from store.guards import lock_for_evidence
from store.statements import RECEIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class PutEvidence:
    """What an upload changed, and which stages to ring."""

    changed: bool
    ring: tuple[Stage, ...] = ()
    #: Pictures that went with the replaced evidence.
    forgotten: tuple[str, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    """Evidence on its way in."""

    case_id: UUID
    kind: EvidenceKind
    data: bytes
    sha256: str
    mime: str
    actor: str
    nonce: str | None


UNCHANGED = PutEvidence(changed=False)

_CURRENT = text(
    "SELECT c.status, k.wrapped, k.kek_id, b.object_key, b.sha256, b.mime, b.challenge_id"
    " FROM cases c LEFT JOIN case_keys k ON k.case_id = c.id"
    " LEFT JOIN blobs b ON b.case_id = c.id AND b.kind = :kind AND b.replaced_at IS NULL WHERE c.id = :case_id"
)
_PRESENT = text(
    "SELECT kind, sha256, challenge_id FROM blobs WHERE case_id = :case_id AND replaced_at IS NULL"
)


def put_evidence(
    store: Store,
    case_id: UUID,
    *,
    kind: EvidenceKind,
    data: bytes,
    mime: str,
    actor: str,
    nonce: str | None = None,
) -> PutEvidence:
    """Make `data` the current evidence of its kind; the same bytes again change nothing.

    Args:
        store: the open store.
        case_id: the case.
        kind: which evidence.
        data: its bytes.
        mime: its media type, sniffed by the caller.
        actor: who sends it.
        nonce: of the challenge that a clip answers.

    Raises:
        CaseUnknown, Erased, WrongStatus, AttemptsExhausted: as their names say.
        ChallengeMissing, ChallengeSuperseded, ChallengeExpired: of a clip.
    """
    upload = _Upload(
        case_id=case_id, kind=kind, data=data, sha256=hashlib.sha256(data).hexdigest(),
        mime=mime, actor=actor, nonce=nonce,
    )  # fmt: skip
    with store.hot() as connection:
        current = current_evidence(connection, case_id, kind)
        if _is_known(connection, upload, current):
            return UNCHANGED
    key = store.keyring.unwrap(current.wrapped, current.kek_id)
    object_key = new_object_key(case_id)
    put_blob(store.blobs, object_key, key.seal(data, case_id, kind, upload.sha256))
    try:
        with store.engine.begin() as connection:
            stored = _receive(connection, upload, object_key)
    except BaseException:
        delete_blob(store.blobs, object_key)
        raise
    for useless in stored.forgotten if stored.changed else (object_key,):
        delete_blob(store.blobs, useless)
    return stored


def current_evidence(connection: Connection, case_id: UUID, kind: EvidenceKind) -> Row[Any]:
    """Return the case's key and, as far as there is any, its current evidence of a kind.

    Raises:
        CaseUnknown, Erased: as their names say.
    """
    current = connection.execute(_CURRENT, {"case_id": case_id, "kind": str(kind)}).one_or_none()
    if current is None:
        raise CaseUnknown("no such case")
    if current.status == CaseStatus.ERASED or current.wrapped is None:
        raise Erased("the case was erased")
    return current


def _is_known(connection: Connection, upload: _Upload, current: Row[Any] | None) -> bool:
    """Whether these bytes are the current evidence already; a clip must also answer the current challenge."""
    challenge_id = None
    if upload.kind is EvidenceKind.CLIP:
        challenge_id = require_challenge(connection, upload.case_id, upload.nonce).id
    return (
        current is not None
        and current.sha256 == upload.sha256
        and current.challenge_id == challenge_id
    )


def _receive(connection: Connection, upload: _Upload, object_key: str) -> PutEvidence:
    lock_for_evidence(connection, upload.case_id)
    rows = connection.execute(_PRESENT, {"case_id": upload.case_id}).all()
    present = {EvidenceKind(row.kind): row for row in rows}
    if _is_known(connection, upload, present.get(upload.kind)):
        return UNCHANGED
    challenge_id = None
    if upload.kind is EvidenceKind.CLIP:
        challenge = require_challenge(connection, upload.case_id, upload.nonce)
        require_in_time(connection, challenge, upload.sha256)
        challenge_id = challenge.id
    voided = stages_voided_by(upload.kind)
    ready = [s for s in stages_ready(frozenset(present) | {upload.kind}) if s in voided]
    values = {
        "case_id": upload.case_id, "kind": str(upload.kind), "blob_id": uuid4(), "object_key": object_key,
        "sha256": upload.sha256, "size": len(upload.data), "mime": upload.mime, "actor": upload.actor,
        "challenge_id": challenge_id, "voided": [str(s) for s in voided], "ready": [str(s) for s in ready],
    }  # fmt: skip
    forgotten = connection.execute(RECEIVE, values).scalar_one()
    return PutEvidence(changed=True, ring=tuple(ready), forgotten=tuple(forgotten))


# ---------------------------------------------------------------- reading


def read_evidence(store: Store, case_id: UUID, kind: EvidenceKind) -> bytes:
    """Return current evidence, for a worker.

    Raises:
        CaseUnknown, Erased, EvidenceUnknown: as their names say.
        SealBroken: the blob was altered.
    """
    with store.hot() as connection:
        current = current_evidence(connection, case_id, kind)
    return _open(store, case_id, kind, current)


def view_evidence(
    store: Store, case_id: UUID, kind: EvidenceKind, *, actor: str, noted: bool = False
) -> tuple[bytes, str]:
    """Return current evidence and its media type, for a person: who looks is written down first.

    Args:
        store: the open store.
        case_id: the case.
        kind: which evidence.
        actor: who looks.
        noted: the look is in the record already, as part of a larger one.

    Raises:
        CaseUnknown, Erased, EvidenceUnknown: as their names say.
        SealBroken: the blob was altered.
    """
    with store.hot() as connection:
        current = current_evidence(connection, case_id, kind)
        if current.sha256 is None:
            raise EvidenceUnknown("no such evidence")
        if not noted:
            note(
                connection, actor=actor, case_id=case_id, kind="evidence_viewed",
                payload={"kind": str(kind), "sha256": current.sha256},
            )  # fmt: skip
    return _open(store, case_id, kind, current), str(current.mime)


def _open(store: Store, case_id: UUID, kind: EvidenceKind, current: Row[Any]) -> bytes:
    if current.object_key is None:
        raise EvidenceUnknown("no such evidence")
    key = store.keyring.unwrap(current.wrapped, current.kek_id)
    return key.open(get_blob(store.blobs, current.object_key), case_id, kind, current.sha256)
