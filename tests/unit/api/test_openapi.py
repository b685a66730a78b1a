from __future__ import annotations

from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.application import describe, endpoints
from api.problems import PROBLEMS
from store.api_keys import Scope

#: Codes that no operation answers with: the address itself is wrong, or it is a form of the console.
OUTSIDE = {"route_unknown", "method_not_allowed", "request_malformed", "form_foreign"}


def test_document_is_valid_openapi_31() -> None:
    document = describe()
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_document_is_served(app: Flask) -> None:
    answer = app.test_client().get("/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.get_json() == describe()


def test_every_route_is_in_the_document(app: Flask) -> None:
    served = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        # pages are for people; tests/integration/api/console walks them
        if not rule.endpoint.startswith("console.")
        for method in rule.methods or ()
    }
    described = {
        (method.upper(), path)
        for path, operations in describe()["paths"].items()  # type: ignore[attr-defined]
        for method in operations
    }
    # Flask answers HEAD wherever there is a GET.
    assert {route for route in served if route[0] != "HEAD"} == {
        route for route in described if route[0] != "HEAD"
    }
    assert described <= served


def test_every_code_is_documented_and_every_documented_code_is_known() -> None:
    documented = {code for endpoint in endpoints() for code in endpoint.problems}
    assert documented | OUTSIDE == set(PROBLEMS)
    assert not documented & OUTSIDE


def test_every_operation_is_named_once_and_described() -> None:
    names = [endpoint.name for endpoint in endpoints()]
    assert len(names) == len(set(names))
    assert all(endpoint.summary.endswith(".") for endpoint in endpoints())


def test_only_health_metrics_and_the_document_are_open_to_anybody() -> None:
    open_to_all = {endpoint.path for endpoint in endpoints() if not endpoint.scopes}
    assert open_to_all == {"/health/live", "/health/ready", "/metrics", "/v1/openapi.json"}


def test_scopes_are_those_of_the_design() -> None:
    staff = {Scope.BACKOFFICE, Scope.REVIEWER, Scope.AUDITOR}
    expected = {
        "create_case": {Scope.CAPTURE},
        "give_consent": {Scope.CAPTURE},
        "withdraw_consent": {Scope.CAPTURE, Scope.BACKOFFICE},
        "list_consents": {Scope.CAPTURE, *staff},
        "request_challenge": {Scope.CAPTURE},
        "promise_clip": {Scope.CAPTURE},
        "put_evidence": {Scope.CAPTURE},
        "append_chunk": {Scope.CAPTURE},
        "upload_offset": {Scope.CAPTURE},
        "get_case": {Scope.CAPTURE, *staff},
        "get_fields": {Scope.CAPTURE, Scope.REVIEWER},
        "edit_fields": {Scope.CAPTURE, Scope.REVIEWER},
        "submit_case": {Scope.CAPTURE},
        "list_cases": staff,
        "claim_case": {Scope.REVIEWER},
        "release_claim": {Scope.REVIEWER},
        "give_verdict": {Scope.REVIEWER},
        "view_evidence": {Scope.REVIEWER},
        "show_pictures": {Scope.REVIEWER},
        "see_picture": {Scope.REVIEWER},
        "export_case": {Scope.BACKOFFICE, Scope.AUDITOR},
        "list_events": {Scope.BACKOFFICE, Scope.AUDITOR},
        "erase_case": {Scope.ADMIN},
        "hold_case": {Scope.ADMIN},
        "release_case": {Scope.ADMIN},
        "list_holds": {Scope.ADMIN, Scope.AUDITOR},
    }
    assert {e.name: set(e.scopes) for e in endpoints() if e.scopes} == expected
