"""A sitter out of any photograph: its face is found, its framings are chosen, its mouth at rest is estimated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import CannotJudge
from pipeline.face.find import FaceFinder
from pipeline.face.mesh import MeshFace
from pipeline.face.mesh_points import FACE_SIDES, MOUTH_CORNERS
from pipeline.face.models import FaceModels
from pipeline.face.quality import yaw_deg
from pipeline.face.region import Points
from pipeline.face.selfie import SECOND_FACE_SHARE
from pipeline.image import RgbImage, decode_image
from pipeline.liveness.facemesh import FaceMesh
from pipeline.liveness.signals import Signals
from specimen.clips import TURN_DEG
from specimen.photos import Photo
from specimen.puppet import Mouth, Pose, Puppet
from specimen.sitters import Framing, Part, Sitter

#: Only a frontal face with enough pixels can be animated.
_MAX_YAW_DEG, _MIN_FACE_PX = 14.0, 80.0
#: More pixels of a face than this cost time and show nothing in a clip.
_FACE_PX = 420.0
#: Mouth over face width at rest; `Pose.smile` of 1 widens a mouth by about this share (specimen/puppet.py).
_MOUTH_AT_REST, _SMILE_GAIN = 0.36, 0.4
_TIGHTEST, _WIDEST = 0.40, 0.60
#: What drawn actions must read as, well beyond the thresholds of the events: else the drawing is at fault.
_SHUT, _SMILED, _TURNED_DEG = 0.5, 1.22, 21.0
_PASSES = 4


class PhotoUnfit(Exception):
    """The photograph cannot be animated; the message says why."""


def sitter_from(path: Path, models: FaceModels) -> Sitter:
    """Make a sitter of a photograph.

    Args:
        path: a picture with one frontal face.
        models: that find the face and its 468 points.

    Raises:
        PhotoUnfit: it is no picture; no face or several; turned or too small; or its drawn actions do not
            show (glasses, narrow eyes, a beard).
    """
    try:
        picture = decode_image(path.read_bytes(), evidence="photo")
    except CannotJudge as error:
        raise PhotoUnfit(f"{path.name}: {error.reason}") from error
    face, whole = _only_face(picture, models, path.name)
    photo = Photo(
        image=whole, matte=np.ones(whole.shape[:2], np.float32), mesh=face.points.astype(np.float32)
    )
    sitter = Sitter(name=path.stem, photo=photo, part=_part(photo, face), own_background=True)
    _require_actions(sitter, models)
    return sitter


def sitters_in(folder: Path, models: FaceModels) -> Iterator[Sitter | PhotoUnfit]:
    """Try every picture of a folder, in order of their names."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in {".jpg", ".jpeg", ".png", ".webp"}:
            continue
        try:
            yield sitter_from(path, models)
        except PhotoUnfit as error:
            yield error


def _only_face(picture: RgbImage, models: FaceModels, name: str) -> tuple[MeshFace, RgbImage]:
    """The face's landmarks in the photograph, shrunk until the face has a useful size."""
    faces = FaceFinder(models.detector, models.mesh).find_all(picture)
    if not faces:
        raise PhotoUnfit(f"{name}: no face")
    if len(faces) > 1 and faces[1].area >= SECOND_FACE_SHARE * faces[0].area:
        raise PhotoUnfit(f"{name}: {len(faces)} faces")
    if faces[0].height_px < _MIN_FACE_PX:
        raise PhotoUnfit(f"{name}: the face has {faces[0].height_px:.0f} pixels only")
    scale = min(1.0, _FACE_PX / faces[0].height_px)
    whole = RgbImage(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    face = _settled(whole, models)
    if face is None:
        raise PhotoUnfit(f"{name}: no landmarks")
    if abs(yaw_deg(face.mesh)) > _MAX_YAW_DEG:
        raise PhotoUnfit(f"{name}: turned by {yaw_deg(face.mesh):.0f} degrees")
    return face, whole


def _part(photo: Photo, face: MeshFace) -> Part:
    clip, portrait, selfie = (_framing(photo, size) for size in ((4, 3), (2, 3), (3, 4)))
    mouth = _length(face.mesh, MOUTH_CORNERS) / _length(face.mesh, FACE_SIDES)
    relaxed = float(np.clip((_MOUTH_AT_REST / mouth - 1) / _SMILE_GAIN, -0.8, 0.0))
    resting = Mouth(relaxed=relaxed, smiling=relaxed + 1.0)
    return Part(portrait=portrait, selfie=selfie, clip=clip, mouth=resting)


def _framing(photo: Photo, shape: tuple[int, int]) -> Framing:
    """The widest framing that stays inside the photograph, within what clips look like."""
    high, wide = photo.image.shape[:2]
    low, top = photo.mesh[:, :2].min(0), photo.mesh[:, :2].max(0)
    x, y = (low + top) / 2
    room_px = min(min(x, wide - x) * 2 * shape[1] / shape[0], y / 0.53, (high - y) / 0.47)
    share = float((top - low)[1]) / max(float(room_px), 1.0)
    return Framing(face_share=float(np.clip(share, _TIGHTEST, _WIDEST)), centre=(0.5, 0.53))


def _require_actions(sitter: Sitter, models: FaceModels) -> None:
    framing, mouth = sitter.part.clip, sitter.part.mouth
    puppet = Puppet(
        sitter.photo, size=(480, 360), face_share=framing.face_share, centre=framing.centre
    )
    rest = Pose(smile=mouth.relaxed)
    turns = tuple(replace(rest, yaw_deg=side * TURN_DEG) for side in (1, -1))
    poses = rest, replace(rest, blink=1.0), Pose(smile=mouth.smiling), *turns
    measured = [_measured(puppet.render(pose), models) for pose in poses]
    seen = [signals for signals in measured if signals is not None]
    if len(seen) < len(poses):
        raise PhotoUnfit(f"{sitter.name}: the animated face is not found")
    open_, shut, smile, left, right = seen
    turned = min(left.yaw_deg, -right.yaw_deg)  # from the camera, not from the photograph's pose
    closed = (shut.open_right + shut.open_left) / (open_.open_right + open_.open_left)
    if closed > _SHUT or smile.mouth / open_.mouth < _SMILED or turned < _TURNED_DEG:
        raise PhotoUnfit(
            f"{sitter.name}: its drawn lids shut to {closed:.2f}, its mouth widens to "
            f"{smile.mouth / open_.mouth:.2f}, it turns by {turned:.0f} degrees"
        )


def _settled(picture: RgbImage, models: FaceModels) -> MeshFace | None:
    """The landmarks after some passes over the still picture, as tracking settles on them."""
    mesh = FaceMesh(models)
    passes = [mesh.track(picture) for _ in range(_PASSES)]
    return passes[-1]


def _measured(picture: RgbImage, models: FaceModels) -> Signals | None:
    """What is measured in a still picture once tracking has settled."""
    mesh = FaceMesh(models)
    for _ in range(_PASSES - 1):
        mesh.track(picture)
    return mesh.signals(picture, 0.0)


def _length(mesh: Points, ends: Sequence[int]) -> float:
    return float(np.linalg.norm(mesh[ends[1]] - mesh[ends[0]]))
