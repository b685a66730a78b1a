"""The request headers that calls read: declared once, for reading and for the API's description."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

from api.problems import ApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A request header; `missing` is the problem when it is not there, None when it need not be."""

    name: str
    description: str
    pattern: str
    missing: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What reading it can answer with."""
        return ("header_invalid", self.missing) if self.missing else ("header_invalid",)

    def find(self) -> str | None:
        """Return the header of the current request, or None.

        Raises:
            ApiError: `header_invalid`.
        """
        value = request.headers.get(self.name)
        if value is not None and not re.fullmatch(self.pattern, value):
            raise ApiError("header_invalid", header=self.name)
        return value

    def read(self) -> str:
        """Return the header of the current request.

        Raises:
            ApiError: `header_invalid`, or the code in `missing`.
        """
        value = self.find()
        if value is None:
            raise ApiError(self.missing or "header_invalid", header=self.name)
        return value


IDEMPOTENCY_KEY = Header(
    name="Idempotency-Key",
    description="Made up by the client, one per case it wants. The same key and body again answers the same case.",
    pattern=r"[\x21-\x7e]{8,200}",
    missing="idempotency_key_required",
)
CONTENT_DIGEST = Header(
    name="Content-Digest",
    description="`sha-256=:<base64>:` of the body (RFC 9530).",
    pattern=r"[\x20-\x7e]{1,500}",
    missing="digest_required",
)
REPR_DIGEST = Header(
    name="Repr-Digest",
    description="`sha-256=:<base64>:` of the whole clip; needed with the last chunk (RFC 9530).",
    pattern=r"[\x20-\x7e]{1,500}",
)
CHALLENGE_NONCE = Header(
    name="Ekyc-Challenge-Nonce",
    description="The nonce of the challenge that the clip answers; needed for clips.",
    pattern=r"[A-Za-z0-9_-]{8,200}",
)
UPLOAD_OFFSET = Header(
    name="Upload-Offset",
    description="Where in the clip this chunk begins.",
    pattern=r"[0-9]{1,12}",
    missing="upload_offset_required",
)
UPLOAD_COMPLETE = Header(
    name="Upload-Complete",
    description="`?1` with the last chunk, else `?0` or nothing.",
    pattern=r"\?[01]",
)
IF_MATCH = Header(
    name="If-Match",
    description="The ETag of the fields that are being changed.",
    pattern=r'"[0-9]{1,9}"',
    missing="fields_version_required",
)
IF_MATCH_CASE = Header(
    name="If-Match",
    description="The ETag of the case that was looked at; refused when it has changed since.",
    pattern=r'"[0-9]{1,9}-[a-z]+-[a-z]{2}"',
)
IF_NONE_MATCH = Header(
    name="If-None-Match",
    description="The ETag the caller knows; the answer is 304 while it holds.",
    pattern=r"[\x21-\x7e ]{1,500}",
)
ACCEPT_LANGUAGE = Header(
    name="Accept-Language",
    description="`vi` (default) or `en`: the language of guidance and reasons.",
    pattern=r"[\x20-\x7e]{0,300}",
)
