"""What a running gateway consists of, and what one request knows of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from flask import current_app, request

from api.callers import Caller
from api.known_keys import KnownKeys
from api.rate import RateLimiter
from api.settings import GatewaySettings
from pipeline.stages import Stage
from store.database import Store
from store.doorbell import Doorbell


class Language(StrEnum):
    """The languages of guidance; Vietnamese unless asked otherwise."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The parts of the process, built once by `create_app`."""

    settings: GatewaySettings
    store: Store
    keys: KnownKeys
    doorbell: Doorbell
    limiter: RateLimiter
    #: The OpenAPI document, as it is served.
    description: bytes
    #: Threads that may wait in long polls at once.
    waiting_room: threading.BoundedSemaphore

    def ring(self, case_id: UUID, stages: Iterable[Stage]) -> None:
        """Ring the bells of stages that became pending, after the commit; a bell that fails is rung by the sweeper."""
        self.doorbell.ring([(stage, case_id) for stage in stages])


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: who asks, in which language, of which gateway."""

    gateway: Gateway
    caller: Caller
    language: Language
    #: The version of the case that the call is about, as it was when the call came in.
    version: int | None = None

    @property
    def store(self) -> Store:
        """The store of the gateway."""
        return self.gateway.store


def current_gateway() -> Gateway:
    """Return the gateway of the app that serves the current request."""
    gateway = current_app.extensions["ekyc"]
    assert isinstance(gateway, Gateway)
    return gateway


def asked_language() -> Language:
    """Return the language of the current request's Accept-Language."""
    best = request.accept_languages.best_match([str(language) for language in Language])
    return Language(best) if best else Language.VI
