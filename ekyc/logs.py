"""Logging of every process: one JSON object a line on stderr, so that any collector can read it."""

from __future__ import annotations

import logging
import sys

import structlog

#: Libraries that log a line for each bell, request or migration; what was done is logged by our own code.
CHATTERS = ("celery.worker.strategy", "celery.app.trace", "httpx", "alembic.runtime.migration")


def configure_logging(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's loggers through one JSON formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    for chatter in CHATTERS:
        logging.getLogger(chatter).setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
