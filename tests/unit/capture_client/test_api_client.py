"""The client against a scripted gateway; against the real one it is tested in tests/integration/api."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from uuid import UUID

import httpx
import pytest

from capture_client.api_client import CaptureApi
from capture_client.problems import ApiProblem, UnexpectedAnswer
from capture_client.transport import Patience
from pipeline.case import CaseStatus

CASE = UUID("00000000-0000-4000-8000-000000000001")
CLIP = bytes(range(250)) * 10


class ChunkGateway:
    """Takes promises and chunks like the gateway does, and loses answers on demand."""

    def __init__(
        self, *, lose_answers_of: frozenset[int] = frozenset(), holds: bytes = b""
    ) -> None:
        self.held, self.stored = holds, b""
        self.lose, self.chunks = set(lose_answers_of), 0
        self.promised: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "HEAD":
            return httpx.Response(204, headers={"Upload-Offset": str(len(self.held))})
        if request.method == "GET":
            return httpx.Response(200, json=self._case())
        if request.method == "POST":
            self.promised.append(json.loads(request.content)["sha256"])
            return httpx.Response(204)
        return self._take(request)

    def _take(self, request: httpx.Request) -> httpx.Response:
        offset, is_last = int(request.headers["Upload-Offset"]), request.headers["Upload-Complete"]
        if offset not in (0, len(self.held)):
            return _problem("upload_offset_mismatch", 409, expected_offset=len(self.held))
        self.held = self.held[:offset] + request.content
        answer = httpx.Response(204, headers={"Upload-Offset": str(len(self.held))})
        if is_last == "?1":
            held, self.held = self.held, b""
            if request.headers["Repr-Digest"] != _digest(held):
                return _problem("digest_mismatch", 422)
            self.stored = held
            answer = httpx.Response(200, json=self._evidence() | {"changed": True})
        self.chunks += 1
        if self.chunks in self.lose:
            raise httpx.ReadError("cut")
        return answer

    def _evidence(self) -> dict[str, object]:
        sha256 = hashlib.sha256(self.stored).hexdigest()
        return {"kind": "clip", "sha256": sha256, "size": len(self.stored)}

    def _case(self) -> dict[str, object]:
        return {
            "id": str(CASE), "version": 1, "status": "open", "attempt": 1, "missing": [], "stages": [],
            "evidence": [self._evidence()] if self.stored else [], "guidance": [],
        }  # fmt: skip


def _digest(data: bytes) -> str:
    from capture_client.api_client import sha256_header

    return sha256_header(data)


def _problem(code: str, status: int, **members: object) -> httpx.Response:
    body = {"code": code, "title": "No.", "status": status, **members}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


ApiOf = Callable[[Callable[[httpx.Request], httpx.Response]], CaptureApi]


@pytest.fixture
def api_of() -> Iterator[ApiOf]:
    opened: list[CaptureApi] = []

    def make(gateway: Callable[[httpx.Request], httpx.Response]) -> CaptureApi:
        transport, patience = httpx.MockTransport(gateway), Patience(attempts=3, first_pause_s=0)
        opened.append(CaptureApi("http://g", "key", transport=transport, patience=patience))
        return opened[-1]

    yield make
    for api in opened:
        api.close()


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_clip_arrives_whole_whichever_answer_is_lost(api_of: ApiOf, lost: int) -> None:
    gateway = ChunkGateway(lose_answers_of=frozenset({lost}))
    stored = api_of(gateway).upload_clip(CASE, CLIP, nonce="n" * 20, chunk_bytes=600)
    assert gateway.stored == CLIP
    assert gateway.promised == [hashlib.sha256(CLIP).hexdigest()]
    assert stored.sha256 == hashlib.sha256(CLIP).hexdigest()


def test_an_interrupted_upload_goes_on_where_it_stopped(api_of: ApiOf) -> None:
    gateway = ChunkGateway(holds=CLIP[:1200])
    api_of(gateway).upload_clip(CASE, CLIP, nonce="n" * 20, chunk_bytes=600)
    assert gateway.stored == CLIP
    assert gateway.chunks == 3


def test_leftovers_of_another_clip_are_overwritten(api_of: ApiOf) -> None:
    gateway = ChunkGateway(holds=b"another clip" * 100)
    api_of(gateway).upload_clip(CASE, CLIP, nonce="n" * 20, chunk_bytes=600)
    assert gateway.stored == CLIP


def test_an_upload_that_stood_at_its_end_is_only_finished(api_of: ApiOf) -> None:
    gateway = ChunkGateway(holds=CLIP)
    api_of(gateway).upload_clip(CASE, CLIP, nonce="n" * 20, chunk_bytes=600)
    assert gateway.stored == CLIP
    assert gateway.chunks == 1


def test_progress_goes_to_one(api_of: ApiOf) -> None:
    told: list[float] = []
    api_of(ChunkGateway()).upload_clip(
        CASE, CLIP, nonce="n" * 20, chunk_bytes=1000, on_progress=told.append
    )
    assert told == [0.4, 0.8, 1.0]


def test_a_refused_clip_is_not_sent_again_and_again(api_of: ApiOf) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            return _problem("challenge_superseded", 409)
        return ChunkGateway()(request)

    with pytest.raises(ApiProblem, match="challenge_superseded"):
        api_of(refuse).upload_clip(CASE, CLIP, nonce="n" * 20)


def test_a_clip_that_may_not_be_promised_is_not_sent(api_of: ApiOf) -> None:
    gateway = ChunkGateway()

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return _problem("challenge_expired", 409)
        return gateway(request)

    with pytest.raises(ApiProblem, match="challenge_expired"):
        api_of(refuse).upload_clip(CASE, CLIP, nonce="n" * 20)
    assert gateway.chunks == 0


def test_a_clip_that_arrived_before_its_challenge_ended_needs_no_promise(api_of: ApiOf) -> None:
    gateway = ChunkGateway()
    gateway.stored = CLIP

    def refuse(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return _problem("case_wrong_status", 409)
        return gateway(request)

    stored = api_of(refuse).upload_clip(CASE, CLIP, nonce="n" * 20)
    assert (stored.size, stored.changed, gateway.chunks) == (len(CLIP), False, 0)


def test_a_submit_whose_answer_was_lost_counts_as_done(api_of: ApiOf) -> None:
    answer = _problem("case_wrong_status", 409, case_status="processing")
    assert api_of(lambda _: answer).submit(CASE).status is CaseStatus.PROCESSING


def test_a_submit_of_a_decided_case_is_refused(api_of: ApiOf) -> None:
    answer = _problem("case_wrong_status", 409, case_status="approved")
    with pytest.raises(ApiProblem):
        api_of(lambda _: answer).submit(CASE)


def test_waiting_ends(api_of: ApiOf) -> None:
    def unchanged(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(304, headers={"ETag": '"1"'})

    with pytest.raises(TimeoutError):
        api_of(unchanged).wait_for_status(CASE, timeout_s=0.05)


def test_an_answer_of_another_shape_is_not_trusted(api_of: ApiOf) -> None:
    with pytest.raises(UnexpectedAnswer):
        api_of(lambda _: httpx.Response(200, json={"hello": 1})).get_case(CASE)
