"""The HTTP gateway: thin. It checks, stores and answers; it runs no model and decodes no pixel."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from api.settings import GatewaySettings


def create_app(settings: GatewaySettings | None = None) -> Flask:
    """Return the WSGI application; settings come from the environment unless given."""
    from api.application import build_app
    from api.settings import GatewaySettings

    return build_app(settings or GatewaySettings())  # type: ignore[call-arg]  # from the environment


__all__ = ["create_app"]
