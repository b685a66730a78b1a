"""People and machines that speak to the gateway, as short sentences for tests."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from pipeline.decision import decide
from pipeline.findings import CardFinding, FaceFinding, LivenessFinding
from pipeline.policy import POLICY_V1
from pipeline.stages import EvidenceKind, Stage
from pipeline.summary import public_summary
from store import queue
from store.database import Store
from store.findings import dump
from tests.integration.api.conformance import Conformance
from tests.unit.api import files
from tests.unit.pipeline import factories

FRONT, BACK, SELFIE, CLIP, CHIP = EvidenceKind
GOOD: dict[Stage, CardFinding | FaceFinding | LivenessFinding] = {
    Stage.READ_CARD: factories.card(),
    Stage.MATCH_FACE: factories.face(),
    Stage.SCORE_LIVENESS: factories.liveness(),
}


def digest(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


class Desk:
    """One caller with one API key."""

    def __init__(self, app: Flask, key: str, conformance: Conformance) -> None:
        self._client, self._conformance = app.test_client(), conformance
        self._headers = {"Authorization": f"Bearer {key}"}

    def call(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **sent: Any
    ) -> TestResponse:
        """Send a request and compare the answer with the document."""
        path = path if path.startswith(("/health", "/metrics")) else f"/v1{path}"
        answer = self._client.open(
            path, method=method, headers={**self._headers, **(headers or {})}, **sent
        )
        self._conformance.check(method, path.partition("?")[0], answer)
        return answer

    def open_case(self, key: str | None = None, **body: object) -> str:
        answer = self.create(key, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def create(self, key: str | None = None, **body: object) -> TestResponse:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return self.call("POST", "/cases", json=body, headers=headers)

    def put(
        self, case_id: str, kind: str, data: bytes, *, nonce: str | None = None, **headers: str
    ) -> TestResponse:
        named = {"Ekyc-Challenge-Nonce": nonce} if nonce else {}
        return self.call(
            "PUT", f"/cases/{case_id}/evidence/{kind}",
            data=data, headers={"Content-Digest": digest(data), "Content-Length": str(len(data)), **named, **headers},
        )  # fmt: skip

    def chunk(
        self, case_id: str, data: bytes, *, offset: int, nonce: str, whole: bytes | None = None
    ) -> TestResponse:
        last = {"Upload-Complete": "?1", "Repr-Digest": digest(whole)} if whole is not None else {}
        return self.call(
            "PATCH", f"/cases/{case_id}/evidence/clip",
            data=data,
            headers={
                "Upload-Offset": str(offset),
                "Content-Length": str(len(data)), "Content-Digest": digest(data),
                "Ekyc-Challenge-Nonce": nonce, "Content-Type": "application/partial-upload", **last,
            },
        )  # fmt: skip

    def challenge(self, case_id: str, **body: object) -> dict[str, Any]:
        answer = self.call("POST", f"/cases/{case_id}/challenge", json=body)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.get_json()
        return told

    def case(self, case_id: str, **headers: str) -> dict[str, Any]:
        answer = self.call("GET", f"/cases/{case_id}", headers=headers)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.get_json()
        return told

    def stage(self, case_id: str, stage: Stage) -> dict[str, Any]:
        return {row["stage"]: row for row in self.case(case_id)["stages"]}[stage]

    def send_everything(self, case_id: str, colour: int = 90) -> None:
        """Upload both sides, a selfie and a clip that answers a fresh challenge."""
        for place, kind in enumerate((FRONT, BACK, SELFIE)):
            answer = self.put(case_id, kind, files.picture(colour=colour + place))
            assert answer.status_code == 200, answer.text
        nonce = self.challenge(case_id)["nonce"]
        answer = self.put(case_id, CLIP, files.film(payload=bytes([colour]) * 999), nonce=nonce)
        assert answer.status_code == 200, answer.text

    def submitted_case(self) -> str:
        case_id = self.open_case()
        self.send_everything(case_id)
        answer = self.call("POST", f"/cases/{case_id}/submit")
        assert answer.status_code == 202, answer.text
        return case_id


DeskOf = Callable[..., Desk]


def finish(store: Store, case_id: str, stage: Stage, finding: Any = None) -> None:
    """Do the work of a stage as a worker would, with this finding."""
    (claim,) = queue.claim(store, stage, worker="test", lease_s=60, case_id=uuid.UUID(case_id))
    found = finding or GOOD[stage]
    queue.complete(
        store, claim, finding=dump(found), summary=public_summary(found), duration_ms=12.5
    )


def decide_case(store: Store, case_id: str, **findings: Any) -> None:
    """Play all workers on a submitted case: findings that are not given are good ones."""
    given = {
        Stage.READ_CARD: findings.get("card"),
        Stage.MATCH_FACE: findings.get("face"),
        Stage.SCORE_LIVENESS: findings.get("liveness"),
    }
    for stage, finding in given.items():
        finish(store, case_id, stage, finding)
    (claim,) = queue.claim(
        store, Stage.DECIDE, worker="test", lease_s=60, case_id=uuid.UUID(case_id)
    )
    found = queue.load_findings(store, uuid.UUID(case_id))
    evidence = factories.evidence(
        card=found.card, face=found.face, liveness=found.liveness, edits=found.edits,
        attempt=found.attempt,
    )  # fmt: skip
    assert queue.complete_decision(store, claim, decide(evidence, POLICY_V1))


def error(answer: TestResponse) -> tuple[int, str]:
    """Return the status and the code of a problem."""
    assert answer.mimetype == "application/problem+json", answer.text
    body = answer.get_json()
    assert body["status"] == answer.status_code
    assert body["request_id"] == answer.headers["X-Request-Id"]
    return answer.status_code, body["code"]
