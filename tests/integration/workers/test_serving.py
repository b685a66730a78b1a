"""One claimed row from claim to effect, in this process, on a real store, with engines that say what the test wants."""

from __future__ import annotations

import dataclasses
import io
import logging
import os
import random
from collections.abc import Callable
from uuid import UUID

import numpy as np
import pytest
from PIL import Image

from pipeline.case import CaseStatus
from pipeline.challenge import draw_steps
from pipeline.errors import EngineError
from pipeline.face.template import Template
from pipeline.findings import FaceFinding, LivenessFinding
from pipeline.policy import POLICY_V1
from pipeline.reasons import ReasonCode
from pipeline.stages import ENGINE_STAGES, EvidenceKind, Stage
from store import cases, evidence, queue
from store.database import Store
from store.doorbell import Doorbell, make_producer
from store.pictures import list_pictures, view_picture
from store.templates import template_of
from tests.e2e.quick_engines import QuickEngine
from workers.desk import Desk
from workers.tasks import serve

ACTOR = "key:test"


class Breaking(QuickEngine):
    """Fails for a reason of ours, naming something it must not tell the log."""

    def match(self, card_front: object, selfie: object, *, chip: object) -> FaceFinding:  # type: ignore[override]
        raise EngineError("secret NGUYỄN VĂN A")


@pytest.fixture
def bell(servers: object, broker: object) -> Doorbell:
    return make_producer(servers.broker_url)  # type: ignore[attr-defined]


@pytest.fixture
def desk(store: Store, bell: Doorbell) -> Callable[..., Desk]:
    def make(engine: QuickEngine) -> Desk:
        return Desk(
            store=store, bell=bell, engine=engine, worker="test@here#0",
            lease_s=30, claim_rows=1, policy=POLICY_V1, gallery=None, close=lambda: None,
        )  # fmt: skip

    return make


def picture() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((80, 80, 3), 90, np.uint8)).save(file, "PNG")
    return file.getvalue()


def new_case(store: Store, *, selfie: bytes | None = None, clip: bytes | None = None) -> UUID:
    case_id = cases.create_case(
        store, branch=None, reference=None, actor=ACTOR, idempotency=None
    ).case_id
    cases.issue_challenge(
        store, case_id, steps=draw_steps(random.Random(1)), excluded=(), nonce="n",
        ttl_s=60, actor=ACTOR,
    )  # fmt: skip
    parts = {
        EvidenceKind.CARD_FRONT: picture(),
        EvidenceKind.CARD_BACK: picture(),
        EvidenceKind.SELFIE: selfie or picture(),
        EvidenceKind.CLIP: clip or os.urandom(100),
    }
    for kind, data in parts.items():
        is_clip = kind is EvidenceKind.CLIP
        evidence.put_evidence(
            store, case_id, kind=kind, data=data, mime="video/mp4" if is_clip else "image/png",
            actor=ACTOR, nonce="n" if is_clip else None,
        )  # fmt: skip
    cases.submit_case(store, case_id, actor=ACTOR)
    return case_id


def work_on(desk: Desk, *stages: Stage) -> None:
    for stage in stages:
        for claim in queue.claim(desk.store, stage, worker=desk.worker, lease_s=30):
            serve(desk, claim)


def codes(store: Store, case_id: UUID) -> list[str]:
    verdict = cases.get_case(store, case_id).verdict
    assert verdict is not None
    return [reason["code"] for reason in verdict.reasons]


def test_all_stages_and_the_decision_approve(store: Store, desk: Callable[..., Desk]) -> None:
    case_id = new_case(store)
    work_on(desk(QuickEngine()), *ENGINE_STAGES, Stage.DECIDE)
    case = cases.get_case(store, case_id)
    assert case.status is CaseStatus.APPROVED
    assert {stage: view.status for stage, view in case.stages.items()} == dict.fromkeys(
        Stage, "done"
    )


class Watched(QuickEngine):
    """Keeps what the face matcher was given, and makes a template of it."""

    def compare(self, card_front, selfie, *, chip=None, clip=None):  # type: ignore[no-untyped-def]
        self.clip = clip
        judged = super().compare(card_front, selfie, chip=chip, clip=clip)
        face = Template(backend="dlib", model_sha256="a" * 64, vector=np.ones(128, np.float32))
        return dataclasses.replace(judged, template=face)


