from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from pipeline.limits import MAX_IMAGE_BYTES
from pipeline.stages import Stage
from store.database import Store
from store.settings import StoreSettings
from tests.integration.api.desk import CHIP, CLIP, FRONT, SELFIE, Desk, digest, error, finish
from tests.unit.api import files

CHIP_DATA = b'{"sod": "dw==", "dg1": "YQ=="}'
FILM = files.film(payload=bytes(range(256)) * 40)


def test_the_same_bytes_again_change_nothing(capture: Desk) -> None:
    case_id, data = capture.open_case(), files.picture()
    first, version = capture.put(case_id, FRONT, data), capture.case(case_id)["version"]
    again = capture.put(case_id, FRONT, data)
    assert first.get_json() == {
        "kind": "card_front", "sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "changed": True,
    }  # fmt: skip
    assert again.get_json()["changed"] is False
    assert capture.case(case_id)["version"] == version


@pytest.mark.parametrize(
    ("kind", "data", "status", "code"),
    [
        ("card_front", b"", 422, "evidence_empty"),
        ("card_front", b"%PDF-1.7\n" + b"x" * 99, 415, "evidence_type_refused"),
        ("card_front", files.picture()[:-60], 422, "evidence_truncated"),
        ("selfie", files.png_of_claimed_size(10_000, 10_000), 422, "image_too_many_pixels"),
        ("selfie", files.png_of_claimed_size(60_000, 60_000), 422, "image_too_many_pixels"),
        ("card_back", files.png_with_text_bomb(), 422, "evidence_truncated"),
        ("selfie", files.picture(size=(10, 10)), 422, "image_too_small"),
        ("selfie", FILM, 415, "evidence_type_refused"),
        ("selfie", b"\xff" * (MAX_IMAGE_BYTES + 1), 413, "body_too_large"),
        ("chip", b"", 422, "evidence_empty"),
        ("chip", b'{"sod": "AA=="}', 422, "chip_document_invalid"),
        ("chip", files.picture(), 422, "chip_document_invalid"),
        ("card_front", CHIP_DATA, 415, "evidence_type_refused"),
        ("passport", files.picture(), 404, "evidence_kind_unknown"),
        ("../clip", files.picture(), 404, "route_unknown"),
    ],
)
def test_bad_evidence_is_refused_by_name(
    capture: Desk, kind: str, data: bytes, status: int, code: str
) -> None:
    case_id = capture.open_case()
    answer = capture.put(case_id, kind, data, **{"Content-Type": "image/jpeg"})
    assert error(answer) == (status, code)
    assert capture.case(case_id)["evidence"] == []


def test_chip_data_is_optional_evidence_that_voids_what_looked_at_the_card(
    capture: Desk, reviewer: Desk, store: Store
) -> None:
    case_id = capture.open_case()
    capture.put(case_id, FRONT, files.picture())
    finish(store, case_id, Stage.READ_CARD)
    assert "chip" not in capture.case(case_id)["missing"]
    stored = capture.put(case_id, CHIP, CHIP_DATA).get_json()
    assert (stored["kind"], stored["changed"]) == ("chip", True)
    case = capture.case(case_id)
    assert {s["stage"]: s["status"] for s in case["stages"]}["read_card"] == "pending"
    shown = reviewer.call("GET", f"/cases/{case_id}/evidence/chip")
    assert (shown.data, shown.mimetype) == (CHIP_DATA, "application/json")


def test_the_digest_is_needed_and_must_fit(capture: Desk) -> None:
    case_id, data = capture.open_case(), files.picture()
    path = f"/cases/{case_id}/evidence/card_front"
    assert error(capture.call("PUT", path, data=data)) == (400, "digest_required")
    for header, expected in (("md5=:AAAA:", "digest_required"), (digest(b"x"), "digest_mismatch")):
        answer = capture.call("PUT", path, data=data, headers={"Content-Digest": header})
        assert error(answer)[1] == expected


