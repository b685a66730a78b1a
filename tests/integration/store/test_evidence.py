"""Evidence: same bytes, other bytes, chunks, challenges."""

from __future__ import annotations

import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.policy import POLICY_V1
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome
from store import audit, cases, chunks, clips, evidence
from store.blobs import new_object_key
from store.challenges import promise_clip
from store.database import Store
from store.errors import (
    AttemptsExhausted,
    CaseUnknown,
    ChallengeExpired,
    ChallengeMissing,
    ChallengeSuperseded,
    DigestMismatch,
    EvidenceMissing,
    EvidenceUnknown,
    SealBroken,
    UploadOffset,
    WrongStatus,
)
from tests.integration.store import cases_made as made

CLIP, FRONT = EvidenceKind.CLIP, EvidenceKind.CARD_FRONT


def _blobs(folder: Path) -> list[Path]:
    return [path for path in (folder / "blobs").rglob("*") if path.is_file()]


def test_the_same_bytes_again_change_nothing(store: Store, tmp_path: Path) -> None:
    case_id = made.new_case(store)
    assert made.put(store, case_id, FRONT, b"front").changed
    version = cases.case_version(store, case_id)
    assert made.put(store, case_id, FRONT, b"front") == evidence.PutEvidence(changed=False)
    assert cases.case_version(store, case_id) == version
    assert len(_blobs(tmp_path)) == 1


def test_the_same_bytes_many_times_at_once_are_one_blob(store: Store, tmp_path: Path) -> None:
    case_id = made.new_case(store)
    with ThreadPoolExecutor(8) as pool:
        put = list(pool.map(lambda _: made.put(store, case_id, FRONT, b"front"), range(16)))
    assert [result.changed for result in put].count(True) == 1
    assert len(_blobs(tmp_path)) == 1


def test_a_refused_upload_leaves_no_blob(store: Store, tmp_path: Path) -> None:
    case_id = made.submitted_case(store)
    before = len(_blobs(tmp_path))
    with pytest.raises(WrongStatus) as refused:
        made.put(store, case_id, FRONT)
    assert refused.value.status == "processing"
    assert len(_blobs(tmp_path)) == before


def test_evidence_of_nobody(store: Store) -> None:
    unknown = made.new_case(store)
    with pytest.raises(EvidenceUnknown):
        evidence.read_evidence(store, unknown, FRONT)
    with pytest.raises(EvidenceUnknown):
        evidence.view_evidence(store, unknown, FRONT, actor="key:r")
    import uuid

    with pytest.raises(CaseUnknown):
        made.put(store, uuid.uuid4(), FRONT)


def test_looking_is_written_down(store: Store) -> None:
    case_id = made.new_case(store)
    made.put(store, case_id, FRONT, b"front")
    assert evidence.view_evidence(store, case_id, FRONT, actor="key:r") == (b"front", "image/jpeg")
    assert evidence.read_evidence(store, case_id, FRONT) == b"front"
    last = audit.events(store, case_id)[-1]
    assert (last.kind, last.actor, last.payload["kind"]) == (
        "evidence_viewed",
        "key:r",
        "card_front",
    )


def test_a_blob_that_was_altered_or_swapped_does_not_open(store: Store, tmp_path: Path) -> None:
    case_id = made.new_case(store)
    made.put(store, case_id, FRONT, b"front")
    made.put(store, case_id, EvidenceKind.SELFIE, b"selfie")
    one, two = _blobs(tmp_path)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    with pytest.raises(SealBroken):
        evidence.read_evidence(store, case_id, FRONT)
    one.write_bytes(first[:-1] + bytes([first[-1] ^ 1]))
    two.write_bytes(second[:-1] + bytes([second[-1] ^ 1]))
    for kind in (FRONT, EvidenceKind.SELFIE):
        with pytest.raises(SealBroken):
            evidence.read_evidence(store, case_id, kind)


# ---------------------------------------------------------------- challenges


def test_a_clip_needs_its_challenge(store: Store) -> None:
    case_id = made.new_case(store)
    with pytest.raises(ChallengeMissing):
        made.put(store, case_id, CLIP, nonce="n")
    old = made.challenge(store, case_id)
    new = made.challenge(store, case_id)
    with pytest.raises(ChallengeSuperseded):
        made.put(store, case_id, CLIP, nonce=old)
    with pytest.raises(ChallengeSuperseded):
        made.put(store, case_id, CLIP, nonce=None)
    assert made.put(store, case_id, CLIP, nonce=new).changed
    view = cases.get_case(store, case_id).challenge
    assert view is not None
    assert (view.answered, view.steps, view.nonce) == (True, made.STEPS, new)


def test_an_expired_challenge_takes_no_clip(store: Store) -> None:
    case_id = made.new_case(store)
    nonce = made.challenge(store, case_id, ttl_s=-1)
    with pytest.raises(ChallengeExpired):
        made.put(store, case_id, CLIP, nonce=nonce)


