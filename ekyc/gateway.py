"""The gateway process: gunicorn with the project's own configuration."""

from __future__ import annotations

import os
import sys


def gunicorn_command(*, host: str, port: int, workers: int, threads: int) -> list[str]:
    """Return the command line of the gateway's server."""
    return [
        sys.executable, "-m", "gunicorn", "--config", "python:api.gunicorn_conf",
        "--bind", f"{host}:{port}", "--workers", str(workers), "--threads", str(threads),
        "api:create_app()",
    ]  # fmt: skip


def serve(*, host: str, port: int, workers: int, threads: int) -> None:
    """Become the gateway: same process, so whoever supervises it supervises gunicorn."""
    command = gunicorn_command(host=host, port=port, workers=workers, threads=threads)
    os.execv(command[0], command)