def test_a_body_without_its_length_is_refused(capture: Desk) -> None:
    case_id = capture.open_case()
    answer = capture.call(
        "PUT", f"/cases/{case_id}/evidence/card_front",
        input_stream=None, headers={"Content-Digest": digest(b""), "Transfer-Encoding": "chunked"},
    )  # fmt: skip
    assert error(answer) == (411, "length_required")


def test_a_clip_must_answer_the_current_challenge(capture: Desk, store: Store) -> None:
    case_id = capture.open_case()
    assert error(capture.put(case_id, CLIP, FILM)) == (400, "challenge_nonce_required")
    assert error(capture.put(case_id, CLIP, FILM, nonce="x" * 43)) == (409, "challenge_missing")
    old = capture.challenge(case_id)["nonce"]
    new = capture.challenge(case_id)["nonce"]
    assert error(capture.put(case_id, CLIP, FILM, nonce=old)) == (409, "challenge_superseded")
    assert capture.put(case_id, CLIP, FILM, nonce=new).status_code == 200
    capture.challenge(case_id)
    assert "clip" in capture.case(case_id)["missing"]
    assert error(capture.put(case_id, CLIP, FILM, nonce=new)) == (409, "challenge_superseded")


def test_an_old_challenge_is_not_answered(capture: Desk, store: Store) -> None:
    case_id = capture.open_case()
    nonce = capture.challenge(case_id)["nonce"]
    with store.engine.begin() as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("UPDATE challenges SET expires_at = now() - interval '1 s'"))
    assert error(capture.put(case_id, CLIP, FILM, nonce=nonce)) == (409, "challenge_expired")


def test_a_promised_clip_arrives_after_its_challenge(capture: Desk, store: Store) -> None:
    case_id = capture.open_case()
    nonce = capture.challenge(case_id)["nonce"]
    promise = {"nonce": nonce, "sha256": hashlib.sha256(FILM).hexdigest()}
    path = f"/cases/{case_id}/challenge/promise"
    assert capture.call("POST", path, json=promise).status_code == 204
    with store.engine.begin() as connection:
        connection.execute(text("RESET ROLE"))
        connection.execute(text("UPDATE challenges SET expires_at = now() - interval '1 s'"))
    other = {**promise, "sha256": "0" * 64}
    assert error(capture.call("POST", path, json=other)) == (409, "challenge_expired")
    assert capture.put(case_id, CLIP, FILM, nonce=nonce).status_code == 200


def test_a_clip_arrives_chunk_by_chunk(capture: Desk) -> None:
    case_id = capture.open_case()
    nonce, cut = capture.challenge(case_id)["nonce"], 4000
    path = f"/cases/{case_id}/evidence/clip"
    assert capture.call("HEAD", path).headers["Upload-Offset"] == "0"
    first = capture.chunk(case_id, FILM[:cut], offset=0, nonce=nonce)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, str(cut))
    assert capture.call("HEAD", path).headers["Upload-Offset"] == str(cut)
    skipped = capture.chunk(case_id, FILM[cut + 1 :], offset=cut + 1, nonce=nonce, whole=FILM)
    assert error(skipped) == (409, "upload_offset_mismatch")
    assert skipped.get_json()["expected_offset"] == cut
    last = capture.chunk(case_id, FILM[cut:], offset=cut, nonce=nonce, whole=FILM)
    assert last.get_json()["sha256"] == hashlib.sha256(FILM).hexdigest()
    assert "clip" not in capture.case(case_id)["missing"]
    assert capture.call("HEAD", path).headers["Upload-Offset"] == "0"


def test_a_first_chunk_begins_again(capture: Desk) -> None:
    case_id = capture.open_case()
    nonce = capture.challenge(case_id)["nonce"]
    for end in (3000, 2000):
        assert capture.chunk(case_id, FILM[:end], offset=0, nonce=nonce).status_code == 204
    last = capture.chunk(case_id, FILM[2000:], offset=2000, nonce=nonce, whole=FILM)
    assert last.status_code == 200


