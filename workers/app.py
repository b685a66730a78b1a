"""The Celery app: a bell that says "look", never the work itself; every setting was tested with kill -9.

The work is a row in Postgres (store/queue.py), so a message may be lost, doubled or late without harm.
"""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from functools import cache

from billiard.process import current_process  # type: ignore[import-untyped]
from celery import Celery, signals
from celery.apps.worker import Worker
from celery.platforms import SecurityWarning

from pipeline.errors import EngineError
from pipeline.stages import QUEUES
from workers.desk import Desk
from workers.settings import WorkerSettings
from workers.tasks import register

#: A child loads and warms its models before it reports that it is up. With Celery's default of 4 s a worker whose
#: child crashed once would kill every later child while it loads.
CHILD_START_TIMEOUT_S = 180
#: What a pipe takes at once.
PIPE_BYTES = 4096


def make_app(broker_url: str, settings: WorkerSettings) -> Celery:
    """Return the app with the settings of a bell: late, unsaved, one at a time, JSON only."""
    app = Celery("ekyc", broker=broker_url, set_as_current=False)
    app.conf.update(
        # A message survives the child that took it (kill -9: again after 1 s)...
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # ...but not an exception: that is counted in the row, and the sweeper rings again.
        task_acks_on_failure_or_timeout=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
        task_time_limit=settings.hard_limit_s,
        task_soft_time_limit=settings.soft_limit_s,
        task_create_missing_queues=True,
        worker_proc_alive_timeout=CHILD_START_TIMEOUT_S,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": settings.visibility_timeout_s,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
    )
    return app


def run_worker(
    broker_url: str,
    settings: WorkerSettings,
    queue: str,
    open_desk: Callable[[int], Desk],
    *,
    concurrency: int = 1,
) -> int:
    """Serve one queue until SIGTERM (which lets the running task finish); return the exit code.

    Prefork, because only there a hard time limit holds and a crash takes nothing along but the child. `open_desk`
    runs in each child, after the fork: CUDA must not be touched before, and the parent stays small.

    Args:
        broker_url: where the bells come from.
        settings: limits.
        queue: one of the values of `pipeline.stages.QUEUES`.
        open_desk: opens store and engine of a child, given its number among its siblings.
        concurrency: children; 1 for a queue with models.

    Raises:
        EngineError: a child could not open its desk (weights missing, altered, without Vietnamese letters...).
    """
    app = make_app(broker_url, settings)
    desk = cache(lambda: open_desk(current_process().index))
    register(app, [stage for stage, name in QUEUES.items() if name == queue], desk)
    complaints, complain = os.pipe()
    os.set_blocking(complaints, False)

    def child_started(**_: object) -> None:
        try:
            desk()
        except Exception as error:
            # A worker without its models would answer bells in vain: it ends, and whoever started it sees why.
            os.write(complain, f"{type(error).__name__}: {error}".encode()[:PIPE_BYTES])
            os.kill(os.getppid(), signal.SIGTERM)
            raise

    def child_stops(**_: object) -> None:
        desk().close()

    signals.setup_logging.connect(_keep_logging, weak=False)
    signals.worker_process_init.connect(child_started, weak=False)
    signals.worker_process_shutdown.connect(child_stops, weak=False)
    # Root in a container is meant; without pickle there is nothing to fear from the broker's messages.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    worker = Worker(
        app=app, queues=[queue], hostname=f"{queue}@{settings.worker_name}", pool_cls="prefork",
        concurrency=concurrency, loglevel="INFO", quiet=True,
        without_gossip=True, without_mingle=True, without_heartbeat=True,
    )  # fmt: skip
    worker.start()
    _raise_complaint(complaints)
    return int(worker.exitcode or 0)


def _raise_complaint(complaints: int) -> None:
    try:
        complaint = os.read(complaints, PIPE_BYTES).decode(errors="replace")
    except BlockingIOError:
        return
    raise EngineError(f"the worker cannot start: {complaint}")


def _keep_logging(**_: object) -> None:
    """Having a receiver is what tells Celery to leave logging as the command line set it."""
