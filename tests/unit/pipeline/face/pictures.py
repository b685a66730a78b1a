"""Pictures for tests of faces: two public-domain people, things in front of their faces, cards, and short clips."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import av
import cv2
import numpy as np

from pipeline.face.find import LocatedFace
from pipeline.face.mesh_points import EYE_LEFT_CORNERS, EYE_RIGHT_CORNERS
from pipeline.image import RgbImage
from specimen.card import CardOrder, print_card
from specimen.cast import card_portrait, clip_puppet
from specimen.people import CardVersion, Sex, draw_person
from specimen.photos import Subject
from specimen.puppet import Pose
from specimen.scene import Shot, photograph


def card_of(subject: Subject, version: CardVersion = CardVersion.CHIP_2021) -> RgbImage:
    person = draw_person(
        np.random.default_rng(1), version=version, today=date(2026, 11, 23), sex=Sex.FEMALE
    )
    order = CardOrder(person=person, version=version, portrait=card_portrait(subject))
    return print_card(order)[0].image


def photo_of(front: RgbImage, **shot: object) -> RgbImage:
    return photograph(front, Shot(**shot), np.random.default_rng(3)).image  # type: ignore[arg-type]


def posed(subject: Subject, pose: Pose) -> RgbImage:
    """640 x 480, before a room."""
    return clip_puppet(subject, np.random.default_rng(5)).render(pose)


#: Chin and cheeks, up to the middle of the nose.
MASK = (
    93,
    132,
    58,
    172,
    136,
    150,
    149,
    176,
    148,
    152,
    377,
    400,
    378,
    379,
    365,
    397,
    288,
    361,
    323,
    280,
    6,
    50,
)


def masked(face: LocatedFace, colour: tuple[int, int, int]) -> RgbImage:
    picture = face.patch.copy()
    cv2.fillPoly(picture, [np.round(face.mesh.mesh[list(MASK), :2]).astype(np.int32)], colour)
    return RgbImage(cv2.GaussianBlur(picture, (0, 0), 0.8))


def with_a_hand(face: LocatedFace) -> RgbImage:
    """Four fingers of the cheek's own colour across nose and mouth."""
    picture, mesh = face.patch.copy(), face.mesh.mesh[:, :2]
    x, y = np.round(mesh[50]).astype(int)
    skin = np.median(picture[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3), axis=0)
    height = float(np.linalg.norm(mesh[152] - mesh[10]))
    for finger in range(4):
        middle = (mesh[13] + mesh[2]) / 2 + [0, (finger - 1.5) * 0.085 * height]
        box = cv2.boxPoints(((*map(float, middle),), (0.62 * height, 0.082 * height), 8.0))
        cv2.fillPoly(picture, [box.astype(np.int32)], skin.tolist())
        cv2.polylines(picture, [box.astype(np.int32)], True, (skin * 0.75).tolist(), 2)
    return RgbImage(cv2.GaussianBlur(picture, (0, 0), 0.8))


def with_dark_glasses(face: LocatedFace) -> RgbImage:
    picture, mesh = face.patch.copy(), face.mesh.mesh[:, :2]
    for outer, inner in (EYE_RIGHT_CORNERS, EYE_LEFT_CORNERS):
        width = float(np.linalg.norm(mesh[outer] - mesh[inner]))
        x, y = (int(v) for v in (mesh[outer] + mesh[inner]) / 2)
        cv2.ellipse(
            picture, (x, y), (int(0.95 * width), int(0.8 * width)), 0, 0, 360, (28, 28, 32), -1
        )
    return RgbImage(cv2.GaussianBlur(picture, (0, 0), 0.8))


def clip_of(frames: Sequence[RgbImage], rate_hz: int = 10, repeat: int = 8) -> bytes:
    """An MP4 of 640 x 480 in which each picture stands for `repeat` frames."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate_hz, options={"qscale": "3"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        stream.codec_context.flags |= av.codec.context.Flags.qscale
        stream.codec_context.global_quality = 3 * 118
        for picture in frames:
            shown = av.VideoFrame.from_ndarray(_framed(picture), format="rgb24")
            for _ in range(repeat):
                container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return out.getvalue()


def _framed(picture: RgbImage) -> RgbImage:
    scale = 480 / picture.shape[0]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:, :640]
    board = np.full((480, 640, 3), 90, np.uint8)
    left = (640 - small.shape[1]) // 2
    board[:480, left : left + small.shape[1]] = small[:480]
    return RgbImage(board)
