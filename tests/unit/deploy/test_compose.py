"""docker-compose.yml and Dockerfile name only what exists. No Docker engine is needed.

`compose_spec.json` is the Compose specification's schema as shipped by docker-compose 1.29.2 (Apache-2.0).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
import yaml
from typer.testing import CliRunner

from ekyc.cli import app
from pipeline.stages import QUEUES
from workers.settings import WorkerSettings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {
    name: service for name, service in SERVICES.items() if service.get("command", [""])[0] == "ekyc"
}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_compose_file_follows_the_specification() -> None:
    schema = json.loads((Path(__file__).parent / "compose_spec.json").read_text())
    jsonschema.validate(COMPOSE, schema, cls=jsonschema.Draft7Validator)


def test_there_is_a_worker_for_every_queue() -> None:
    served = {
        service["command"][2] for service in OURS.values() if service["command"][1] == "worker"
    }
    assert served == set(QUEUES.values())


def commands() -> list[list[str]]:
    checks = [s["healthcheck"]["test"][1:] for s in OURS.values() if "healthcheck" in s]
    shell = [json.loads(m) for m in re.findall(r"CMD (\[.*\])", DOCKERFILE)]
    return [[str(w) for w in c] for c in [*(s["command"] for s in OURS.values()), *checks, *shell]]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_is_one_that_ekyc_knows(command: list[str]) -> None:
    """Parse the very words, up to the point where the command would run."""
    assert command[0] == "ekyc"
    group = typer.main.get_command(app)
    context = group.make_context("ekyc", list(command[1:]), resilient_parsing=False)
    words = list(command[1:])
    while hasattr(group, "get_command"):
        found = group.get_command(context, words[0])
        assert found is not None, words
        group, words = found, words[1:]
        context = group.make_context(found.name, list(words), parent=context)
    assert CliRunner().invoke(app, [*command[1:2], "--help"]).exit_code == 0


def test_dockerfile_copies_only_what_exists() -> None:
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source


def test_every_build_target_exists_and_no_image_runs_as_root() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE, re.MULTILINE))
    wanted = {s["build"]["target"] for s in SERVICES.values() if "build" in s}
    assert wanted <= targets
    for target in ("gateway", "worker"):
        body = DOCKERFILE.split(f"AS {target}\n")[1].split("\nFROM ")[0]
        assert "USER 10001" in body


def test_a_warm_shutdown_outlasts_the_slowest_stage() -> None:
    hard_limit_s = WorkerSettings().hard_limit_s
    for name, service in OURS.items():
        if service["command"][1] == "worker":
            grace_s = int(service["stop_grace_period"].removesuffix("s"))
            assert grace_s > hard_limit_s, name
