"""The composition of the gateway: every resource it serves, in one list."""

from __future__ import annotations

import json
import threading
from importlib.metadata import version

from flask import Flask

from api.cases import cases
from api.challenges import challenges
from api.consents import consents
from api.console.site import serve_console
from api.description import description
from api.endpoint import Endpoint
from api.errors import register_errors
from api.evidence import evidence
from api.fields import fields
from api.gateway import Gateway
from api.health import health
from api.holds import holds
from api.known_keys import KnownKeys
from api.logs import configure_logs, trace_requests
from api.openapi import openapi_document
from api.pictures import pictures
from api.rate import RateLimiter
from api.records import records
from api.settings import GatewaySettings
from api.uploads import UnspooledRequest
from api.verdicts import verdicts
from store.database import open_store
from store.doorbell import make_producer

RESOURCES = (
    cases, consents, challenges, evidence, pictures, fields, verdicts, records, holds, health, description,
)  # fmt: skip


def endpoints() -> list[Endpoint]:
    """Return every operation that is served, in the order of the resources."""
    return [endpoint for resource in RESOURCES for endpoint in resource.endpoints]


def describe() -> dict[str, object]:
    """Return the OpenAPI document."""
    return openapi_document(endpoints(), version=version("ekyc"))


def build_app(settings: GatewaySettings) -> Flask:
    """Return the application with its parts connected; no server is asked for anything yet."""
    configure_logs(settings.log_level)
    app = Flask("api", static_folder=None)
    app.request_class = UnspooledRequest
    store = open_store(settings)
    app.extensions["ekyc"] = Gateway(
        settings=settings,
        store=store,
        keys=KnownKeys(store, keep_s=settings.key_memory_s),
        doorbell=make_producer(settings.broker_url),
        limiter=RateLimiter(settings),
        description=json.dumps(describe(), ensure_ascii=False).encode(),
        waiting_room=threading.BoundedSemaphore(settings.long_poll_slots),
    )
    trace_requests(app)
    register_errors(app)
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint)
    serve_console(app, settings)
    return app
