"""An app without servers: enough for what is answered before any of them is asked."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from api import create_app
from api.settings import GatewaySettings


@pytest.fixture
def gateway_settings(tmp_path: Path) -> GatewaySettings:
    (tmp_path / "blobs").mkdir()
    return GatewaySettings(
        database_url="postgresql+psycopg://nobody@/nowhere?host=/nonexistent",
        broker_url=f"redis+socket://{tmp_path}/no.sock",
        blob_url=(tmp_path / "blobs").as_uri(),
        kek=SecretStr(base64.b64encode(bytes(32)).decode()),
    )


@pytest.fixture
def app(gateway_settings: GatewaySettings) -> Flask:
    return create_app(gateway_settings)
