"""What happened to a case, as lines that a person reads: the events of the record, looks gathered by person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from store.audit import Event

#: Events in which somebody looked at a person's data.
LOOKS = frozenset(
    {
        "case_viewed", "evidence_viewed", "picture_viewed", "fields_viewed", "case_exported", "case_packaged",
        "timeline_viewed", "subject_exported",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line. `detail` is a code or a number of the event, "" where its kind says everything."""

    at: datetime
    actor: str
    kind: str
    detail: str
    is_verdict: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How often somebody looked at the case, and when for the last time."""

    actor: str
    count: int
    last_at: datetime


def moments(events: Sequence[Event], names: Mapping[str, str]) -> tuple[Moment, ...]:
    """Return everything but looks, in order."""
    return tuple(
        Moment(
            at=event.at,
            actor=actor_name(event.actor, names),
            kind=event.kind,
            detail=_detail(event),
            is_verdict=event.kind in ("case_decided", "review_recorded"),
        )
        for event in events
        if event.kind not in LOOKS
    )


def looks(events: Sequence[Event], names: Mapping[str, str]) -> tuple[Looks, ...]:
    """Return who looked, whoever was last first."""
    by_actor: dict[str, list[datetime]] = {}
    for event in events:
        if event.kind in LOOKS:
            by_actor.setdefault(event.actor, []).append(event.at)
    found = [
        Looks(actor=actor_name(actor, names), count=len(times), last_at=max(times))
        for actor, times in by_actor.items()
    ]
    return tuple(sorted(found, key=lambda look: look.last_at, reverse=True))


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
