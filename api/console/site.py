"""The blueprint of the console: every page of every module, its errors and its headers."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from api.console.pages import PAGES, Page, view_of
from api.console.problems import register_problems
from api.console.protection import protect
from api.console.rendering import register_rendering
from api.settings import GatewaySettings

PREFIX = "/console"
#: Modules whose handlers are pages.
MODULES = (
    "entrance", "queue", "case_page", "case_files", "health", "people", "keys", "webhooks",
)  # fmt: skip


def console_pages() -> tuple[Page, ...]:
    """Return every page there is."""
    for name in MODULES:
        import_module(f"api.console.{name}")
    return tuple(PAGES)


def console_blueprint() -> Blueprint:
    """Return the console as a blueprint."""
    blueprint = Blueprint(
        "console", __name__, url_prefix=PREFIX, template_folder="templates",
        static_folder="static", static_url_path="/static",
    )  # fmt: skip
    for page in console_pages():
        rule = page.path.replace("{", "<").replace("}", ">")
        blueprint.add_url_rule(
            rule, page.name, view_of(page), methods=[page.method], provide_automatic_options=False
        )
    register_problems(blueprint)
    register_rendering(blueprint)
    protect(blueprint)
    return blueprint


def serve_console(app: Flask, settings: GatewaySettings) -> None:
    """Serve the console with `app`, and believe the proxies before it what they say about visitors."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.register_blueprint(console_blueprint())
