"""The case at the desk as a step machine: an event in, a new state and what is to be done out. Pure: no Qt, no I/O.

How a window drives it (`desk.py` does the bookkeeping; the headless client is driven the same way):

    with open_desk(folder, on_turn=...) as desk:            the spool, and threads that send; `on_turn` is told of turns
    case = desk.begin(gateway=..., idempotency_key=...)     -> Started
    case.tell(ConsentGiven(receipt=...))
    case.capture(EvidenceKind.CARD_FRONT, jpeg, origin=...) sealed on disk first, then -> Captured
    case.tell(StepChosen(step=next_step(case.flow)))        "next", "back" and the rail alike
    case.tell(ChallengeWanted(exclude=()))                  -> later case.flow.challenge is set: count down and film
    case.capture(EvidenceKind.CLIP, mp4, origin=...)        within its time, by `challenge.ends_at`
    case.tell(SubmitChosen(at=...))

and after every event, its own or the gateway's, it draws `case.flow` again:

- `flow.step` is the page, `reachable(flow)` the rail, `next_step(flow)` whether "next" is enabled, `is_done` the ticks.
  A capture does not go on by itself: the operator looks at it and chooses "next", or captures again.
- `values`, `flow.reading`, `flow.edits`, `missing_fields` are the fields beside the card, from the step `fields` on:
  while `flow.reading` is None they are still being read, and the face goes on meanwhile; handing in is not open before
  the ID number and the birth date are there. Edits (`FieldEdited`) are taken on any page until then.
- `flow.notice` is what the operator must be told (a code of `captions.py`), `flow.guidance` the gateway's words for the
  customer, `flow.held` why nothing is being sent.
- Going back voids nothing. Capturing again voids what was made of the former: a side of the card voids what was read
  and every edit, a new challenge the clip. A retake by the gateway opens exactly the steps it names, and review.
- A challenge has to be answered in time; the gateway is the judge of that. `ChallengeVoid` comes when it refused the
  clip; the window tells it itself (code `challenge_expired`) when the count-down ends without one. Then the customer is
  asked again.

Nothing here judges a face, a card or a case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from capture_client import events as e
from capture_client import gateway_turns as gateway
from capture_client import operator_turns as operator
from capture_client.desk_values import Step
from capture_client.events import FlowEvent, GatewayEvent
from capture_client.flow_state import (
    Flow,
    digests,
    first_undone,
    is_done,
    is_over,
    may_forget,
    missing_fields,
    next_step,
    reachable,
    takes_evidence,
    values,
)
from capture_client.operator_turns import NotNow

__all__ = [
    "Command", "Erase", "Film", "Flow", "Forget", "NotNow", "Send", "Step", "StopFilm", "Turn", "advance", "digests",
    "first_undone", "is_done", "is_over", "may_forget", "missing_fields", "next_step", "reachable", "replay",
    "takes_evidence", "values",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """There may be something to send, or to ask the gateway for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """The spool need not keep these bytes any more."""

    sha256s: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A challenge is there: show its actions and record."""

    challenge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopFilm:
    """The challenge that was being recorded is void."""

    challenge_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """The spool may be wiped of the case."""


Command = Send | Erase | Film | StopFilm | Forget


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The state after an event, and what is to be done about it."""

    flow: Flow
    commands: tuple[Command, ...] = ()


_TURNS: Mapping[type, Callable[[Flow, Any], Flow]] = {
    e.Started: operator.start,
    e.ConsentGiven: operator.give_consent,
    e.StepChosen: operator.choose_step,
    e.Captured: operator.capture,
    e.BackSkipped: operator.skip_back,
    e.FieldEdited: operator.edit_field,
    e.ChallengeWanted: operator.want_challenge,
    e.SubmitChosen: operator.choose_submit,
    e.Abandoned: operator.abandon,
    e.CaseOpened: gateway.case_opened,
    e.ConsentArrived: gateway.consent_arrived,
    e.EvidenceArrived: gateway.evidence_arrived,
    e.EvidenceRefused: gateway.evidence_refused,
    e.FieldsRead: gateway.fields_read,
    e.EditsArrived: gateway.edits_arrived,
    e.ChallengeIssued: gateway.challenge_issued,
    e.ChallengeRefused: gateway.challenge_refused,
    e.ChallengeVoid: gateway.challenge_void,
    e.SubmitArrived: gateway.submit_arrived,
    e.SubmitRefused: gateway.submit_refused,
    e.CaseTold: gateway.case_told,
    e.CaseLost: gateway.case_lost,
    e.Held: gateway.held,
}


def advance(flow: Flow, event: FlowEvent) -> Turn:
    """Return the state after an event, and what is to be done about it.

    Raises:
        NotNow: a step of the operator that is not open; the state stays as it was.
    """
    after = _TURNS[type(event)](flow, event)
    if isinstance(event, GatewayEvent):
        after = _standing_somewhere(after)
        after = after if isinstance(event, e.Held) else replace(after, held=None)
    return Turn(flow=after, commands=tuple(_commands(flow, after)))


def replay(events: list[FlowEvent]) -> Flow:
    """Return the state after all events of a journal."""
    flow = Flow()
    for event in events:
        flow = advance(flow, event).flow
    return flow


def _standing_somewhere(flow: Flow) -> Flow:
    """The gateway's word can close the operator's step; then there is another one with something to do."""
    return flow if flow.step in reachable(flow) else replace(flow, step=first_undone(flow))


def _commands(before: Flow, after: Flow) -> list[Command]:
    commands: list[Command] = []
    was, now = before.challenge, after.challenge
    if was and (now is None or now.id != was.id):
        commands.append(StopFilm(challenge_id=was.id))
    if now and (was is None or now.id != was.id):
        commands.append(Film(challenge_id=now.id))
    if gone := digests(before) - digests(after):
        commands.append(Erase(sha256s=gone))
    if may_forget(after):
        commands.append(Forget())
    elif replace(after, held=None) != replace(before, held=None):
        commands.append(Send())
    return commands