def _expire(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE challenges SET expires_at = now() - interval '1 s'"))


def test_a_clip_promised_in_time_may_come_late_and_no_other(store: Store) -> None:
    case_id, clip = made.new_case(store), secrets.token_bytes(64)
    sha256 = hashlib.sha256(clip).hexdigest()
    nonce = made.challenge(store, case_id)
    promise_clip(store, case_id, sha256=sha256, nonce=nonce, actor=made.ACTOR)
    _expire(store)
    promise_clip(store, case_id, sha256=sha256, nonce=nonce, actor=made.ACTOR)
    with pytest.raises(ChallengeExpired):
        promise_clip(store, case_id, sha256="0" * 64, nonce=nonce, actor=made.ACTOR)
    with pytest.raises(ChallengeExpired):
        made.put(store, case_id, CLIP, nonce=nonce)
    assert made.put(store, case_id, CLIP, clip, nonce=nonce).changed
    kinds = [event.kind for event in audit.events(store, case_id)]
    assert kinds.count("clip_promised") == 1


def test_a_promise_needs_the_current_challenge(store: Store) -> None:
    case_id = made.new_case(store)
    old = made.challenge(store, case_id)
    made.challenge(store, case_id)
    with pytest.raises(ChallengeSuperseded):
        promise_clip(store, case_id, sha256="0" * 64, nonce=old, actor=made.ACTOR)


def test_a_new_challenge_voids_the_clip_and_its_score(store: Store) -> None:
    case_id = made.filled_case(store)
    late = made.claim(store, case_id, Stage.SCORE_LIVENESS)
    made.complete(store, made.claim(store, case_id, Stage.READ_CARD))
    made.challenge(store, case_id)
    case = cases.get_case(store, case_id)
    assert CLIP not in case.evidence
    assert case.stages[Stage.SCORE_LIVENESS].status == "waiting"
    assert not made.complete(store, late).effective
    with pytest.raises(EvidenceMissing) as refused:
        cases.submit_case(store, case_id, actor=made.ACTOR)
    assert refused.value.kinds == (CLIP,)


def test_a_match_made_with_the_clip_waits_for_the_next_one(store: Store) -> None:
    case_id = made.filled_case(store)
    made.complete(store, made.claim(store, case_id, Stage.MATCH_FACE))
    nonce = made.challenge(store, case_id)
    assert cases.get_case(store, case_id).stages[Stage.MATCH_FACE].status == "waiting"
    assert Stage.MATCH_FACE in made.put(store, case_id, CLIP, nonce=nonce).ring
    assert cases.get_case(store, case_id).stages[Stage.MATCH_FACE].status == "pending"


def test_a_challenge_leaves_a_match_made_without_a_clip_alone(store: Store) -> None:
    case_id = made.new_case(store)
    for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.SELFIE):
        made.put(store, case_id, kind)
    made.complete(store, made.claim(store, case_id, Stage.MATCH_FACE))
    nonce = made.challenge(store, case_id)
    assert cases.get_case(store, case_id).stages[Stage.MATCH_FACE].status == "done"
    assert made.put(store, case_id, CLIP, nonce=nonce).ring == (
        Stage.MATCH_FACE, Stage.SCORE_LIVENESS,
    )  # fmt: skip


def test_a_clip_of_another_case_is_seen(store: Store) -> None:
    first, second, third = (made.new_case(store) for _ in range(3))
    for case_id in (first, second):
        made.put(store, case_id, CLIP, b"one clip", nonce=made.challenge(store, case_id))
    made.put(store, third, CLIP, b"another", nonce=made.challenge(store, third))
    assert clips.clip_seen_elsewhere(store, second, "bb")
    assert not clips.clip_seen_elsewhere(store, first, "aa")  # its owner is not refused
    assert not clips.clip_seen_elsewhere(store, third, "cc")
    assert not clips.clip_seen_elsewhere(store, third, "cc")
    assert clips.clip_seen_elsewhere(store, third, "aa")


@pytest.mark.parametrize(("flipped_bits", "seen"), [(10, True), (11, False)])
def test_clip_encoded_again_is_a_replay_and_another_recording_is_not(
    store: Store, flipped_bits: int, seen: bool
) -> None:
    recorded = 0x0123456789ABCDEF_FEDCBA9876543210
    again = recorded ^ ((1 << flipped_bits) - 1)
    first, second = made.new_case(store), made.new_case(store)
    for case_id, bits in ((first, recorded), (second, again)):
        made.put(store, case_id, CLIP, nonce=made.challenge(store, case_id))
        parts = f"{bits:032x}"
        found = clips.clip_seen_elsewhere(store, case_id, f"{parts[:16]}-{parts[16:]}")
    assert found is seen


