"""Carries cases to the gateway, one call at a time, and rests when the line or the gateway does not answer.

The glossary's *courier* delivers webhooks at the gateway's side; this one goes the other way.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from capture_client.api_client import CHUNK_BYTES, CaptureApi
from capture_client.calls import Line, call_gateway
from capture_client.desk_case import DeskCase
from capture_client.due import Call, next_call
from capture_client.events import GatewayEvent, Held
from capture_client.problems import (
    ApiProblem,
    CaptureError,
    DeskProblem,
    DiskFull,
    GatewayUnreachable,
    UnexpectedAnswer,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Between calls of one case: after a failure they double, half of each is chance; looks get rarer more slowly."""

    first_s: float = 1.0
    longest_s: float = 60.0
    look_s: float = 0.5
    look_growth: float = 1.4
    longest_look_s: float = 4.0
    longest_unattended_look_s: float = 30.0


#: A line that is cut sooner than this carries nothing at all.
_SMALLEST_CHUNK_BYTES = 62_500


@dataclass(slots=True)
class _Patience:
    """How often in a row a case failed or was only looked at; and how often its chunks were halved."""

    failures: int = 0
    looks: int = 0
    halvings: int = 0

    def chunk_bytes(self) -> int:
        return max(_SMALLEST_CHUNK_BYTES, CHUNK_BYTES >> self.halvings)

    def progressed(self, _share: float) -> None:
        """Something arrived: the line is there, and the next try comes soon."""
        self.failures = 0


@dataclass(slots=True)
class Forwarder:
    """Makes the calls that are due. `connect` returns the client for a gateway's address.

    Raises nothing: what keeps a case is an event (`Held`), or `trouble` when not even that can be written.
    """

    connect: Callable[[str], CaptureApi]
    now: Callable[[], datetime]
    rng: random.Random
    pauses: Pauses = field(default_factory=Pauses)
    #: Cases of which nothing can be noted, by their id: a code.
    trouble: dict[str, str] = field(default_factory=dict)
    _patience: dict[str, _Patience] = field(default_factory=dict)

    def forward(self, case: DeskCase, *, is_attended: bool) -> float | None:
        """Make the next call of a case; return the seconds until one may follow, None when it waits for a person."""
        call = next_call(case.flow, is_attended=is_attended)
        if call is None:
            self._patience.pop(case.id, None)
            return None
        patience = self._patience.setdefault(case.id, _Patience())
        try:
            event = self._made(case, call, patience)
            is_news = _told(case, event)
        except DiskFull as full:
            self.trouble[case.id] = full.code
            return self._rest_s(patience)
        self.trouble.pop(case.id, None)
        if isinstance(event, Held) or (call is not Call.LOOK and not is_news):
            return self._rest_s(patience)
        patience.failures, patience.halvings = 0, max(0, patience.halvings - 1)
        patience.looks = 0 if is_news or call is not Call.LOOK else patience.looks + 1
        return self._look_s(patience, is_attended=is_attended) if call is Call.LOOK else 0.0

    def _made(self, case: DeskCase, call: Call, patience: _Patience) -> GatewayEvent:
        now = self.now()
        assert case.flow.started is not None
        try:
            line = Line(
                api=self.connect(case.flow.started.gateway), now=now,
                chunk_bytes=patience.chunk_bytes(), on_progress=patience.progressed,
            )  # fmt: skip
            return call_gateway(line, case, call)
        except DeskProblem as problem:
            return Held(code=problem.code, at=now)
        except CaptureError as error:
            return Held(code=code_of(error), at=now)

    def _rest_s(self, patience: _Patience) -> float:
        full_s = min(self.pauses.longest_s, self.pauses.first_s * 2.0 ** min(patience.failures, 16))
        patience.failures += 1
        patience.halvings = min(patience.halvings + 1, 8)
        return full_s * (0.5 + self.rng.random() / 2)

    def _look_s(self, patience: _Patience, *, is_attended: bool) -> float:
        pauses = self.pauses
        longest_s = pauses.longest_look_s if is_attended else pauses.longest_unattended_look_s
        return min(longest_s, pauses.look_s * pauses.look_growth ** min(patience.looks, 32))


def _told(case: DeskCase, event: GatewayEvent) -> bool:
    before = case.flow
    return case.tell(event).flow != before


def code_of(error: CaptureError) -> str:
    """Return why nothing goes on, as a code of `captions.py`; a refusal that is not foreseen keeps the gateway's."""
    if isinstance(error, GatewayUnreachable):
        return "unreachable"
    if isinstance(error, ApiProblem) and error.status < 500 and error.status != 429:
        return error.code
    return "busy" if isinstance(error, ApiProblem | UnexpectedAnswer) else "unreachable"
