"""Evidence that arrives chunk by chunk: each is kept sealed until the whole is there and becomes evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from pipeline.stages import EvidenceKind
from store.blobs import delete_blob, get_blob, new_object_key, put_blob
from store.database import Store
from store.errors import DigestMismatch, UploadOffset
from store.evidence import UNCHANGED, PutEvidence, current_evidence, put_evidence
from store.guards import lock_for_evidence
from store.keyring import CaseKey

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
        current_evidence(connection, case_id, kind)
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
        current = current_evidence(connection, case_id, kind)
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
        current = current_evidence(connection, case_id, kind)
        chunks = _chunks(connection, case_id, kind)
    if not chunks and current.sha256 == sha256:
        return UNCHANGED  # the answer to a first finish was lost
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