@pytest.mark.parametrize(
    ("seconds", "seen"), [(12, True), (11, True), (9, True), (8, False)], ids=str
)
def test_a_clip_that_lost_its_end_is_still_a_replay(store: Store, seconds: int, seen: bool) -> None:
    parts = [f"{0x0123456789ABCDEF * (n + 1) % (1 << 64):016x}" for n in range(12)]
    first, second = made.new_case(store), made.new_case(store)
    for case_id in (first, second):
        made.put(store, case_id, CLIP, nonce=made.challenge(store, case_id))
    assert not clips.clip_seen_elsewhere(store, first, "-".join(parts))
    assert clips.clip_seen_elsewhere(store, second, "-".join(parts[:seconds])) is seen


def test_two_short_clips_of_different_lengths_prove_nothing(store: Store) -> None:
    first, second = made.new_case(store), made.new_case(store)
    for case_id in (first, second):
        made.put(store, case_id, CLIP, nonce=made.challenge(store, case_id))
    assert not clips.clip_seen_elsewhere(store, first, "-".join(["0" * 16] * 5))
    assert not clips.clip_seen_elsewhere(store, second, "-".join(["0" * 16] * 4))


# ---------------------------------------------------------------- chunks


def _chunk(store: Store, case_id, offset: int, data: bytes) -> int:  # type: ignore[no-untyped-def]
    return chunks.append_chunk(
        store, case_id, kind=CLIP, offset=offset, data=data, actor=made.ACTOR
    )


def _finish(store: Store, case_id, whole: bytes, nonce: str, **changes):  # type: ignore[no-untyped-def]
    values = {"size": len(whole), "sha256": hashlib.sha256(whole).hexdigest(), **changes}
    return chunks.finish_upload(
        store,
        case_id,
        kind=CLIP,
        sniff=lambda _: "video/mp4",
        actor=made.ACTOR,
        nonce=nonce,
        **values,
    )


def test_a_clip_in_chunks(store: Store, tmp_path: Path) -> None:
    case_id, whole = made.new_case(store), secrets.token_bytes(1000)
    nonce = made.challenge(store, case_id)
    assert chunks.upload_offset(store, case_id, CLIP) == 0
    assert _chunk(store, case_id, 0, whole[:400]) == 400
    with pytest.raises(UploadOffset) as refused:
        _chunk(store, case_id, 300, whole[300:])
    assert refused.value.expected == 400
    with pytest.raises(UploadOffset):
        _finish(store, case_id, whole, nonce)
    assert _chunk(store, case_id, 400, whole[400:]) == 1000
    assert all(whole[:100] not in path.read_bytes() for path in _blobs(tmp_path))
    assert _finish(store, case_id, whole, nonce).changed
    assert not _finish(store, case_id, whole, nonce).changed
    assert evidence.read_evidence(store, case_id, CLIP) == whole
    assert chunks.upload_offset(store, case_id, CLIP) == 0
    assert len(_blobs(tmp_path)) == 1


def test_a_wrong_digest_begins_anew(store: Store, tmp_path: Path) -> None:
    case_id = made.new_case(store)
    nonce = made.challenge(store, case_id)
    _chunk(store, case_id, 0, b"wrong")
    with pytest.raises(DigestMismatch):
        _finish(store, case_id, b"right", nonce)
    assert chunks.upload_offset(store, case_id, CLIP) == 0
    assert _blobs(tmp_path) == []
    _chunk(store, case_id, 0, b"wro")
    _chunk(store, case_id, 0, b"right")
    assert _finish(store, case_id, b"right", nonce).changed


# ---------------------------------------------------------------- retakes


def test_a_retake_asks_for_other_bytes(store: Store) -> None:
    case_id = made.decided_case(store, made.verdict(Outcome.RETAKE, retake=(FRONT,)))
    with pytest.raises(EvidenceMissing) as refused:
        cases.submit_case(store, case_id, actor=made.ACTOR)
    assert refused.value.kinds == (FRONT,)
    made.put(store, case_id, FRONT)
    cases.submit_case(store, case_id, actor=made.ACTOR)
    assert cases.get_case(store, case_id).verdict is None


def test_attempts_end(store: Store) -> None:
    case_id = made.filled_case(store)
    for attempt in range(1, POLICY_V1.max_attempts + 1):
        cases.submit_case(store, case_id, actor=made.ACTOR)
        made.judge(store, case_id) if attempt == 1 else [
            made.complete(store, made.claim(store, case_id, stage))
            for stage in (Stage.MATCH_FACE, Stage.SCORE_LIVENESS)
        ]
        made.decide(store, case_id, made.verdict(Outcome.RETAKE, retake=(EvidenceKind.SELFIE,)))
        if attempt < POLICY_V1.max_attempts:
            made.put(store, case_id, EvidenceKind.SELFIE)
    for act in (
        lambda: made.put(store, case_id, EvidenceKind.SELFIE),
        lambda: made.challenge(store, case_id),
        lambda: cases.submit_case(store, case_id, actor=made.ACTOR),
    ):
        with pytest.raises(AttemptsExhausted):
            act()


def test_object_names_say_nothing(store: Store) -> None:
    case_id = made.new_case(store)
    assert new_object_key(case_id) != new_object_key(case_id)
    assert new_object_key(case_id).startswith(f"{case_id}/")
