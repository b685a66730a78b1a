from __future__ import annotations

import subprocess
import sys

import pytest
from flask import Flask

_HEAVY = ("numpy", "cv2", "onnxruntime", "torch", "paddleocr", "dlib", "av", "scipy")


def test_gateway_process_loads_no_model_runtime_and_no_numpy() -> None:
    script = f"import sys, api.application; print([m for m in {_HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_importing_the_package_is_light() -> None:
    script = "import sys, api; print('flask' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"


def test_wrong_addresses_and_methods_are_problems(app: Flask) -> None:
    client = app.test_client()
    unknown, wrong = client.get("/nothing"), client.post("/health/live")
    assert (unknown.status_code, unknown.json and unknown.json["code"]) == (404, "route_unknown")
    assert (wrong.status_code, wrong.json and wrong.json["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]
    assert unknown.mimetype == wrong.mimetype == "application/problem+json"


def test_request_id_is_kept_when_it_is_decent(app: Flask) -> None:
    client = app.test_client()
    kept = client.get("/health/live", headers={"X-Request-Id": "branch-7.0001"})
    made = client.get("/health/live", headers={"X-Request-Id": "<script>"})
    assert kept.headers["X-Request-Id"] == "branch-7.0001"
    assert made.headers["X-Request-Id"] != "<script>"


def test_without_a_key_nothing_is_asked_of_the_store(app: Flask) -> None:
    for header in ({}, {"Authorization": "Basic abc"}):
        answer = app.test_client().get("/v1/cases", headers=header)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_database_that_is_away_is_a_503_without_internals(app: Flask) -> None:
    client = app.test_client()
    asked = client.get("/v1/cases", headers={"Authorization": "Bearer ekyc_abcdefgh_" + "x" * 43})
    ready, live = client.get("/health/ready"), client.get("/health/live")
    assert (asked.status_code, ready.status_code, live.status_code) == (503, 503, 200)
    assert asked.json is not None
    assert asked.json["code"] == "unavailable"
    assert "nowhere" not in asked.text
    assert int(asked.headers["Retry-After"]) > 0


def test_unexpected_errors_say_nothing_but_the_request_id(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("079203001234 NGUYEN VAN A")

    monkeypatch.setattr("api.endpoint.identify", fail)
    answer = app.test_client().get("/v1/cases")
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["code"] == "internal_error"
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "NGUYEN" not in logged + answer.text
    assert answer.json["request_id"] in logged
