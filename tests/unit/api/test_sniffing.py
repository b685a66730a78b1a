from __future__ import annotations

import pytest

from api.problems import ApiError
from api.sniffing import inspect_evidence, sniff_type
from pipeline.stages import EvidenceKind
from tests.unit.api import files

FRONT, CLIP = EvidenceKind.CARD_FRONT, EvidenceKind.CLIP


@pytest.mark.parametrize(
    ("data", "kind", "found"),
    [
        (files.picture("JPEG"), FRONT, "image/jpeg"),
        (files.picture("PNG"), FRONT, "image/png"),
        (files.picture("WEBP"), FRONT, "image/webp"),
        (files.with_thumbnail(), FRONT, "image/jpeg"),
        (files.picture("JPEG") + b"trailer of a phone", FRONT, "image/jpeg"),
        (files.film(), CLIP, "video/mp4"),
        (files.film(b"qt  "), CLIP, "video/quicktime"),
        (files.matroska(), CLIP, "video/webm"),
        (files.matroska(b"matroska"), CLIP, "video/x-matroska"),
    ],
)
def test_whole_files_are_told_by_their_bytes(data: bytes, kind: EvidenceKind, found: str) -> None:
    assert inspect_evidence(kind, data) == found


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"", FRONT, "evidence_empty"),
        (b"%PDF-1.7\n" + b"x" * 900, FRONT, "evidence_type_refused"),
        (b"GIF89a" + b"x" * 900, FRONT, "evidence_type_refused"),
        (files.film(), FRONT, "evidence_type_refused"),
        (files.picture(), CLIP, "evidence_type_refused"),
        (files.film(b"heic"), CLIP, "evidence_type_refused"),
        (files.matroska(b"other"), CLIP, "evidence_type_refused"),
        (b"\xff\xd8\xff", FRONT, "evidence_truncated"),
        (files.picture("JPEG")[:-40], FRONT, "evidence_truncated"),
        (files.with_thumbnail()[:-40], FRONT, "evidence_truncated"),
        (files.picture("PNG")[:-20], FRONT, "evidence_truncated"),
        (files.picture("WEBP")[:-20], FRONT, "evidence_truncated"),
        (files.film()[:-20], CLIP, "evidence_truncated"),
        (files.box(b"ftyp", b"isom") + files.box(b"mdat"), CLIP, "evidence_truncated"),
        (b"\x89PNG\r\n\x1a\n" + files.png_chunk(b"IEND", b""), FRONT, "evidence_truncated"),
        (files.png_of_claimed_size(50_000, 50_000), FRONT, "image_too_many_pixels"),
        (files.png_of_claimed_size(10_000, 10_000), FRONT, "image_too_many_pixels"),
        (files.jpeg_of_claimed_size(10_000, 10_000), FRONT, "image_too_many_pixels"),
        (files.png_of_claimed_size(10_000, 10_000, rows=1_000), FRONT, "image_too_many_pixels"),
        (files.png_with_text_bomb(), FRONT, "evidence_truncated"),
        (files.picture("PNG", (63, 900)), FRONT, "image_too_small"),
        (files.animated("PNG"), FRONT, "evidence_type_refused"),
        (files.animated("WEBP"), FRONT, "evidence_type_refused"),
    ],
)
def test_hostile_files_are_refused_by_name(data: bytes, kind: EvidenceKind, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        inspect_evidence(kind, data)
    assert refused.value.code == code


def test_every_cut_of_a_picture_is_refused() -> None:
    data = files.picture("JPEG", (96, 64))
    for length in range(len(data) - 1):
        with pytest.raises(ApiError):
            inspect_evidence(FRONT, data[:length])


def test_forty_megapixels_are_still_taken() -> None:
    assert inspect_evidence(FRONT, files.png_of_claimed_size(8_000, 5_000)) == "image/png"


@pytest.mark.parametrize("head", [b"", b"\0", b"RIFF", b"\x1a\x45\xdf\xa3", b"\0\0\0\x18ftyp"])
def test_short_heads_do_not_raise(head: bytes) -> None:
    assert sniff_type(head) in (None, "video/mp4")