def test_an_upload_that_is_complete_is_finished_with_nothing(capture: Desk) -> None:
    case_id = capture.open_case()
    nonce = capture.challenge(case_id)["nonce"]
    capture.chunk(case_id, FILM, offset=0, nonce=nonce)
    last = capture.chunk(case_id, b"", offset=len(FILM), nonce=nonce, whole=FILM)
    assert last.get_json()["size"] == len(FILM)


def test_chunks_are_checked_like_files(capture: Desk) -> None:
    case_id = capture.open_case()
    nonce = capture.challenge(case_id)["nonce"]
    pdf = capture.chunk(case_id, b"%PDF-1.7", offset=0, nonce=nonce)
    assert error(pdf) == (415, "evidence_type_refused")
    other = capture.chunk(case_id, FILM, offset=0, nonce=nonce, whole=FILM + b"x")
    assert error(other) == (422, "digest_mismatch")
    cut_off = FILM[:-9]
    broken = capture.chunk(case_id, cut_off, offset=0, nonce=nonce, whole=cut_off)
    assert error(broken) == (422, "evidence_truncated")
    beyond = capture.chunk(case_id, FILM, offset=60_000_000, nonce=nonce)
    assert error(beyond) == (413, "body_too_large")
    assert "clip" in capture.case(case_id)["missing"]


def test_chunks_of_an_old_challenge_are_refused(capture: Desk) -> None:
    case_id = capture.open_case()
    old = capture.challenge(case_id)["nonce"]
    capture.chunk(case_id, FILM[:3000], offset=0, nonce=old)
    capture.challenge(case_id)
    answer = capture.chunk(case_id, FILM[3000:], offset=3000, nonce=old, whole=FILM)
    assert error(answer)[0] == 409


def test_pictures_are_sent_whole(capture: Desk) -> None:
    case_id, data = capture.open_case(), files.picture()
    path = f"/cases/{case_id}/evidence/selfie"
    headers = {"Upload-Offset": "0", "Content-Digest": digest(data)}
    answer = capture.call("PATCH", path, data=data, headers=headers)
    assert error(answer) == (422, "resume_not_offered")
    assert capture.call("HEAD", path).status_code == 422


def test_looking_at_evidence_is_written_down(capture: Desk, reviewer: Desk, office: Desk) -> None:
    case_id, data = capture.open_case(), files.picture()
    capture.put(case_id, SELFIE, data)
    seen = reviewer.call("GET", f"/cases/{case_id}/evidence/selfie")
    assert (seen.data, seen.mimetype) == (data, "image/jpeg")
    assert seen.headers["Content-Digest"] == digest(data)
    assert seen.headers["Cache-Control"] == "no-store"
    assert "sandbox" in seen.headers["Content-Security-Policy"]
    events = office.call("GET", f"/cases/{case_id}/events").get_json()["events"]
    assert any("view" in event["kind"] for event in events)
    missing = reviewer.call("GET", f"/cases/{case_id}/evidence/card_back")
    assert error(missing) == (404, "evidence_unknown")


def test_plaintext_never_lies_on_the_disk(capture: Desk, settings: StoreSettings) -> None:
    case_id, data = capture.open_case(), files.picture(size=(300, 200))
    capture.put(case_id, FRONT, data)
    nonce = capture.challenge(case_id)["nonce"]
    capture.chunk(case_id, FILM, offset=0, nonce=nonce)
    blobs = [
        p.read_bytes() for p in Path(urlsplit(settings.blob_url).path).rglob("*") if p.is_file()
    ]
    assert len(blobs) >= 2
    for blob in blobs:
        assert data[20:60] not in blob
        assert FILM[100:140] not in blob


def test_a_stage_starts_with_its_evidence(capture: Desk, office: Desk) -> None:
    case_id = capture.open_case()
    assert office.stage(case_id, Stage.READ_CARD)["status"] == "waiting"
    capture.put(case_id, FRONT, files.picture())
    assert office.stage(case_id, Stage.READ_CARD)["status"] == "pending"
    assert office.stage(case_id, Stage.MATCH_FACE)["status"] == "waiting"
    capture.put(case_id, SELFIE, files.picture(colour=3))
    assert office.stage(case_id, Stage.MATCH_FACE)["status"] == "pending"
