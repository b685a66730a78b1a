"""Derived pictures: they count with their result, and go with the evidence, the generation or the case."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from pipeline.stages import EvidenceKind, Stage
from pipeline.summary import public_summary
from pipeline.verdict import Outcome
from store import audit, cases, findings, queue
from store.database import Store
from store.errors import Erased, EvidenceUnknown, SealBroken
from store.pictures import (
    NewPicture,
    PictureView,
    drop_untaken,
    keep_pictures,
    list_pictures,
    view_picture,
)
from store.retention import erase_biometrics
from tests.integration.store import cases_made as made

ACTOR = "user:reviewer"
NAMES = {
    Stage.READ_CARD: ("card_front", "card_back"),
    Stage.MATCH_FACE: ("portrait", "face"),
    Stage.SCORE_LIVENESS: ("still_00", "still_01"),
}


def picture(name: str, jpeg: bytes = b"a recognisable face") -> NewPicture:
    if not name.startswith("still"):
        return NewPicture(name=name, jpeg=jpeg, width_px=1600, height_px=1009)
    return NewPicture(
        name=name, jpeg=jpeg, width_px=640, height_px=480,
        time_s=1.25, shows="smile", selfie_similarity=0.91, card_similarity=None,
    )  # fmt: skip


def finish(store: Store, claim: queue.Claim) -> queue.Completion:
    """What a worker does with a result."""
    kept = keep_pictures(store, claim, [picture(name) for name in NAMES[claim.stage]])
    finding = made.FINDING[claim.stage]
    done = queue.complete(
        store, claim, finding=findings.dump(finding), summary=public_summary(finding),
        duration_ms=1.0, pictures=kept,
    )  # fmt: skip
    if not done.effective:
        drop_untaken(store, claim.case_id, kept)
    return done


def judge(store: Store, case_id: UUID) -> None:
    for stage in NAMES:
        assert finish(store, made.claim(store, case_id, stage)).effective


def names(store: Store, case_id: UUID) -> list[str]:
    return [view.name for view in list_pictures(store, case_id)]


def files(tmp_path: Path) -> set[Path]:
    return {path for path in (tmp_path / "blobs").rglob("*") if path.is_file()}


def test_pictures_count_with_their_result(store: Store, tmp_path: Path) -> None:
    case_id = made.filled_case(store)
    judge(store, case_id)
    views = {view.name: view for view in list_pictures(store, case_id)}
    assert sorted(views) == sorted(name for group in NAMES.values() for name in group)
    still = views["still_00"]
    assert isinstance(still, PictureView)
    assert (still.stage, still.time_s, still.shows) == (Stage.SCORE_LIVENESS, 1.25, "smile")
    assert still.selfie_similarity == pytest.approx(0.91)
    assert (views["card_front"].width_px, views["card_front"].height_px) == (1600, 1009)
    assert not any(b"recognisable" in path.read_bytes() for path in files(tmp_path))


def test_looking_at_one_is_written_down_unless_the_look_was(store: Store) -> None:
    case_id = made.filled_case(store)
    judge(store, case_id)
    before = len(audit.events(store, case_id))
    shown = view_picture(store, case_id, "portrait", actor=ACTOR, noted=True)
    assert shown == b"a recognisable face"
    assert len(audit.events(store, case_id)) == before
    view_picture(store, case_id, "portrait", actor=ACTOR, noted=False)
    last = audit.events(store, case_id)[-1]
    assert (last.kind, last.actor, last.payload["name"]) == ("picture_viewed", ACTOR, "portrait")
    with pytest.raises(EvidenceUnknown):
        view_picture(store, case_id, "still_09", actor=ACTOR, noted=True)


def test_new_evidence_takes_the_pictures_made_from_the_old(store: Store, tmp_path: Path) -> None:
    case_id = made.filled_case(store)
    before = files(tmp_path)
    judge(store, case_id)
    assert len(files(tmp_path)) == len(before) + 6
    made.put(store, case_id, EvidenceKind.SELFIE)
    assert names(store, case_id) == ["card_back", "card_front"]
    assert len(files(tmp_path)) == len(before) + 2 + 1
    made.put(store, case_id, EvidenceKind.CARD_FRONT)
    assert names(store, case_id) == []


def test_late_result_of_an_old_generation_leaves_nothing(store: Store, tmp_path: Path) -> None:
    case_id = made.filled_case(store)
    old = made.claim(store, case_id, Stage.MATCH_FACE)
    made.put(store, case_id, EvidenceKind.SELFIE)
    before = files(tmp_path)
    assert not finish(store, old).effective
    assert files(tmp_path) == before
    assert names(store, case_id) == []
    assert finish(store, made.claim(store, case_id, Stage.MATCH_FACE)).effective
    assert names(store, case_id) == ["face", "portrait"]


def test_completion_whose_answer_was_lost_keeps_its_pictures(store: Store) -> None:
    case_id = made.filled_case(store)
    claim = made.claim(store, case_id, Stage.MATCH_FACE)
    kept = keep_pictures(store, claim, [picture("portrait")])
    finding = made.FINDING[Stage.MATCH_FACE]
    for effective in (True, False):
        done = queue.complete(
            store, claim, finding=findings.dump(finding), summary=public_summary(finding),
            duration_ms=1.0, pictures=kept,
        )  # fmt: skip
        assert done.effective is effective
    drop_untaken(store, case_id, kept)
    assert view_picture(store, case_id, "portrait", actor=ACTOR, noted=True)


def test_erasing_takes_the_pictures(store: Store, tmp_path: Path) -> None:
    case_id = made.submitted_case(store)
    judge(store, case_id)
    assert made.decide(store, case_id, made.verdict(Outcome.APPROVED))
    cases.erase_case(store, case_id, actor="key:admin")
    assert names(store, case_id) == []
    assert files(tmp_path) == set()
    with pytest.raises(EvidenceUnknown):
        view_picture(store, case_id, "portrait", actor=ACTOR, noted=True)


def test_result_that_comes_after_erasure_leaves_nothing(store: Store, tmp_path: Path) -> None:
    case_id = made.filled_case(store)
    claim = made.claim(store, case_id, Stage.MATCH_FACE)
    assert cases.expire_due(store, open_ttl_s=-1) == 1
    cases.erase_case(store, case_id, actor="key:admin")
    assert not finish(store, claim).effective
    assert files(tmp_path) == set()
    assert queue.sweep(store, pending_grace_s=0).ring == []
    with pytest.raises(Erased):
        queue.load_findings(store, case_id)


def test_picture_in_another_ones_place_does_not_open(store: Store, tmp_path: Path) -> None:
    case_id = made.filled_case(store)
    before = files(tmp_path)
    finish(store, made.claim(store, case_id, Stage.MATCH_FACE))
    one, other = files(tmp_path) - before
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    for name in ("portrait", "face"):
        with pytest.raises(SealBroken):
            view_picture(store, case_id, name, actor=ACTOR, noted=True)


def test_raw_biometrics_go_with_the_pictures_made_of_them(store: Store, tmp_path: Path) -> None:
    case_id = made.submitted_case(store)
    before = len(files(tmp_path))
    judge(store, case_id)
    assert made.decide(store, case_id, made.verdict(Outcome.APPROVED))
    erase_biometrics(store, case_id, because="retention", actor="sweeper")
    assert names(store, case_id) == ["card_back", "card_front"]
    assert len(files(tmp_path)) == before - 2 + 2
