"""Health: who works, how much waits and since when, and what failed for good, to be started again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from api.console.pages import ADMIN, Answer, Refusal, SentTo, Shown, page
from api.console.visits import Visit
from api.requests import Asked, Done
from pipeline.case import CaseStatus
from pipeline.stages import QUEUES, Stage
from store import queue
from store.dead_stages import list_dead
from store.gauges import ALIVE_S, Gauges, read_gauges
from store.heartbeats import WorkerView, list_workers


class DeadStageForm(Asked):
    """Which stage to start again."""

    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class StageHealth:
    """How one stage's queue stands; `mean_s` is the mean work of those that are done, None before the first."""

    stage: Stage
    pending: int
    running: int
    dead: int
    oldest_s: float | None
    mean_s: float | None
    workers: int


def _shown(visit: Visit, **context: object) -> Shown:
    gauges, shown = read_gauges(visit.store), {"refusal": None, "done": None, **context}
    return Shown(
        "health.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if shown["refusal"] else HTTPStatus.OK,
        stages=[_stage(gauges, stage) for stage in Stage],
        workers=[(worker, _is_alive(worker)) for worker in list_workers(visit.store)],
        dead=list_dead(visit.store),
        gauges=gauges,
        statuses=tuple(CaseStatus),
        broker=visit.gateway.doorbell.answers(),
        **shown,
    )


@page("GET", "/health", scopes=ADMIN)
def show_health(visit: Visit, query: Done) -> Shown:
    """Workers, queues and dead stages, as the database knows them."""
    return _shown(visit, done=query.done)


def _again(visit: Visit, refusal: Refusal) -> Shown:
    return _shown(visit, refusal=refusal)


@page("POST", "/cases/{case_id}/requeue", scopes=ADMIN, refused=_again)
def requeue_stage(visit: Visit, case_id: UUID, form: DeadStageForm) -> Answer:
    """Start a dead stage again, with its attempts counted anew."""
    bells = queue.requeue(visit.store, case_id, form.stage, actor=visit.caller.actor)
    visit.gateway.doorbell.ring(bells)
    return SentTo("/health?done=stage_requeued")


def _stage(gauges: Gauges, stage: Stage) -> StageHealth:
    took = gauges.tallies.stage_seconds.get(stage)
    return StageHealth(
        stage=stage,
        pending=gauges.stages.get((stage, "pending"), 0),
        running=gauges.stages.get((stage, "running"), 0),
        dead=gauges.stages.get((stage, "dead"), 0),
        oldest_s=gauges.oldest_pending_s.get(stage),
        mean_s=took.sum_s / took.count if took else None,
        workers=sum(
            number for (name, _), number in gauges.workers_alive.items() if name == QUEUES[stage]
        ),
    )


def _is_alive(worker: WorkerView) -> bool:
    return (datetime.now(UTC) - worker.last_seen).total_seconds() <= ALIVE_S
