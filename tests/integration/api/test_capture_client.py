"""The capture client's whole flow against the real gateway, in process."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from capture_client.api_client import CaptureApi
from capture_client.problems import ApiProblem
from capture_client.transport import Patience
from pipeline.case import CaseStatus
from pipeline.findings import FieldName, Rejection
from pipeline.reasons import ReasonCode
from pipeline.stages import EvidenceKind, Stage
from store.api_keys import Scope, create_key
from store.database import Store
from tests.integration.api.desk import decide_case, finish
from tests.unit.api import files
from tests.unit.pipeline import factories

FILM = files.film(payload=bytes(range(256)) * 200)


class CutLine(httpx.BaseTransport):
    """Carries each request to the gateway and loses every third answer."""

    def __init__(self, app: Flask) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self.count = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        answer.read()
        self.count += 1
        if self.count % 3 == 0:
            raise httpx.ReadError("cut", request=request)
        return answer


@pytest.fixture(params=["whole line", "cut line"])
def api(app: Flask, store: Store, request: pytest.FixtureRequest) -> Iterator[CaptureApi]:
    key, _ = create_key(store, name="desk", scopes={Scope.CAPTURE}, branch="HN-01", actor="test")
    transport = CutLine(app) if request.param == "cut line" else httpx.WSGITransport(app=app)
    patience = Patience(attempts=5, first_pause_s=0.001)
    with CaptureApi("http://gateway", key, transport=transport, patience=patience) as client:
        yield client


def test_a_case_goes_from_open_to_approved(api: CaptureApi, store: Store) -> None:
    case = api.create_case(reference="A-17")
    for place, kind in enumerate(
        (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE)
    ):
        api.put_evidence(case.id, kind, files.picture(colour=place))
    challenge = api.request_challenge(case.id)
    assert len(challenge.as_steps()) == 3
    stored = api.upload_clip(case.id, FILM, nonce=challenge.nonce, chunk_bytes=20_000)
    assert stored.size == len(FILM)
    finish(store, str(case.id), Stage.READ_CARD)
    fields = api.get_fields(case.id)
    assert fields.ready
    api.submit(case.id)
    for stage in (Stage.MATCH_FACE, Stage.SCORE_LIVENESS):
        finish(store, str(case.id), stage)
    assert api.get_case(case.id).status is CaseStatus.PROCESSING


def test_a_clip_that_takes_longer_than_its_challenge_arrives(api: CaptureApi, store: Store) -> None:
    case = api.create_case()
    challenge = api.request_challenge(case.id)

    def expire(_: float) -> None:
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE challenges SET expires_at = now() - interval '1 s'"))

    stored = api.upload_clip(
        case.id, FILM, nonce=challenge.nonce, chunk_bytes=20_000, on_progress=expire
    )  # fmt: skip
    assert stored.size == len(FILM)
    again = api.upload_clip(case.id, FILM, nonce=challenge.nonce)
    assert again.sha256 == stored.sha256
    with pytest.raises(ApiProblem, match="challenge_expired"):
        api.upload_clip(case.id, FILM + b"made up", nonce=challenge.nonce)


def test_edits_reach_the_record(api: CaptureApi, store: Store) -> None:
    case = api.create_case()
    api.put_evidence(case.id, EvidenceKind.CARD_FRONT, files.picture())
    finish(store, str(case.id), Stage.READ_CARD)
    version = api.get_fields(case.id).version
    api.edit_fields(case.id, {FieldName.FULL_NAME: "TRẦN VĂN B"}, version=version)
    assert api.get_fields(case.id).fields[FieldName.FULL_NAME].value == "TRẦN VĂN B"
    with pytest.raises(ApiProblem, match="fields_version_stale"):
        api.edit_fields(case.id, {FieldName.FULL_NAME: "TRẦN VĂN C"}, version=version)


def test_waiting_for_the_verdict(api: CaptureApi, store: Store) -> None:
    case = api.create_case()
    for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE):
        api.put_evidence(case.id, kind, files.picture())
    nonce = api.request_challenge(case.id).nonce
    api.upload_clip(case.id, FILM, nonce=nonce)
    api.submit(case.id)
    blurred = factories.card(
        rejected=Rejection(code=ReasonCode.CARD_BLURRED), fields={}, sides=("front",)
    )
    timer = threading.Timer(0.3, decide_case, (store, str(case.id)), {"card": blurred})
    timer.start()
    state = api.wait_for_status(case.id, timeout_s=20)
    timer.join()
    assert state.status is CaseStatus.RETAKE
    assert state.missing == (EvidenceKind.CARD_FRONT,)
    assert [line.retake for line in state.guidance] == [(EvidenceKind.CARD_FRONT,)]


def test_a_refusal_is_told_by_its_code(api: CaptureApi) -> None:
    case = api.create_case()
    with pytest.raises(ApiProblem) as refused:
        api.put_evidence(case.id, EvidenceKind.SELFIE, b"%PDF-1.7")
    assert (refused.value.status, refused.value.code) == (415, "evidence_type_refused")
