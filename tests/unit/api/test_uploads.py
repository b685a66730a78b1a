from __future__ import annotations

import base64
import hashlib
import io
import tempfile

import pytest
from flask import Flask, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.test import EnvironBuilder

from api.problems import ApiError
from api.uploads import UnspooledRequest, check_digest, parse_digest, read_body


def _header(data: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def test_digest_that_fits_is_returned_in_hex() -> None:
    assert check_digest(b"abc", _header(b"abc")) == hashlib.sha256(b"abc").hexdigest()


def test_digest_is_found_among_others() -> None:
    assert parse_digest(f"sha-512=:AAAA:, {_header(b'abc')}") == hashlib.sha256(b"abc").digest()


@pytest.mark.parametrize(
    "header", ["", "sha-256=abc", "sha-256=:AAAA:", "sha-256=:===:", "md5=:AAAA:", "xsha-256=:AA:"]
)
def test_header_without_a_sha256_is_refused(header: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_digest(header)
    assert refused.value.code == "digest_required"


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ApiError) as refused:
        check_digest(b"abd", _header(b"abc"))
    assert refused.value.code == "digest_mismatch"


@pytest.fixture
def app() -> Flask:
    app = Flask("uploads")
    app.request_class = UnspooledRequest
    return app


@pytest.mark.parametrize(
    ("sent", "claimed", "code"),
    [
        (b"x" * 10, None, "length_required"),
        (b"x" * 11, 11, "body_too_large"),
        (b"x" * 5, 9, "body_truncated"),
    ],
)
def test_bodies_are_bounded(app: Flask, sent: bytes, claimed: int | None, code: str) -> None:
    environ = EnvironBuilder(method="PUT", data=sent).get_environ()
    environ.pop("CONTENT_LENGTH")
    environ |= (
        {"HTTP_TRANSFER_ENCODING": "chunked"}
        if claimed is None
        else {"CONTENT_LENGTH": str(claimed)}
    )
    with app.request_context(environ), pytest.raises((ApiError, ClientDisconnected)) as refused:
        read_body(10)
    assert getattr(refused.value, "code", None) == (400 if code == "body_truncated" else code)


def test_form_parts_never_become_files(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("plaintext would have been written to the disk")

    for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    parts = {"file": (io.BytesIO(b"x" * 2_000_000), "card.jpg")}
    with app.test_request_context(method="PUT", data=parts):
        assert len(request.files["file"].read()) == 2_000_000
