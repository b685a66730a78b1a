"""A stage that kills its own process each time: given up after three attempts, and nobody else notices."""

from __future__ import annotations

from uuid import UUID

from ekyc.up import System
from pipeline.case import CaseStatus
from pipeline.reasons import ReasonCode
from pipeline.stages import Stage
from store import audit, cases
from tests.e2e.capturing import submit_case
from tests.e2e.conftest import wait_for
from tests.e2e.quick_engines import POISON_RGB


def test_poison_stage_is_dead_after_three_attempts_and_its_case_in_review(
    quick_system: System,
) -> None:
    healthy = [submit_case(quick_system) for _ in range(3)]
    poison = submit_case(quick_system, selfie_rgb=POISON_RGB)
    healthy += [submit_case(quick_system) for _ in range(3)]

    def status(case_id: UUID) -> CaseStatus:
        return cases.get_case(quick_system.store, case_id).status

    wait_for(
        lambda: all(status(c) is not CaseStatus.PROCESSING for c in (poison, *healthy)),
        timeout_s=60,
        tend=quick_system.supervisor.tend,
    )
    assert [status(c) for c in healthy] == [CaseStatus.APPROVED] * len(healthy)
    case = cases.get_case(quick_system.store, poison)
    assert case.status is CaseStatus.REVIEW
    assert case.verdict is not None
    assert [r["code"] for r in case.verdict.reasons] == [ReasonCode.ENGINE_UNAVAILABLE]
    assert case.stages[Stage.MATCH_FACE].status == "dead"
    assert case.stages[Stage.MATCH_FACE].attempts == 3
    assert audit.verify(quick_system.store).first_bad is None
