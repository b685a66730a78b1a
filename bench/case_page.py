"""Server time of the page on which a case is decided, with 10,000 other cases in the database.

The case has a whole set of findings, a trace and pictures; each look is noted in the audit chain, as it must be.

Run: python -m bench.case_page [--cases 10000] [--rounds 200]
(from the repository root; it starts its own servers)
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from pydantic import SecretStr

from api import create_app
from api.settings import GatewaySettings
from bench.console import PASSWORD, page_times, sign_in
from bench.console_cases import seed_cases
from ekyc import embedded
from store.database import open_store
from store.migrate import upgrade
from store.users import Role, create_user
from tests.integration.api.console.judged import judged_case

NAME = "bench-case"


def main() -> None:
    """Measure and print one JSON object."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ekyc-bench-")))
        servers = stack.enter_context(embedded.running(folder / "servers", tied=True))
        settings = GatewaySettings(
            database_url=servers.database_url, broker_url=servers.broker_url,
            blob_url=folder.as_uri(), kek=SecretStr(base64.b64encode(os.urandom(32)).decode()),
            rate_limit="1000000/minute", log_level="ERROR",
        )  # fmt: skip
        upgrade(settings.database_url)
        seed_cases(settings.database_url.replace("postgresql+psycopg", "postgresql"), options.cases)
        sys.stdout.write(json.dumps(measure(settings, options.rounds), indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=200, help="requests of each page")
    return parser.parse_args()


def measure(settings: GatewaySettings, rounds: int) -> dict[str, dict[str, float]]:
    """Return times of the page and of one of its pictures."""
    store, reviewer = open_store(settings), create_app(settings).test_client()
    create_user(store, name=NAME, role=Role.REVIEWER, branch=None, password=PASSWORD, actor="bench")
    sign_in(reviewer, NAME)
    path = f"/console/cases/{judged_case(store)}"
    return {
        "case, in review": page_times(reviewer, path, rounds),
        "case, one picture": page_times(reviewer, f"{path}/pictures/portrait", rounds),
    }


if __name__ == "__main__":
    main()
