"""Every problem the gateway answers with: one stable code each, its status and its title. Never renamed, never reused.

The only place of the package that knows error status codes; `api/errors.py` turns exceptions into these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

_H = HTTPStatus


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a code means to the caller."""

    status: HTTPStatus
    title: str


_ROWS: dict[str, tuple[HTTPStatus, str]] = {
    # who asks
    "unauthenticated": (_H.UNAUTHORIZED, "The API key is missing, unknown or revoked."),
    "scope_missing": (_H.FORBIDDEN, "The API key has none of the scopes that this call needs."),
    "branch_forbidden": (_H.FORBIDDEN, "The API key is bound to another branch."),
    "rate_limited": (_H.TOO_MANY_REQUESTS, "Too many requests; try again after `Retry-After` seconds."),
    "form_foreign": (_H.FORBIDDEN, "The form does not come from a page of this console, or that page is outdated."),
    # what is asked for
    "route_unknown": (_H.NOT_FOUND, "There is nothing at this address."),
    "method_not_allowed": (_H.METHOD_NOT_ALLOWED, "This address does not take this method."),
    "case_unknown": (_H.NOT_FOUND, "There is no such case."),
    "case_erased": (_H.GONE, "The case was erased."),
    "evidence_kind_unknown": (_H.NOT_FOUND, "There is no such kind of evidence."),
    "evidence_unknown": (_H.NOT_FOUND, "The case has no such evidence."),
    # how it is asked
    "request_malformed": (_H.BAD_REQUEST, "The request cannot be understood."),
    "length_required": (_H.LENGTH_REQUIRED, "The request must name its `Content-Length`."),
    "body_too_large": (_H.REQUEST_ENTITY_TOO_LARGE, "The body is larger than this call takes."),
    "body_truncated": (_H.BAD_REQUEST, "The body ended before its `Content-Length`."),
    "body_not_json": (_H.UNSUPPORTED_MEDIA_TYPE, "The body must be `application/json`."),
    "body_invalid": (_H.UNPROCESSABLE_ENTITY, "The body does not follow the schema; `errors` says where."),
    "query_invalid": (_H.UNPROCESSABLE_ENTITY, "The query does not follow the schema; `errors` says where."),
    "cursor_invalid": (_H.UNPROCESSABLE_ENTITY, "The cursor is not one that this list gave out."),
    "header_invalid": (_H.BAD_REQUEST, "A header cannot be understood; `header` names it."),
    "idempotency_key_required": (_H.BAD_REQUEST, "`Idempotency-Key` is missing."),
    "idempotency_key_reused": (_H.UNPROCESSABLE_ENTITY, "The `Idempotency-Key` was used with another body."),
    # evidence
    "digest_required": (_H.BAD_REQUEST, "`Content-Digest` (with a last chunk `Repr-Digest` too) is missing."),
    "digest_mismatch": (_H.UNPROCESSABLE_ENTITY, "The bytes that arrived do not have the digest that was named."),
    "evidence_empty": (_H.UNPROCESSABLE_ENTITY, "The evidence is empty."),
    "evidence_type_refused": (_H.UNSUPPORTED_MEDIA_TYPE, "The bytes are of no type that is `accepted` here."),
    "evidence_truncated": (_H.UNPROCESSABLE_ENTITY, "The file is cut off or damaged."),
    "image_too_many_pixels": (_H.UNPROCESSABLE_ENTITY, "The picture has more pixels than is accepted."),
    "image_too_small": (_H.UNPROCESSABLE_ENTITY, "The picture has too few pixels."),
    "chip_document_invalid": (_H.UNPROCESSABLE_ENTITY, "The chip's files are not an accepted document: `cause`."),
    "resume_not_offered": (_H.UNPROCESSABLE_ENTITY, "Only clips are uploaded chunk by chunk."),
    "upload_offset_required": (_H.BAD_REQUEST, "`Upload-Offset` is missing."),
    "upload_offset_mismatch": (_H.CONFLICT, "The upload stands at another offset: `expected_offset`."),
    "challenge_nonce_required": (_H.BAD_REQUEST, "A clip must name its challenge in `Ekyc-Challenge-Nonce`."),
    "challenge_missing": (_H.CONFLICT, "No challenge was issued for this case."),
    "challenge_superseded": (_H.CONFLICT, "The clip answers a challenge that is no longer the current one."),
    "challenge_expired": (_H.CONFLICT, "The challenge has expired; ask for a new one."),
    "challenge_impossible": (_H.UNPROCESSABLE_ENTITY, "Too few actions are left to draw a challenge from."),
    # the life of a case
    "case_wrong_status": (_H.CONFLICT, "The case is in a status that does not allow this: `case_status`."),
    "evidence_missing": (_H.UNPROCESSABLE_ENTITY, "Evidence is missing: `kinds`."),
    "field_required": (_H.UNPROCESSABLE_ENTITY, "Fields are missing that nobody read or entered: `fields`."),
    "fields_not_ready": (_H.CONFLICT, "The card has not been read yet."),
    "fields_version_required": (_H.PRECONDITION_REQUIRED, "`If-Match` with the version of the fields is missing."),
    "fields_version_stale": (_H.PRECONDITION_FAILED, "The fields were changed meanwhile; read them again."),
    "consent_unknown": (_H.NOT_FOUND, "No consent for this purpose is in force."),
    "case_on_hold": (_H.CONFLICT, "The case is on legal hold: nothing of it may be erased."),
    "hold_unknown": (_H.NOT_FOUND, "The case is not on hold."),
    "review_claimed": (_H.CONFLICT, "Somebody else is deciding this case."),
    "case_version_stale": (_H.PRECONDITION_FAILED, "The case changed meanwhile; look at it again."),
    "four_eyes_required": (_H.CONFLICT, "A second reviewer must agree."),
    "attempts_exhausted": (_H.CONFLICT, "The number of attempts is used up."),
    # us
    "internal_error": (_H.INTERNAL_SERVER_ERROR, "Something went wrong on our side; name the request id to support."),
    "unavailable": (_H.SERVICE_UNAVAILABLE, "The service cannot answer now; try again."),
}  # fmt: skip

PROBLEMS: Mapping[str, ProblemKind] = MappingProxyType(
    {code: ProblemKind(status, title) for code, (status, title) in _ROWS.items()}
)


class ApiError(Exception):
    """The request is answered with a problem; `members` are its extra members, never a value of the evidence."""

    def __init__(self, code: str, **members: object) -> None:
        """Refuse codes that are not in the table, so that none is answered undocumented."""
        self.kind = PROBLEMS[code]
        super().__init__(code)
        self.code, self.members = code, members
