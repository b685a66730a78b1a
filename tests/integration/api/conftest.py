"""The real gateway on a fresh database; no worker runs unless a test plays one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from flask import Flask

from api import create_app
from api.application import describe
from api.settings import GatewaySettings
from store.api_keys import Scope, create_key
from store.database import Store
from store.settings import StoreSettings
from tests.integration.api.conformance import Conformance
from tests.integration.api.desk import Desk, DeskOf


@pytest.fixture(scope="session")
def conformance() -> Conformance:
    return Conformance(describe())


@pytest.fixture
def gateway_settings(settings: StoreSettings) -> GatewaySettings:
    return GatewaySettings(
        **settings.model_dump(), rate_limit="100000/minute", long_poll_max_s=5, log_level="WARNING"
    )


@pytest.fixture
def app(gateway_settings: GatewaySettings, broker: redis.Redis) -> Iterator[Flask]:
    app = create_app(gateway_settings)
    yield app
    app.extensions["ekyc"].store.engine.dispose()


@pytest.fixture
def desk_of(app: Flask, store: Store, conformance: Conformance) -> DeskOf:
    def make(*scopes: Scope, branch: str | None = None) -> Desk:
        key, _ = create_key(store, name="test", scopes=set(scopes), branch=branch, actor="test")
        return Desk(app, key, conformance)

    return make


@pytest.fixture
def capture(desk_of: DeskOf) -> Desk:
    return desk_of(Scope.CAPTURE)


@pytest.fixture
def office(desk_of: DeskOf) -> Desk:
    return desk_of(Scope.BACKOFFICE)


@pytest.fixture
def reviewer(desk_of: DeskOf) -> Desk:
    return desk_of(Scope.REVIEWER)


@pytest.fixture
def admin(desk_of: DeskOf) -> Desk:
    return desk_of(Scope.ADMIN)
