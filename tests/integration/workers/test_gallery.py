"""The same face under another number, on a real database."""

from __future__ import annotations

import dataclasses
from uuid import UUID

import numpy as np
import psycopg
import pytest

from pipeline.face.profile import DLIB, FACENET
from pipeline.face.template import Template, nearest_gaps
from pipeline.stages import Stage
from pipeline.verdict import Outcome
from store import cases, queue
from store.database import Store
from store.keyring import key_of
from store.settings import StoreSettings
from store.templates import keep_template, template_of
from tests.integration.store import cases_made as made
from workers.gallery import FaceGallery

SHA256 = "a" * 64


def template(seed: int, *, gap: float = 0.0, sha256: str = SHA256) -> Template:
    """A vector of a person, moved by a Euclidean gap."""
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=128)
    vector *= 1.41 / np.linalg.norm(vector)
    away = np.random.default_rng(seed + 1000).normal(size=128)
    moved = vector + gap * away / np.linalg.norm(away)
    return Template(backend="dlib", model_sha256=sha256, vector=moved.astype(np.float32))


def case_with(store: Store, face: Template, outcome: Outcome | None = Outcome.APPROVED) -> UUID:
    case_id = made.filled_case(store)
    for stage in (Stage.READ_CARD, Stage.MATCH_FACE, Stage.SCORE_LIVENESS):
        claimed = made.claim(store, case_id, stage)
        if stage is Stage.MATCH_FACE:
            keep_template(store, claimed, face)
        made.complete(store, claimed)
    cases.submit_case(store, case_id, actor=made.ACTOR)
    if outcome is not None:
        assert made.decide(store, case_id, made.verdict(outcome))
    return case_id


def alike(gallery: FaceGallery, case_id: UUID, face: Template) -> tuple[UUID, ...] | None:
    return gallery.same_face(case_id, face, DLIB)


def test_an_approved_case_of_the_same_face_is_found_and_strangers_are_not(store: Store) -> None:
    gallery = FaceGallery(store)
    here = case_with(store, template(1), None)
    assert alike(gallery, here, template(1)) == ()
    near, far = case_with(store, template(1, gap=0.40)), case_with(store, template(1, gap=0.50))
    case_with(store, template(2))
    assert alike(gallery, here, template(1)) == (near,)
    assert far not in (alike(gallery, here, template(1)) or ())


def test_only_approved_cases_count_and_one_does_not_find_itself(store: Store) -> None:
    gallery = FaceGallery(store)
    approved = case_with(store, template(1))
    for outcome in (Outcome.REJECTED, Outcome.REVIEW, None):
        case_with(store, template(1), outcome)
    assert alike(gallery, approved, template(1)) == ()


def test_who_is_erased_is_found_no_more_and_leaves_memory(store: Store) -> None:
    now_s = 0.0
    gallery = FaceGallery(store, clock=lambda: now_s)
    other, here = case_with(store, template(1)), case_with(store, template(3), None)
    assert alike(gallery, here, template(1)) == (other,)
    cases.erase_case(store, other, actor="cli")
    assert alike(gallery, here, template(1)) == ()
    now_s = 601.0
    alike(gallery, here, template(1))
    assert other not in gallery._known
    assert all(other not in faces.cases for faces in gallery._faces.values())


def test_templates_of_another_model_are_never_compared(store: Store) -> None:
    gallery = FaceGallery(store)
    case_with(store, template(1, sha256="b" * 64))
    here = case_with(store, template(1), None)
    assert alike(gallery, here, template(1)) == ()
    assert gallery.same_face(here, template(1), FACENET) is None
    unmeasured = dataclasses.replace(DLIB, duplicate_at=None)
    assert gallery.same_face(here, template(1), unmeasured) is None


def test_a_template_is_sealed_and_a_late_one_replaces_nothing(
    store: Store, settings: StoreSettings
) -> None:
    case_id = made.filled_case(store)
    old = made.claim(store, case_id, Stage.MATCH_FACE)
    keep_template(store, old, template(1))
    assert np.array_equal(template_of(store, case_id).vector, template(1).vector)  # type: ignore[union-attr]
    made.put(store, case_id, made.EvidenceKind.SELFIE)
    assert template_of(store, case_id) is None, "of a selfie that was replaced"
    new = made.claim(store, case_id, Stage.MATCH_FACE)
    keep_template(store, new, template(2))
    keep_template(store, old, template(1))
    assert np.array_equal(template_of(store, case_id).vector, template(2).vector)  # type: ignore[union-attr]
    url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url) as db:
        (sealed,) = db.execute("SELECT sealed FROM face_templates").fetchone()  # type: ignore[misc]
    assert template(2).vector.tobytes() not in sealed


def test_a_late_template_of_an_erased_case_is_not_kept(store: Store) -> None:
    case_id = case_with(store, template(1))
    with store.hot() as connection:
        key = key_of(connection, store.keyring, case_id)
    late = queue.Claim(
        case_id=case_id, stage=Stage.MATCH_FACE, generation=9, attempt=1, key=key
    )  # fmt: skip
    cases.erase_case(store, case_id, actor="cli")
    keep_template(store, late, template(2))
    assert template_of(store, case_id) is None


def test_exact_search_returns_the_nearest_first() -> None:
    rng = np.random.default_rng(5)
    known = rng.normal(size=(500, 16)).astype(np.float32)
    probe = known[77] + np.float32(0.01)
    gaps = np.linalg.norm(known - probe, axis=1)
    found = nearest_gaps(known, probe, at_most=3)
    assert [row for row, _ in found] == list(np.argsort(gaps)[:3])
    assert found[0][1] == pytest.approx(float(gaps[77]), abs=1e-3)
    assert nearest_gaps(np.empty((0, 16), np.float32), probe, at_most=3) == []
