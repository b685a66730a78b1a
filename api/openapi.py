"""The OpenAPI 3.1 document, made from the endpoints that are served; nothing is written twice."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.endpoint import Answers, Endpoint
from api.headers import Header
from api.problems import PROBLEMS
from pipeline.stages import EvidenceKind

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
_JSON, _PROBLEM = "application/json", "application/problem+json"


class Problem(BaseModel):
    """An error (RFC 9457). `code` is stable; further members depend on the code."""

    type: str
    title: str
    status: int
    code: str
    request_id: str


def openapi_document(endpoints: Iterable[Endpoint], *, version: str) -> Json:
    """Return the description of all endpoints."""
    listed = list(endpoints)
    paths: dict[str, Json] = defaultdict(dict)
    for endpoint in listed:
        paths[endpoint.path][endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ekyc gateway",
            "version": version,
            "description": "Cases, evidence and verdicts. Errors are problem+json with a stable `code`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(paths),
        "components": {
            "schemas": _schemas(listed),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _schemas(endpoints: list[Endpoint]) -> Json:
    wanted: dict[tuple[type[BaseModel], Literal["validation", "serialization"]], None] = {
        (Problem, "serialization"): None
    }
    for endpoint in endpoints:
        if endpoint.body:
            wanted[endpoint.body, "validation"] = None
        wanted.update({(model, "serialization"): None for model in endpoint.answers.models})
    _, document = models_json_schema(list(wanted), ref_template=_REF)
    schemas: Json = document["$defs"]
    return schemas


def _operation(endpoint: Endpoint) -> Json:
    operation: Json = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.handler.__module__.rpartition(".")[2]],
        "parameters": [*_path(endpoint), *_query(endpoint), *map(_header, endpoint.headers)],
        "responses": _responses(endpoint),
    }
    if endpoint.scopes:
        operation["security"] = [{"key": []}]
        operation["x-scopes"] = sorted(endpoint.scopes)
    body = _request_body(endpoint)
    if body:
        operation["requestBody"] = body
    return operation


def _path(endpoint: Endpoint) -> list[Json]:
    known = {
        "case_id": {"type": "string", "format": "uuid"},
        "kind": {"type": "string", "enum": [str(kind) for kind in EvidenceKind]},
        "name": {"type": "string", "pattern": "^[a-z0-9_]{1,32}$"},
    }
    return [
        {"name": name, "in": "path", "required": True, "schema": known[name]}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]


def _query(endpoint: Endpoint) -> list[Json]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema(mode="validation")
    definitions, required = schema.get("$defs", {}), schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.pop("description", ""),
            "schema": _inlined(field, definitions),
            **({"style": "form", "explode": False} if field.get("type") == "array" else {}),
        }
        for name, field in schema["properties"].items()
    ]


def _inlined(node: Any, definitions: Json) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            return definitions[node["$ref"].rpartition("/")[2]]
        return {key: _inlined(value, definitions) for key, value in node.items()}
    return [_inlined(item, definitions) for item in node] if isinstance(node, list) else node


def _header(header: Header) -> Json:
    return {
        "name": header.name,
        "in": "header",
        "required": header.missing is not None,
        "description": header.description,
        "schema": {"type": "string", "pattern": f"^{header.pattern}$"},
    }


def _request_body(endpoint: Endpoint) -> Json | None:
    if endpoint.body:
        required = any(field.is_required() for field in endpoint.body.model_fields.values())
        return {"required": required, "content": {_JSON: {"schema": _ref(endpoint.body)}}}
    if endpoint.raw_body:
        return {"required": True, "content": {media: {} for media in endpoint.raw_body}}
    return None


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": _REF.format(model=model.__name__)}


def _responses(endpoint: Endpoint) -> Json:
    told = endpoint.answers
    answers = {str(int(told.status)): _answer(told, told.status)}
    answers |= {str(int(status)): _answer(Answers(), status) for status in told.also}
    by_status: dict[HTTPStatus, list[str]] = defaultdict(list)
    for code in sorted(endpoint.problems):
        by_status[PROBLEMS[code].status].append(code)
    problems = {str(int(status)): _problem(status, codes) for status, codes in by_status.items()}
    return dict(sorted((problems | answers).items()))


def _answer(told: Answers, status: HTTPStatus) -> Json:
    answer: Json = {"description": status.phrase}
    if told.headers:
        answer["headers"] = {name: {"schema": {"type": "string"}} for name in told.headers}
    if told.models:
        refs = [_ref(model) for model in told.models]
        answer["content"] = {_JSON: {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}}
    elif status is HTTPStatus.OK:
        answer["content"] = {media: {} for media in told.media_types}
    return answer


def _problem(status: HTTPStatus, codes: list[str]) -> Json:
    """The codes of one status; when a status has two meanings in one call, the caller tells them by `code`."""
    named = {"properties": {"code": {"enum": codes}}}
    schema = {"allOf": [_ref(Problem), named]}
    return {
        "description": "; ".join(f"`{code}`: {PROBLEMS[code].title}" for code in codes),
        "content": {_PROBLEM: {"schema": schema}},
    }


class OpenApiDocument(BaseModel, extra="allow"):
    """This document."""

    openapi: str
