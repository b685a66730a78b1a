"""The capture flow over HTTP: open a case, send evidence, follow it. It decides nothing."""

from __future__ import annotations

import base64
import hashlib
import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

import httpx
from pydantic import ValidationError

from capture_client.answers import (
    Answer,
    CaseState,
    Challenge,
    Consent,
    Fields,
    NewCase,
    StoredEvidence,
    Submission,
)
from capture_client.problems import ApiProblem, UnexpectedAnswer
from capture_client.transport import Line, Patience
from pipeline.case import CaseStatus
from pipeline.challenge import Action
from pipeline.consent import Purpose
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

A = TypeVar("A", bound=Answer)

#: Small enough that a lost one costs seconds on a branch's line.
CHUNK_BYTES = 1_000_000
#: Less than the gateway's longest, so that a proxy's 30 s are not reached.
LONG_POLL_S = 25.0
#: Statuses in which nothing is being worked on.
SETTLED = frozenset(CaseStatus) - {CaseStatus.OPEN, CaseStatus.PROCESSING}


class CaptureApi:
    """A capture client's view of one gateway. Every call is repeated until it is answered, and safe to repeat."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        language: str = "vi",
        patience: Patience | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connect to `base_url` (without /v1); `transport` replaces the network in tests."""
        self._client = httpx.Client(
            base_url=f"{base_url.rstrip('/')}/v1",
            headers={"Authorization": f"Bearer {api_key}", "Accept-Language": language},
            transport=transport,
        )
        self._line = Line(self._client, patience=patience or Patience(), rng=random.SystemRandom())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def create_case(
        self,
        *,
        branch: str | None = None,
        reference: str | None = None,
        idempotency_key: str | None = None,
    ) -> NewCase:
        """Open a case. Pass the same `idempotency_key` again to get the same case after a restart of the client."""
        answer = self._line.send(
            "POST", "/cases",
            json={"branch": branch, "reference": reference},
            headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
        )  # fmt: skip
        return _read(NewCase, answer)

    def give_consent(
        self, case_id: UUID, purpose: Purpose, *, text_sha256: str, text_version: str, language: str,
        given_at: datetime,
    ) -> Consent:  # fmt: skip
        """Record that the customer agreed for one purpose; safe to repeat. The hash (hex) is that of the text shown."""
        body = {
            "purpose": str(purpose), "text_version": text_version, "language": language,
            "text_sha256": text_sha256, "given_at": given_at.isoformat(),
        }  # fmt: skip
        return _read(Consent, self._line.send("POST", f"/cases/{case_id}/consents", json=body))

    def request_challenge(self, case_id: UUID, *, exclude: tuple[Action, ...] = ()) -> Challenge:
        """Ask for a challenge; it voids the one before."""
        body = {"exclude": [str(action) for action in exclude]}
        return _read(Challenge, self._line.send("POST", f"/cases/{case_id}/challenge", json=body))

    def put_evidence(
        self, case_id: UUID, kind: EvidenceKind, data: bytes, *, nonce: str | None = None
    ) -> StoredEvidence:
        """Upload evidence whole; the same bytes again change nothing."""
        answer = self._line.send(
            "PUT", f"/cases/{case_id}/evidence/{kind}",
            content=data,
            headers={"Content-Digest": sha256_header(data), **_nonce(nonce)},
            timeout_s=120.0,
        )  # fmt: skip
        return _read(StoredEvidence, answer)

    def upload_clip(
        self,
        case_id: UUID,
        data: bytes,
        *,
        nonce: str,
        chunk_bytes: int = CHUNK_BYTES,
        on_progress: Callable[[float], None] | None = None,
    ) -> StoredEvidence:
        """Promise a clip, then upload it chunk by chunk, from where an interrupted upload of it stopped.

        The promise is a hundred bytes and must come before the challenge expires; the clip may take hours.

        Args:
            case_id: the case.
            data: the clip.
            nonce: of the challenge that the clip answers.
            chunk_bytes: how much goes in one request.
            on_progress: is told the share that has arrived, from 0 to 1.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            self.promise_clip(case_id, sha256, nonce=nonce)
        except ApiProblem:
            stored = self._stored_already(case_id, sha256)
            if stored:  # and the case has gone on
                return stored
            raise
        offset = min(self.upload_offset(case_id), len(data))
        restarts = 0
        while True:
            end = min(offset + chunk_bytes, len(data))
            try:
                answer = self._send_chunk(case_id, data, offset, end, nonce)
            except ApiProblem as problem:
                stored = self._stored_already(case_id, sha256)
                if stored:  # the answer to the last chunk was lost
                    return stored
                offset = _where_to_go_on(problem, offset, end)
                restarts += offset == 0
                if restarts > 1:
                    raise
                continue
            if on_progress:
                on_progress(end / len(data))
            if answer.status_code == httpx.codes.OK:
                return _read(StoredEvidence, answer)
            offset = end

    def promise_clip(self, case_id: UUID, sha256: str, *, nonce: str) -> None:
        """Name the digest of a clip while its challenge holds; safe to repeat."""
        body = {"sha256": sha256, "nonce": nonce}
        self._line.send("POST", f"/cases/{case_id}/challenge/promise", json=body)

    def _send_chunk(
        self, case_id: UUID, data: bytes, offset: int, end: int, nonce: str
    ) -> httpx.Response:
        chunk, is_last = data[offset:end], end == len(data)
        return self._line.send(
            "PATCH", f"/cases/{case_id}/evidence/{EvidenceKind.CLIP}",
            content=chunk,
            headers={
                "Content-Type": "application/partial-upload",
                "Content-Digest": sha256_header(chunk),
                "Upload-Offset": str(offset),
                "Upload-Complete": "?1" if is_last else "?0",
                **({"Repr-Digest": sha256_header(data)} if is_last else {}),
                **_nonce(nonce),
            },
        )  # fmt: skip

    def upload_offset(self, case_id: UUID) -> int:
        """Return how much of a clip has arrived in an upload that is not finished."""
        answer = self._line.send("HEAD", f"/cases/{case_id}/evidence/{EvidenceKind.CLIP}")
        return int(answer.headers["Upload-Offset"])

    def _stored_already(self, case_id: UUID, sha256: str) -> StoredEvidence | None:
        for there in self.get_case(case_id).evidence:
            if there.kind is EvidenceKind.CLIP and there.sha256 == sha256:
                return StoredEvidence(
                    kind=there.kind, sha256=sha256, size=there.size, changed=False
                )
        return None

    def get_case(self, case_id: UUID) -> CaseState:
        """Return where the case stands."""
        return _read(CaseState, self._line.send("GET", f"/cases/{case_id}"))

    def get_fields(self, case_id: UUID) -> Fields:
        """Return the fields read from the card so far."""
        return _read(Fields, self._line.send("GET", f"/cases/{case_id}/fields"))

    def edit_fields(self, case_id: UUID, edits: Mapping[FieldName, str], *, version: int) -> Fields:
        """Put values in place of those read; `version` is that of the fields the operator saw.

        When the answer to an earlier try was lost, the values are already there, which is as good.
        """
        try:
            answer = self._line.send(
                "PATCH", f"/cases/{case_id}/fields",
                json={"fields": {str(name): value for name, value in edits.items()}},
                headers={"If-Match": f'"{version}"'},
            )  # fmt: skip
        except ApiProblem as problem:
            now = self.get_fields(case_id) if problem.code == "fields_version_stale" else None
            if now is None or not _holds(now, edits):
                raise
            return now
        return _read(Fields, answer)

    def submit(self, case_id: UUID) -> Submission:
        """Hand the case in. When the answer to an earlier try was lost, the case is already on its way."""
        try:
            return _read(Submission, self._line.send("POST", f"/cases/{case_id}/submit"))
        except ApiProblem as problem:
            on_its_way = problem.members.get("case_status") == CaseStatus.PROCESSING
            if problem.code != "case_wrong_status" or not on_its_way:
                raise
            return Submission(id=case_id, status=CaseStatus.PROCESSING)

    def follow(
        self, case_id: UUID, known: str | None = None, *, wait_s: float = LONG_POLL_S
    ) -> tuple[CaseState | None, str]:
        """Return the case as soon as it differs from the ETag `known` (None when it did not), and its ETag."""
        headers = {"If-None-Match": known} if known else {}
        answer = self._line.send(
            "GET", f"/cases/{case_id}",
            params={"wait": round(wait_s, 2)}, headers=headers, timeout_s=wait_s + 15.0,
        )  # fmt: skip
        etag = answer.headers["ETag"]
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None, etag
        return _read(CaseState, answer), etag

    def wait_until(
        self, case_id: UUID, done: Callable[[CaseState], bool], *, timeout_s: float
    ) -> CaseState:
        """Return the first state of the case of which `done` is true.

        Raises:
            TimeoutError: none came within `timeout_s`.
        """
        ends_at = time.monotonic() + timeout_s
        etag: str | None = None
        while (left_s := ends_at - time.monotonic()) > 0:
            state, etag = self.follow(case_id, etag, wait_s=min(LONG_POLL_S, left_s))
            if state is not None and done(state):
                return state
        raise TimeoutError(f"the case did not get there within {timeout_s} s")

    def wait_for_status(
        self, case_id: UUID, statuses: frozenset[CaseStatus] = SETTLED, *, timeout_s: float
    ) -> CaseState:
        """Return the case when its status is one of `statuses`, by default when nothing is worked on any more."""
        return self.wait_until(case_id, lambda state: state.status in statuses, timeout_s=timeout_s)


def sha256_header(data: bytes) -> str:
    """Return the digest of `data` in the words of RFC 9530."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def _nonce(nonce: str | None) -> dict[str, str]:
    return {"Ekyc-Challenge-Nonce": nonce} if nonce else {}


def _holds(fields: Fields, edits: Mapping[FieldName, str]) -> bool:
    values = {name: field.value for name, field in fields.fields.items()}
    return all(values.get(name) == value.strip() for name, value in edits.items())


def _where_to_go_on(problem: ApiProblem, offset: int, end: int) -> int:
    """Return the offset that follows from a refused chunk.

    The chunk may have arrived although its answer was lost; anything else means that the bytes over there are not
    those of this clip, so that the upload begins again.
    """
    if problem.code == "upload_offset_mismatch":
        expected = int(problem.members["expected_offset"])
        return expected if offset < expected <= end else 0
    if problem.code == "digest_mismatch" and offset > 0:
        return 0
    raise problem


def _read(model: type[A], answer: httpx.Response) -> A:
    try:
        return model.model_validate_json(answer.content)
    except ValidationError as error:
        raise UnexpectedAnswer(f"not a {model.__name__}") from error
