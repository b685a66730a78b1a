from __future__ import annotations

import random
from collections.abc import Callable

import httpx
import pytest

from capture_client.problems import ApiProblem, GatewayUnreachable, UnexpectedAnswer
from capture_client.transport import Line, Patience

Answer = httpx.Response | type[httpx.TransportError]


class Script:
    """Answers one after the other; remembers what was asked and how long was rested."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.rests: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, type):
            raise answer("gone")
        return answer


LineOf = Callable[[Script], Line]


@pytest.fixture
def line_of() -> LineOf:
    def make(script: Script) -> Line:
        client = httpx.Client(transport=httpx.MockTransport(script), base_url="http://gateway/v1")
        return Line(
            client,
            patience=Patience(attempts=4, first_pause_s=1.0, longest_pause_s=3.0),
            rng=random.Random(7),
            sleep=script.rests.append,
        )

    return make


def _problem(code: str, status: int) -> httpx.Response:
    return httpx.Response(
        status,
        json={"code": code, "title": "No.", "status": status, "request_id": "r-1"},
        headers={"Content-Type": "application/problem+json"},
    )


def test_lost_connections_and_busy_servers_are_tried_again(line_of: LineOf) -> None:
    script = Script(httpx.ConnectError, httpx.Response(503), httpx.ReadTimeout, httpx.Response(200))
    assert line_of(script).send("PUT", "/x", content=b"abc").status_code == 200
    assert [request.content for request in script.requests] == [b"abc"] * 4


def test_pauses_grow_with_chance_up_to_the_longest(line_of: LineOf) -> None:
    script = Script(*[httpx.Response(500)] * 3, httpx.Response(200))
    line_of(script).send("GET", "/x")
    for rest, full in zip(script.rests, [1.0, 2.0, 3.0], strict=True):
        assert full / 2 <= rest <= full


def test_the_gateway_says_how_long_to_wait(line_of: LineOf) -> None:
    script = Script(httpx.Response(429, headers={"Retry-After": "17"}), httpx.Response(200))
    line_of(script).send("GET", "/x")
    assert script.rests == [17.0]


def test_a_refusal_is_not_tried_again(line_of: LineOf) -> None:
    script = Script(_problem("challenge_superseded", 409))
    with pytest.raises(ApiProblem) as refused:
        line_of(script).send("PUT", "/x")
    problem = refused.value
    assert (problem.code, problem.status, problem.request_id) == (
        "challenge_superseded",
        409,
        "r-1",
    )
    assert script.rests == []


def test_patience_ends(line_of: LineOf) -> None:
    with pytest.raises(GatewayUnreachable):
        line_of(Script(*[httpx.ConnectError] * 4)).send("GET", "/x")


def test_the_last_error_of_the_gateway_is_told(line_of: LineOf) -> None:
    with pytest.raises(ApiProblem, match="unavailable"):
        line_of(Script(*[_problem("unavailable", 503)] * 4)).send("GET", "/x")


def test_an_error_without_a_problem_is_not_trusted(line_of: LineOf) -> None:
    with pytest.raises(UnexpectedAnswer):
        line_of(Script(httpx.Response(404, text="<html>proxy</html>"))).send("GET", "/x")


def test_not_modified_is_an_answer(line_of: LineOf) -> None:
    assert line_of(Script(httpx.Response(304))).send("GET", "/x").status_code == 304
