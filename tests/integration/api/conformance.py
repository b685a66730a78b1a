"""Every answer that a test gets is compared with the OpenAPI document: its status, its code, its body."""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

#: Answers to addresses and methods that are not there, which no operation can describe.
OUTSIDE = frozenset({"route_unknown", "method_not_allowed"})


class Conformance:
    """Checks answers against one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = document["components"]
        self._operations = {
            (method.upper(), re.compile(re.sub(r"{\w+}", "[^/]+", path))): operation
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        }

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Fail when the answer is not described."""
        if (
            method != "HEAD"
            and answer.mimetype == "application/problem+json"
            and answer.get_json()["code"] in OUTSIDE
        ):
            return
        described = self._operation(method, path)["responses"].get(str(answer.status_code))
        assert described, f"{method} {path} answered {answer.status_code} {answer.text[:300]}"
        content = described.get("content", {})
        if method == "HEAD" or not content:
            assert answer.data == b""
            return
        assert answer.mimetype in content
        schema = content[answer.mimetype].get("schema")
        if schema:
            whole = {**schema, "components": self._components}
            Draft202012Validator(whole).validate(answer.get_json())

    def _operation(self, method: str, path: str) -> dict[str, Any]:
        for (verb, pattern), operation in self._operations.items():
            if verb == method and pattern.fullmatch(path):
                found: dict[str, Any] = operation
                return found
        raise AssertionError(f"{method} {path} is not described")
