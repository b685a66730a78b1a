"""The doorbell: a message says "look at stage X", nothing more. The rows are the work; a lost bell is rung again.

The only place that knows what a message looks like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import structlog
from celery import Celery

from pipeline.stages import QUEUES, Stage

log = structlog.get_logger(__name__)

Bell = tuple[Stage, UUID]

#: Nobody may wait for a broker that is away: the sweeper rings again.
CONNECT_TIMEOUT_S = 1.0
ANSWER_TIMEOUT_S = 1.0


def task_name(stage: Stage) -> str:
    """Return the name of the task that answers the bell of a stage."""
    return f"ekyc.{stage}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorbell:
    """Sends bells to the broker."""

    producer: Celery

    def ring(self, bells: Iterable[Bell]) -> None:
        """Ring; a bell that cannot be rung is logged and left to the sweeper."""
        for stage, case_id in bells:
            try:
                self.producer.send_task(
                    task_name(stage), (str(case_id),), queue=QUEUES[stage], retry=False,
                    ignore_result=True,
                )  # fmt: skip
            except Exception as error:  # kombu raises whatever its transport raises
                log.warning(
                    "bell_lost", stage=str(stage), case_id=str(case_id), error=type(error).__name__
                )

    def answers(self) -> bool:
        """Whether the broker can be reached."""
        try:
            with self.producer.connection_for_write() as connection:
                connection.ensure_connection(
                    max_retries=1, interval_start=0, timeout=ANSWER_TIMEOUT_S
                )
        except Exception:
            return False
        return True


def ring(doorbell: Doorbell, bells: Iterable[Bell]) -> None:
    """Ring the bells of stages that became pending, after the commit."""
    doorbell.ring(bells)


def make_producer(broker_url: str) -> Doorbell:
    """Return a doorbell at this broker; it connects at the first ring."""
    app = Celery("ekyc-doorbell", broker=broker_url, set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        broker_connection_timeout=CONNECT_TIMEOUT_S,
        broker_transport_options={
            "socket_connect_timeout": CONNECT_TIMEOUT_S,
            "socket_timeout": CONNECT_TIMEOUT_S,
            "queue_order_strategy": "priority",
        },
    )
    return Doorbell(producer=app)
