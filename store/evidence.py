"""Evidence: sealed before it leaves memory, replaced as a whole, and whatever was found in its predecessor is void."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
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
    DigestMismatch,
    Erased,
    EvidenceUnknown,
    UploadOffset,
)
from store.guards import lock_for_evidence
from store.keyring import CaseKey
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


_UNCHANGED = PutEvidence(changed=False)

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
        current = _current(connection, case_id, kind)
        if _is_known(connection, upload, current):
            return _UNCHANGED
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


def _current(connection: Connection, case_id: UUID, kind: EvidenceKind) -> Row[Any]:
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
        return _UNCHANGED
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
        current = _current(connection, case_id, kind)
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
        current = _current(connection, case_id, kind)
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


# ---------------------------------------------------------------- chunk by chunk

_CHUNKS = text(
    "SELECT start_byte, size, object_key FROM upload_chunks WHERE case_id = :case_id AND kind = :kind"
    " ORDER BY start_byte"
)
_ADD_CHUNK = text(
    "INSERT INTO upload_chunks (case_id, kind, start_byte, size, object_key)"
    " VALUES (:case_id, :kind, :start_byte, :size, :object_key)"
)
_DROP_CHUNKS = text(
    "DELETE FROM upload_chunks WHERE case_id = :case_id AND kind = :kind RETURNING object_key"
)


def upload_offset(store: Store, case_id: UUID, kind: EvidenceKind) -> int:
    """Return how many bytes of an unfinished upload have arrived.

    Raises:
        CaseUnknown, Erased: as their names say.
    """
    with store.hot() as connection:
        _current(connection, case_id, kind)
        return _arrived(_chunks(connection, case_id, kind))


def _chunks(connection: Connection, case_id: UUID, kind: EvidenceKind) -> list[Row[Any]]:
    return list(connection.execute(_CHUNKS, {"case_id": case_id, "kind": str(kind)}).all())


def _arrived(chunks: list[Row[Any]]) -> int:
    return sum(int(chunk.size) for chunk in chunks)


def append_chunk(
    store: Store, case_id: UUID, *, kind: EvidenceKind, offset: int, data: bytes, actor: str
) -> int:
    """Keep the next chunk of an upload, sealed; return the new offset. Offset 0 begins anew.

    Raises:
        CaseUnknown, Erased, WrongStatus, AttemptsExhausted: as their names say.
        UploadOffset: the upload stands elsewhere.
    """
    del actor  # a chunk is no evidence yet; who completes the upload is written down
    with store.hot() as connection:
        current = _current(connection, case_id, kind)
    key, object_key = (
        store.keyring.unwrap(current.wrapped, current.kek_id),
        new_object_key(case_id),
    )
    put_blob(store.blobs, object_key, key.seal(data, case_id, kind, "chunk", offset))
    try:
        with store.engine.begin() as connection:
            lock_for_evidence(connection, case_id)
            dropped = _drop_chunks(connection, case_id, kind) if offset == 0 else []
            reached = _arrived(_chunks(connection, case_id, kind))
            if offset != reached:
                raise UploadOffset(reached)
            connection.execute(
                _ADD_CHUNK,
                {
                    "case_id": case_id, "kind": str(kind), "start_byte": offset, "size": len(data),
                    "object_key": object_key,
                },
            )  # fmt: skip
    except BaseException:
        delete_blob(store.blobs, object_key)
        raise
    for former in dropped:
        delete_blob(store.blobs, former)
    return offset + len(data)


def finish_upload(  # noqa: PLR0913 - what a last chunk names
    store: Store,
    case_id: UUID,
    *,
    kind: EvidenceKind,
    size: int,
    sha256: str,
    sniff: Callable[[bytes], str],
    actor: str,
    nonce: str | None = None,
) -> PutEvidence:
    """Make the chunks that arrived evidence.

    Args:
        store: the open store.
        case_id: the case.
        kind: which evidence.
        size: bytes of the whole.
        sha256: digest of the whole, hex.
        sniff: returns the media type of the whole, or raises; nothing is kept then.
        actor: who sends it.
        nonce: of the challenge that a clip answers.

    Raises:
        UploadOffset: not all has arrived.
        DigestMismatch: what arrived is something else; it must be sent again from the beginning.
        StoreError: as `put_evidence`.
    """
    with store.hot() as connection:
        current = _current(connection, case_id, kind)
        chunks = _chunks(connection, case_id, kind)
    if not chunks and current.sha256 == sha256:
        return _UNCHANGED  # the answer to a first finish was lost
    if _arrived(chunks) != size:
        raise UploadOffset(_arrived(chunks))
    key = store.keyring.unwrap(current.wrapped, current.kek_id)
    data = b"".join(_open_chunk(store, key, case_id, kind, chunk) for chunk in chunks)
    try:
        if hashlib.sha256(data).hexdigest() != sha256:
            raise DigestMismatch("the bytes that arrived do not have the digest that was named")
        mime = sniff(data)
        return put_evidence(
            store, case_id, kind=kind, data=data, mime=mime, actor=actor, nonce=nonce
        )
    finally:
        _forget_chunks(store, case_id, kind, [str(chunk.object_key) for chunk in chunks])


def _open_chunk(
    store: Store, key: CaseKey, case_id: UUID, kind: EvidenceKind, chunk: Row[Any]
) -> bytes:
    sealed = get_blob(store.blobs, chunk.object_key)
    return key.open(sealed, case_id, kind, "chunk", chunk.start_byte)


def _drop_chunks(connection: Connection, case_id: UUID, kind: EvidenceKind) -> list[str]:
    rows = connection.execute(_DROP_CHUNKS, {"case_id": case_id, "kind": str(kind)}).all()
    return [str(row.object_key) for row in rows]


def _forget_chunks(store: Store, case_id: UUID, kind: EvidenceKind, objects: list[str]) -> None:
    """Whole or worthless, the chunks of a finished upload are of no use."""
    with store.hot() as connection:
        _drop_chunks(connection, case_id, kind)
    for object_key in objects:
        delete_blob(store.blobs, object_key)
