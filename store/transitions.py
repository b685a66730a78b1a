"""Status changes as SQL parameters, taken from the one table of `pipeline.case`.

A statement that changes a status says `status = ANY(:sources)` and `:target`, never a status by name.
"""

from __future__ import annotations

from functools import cache

from pipeline.case import TRANSITIONS, CaseEvent


@cache
def sources_and_target(event: CaseEvent) -> tuple[list[str], str]:
    """Return the statuses in which an event can happen, and the one that follows.

    Raises:
        ValueError: the event leads to different statuses; one statement could not say which.
    """
    rows = [(source, target) for (source, e), target in TRANSITIONS.items() if e is event]
    targets = {target for _, target in rows}
    if len(targets) != 1:
        raise ValueError(f"{event} leads to {len(targets)} statuses")
    return [str(source) for source, _ in rows], str(targets.pop())


def parameters(event: CaseEvent) -> dict[str, object]:
    """Return `sources` and `target` for a statement."""
    sources, target = sources_and_target(event)
    return {"sources": sources, "target": target}
