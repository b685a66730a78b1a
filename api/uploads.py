"""Reading an upload: bounded, into memory, with its digest checked. Plaintext never touches the disk."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from typing import IO, Any

from flask import Request, request
from werkzeug.exceptions import RequestEntityTooLarge

from api.problems import ApiError
from pipeline.limits import MAX_CHIP_BYTES, MAX_CLIP_BYTES, MAX_IMAGE_BYTES
from pipeline.stages import EvidenceKind

#: One chunk of a resumable upload; a lost one costs seconds on a branch's line.
MAX_CHUNK_BYTES = 8_000_000

_SHA256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):\s*(?:,|$)")


class UnspooledRequest(Request):
    """A request whose form parts, should anybody ever parse them, stay in memory."""

    def _get_file_stream(self, *_args: Any, **_kwargs: Any) -> IO[bytes]:
        return io.BytesIO()


def max_bytes(kind: EvidenceKind) -> int:
    """Return the most bytes that a kind of evidence may have."""
    limits = {EvidenceKind.CLIP: MAX_CLIP_BYTES, EvidenceKind.CHIP: MAX_CHIP_BYTES}
    return limits.get(kind, MAX_IMAGE_BYTES)


def read_body(limit: int) -> bytes:
    """Return the whole body of the current request.

    Raises:
        ApiError: `length_required`, `body_too_large`.
        ClientDisconnected: the body ended early.
    """
    if "Transfer-Encoding" in request.headers:
        raise ApiError("length_required")
    length = request.content_length or 0  # neither header: there is no body (RFC 9112, 6.3)
    if length > limit:
        raise ApiError("body_too_large", max_bytes=limit)
    request.max_content_length = limit
    try:
        data = request.get_data(cache=False, parse_form_data=False)
    except RequestEntityTooLarge:
        raise ApiError("body_too_large", max_bytes=limit) from None
    if len(data) < length:
        raise ApiError("body_truncated")
    return data


def parse_digest(header: str) -> bytes:
    """Return the sha-256 of a `Content-Digest` or `Repr-Digest` header (RFC 9530), 32 bytes.

    Raises:
        ApiError: `digest_required`: it names no sha-256 or not one of 32 bytes.
    """
    found = _SHA256.search(header)
    try:
        digest = base64.b64decode(found.group(1), validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise ApiError("digest_required")
    return digest


def check_digest(data: bytes, header: str) -> str:
    """Return the sha-256 of `data`, hex, after comparing it with the header.

    Raises:
        ApiError: `digest_required`, `digest_mismatch`.
    """
    digest = hashlib.sha256(data)
    if parse_digest(header) != digest.digest():
        raise ApiError("digest_mismatch")
    return digest.hexdigest()
