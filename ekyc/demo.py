"""`ekyc demo`: the main job end to end. Evidence goes through the HTTP API as from any client; real engines judge it.

Pictures are drawn while models load, and all cases run at once. A clip can only be made once the server has drawn the
challenge, and is another one in every run: a clip that was seen before is an attack.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
from rich.console import Console
from rich.live import Live

from capture_client.api_client import SETTLED, CaptureApi
from ekyc.demo_cases import EXPECTATIONS, as_expected
from ekyc.demo_drawing import Drawer, drawing
from ekyc.demo_screen import CaseProgress, case_object, live_table, show_verdicts
from ekyc.home import Home
from ekyc.up import System, people_of, running_system, tend, wait_for_gateway
from pipeline.case import CaseStatus
from pipeline.reasons import ReasonCode
from pipeline.stages import EvidenceKind
from specimen.bundle import SCENARIOS

FRAMES_PER_S = 4
POLL_EVERY_S = 0.7
CASE_TIMEOUT_S = 300.0
#: What the references of its cases begin with.
REFERENCE = "demo-"


def run_demo(home: Home, *, port: int, as_json: bool, console: Console) -> bool:
    """Run all cases and show their verdicts; return whether every one is as expected."""
    cases = [CaseProgress(name=e.scenario, title=SCENARIOS[e.scenario].title) for e in EXPECTATIONS]
    began_s = time.monotonic()
    screen = Console(quiet=True) if as_json else console
    with (
        drawing([case.name for case in cases]) as drawer,
        running_system(home, port=port, progress=screen.print) as system,
    ):
        wait_for_gateway(system)
        erase_earlier(system)
        for case in cases:
            # Daemons: an interrupted demo does not wait for them.
            threading.Thread(target=capture, args=(system, case, drawer), daemon=True).start()
        watch(system, cases, screen)
    if as_json:
        for case in cases:
            console.print(json.dumps(case_object(case), ensure_ascii=False), soft_wrap=True)
    else:
        show_verdicts(console, cases, _where_to_look(system, time.monotonic() - began_s))
    return all(case.right for case in cases)


def erase_earlier(system: System) -> None:
    """Erase the ended cases of earlier runs: their card would rightly be held against the same card now."""
    with (
        _client(system, "backoffice") as staff,
        _client(system, "admin") as admin,
    ):
        asked = {"status": "approved,rejected"}
        while asked:
            page = staff.get("/cases", params=asked).raise_for_status().json()
            for row in page["cases"]:
                if (row["reference"] or "").startswith(REFERENCE):
                    admin.delete(f"/cases/{row['id']}").raise_for_status()
            cursor = page["next_cursor"]
            asked = {**asked, "cursor": cursor} if cursor else {}


def _client(system: System, scope: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {system.keys[scope]}"}
    return httpx.Client(base_url=f"{system.url}/v1", headers=headers, timeout=20)


def capture(system: System, case: CaseProgress, drawer: Drawer) -> None:
    """Do what a capture client does: open a case, send pictures, perform the challenge, submit."""
    case.began_s = time.monotonic()
    try:
        with CaptureApi(system.url, system.keys["capture"]) as api:
            case.step = "taking photos"
            stills = drawer.stills(case.name)
            case_id = api.create_case(reference=f"{REFERENCE}{case.name}").id
            case.case_id, case.step = str(case_id), "sending pictures"
            for kind, data in stills.items():
                api.put_evidence(case_id, kind, data)
            case.step = "filming"
            challenge = api.request_challenge(case_id)
            # A new seed every time: the same clip twice would rightly be taken for a replay.
            clip = drawer.clip(case.name, secrets.randbits(32), challenge.as_steps())
            case.step = "sending the clip"
            api.upload_clip(case_id, clip, nonce=challenge.nonce)
            api.submit(case_id)
            case.step = "submitted"
    except Exception as error:  # shown as the case's outcome: the others go on
        case.error = f"{type(error).__name__}: {error}"


def watch(system: System, cases: Sequence[CaseProgress], screen: Console) -> None:
    """Follow all cases until each is settled, has failed, or took too long.

    Raises:
        NotReady: a worker cannot start: no case would ever be decided.
    """
    with (
        _client(system, "backoffice") as staff,
        Live(console=screen, refresh_per_second=FRAMES_PER_S, transient=True) as live,
    ):
        while open_cases := [c for c in cases if c.right is None]:
            tend(system)
            for case in open_cases:
                follow(staff, case)
            live.update(live_table(cases, "judging", time.monotonic()))
            time.sleep(POLL_EVERY_S)


def follow(staff: httpx.Client, case: CaseProgress) -> None:
    """Take note of where one case stands."""
    late = case.began_s is not None and time.monotonic() - case.began_s > CASE_TIMEOUT_S
    if late and not case.error:
        case.error = f"not decided in {CASE_TIMEOUT_S:.0f} s"
    if case.error:
        case.right, case.ended_s = False, time.monotonic()
    elif case.case_id:
        note_answer(case, staff.get(f"/cases/{case.case_id}").raise_for_status().json())


def note_answer(case: CaseProgress, answer: dict[str, Any]) -> None:
    """Take over what the gateway says about a case, and judge it once it is settled."""
    case.status = CaseStatus(answer["status"])
    case.stages = {row["stage"]: row["status"] for row in answer["stages"]}
    if case.status not in SETTLED or not answer.get("verdict"):
        return
    verdict = answer["verdict"]
    expectation = next(e for e in EXPECTATIONS if e.scenario == case.name)
    case.answer, case.ended_s, case.step = answer, time.monotonic(), "answered"
    case.right = as_expected(
        expectation,
        case.status,
        [ReasonCode(reason["code"]) for reason in verdict["reasons"]],
        [EvidenceKind(kind) for kind in verdict["retake"]],
    )


def _where_to_look(system: System, took_s: float) -> str:
    home = system.home
    return (
        f"all in {took_s:.0f} s. The cases are kept in {home.root}:\n"
        f"  ekyc up --home {home.root}   keeps the system running; its console at {system.url}/console/ "
        f"shows them to\n{people_of(system)}\n"
        f"  {home.logs}   one log a process"
    )
