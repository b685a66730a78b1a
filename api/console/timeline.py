"""What happened to a case, as lines that a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.audit import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line. `detail` is a code or a number of the event, "" where its kind says everything."""

    at: datetime
    actor: str
    kind: str
    detail: str
    is_verdict: bool


def moments(events: Sequence[Event], names: Mapping[str, str]) -> tuple[Moment, ...]:
    """Return what happened, in order."""
    return tuple(
        Moment(
            at=event.at,
            actor=actor_name(event.actor, names),
            kind=event.kind,
            detail=_detail(event),
            is_verdict=event.kind in ("case_decided", "review_recorded"),
        )
        for event in events
    )


def actor_name(actor: str, names: Mapping[str, str]) -> str:
    """Return a person's name for their actor, any other actor as it stands in the record."""
    return names.get(actor, actor)


#: What of an event's payload a line shows.
_SAID = {
    "evidence_received": "kind",
    "stage_done": "stage",
    "stage_dead": "stage",
    "stage_failed": "stage",
    "stage_requeued": "stage",
    "case_status": "to",
    "case_decided": "outcome",
    "review_recorded": "event",
    "consent_given": "purpose",
    "consent_withdrawn": "purpose",
}


def _detail(event: Event) -> str:
    return str(event.payload.get(_SAID.get(event.kind, ""), ""))
