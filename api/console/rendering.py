"""What templates may say: words in the visitor's language, tokens, assets, times and ages."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from flask import Blueprint, g, request, url_for
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel

from api.callers import STAFF
from api.console.protection import TOKEN_FIELD, form_token
from api.console.visits import current_visit, language
from api.console.words import WORDS
from api.gateway import Language
from store.api_keys import Scope

STATIC = Path(__file__).parent / "static"
ADMIN = frozenset({Scope.ADMIN})
#: Path, words' key, and the scopes of which one is needed.
NAVIGATION = (
    ("/queue", "nav.queue", STAFF),
    ("/health", "nav.health", ADMIN),
    ("/users", "nav.users", ADMIN),
    ("/keys", "nav.keys", ADMIN),
    ("/webhooks", "nav.webhooks", ADMIN),
)
#: Indochina Time all year round.
VIETNAM = timezone(timedelta(hours=7))


def register_rendering(blueprint: Blueprint) -> None:
    """Give the templates of `blueprint` their functions."""
    blueprint.record(lambda state: _prepare(state.app.jinja_env))
    blueprint.context_processor(
        lambda: {"visit": current_visit(), "language": language(), "problem_request_id": g.get("request_id", "")}
    )  # fmt: skip


def _prepare(environment: Environment) -> None:
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.globals.update(
        words=words, known=WORDS.__contains__, token_field=token_field, asset=asset, here=here, navigation=navigation,
        age=age, span_of=span_of, moment=moment, problem_title=problem_title, with_query=with_query,
    )  # fmt: skip


def words(key: str, **values: object) -> str:
    """Return a text in the visitor's language; plain text, escaped where it is put."""
    text = WORDS[key][0 if language() is Language.VI else 1]
    return text.format(**values) if values else text


def token_field() -> Markup:
    """Return the hidden field that every form needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN_FIELD, form_token())


def asset(name: str) -> str:
    """Return the address of a file in static/, which changes with its content."""
    return url_for("console.static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def here() -> str:
    """Return the path of the current page with its query, to come back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def navigation() -> list[tuple[str, str]]:
    """Return path and words' key of the pages that the visitor may open from everywhere."""
    visit = current_visit()
    scopes = visit.caller.scopes if visit else frozenset()
    return [(path, key) for path, key, needed in NAVIGATION if needed & scopes]


def with_query(path: str, asked: BaseModel, **changed: object) -> str:
    """Return a path of the console with a query like `asked`, but for what is changed; None leaves a part out."""
    parts = {**asked.model_dump(mode="json", exclude_defaults=True), **changed}
    query = urlencode({name: value for name, value in parts.items() if value not in (None, False)})
    return f"/console{path}?{query}"


def problem_title(status: int) -> str:
    """Return the headline of an error page."""
    key = f"problem.{status}"
    return words(key if key in WORDS else "problem.other")


def age(since: datetime | None) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    if since is None:
        return ""
    return span_of(max(0, int((datetime.now(UTC) - since).total_seconds() // 60)))


def span_of(minutes: int) -> str:
    """Return a span of time in the largest unit that fits."""
    if minutes < 60:
        return words("age.minutes", number=minutes)
    if minutes < 48 * 60:
        return words("age.hours", hours=minutes // 60, minutes=minutes % 60)
    return words("age.days", number=minutes // (24 * 60))


def moment(at: datetime | None) -> str:
    """Return a time as it is in Vietnam."""
    return "" if at is None else f"{at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"
