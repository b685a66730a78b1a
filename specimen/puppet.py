"""Animates one frontal photograph: turns, nods, blinks and smiles, fast enough to make clips in seconds.

468 face points and rings around the head are triangulated once; a pose moves them in 3-D; each triangle then pulls its
pixels through its own affine map. Triangles are drawn far to near into a label image, which gives one sampling map for
the whole frame and a single `cv2.remap`. The person is a layer over a fixed backdrop, so a turning
head leaves no torn edge.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from pipeline.image import RgbImage
from specimen.camera import Look, illuminate
from specimen.layers import fitted_layer, with_shut_lids
from specimen.mesh_points import ABOVE_LIDS, LOWER_LIDS, MOUTH_CORNERS, OVAL, POINTS, UPPER_LIDS
from specimen.photos import Photo
from specimen.warp import sampling_map

Floats = NDArray[np.float32]

#: Rings of hair and neck: size against the face, how far back they lie (0 = as deep as the face's own outline there,
#: 1 = as deep as the ears), share of the head's motion they take part in.
_HEAD_RINGS = ((1.25, 0.3, 1.0), (1.55, 0.7, 0.85), (2.1, 1.2, 0.35))
#: Of the eye's gap: how far the upper lid and its fold travel when the eye shuts.
_UPPER_TRAVEL, _FOLD_TRAVEL = 1.0, 0.5
#: Distance of the camera that took the photograph, in face heights.
_CAMERA_FACES = 5.0
_BEHIND = 500.0
#: Beyond this depth behind the nose (in face widths), depth counts only in part.
_DEPTH_KNEE, _DEPTH_SLOPE = 0.45, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """One moment of the puppet; the default is the photograph as it is."""

    #: Positive: the subject's own left, the nose moves to the right of the picture.
    yaw_deg: float = 0.0
    #: Positive: the chin goes down.
    pitch_deg: float = 0.0
    #: Positive: clockwise in the picture.
    roll_deg: float = 0.0
    #: 0 = as photographed, 1 = shut.
    blink: float = 0.0
    #: 0 = as photographed, 1 = a wide smile, below 0 a narrower mouth.
    smile: float = 0.0
    dx_px: float = 0.0
    dy_px: float = 0.0
    zoom: float = 1.0


NEUTRAL = Pose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mouth:
    """`Pose.smile` of one subject relaxed and smiling; the photograph itself may smile already."""

    relaxed: float
    smiling: float


class Puppet:
    """A photograph fitted into a frame, ready to be posed."""

    def __init__(
        self,
        photo: Photo,
        *,
        size: tuple[int, int] = (640, 480),
        face_share: float = 0.42,
        centre: tuple[float, float] = (0.5, 0.52),
        backdrop: RgbImage | None = None,
        look: Look | None = None,
    ) -> None:
        """Fit a photo.

        Args:
            photo: whom to animate.
            size: (width, height) of the frames in pixels.
            face_share: height of the face mesh over the frame's height.
            centre: where the face's centre goes, as shares of width and height.
            backdrop: height x width x 3, uint8, RGB; None keeps the photograph's own background.
            look: light that falls on person and backdrop; its noise is left to the caller.
        """
        self.size = size
        fit = _fit(photo.mesh, size, face_share, centre)
        self._layer = fitted_layer(photo, fit, size, keep_background=backdrop is None)
        self._backdrop = (
            RgbImage(np.zeros((size[1], size[0], 3), np.uint8)) if backdrop is None else backdrop
        )
        if look is not None:
            self._backdrop = illuminate(self._backdrop, look)
            self._layer[..., :3] = illuminate(RgbImage(self._layer[..., :3]), look)
        scale = fit[0, 0]
        self._mesh = np.c_[
            photo.mesh[:, :2] @ fit[:, :2].T + fit[:, 2], _eased_depth(photo.mesh) * scale
        ].astype(np.float32)
        self._shut_layer = with_shut_lids(self._layer, self._mesh)
        self._rest, self._follow = self._with_surroundings()
        self._triangles = Delaunay(self._rest[:, :2]).simplices

    def render(self, pose: Pose = NEUTRAL) -> RgbImage:
        """Draw the puppet in a pose: height x width x 3, uint8, RGB."""
        posed = self._posed(pose)
        source = sampling_map(self._rest, posed, self._triangles, self.size, posed[:POINTS, :2])
        layer = cv2.remap(
            self._painted(pose.blink),
            source[..., 0],
            source[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        alpha = cv2.extractChannel(layer, 3).astype(np.float32)
        person = cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB)
        mixed = cv2.blendLinear(person, self._backdrop, alpha, 255 - alpha)
        return RgbImage(np.asarray(mixed, np.uint8))

    def points(self, pose: Pose = NEUTRAL) -> Floats:
        """Where the 468 face points are in a pose: 468 x 2, float32, x and y in pixels of the frame."""
        return self._posed(pose)[:POINTS, :2]

    def _painted(self, blink: float) -> NDArray[np.uint8]:
        """The layer with its lids as far shut as the pose says."""
        if blink <= 0:
            return self._layer
        share = min(blink, 1.0)
        return np.asarray(
            cv2.addWeighted(self._layer, 1 - share, self._shut_layer, share, 0), np.uint8
        )

    def _with_surroundings(self) -> tuple[Floats, Floats]:
        """Face points, rings that follow the head less and less, and a fixed frame border, with their weights."""
        width, height = self.size
        mesh, oval = self._mesh, self._mesh[list(OVAL)]
        rings, weights = [mesh], [np.ones(POINTS)]
        for size, depth, weight in _HEAD_RINGS:
            ring = mesh.mean(0) + (oval - mesh.mean(0)) * [size, size, 0]
            ring[:, 2] = oval[:, 2] + depth * (oval[:, 2].max() - oval[:, 2])
            inside = ((ring[:, :2] > 2) & (ring[:, :2] < [width - 3, height - 3])).all(1)
            rings.append(ring[inside])
            weights.append(np.full(int(inside.sum()), weight))
        border = [(x, y, 0) for x in np.linspace(-1, width, 9) for y in (-1, height)]
        border += [(x, y, 0) for y in np.linspace(-1, height, 7)[1:-1] for x in (-1, width)]
        points = np.vstack([*rings, np.array(border)]).astype(np.float32)
        return points, np.concatenate([*weights, np.zeros(len(border))]).astype(np.float32)

    def _posed(self, pose: Pose) -> Floats:
        shaped = self._rest.copy()
        _shut_eyes(shaped, pose.blink)
        _widen_mouth(shaped, self._mesh, pose.smile)
        focal = _CAMERA_FACES * float(np.ptp(self._mesh[:, 1]))
        pivot = self._mesh.mean(0)
        pivot[2] = self._mesh[list(OVAL), 2].max()  # roughly between the ears
        solid = shaped - pivot
        solid[:, :2] *= (focal + solid[:, 2:]) / focal  # undo the photograph's own perspective
        turned = solid @ _rotation(pose).T
        seen = turned[:, :2] * (focal / (focal + turned[:, 2:])) * pose.zoom + pivot[:2]
        moved = np.c_[seen + np.array([pose.dx_px, pose.dy_px]), turned[:, 2]]
        fixed = np.c_[shaped[:, :2], np.full(len(shaped), _BEHIND)]
        follow = self._follow[:, None]
        return np.asarray(follow * moved + (1 - follow) * fixed, np.float32)


def _eased_depth(mesh: Floats) -> Floats:
    """Depth of the points with the far rim brought forward.

    Beside the ears the photograph holds only a few squeezed pixels of what a turn would show: stretched to the true
    depth they fray.
    """
    knee = mesh[:, 2].min() + _DEPTH_KNEE * float(np.ptp(mesh[:, 0]))
    return np.asarray(np.minimum(mesh[:, 2], knee + _DEPTH_SLOPE * (mesh[:, 2] - knee)), np.float32)


def _fit(
    mesh: Floats, size: tuple[int, int], face_share: float, centre: tuple[float, float]
) -> Floats:
    scale = face_share * size[1] / float(np.ptp(mesh[:, 1]))
    middle = (mesh.min(0) + mesh.max(0))[:2] / 2
    shift = np.array(size) * centre - scale * middle
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)


def _shut_eyes(points: Floats, blink: float) -> None:
    gap = points[LOWER_LIDS] - points[UPPER_LIDS]
    points[ABOVE_LIDS] += blink * _FOLD_TRAVEL * gap
    points[UPPER_LIDS] += blink * _UPPER_TRAVEL * gap


def _widen_mouth(points: Floats, mesh: Floats, smile: float) -> None:
    mouth = float(np.linalg.norm(mesh[61, :2] - mesh[291, :2]))
    for corner, outward in MOUTH_CORNERS:
        reach = np.linalg.norm(mesh[:, :2] - mesh[corner, :2], axis=1) / (0.38 * mouth)
        pull = np.array([outward * 0.20, -0.13, 0.06], np.float32) * mouth * smile
        points[:POINTS] += np.exp(-(reach**2))[:, None] * pull


def _rotation(pose: Pose) -> Floats:
    y, x, z = np.radians([-pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rx = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    rz = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return np.asarray(ry @ rx @ rz, np.float32)
