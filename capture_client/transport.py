"""One request and its retries: what is safe to send again is sent again, with growing pauses."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from capture_client.problems import ApiProblem, GatewayUnreachable, UnexpectedAnswer

#: The gateway is busy, restarting, or behind something that is.
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long to try."""

    attempts: int = 6
    first_pause_s: float = 0.3
    longest_pause_s: float = 8.0

    def pause_s(self, attempt: int, rng: random.Random) -> float:
        """Return the pause before try `attempt` + 1: it doubles, and half of it is chance."""
        full = min(self.longest_pause_s, self.first_pause_s * 2.0**attempt)
        return full * (0.5 + rng.random() / 2)


class Line:
    """A connection to one gateway with one API key. Every request sent here must be safe to repeat."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        patience: Patience,
        rng: random.Random,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._patience, self._rng, self._sleep = client, patience, rng, sleep

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        timeout_s: float = 30.0,
    ) -> httpx.Response:
        """Return the answer of a request that succeeded (2xx or 304).

        Raises:
            ApiProblem: the gateway refused.
            GatewayUnreachable: no answer after all tries.
            UnexpectedAnswer: an error that is no problem+json.
        """  # fmt: skip
        request = self._client.build_request(
            method, path, headers=headers, content=content, json=json, params=params,
            timeout=httpx.Timeout(timeout_s, connect=5.0),
        )  # fmt: skip
        last = self._patience.attempts - 1
        for attempt in range(last + 1):
            try:
                answer = self._client.send(request)
            except httpx.TransportError as error:
                if attempt == last:
                    raise GatewayUnreachable(type(error).__name__) from error
                self._rest(attempt, None)
                continue
            if answer.status_code not in _TRY_AGAIN or attempt == last:
                return _accepted(answer)
            self._rest(attempt, answer.headers.get("Retry-After"))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _rest(self, attempt: int, retry_after: str | None) -> None:
        asked_s = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        self._sleep(max(asked_s, self._patience.pause_s(attempt, self._rng)))


def _accepted(answer: httpx.Response) -> httpx.Response:
    if answer.is_success or answer.status_code == httpx.codes.NOT_MODIFIED:
        return answer
    if answer.request.method == "HEAD":  # has no body to explain itself
        raise ApiProblem("refused", answer.status_code, "", {})
    if answer.headers.get("Content-Type") != "application/problem+json":
        raise UnexpectedAnswer(f"{answer.status_code} without a problem")
    members = answer.json()
    raise ApiProblem(members["code"], answer.status_code, members["title"], members)