def test_the_match_sees_the_clip_and_leaves_a_template(
    store: Store, desk: Callable[..., Desk]
) -> None:
    film, engine = os.urandom(100), Watched()
    case_id = new_case(store, clip=film)
    work_on(desk(engine), Stage.MATCH_FACE)
    assert engine.clip == film
    kept = template_of(store, case_id)
    assert kept is not None
    assert np.array_equal(kept.vector, np.ones(128, np.float32))


def test_stages_leave_pictures_for_people(store: Store, desk: Callable[..., Desk]) -> None:
    case_id = new_case(store)
    work_on(desk(QuickEngine()), *ENGINE_STAGES)
    shown = {view.name: view for view in list_pictures(store, case_id)}
    assert set(shown) == {"card_front", "card_back", "portrait", "face", "still_00"}
    assert (shown["still_00"].time_s, shown["still_00"].shows) == (1.0, "neutral")
    jpeg = view_picture(store, case_id, "card_front", actor=ACTOR, noted=True)
    with Image.open(io.BytesIO(jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (80, 80))
        assert not image.info.keys() & {"exif", "comment"}


def test_undecodable_selfie_asks_for_another_and_is_no_failure(
    store: Store, desk: Callable[..., Desk]
) -> None:
    case_id = new_case(store, selfie=b"\x89PNG but no picture")
    work_on(desk(QuickEngine()), *ENGINE_STAGES, Stage.DECIDE)
    case = cases.get_case(store, case_id)
    assert case.status is CaseStatus.RETAKE
    assert case.verdict is not None
    assert case.verdict.retake == (EvidenceKind.SELFIE,)
    assert ReasonCode.EVIDENCE_UNDECODABLE in codes(store, case_id)
    assert case.stages[Stage.MATCH_FACE].attempts == 1


def test_failing_engine_is_tried_three_times_then_a_person_decides(
    store: Store, desk: Callable[..., Desk], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    case_id = new_case(store)
    work_on(desk(QuickEngine()), Stage.READ_CARD, Stage.SCORE_LIVENESS)
    for _ in range(3):
        _make_available(store)
        work_on(desk(Breaking()), Stage.MATCH_FACE)
    work_on(desk(QuickEngine()), Stage.DECIDE)
    case = cases.get_case(store, case_id)
    assert case.stages[Stage.MATCH_FACE].error_code == "engine_error"
    assert case.stages[Stage.MATCH_FACE].status == "dead"
    assert case.status is CaseStatus.REVIEW
    assert codes(store, case_id) == [ReasonCode.ENGINE_UNAVAILABLE]
    assert "NGUYỄN" not in caplog.text


def _make_available(store: Store) -> None:
    """Skip the pause before the next attempt."""
    from sqlalchemy import text

    with store.hot() as connection:
        connection.execute(text("UPDATE stages SET available_at = now() WHERE status = 'pending'"))


def test_clip_of_another_case_is_a_replay(store: Store, desk: Callable[..., Desk]) -> None:
    clip = os.urandom(100)
    at = desk(QuickEngine())
    first = new_case(store, clip=clip)
    work_on(at, *ENGINE_STAGES, Stage.DECIDE)
    second = new_case(store, clip=clip)
    work_on(at, *ENGINE_STAGES, Stage.DECIDE)
    assert cases.get_case(store, first).status is CaseStatus.APPROVED
    assert cases.get_case(store, second).status is CaseStatus.REJECTED
    assert codes(store, second) == [ReasonCode.REPLAYED_CLIP]


def test_replay_cue_is_among_the_cues_even_when_there_is_none(
    store: Store, desk: Callable[..., Desk]
) -> None:
    case_id = new_case(store)
    work_on(desk(QuickEngine()), *ENGINE_STAGES)
    liveness = queue.load_findings(store, case_id).liveness
    assert isinstance(liveness, LivenessFinding)
    assert [(c.name, c.suspicious) for c in liveness.cues if c.name == "replayed"] == [
        ("replayed", False)
    ]


def test_released_row_is_taken_up_at_once_with_its_attempt_counted(store: Store) -> None:
    new_case(store)
    [claim] = queue.claim(store, Stage.READ_CARD, worker="ocr@a#0", lease_s=300)
    assert queue.claim(store, Stage.READ_CARD, worker="ocr@b#0", lease_s=300) == []
    queue.release(store, worker="ocr@a#0")
    [again] = queue.claim(store, Stage.READ_CARD, worker="ocr@a#0", lease_s=300)
    assert (again.case_id, again.attempt) == (claim.case_id, 2)
