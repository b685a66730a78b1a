"""A branch officer puts a case through the window, by keyboard alone, to a verdict of the real engines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from capture_client.api_client import CaptureApi
from ekyc.home import open_home
from ekyc.up import System, running_system, wait_ready
from pipeline.case import CaseStatus
from pipeline.challenge import ChallengeStep
from pipeline.stages import EvidenceKind
from specimen.bundle import SCENARIOS, card_and_selfie, clip
from store.cases import get_case, list_cases
from tests.e2e.window_driver import (
    Person,
    capture_window,
    missing_programs,
    virtual_screen,
    wait_until,
)

pytest.importorskip(
    "PySide6.QtWidgets",
    reason="Qt cannot be loaded: pip install ekyc[client]; a bare Linux also needs libegl1 and libxkbcommon0",
    exc_type=ImportError,
)
pytestmark = pytest.mark.skipif(
    bool(missing_programs()), reason=f"no screen to show a window on: {missing_programs()} missing"
)

GENUINE = SCENARIOS["genuine"]
SEED = 1


@pytest.fixture
def system(environment: dict[str, str], tmp_path: Path) -> Iterator[System]:
    """The real thing: gateway, workers with the real engines, sweeper."""
    with ExitStack() as stack:
        system = stack.enter_context(running_system(open_home(tmp_path / "home"), environment={}))
        wait_ready(system, timeout_s=150)
        yield system


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """A folder as the camera: card and face lie before it, the clip comes later."""
    folder = tmp_path / "camera"
    folder.mkdir()
    stills = card_and_selfie(GENUINE, SEED, datetime.now(UTC).date())
    for kind, data in stills.by_kind().items():
        (folder / f"{kind}.jpg").write_bytes(data)
    return folder


def test_an_officer_finishes_a_case_by_keyboard(
    system: System, camera: Path, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    with (
        virtual_screen() as display,
        capture_window(display, spool=spool, source=camera, gateway=system.url) as person,
        CaptureApi(system.url, system.keys["capture"]) as api,
    ):
        sign_in_and_consent(person, system)
        capture_card_and_face(person)
        case_id = only_case(system)
        perform(person, system, case_id, camera)
        person.await_title("Kiểm tra và gửi", press="ctrl+Return")
        person.await_title("Kết quả", press="ctrl+Return")
        state = api.wait_for_status(case_id, timeout_s=90)
    assert state.status is CaseStatus.APPROVED
    assert {one.kind for one in state.evidence} == set(EvidenceKind) - {EvidenceKind.CHIP}


def sign_in_and_consent(person: Person, system: System) -> None:
    person.await_title("Đăng nhập")
    person.type(system.keys["capture"])
    person.keys("Return")
    person.await_title("Đồng ý")
    person.keys("space", "Tab", "space", "ctrl+Return")


def capture_card_and_face(person: Person) -> None:
    """Each picture is taken by itself; "go on" works once it is."""
    person.await_title("Mặt trước thẻ")
    person.await_title("Mặt sau thẻ", press="ctrl+Return")
    person.await_title("Thông tin trên thẻ", press="ctrl+Return")
    person.await_title("Ảnh khuôn mặt", press="ctrl+Return")
    person.await_title("Động tác xác thực", press="ctrl+Return")


def perform(person: Person, system: System, case_id: UUID, camera: Path) -> None:
    """Ask for the actions, be the one who performs them, and record."""
    person.keys("Return")
    wait_until(lambda: bool(actions_of(system, case_id)), 60, what="a challenge")
    (camera / "clip.mp4").write_bytes(clip(GENUINE, SEED, actions_of(system, case_id)))
    person.keys("space")


def actions_of(system: System, case_id: UUID) -> tuple[ChallengeStep, ...]:
    challenge = get_case(system.store, case_id).challenge
    return challenge.steps if challenge else ()


def only_case(system: System) -> UUID:
    (case,) = list_cases(system.store).cases
    return case.id
