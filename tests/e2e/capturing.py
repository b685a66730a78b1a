"""What a capture client does, with tiny pictures: the engines of these tests do not look at them."""

from __future__ import annotations

import io
import os
import struct
from uuid import UUID

import numpy as np
from PIL import Image

from capture_client.api_client import CaptureApi
from ekyc.up import System
from pipeline.stages import EvidenceKind

GREY = (120, 120, 120)


def picture(rgb: tuple[int, int, int] = GREY) -> bytes:
    pixels = np.full((80, 80, 3), rgb, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def film() -> bytes:
    """The boxes of an MP4 file around chance: whole to the gateway, and never the same twice."""
    boxes = ((b"ftyp", b"mp42\0\0\0\0mp42isom"), (b"moov", b""), (b"mdat", os.urandom(64)))
    return b"".join(struct.pack(">I", 8 + len(body)) + name + body for name, body in boxes)


def submit_case(system: System, *, selfie_rgb: tuple[int, int, int] = GREY) -> UUID:
    """Send one case in and submit it; return its id once the gateway has accepted it."""
    with CaptureApi(system.url, system.keys["capture"]) as api:
        case_id = api.create_case().id
        api.put_evidence(case_id, EvidenceKind.CARD_FRONT, picture())
        api.put_evidence(case_id, EvidenceKind.CARD_BACK, picture())
        api.put_evidence(case_id, EvidenceKind.SELFIE, picture(selfie_rgb))
        challenge = api.request_challenge(case_id)
        api.upload_clip(case_id, film(), nonce=challenge.nonce)
        api.submit(case_id)
    return case_id
