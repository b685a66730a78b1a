"""Evidence: upload whole or chunk by chunk, and look at it (which is written to the audit chain)."""

from __future__ import annotations

import base64
import hashlib
from http import HTTPStatus
from uuid import UUID

from api.answers import EvidenceStored
from api.endpoint import Answers, Reply, Resource
from api.gateway import Call
from api.headers import (
    CHALLENGE_NONCE,
    CONTENT_DIGEST,
    REPR_DIGEST,
    UPLOAD_COMPLETE,
    UPLOAD_OFFSET,
)
from api.problems import ApiError
from api.sniffing import CHIP_TYPES, CLIP_TYPES, IMAGE_TYPES, inspect_evidence, require_type
from api.uploads import MAX_CHUNK_BYTES, check_digest, max_bytes, parse_digest, read_body
from pipeline.stages import EvidenceKind
from store import chunks
from store import evidence as store_evidence
from store.api_keys import Scope

evidence = Resource("evidence")

CAPTURE = frozenset({Scope.CAPTURE})
#: What both ways of uploading can be answered with.
_UPLOAD_PROBLEMS = (
    "evidence_empty", "evidence_type_refused", "evidence_truncated", "image_too_many_pixels", "image_too_small",
    "chip_document_invalid", "digest_mismatch", "challenge_nonce_required", "challenge_missing",
    "challenge_superseded", "challenge_expired", "case_wrong_status", "case_erased", "attempts_exhausted",
)  # fmt: skip


@evidence.endpoint(
    "PUT",
    "/cases/{case_id}/evidence/{kind}",
    answers=Answers(models=(EvidenceStored,)),
    scopes=CAPTURE,
    headers=(CONTENT_DIGEST, CHALLENGE_NONCE),
    raw_body=(*IMAGE_TYPES, *CLIP_TYPES, *CHIP_TYPES),
    problems=_UPLOAD_PROBLEMS,
)
def put_evidence(call: Call, case_id: UUID, kind: EvidenceKind) -> EvidenceStored:
    """Upload evidence whole. The same bytes again change nothing; others replace it and void what was found in it."""
    digest_header, nonce = CONTENT_DIGEST.read(), _nonce(kind)
    data = read_body(max_bytes(kind))
    sha256 = check_digest(data, digest_header)
    stored = store_evidence.put_evidence(
        call.store,
        case_id,
        kind=kind,
        data=data,
        mime=inspect_evidence(kind, data),
        actor=call.caller.actor,
        nonce=nonce,
    )
    call.gateway.ring(case_id, stored.ring)
    return EvidenceStored(kind=kind, sha256=sha256, size=len(data), changed=stored.changed)


def _nonce(kind: EvidenceKind) -> str | None:
    if kind is not EvidenceKind.CLIP:
        return None
    nonce = CHALLENGE_NONCE.find()
    if nonce is None:
        raise ApiError("challenge_nonce_required")
    return nonce


@evidence.endpoint(
    "PATCH",
    "/cases/{case_id}/evidence/{kind}",
    answers=Answers(
        models=(EvidenceStored,), also=(HTTPStatus.NO_CONTENT,), headers=("Upload-Offset",)
    ),
    scopes=CAPTURE,
    headers=(UPLOAD_OFFSET, UPLOAD_COMPLETE, CONTENT_DIGEST, REPR_DIGEST, CHALLENGE_NONCE),
    raw_body=("application/partial-upload",),
    problems=(
        *_UPLOAD_PROBLEMS,
        "digest_required",
        "upload_offset_mismatch",
        "resume_not_offered",
    ),
)
def append_chunk(call: Call, case_id: UUID, kind: EvidenceKind) -> Reply:
    """Upload the next chunk of a clip; the last one (`Upload-Complete: ?1`) makes it evidence."""
    _require_resumable(kind)
    offset, nonce, is_last = int(UPLOAD_OFFSET.read()), _nonce(kind), UPLOAD_COMPLETE.find() == "?1"
    whole = parse_digest(REPR_DIGEST.find() or "").hex() if is_last else ""
    digest_header = CONTENT_DIGEST.read()
    data = read_body(min(MAX_CHUNK_BYTES, max(0, max_bytes(kind) - offset)))
    check_digest(data, digest_header)
    if offset == 0:
        require_type(kind, data)
    reached = offset
    if data or offset == 0:  # a client that lost the last answer finishes with nothing more
        reached = chunks.append_chunk(
            call.store, case_id, kind=kind, offset=offset, data=data, actor=call.caller.actor
        )
    headers = {"Upload-Offset": str(reached)}
    if not is_last:
        return Reply(status=HTTPStatus.NO_CONTENT, headers=headers)
    stored = chunks.finish_upload(
        call.store,
        case_id,
        kind=kind,
        size=reached,
        sha256=whole,
        sniff=lambda clip: inspect_evidence(kind, clip),
        actor=call.caller.actor,
        nonce=nonce,
    )
    call.gateway.ring(case_id, stored.ring)
    answer = EvidenceStored(kind=kind, sha256=whole, size=reached, changed=stored.changed)
    return Reply(body=answer, headers=headers)


def _require_resumable(kind: EvidenceKind) -> None:
    if kind is not EvidenceKind.CLIP:
        raise ApiError("resume_not_offered")


@evidence.endpoint(
    "HEAD",
    "/cases/{case_id}/evidence/{kind}",
    answers=Answers(status=HTTPStatus.NO_CONTENT, headers=("Upload-Offset",)),
    scopes=CAPTURE,
    problems=("resume_not_offered", "case_erased"),
)
def upload_offset(call: Call, case_id: UUID, kind: EvidenceKind) -> Reply:
    """How far the upload of a clip has come: `Upload-Offset`."""
    _require_resumable(kind)
    reached = chunks.upload_offset(call.store, case_id, kind)
    return Reply(headers={"Upload-Offset": str(reached)})


@evidence.endpoint(
    "GET",
    "/cases/{case_id}/evidence/{kind}",
    answers=Answers(
        headers=("Content-Digest",), media_types=(*IMAGE_TYPES, *CLIP_TYPES, *CHIP_TYPES)
    ),
    scopes=frozenset({Scope.REVIEWER}),
    problems=("evidence_unknown", "case_erased"),
)
def view_evidence(call: Call, case_id: UUID, kind: EvidenceKind) -> Reply:
    """Look at evidence; who did is written to the audit chain first."""
    data, media_type = store_evidence.view_evidence(
        call.store, case_id, kind, actor=call.caller.actor
    )
    return Reply(
        body=data,
        headers={
            "Content-Type": media_type,
            "Content-Digest": _digest_header(data),
            "Content-Disposition": "inline",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _digest_header(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"
