"""Errors of the console as pages, in the visitor's language and with the way back."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from api import errors
from api.console.protection import visitor_token
from api.console.visits import current_visit, find_visit
from api.problems import ApiError
from pipeline.errors import EkycError
from store.errors import StoreError


def register_problems(blueprint: Blueprint) -> None:
    """Answer every exception below `blueprint` with a page."""
    for kind in (ApiError, StoreError, EkycError, HTTPException, Exception):
        blueprint.register_error_handler(kind, _page)
    # What the blueprint does not serve would be answered as the API answers.
    blueprint.add_url_rule("/<path:elsewhere>", "elsewhere", _elsewhere, methods=["GET", "POST"])


def _elsewhere(elsewhere: str) -> Response:
    raise ApiError("route_unknown")


def _page(error: Exception) -> Response:
    """The API's own answer says status, code and headers; a page says it to a person."""
    told = errors.answer_to(error)
    code = str(g.get("problem_code", "internal_error"))
    if current_visit() is None:
        g.visit = _visit_or_none(told)
    page = Response(
        render_template("console/problem.html", code=code, status=told.status_code),
        told.status_code, content_type="text/html; charset=utf-8",
    )  # fmt: skip
    if "Retry-After" in told.headers:
        page.headers["Retry-After"] = told.headers["Retry-After"]
    visitor_token(page)
    return page


def _visit_or_none(told: Response) -> object:
    """Without a database nobody knows who visits; the page can be shown all the same."""
    if told.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or request.endpoint is None:
        return None
    return find_visit(active=False)
