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
from specimen.photos import Photo

Floats = NDArray[np.float32]

_POINTS = 468
# FaceMesh numbers; the n-th upper lid point faces the n-th lower one.
_UPPER_LIDS = [246, 161, 160, 159, 158, 157, 173, 466, 388, 387, 386, 385, 384, 398]
_LOWER_LIDS = [7, 163, 144, 145, 153, 154, 155, 249, 390, 373, 374, 380, 381, 382]
_ABOVE_LIDS = [247, 30, 29, 27, 28, 56, 190, 467, 260, 259, 257, 258, 286, 414]
_MOUTH_CORNERS = ((61, -1.0), (291, 1.0))
_OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
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
        self._layer = _warped_layer(photo, fit, size, keep_background=backdrop is None)
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
        self._shut_layer = _with_shut_lids(self._layer, self._mesh)
        self._rest, self._follow = self._with_surroundings()
        self._triangles = Delaunay(self._rest[:, :2]).simplices

    def render(self, pose: Pose = NEUTRAL) -> RgbImage:
        """Draw the puppet in a pose: height x width x 3, uint8, RGB."""
        source = self._sampling_map(self._posed(pose))
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
        mesh, oval = self._mesh, self._mesh[list(_OVAL)]
        rings, weights = [mesh], [np.ones(_POINTS)]
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
        pivot[2] = self._mesh[list(_OVAL), 2].max()  # roughly between the ears
        solid = shaped - pivot
        solid[:, :2] *= (focal + solid[:, 2:]) / focal  # undo the photograph's own perspective
        turned = solid @ _rotation(pose).T
        seen = turned[:, :2] * (focal / (focal + turned[:, 2:])) * pose.zoom + pivot[:2]
        moved = np.c_[seen + np.array([pose.dx_px, pose.dy_px]), turned[:, 2]]
        fixed = np.c_[shaped[:, :2], np.full(len(shaped), _BEHIND)]
        follow = self._follow[:, None]
        return np.asarray(follow * moved + (1 - follow) * fixed, np.float32)

    def _sampling_map(self, posed: Floats) -> Floats:
        """Where every pixel of the frame comes from, height x width x 2.

        Half size is enough where the map is smooth; over the face, whose rim hides what is behind, it is made whole.
        """
        before, after = self._rest[self._triangles][..., :2], posed[self._triangles][..., :2]
        front = _signed_area(before) * _signed_area(after) > 0
        far_first = np.argsort(-posed[self._triangles][..., 2].mean(1))
        order = far_first[front[far_first]]
        affine = np.concatenate(
            [np.eye(2, 3, dtype=np.float32)[None], _affine(after[order], before[order])]
        )
        coarse = _sources(after[order], affine, (0, 0, *self.size), 2)
        whole = np.asarray(
            cv2.resize(coarse, self.size, interpolation=cv2.INTER_LINEAR), np.float32
        )
        x1, y1, x2, y2 = _window(posed[:_POINTS, :2], self.size)
        whole[y1:y2, x1:x2] = _sources(after[order], affine, (x1, y1, x2, y2), 1)
        return whole


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


def _warped_layer(
    photo: Photo, fit: Floats, size: tuple[int, int], *, keep_background: bool
) -> NDArray[np.uint8]:
    """The photograph in the frame, RGBA."""
    if keep_background:
        layer = np.dstack([photo.image, np.full(photo.matte.shape, 255, np.uint8)])
    else:
        layer = np.dstack([_bled(photo), (photo.matte * 255).astype(np.uint8)])
    how = cv2.INTER_AREA if fit[0, 0] < 1 else cv2.INTER_CUBIC
    fitted = cv2.warpAffine(layer, fit, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(_crisp(fitted, fit[0, 0]), np.uint8)


def _bled(photo: Photo) -> RgbImage:
    """The photograph with the person's colours carried outwards, so that no background shows at a stretched rim."""
    outside = np.where(photo.matte > 0.97, 0, 1).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    colours = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    colours[nearest[outside == 0]] = photo.image[outside == 0]
    return RgbImage(colours[nearest])


def _crisp(layer: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Unsharp mask that makes up for enlargement."""
    if scale <= 1:
        return layer
    rgb = layer[..., :3]
    soft = cv2.GaussianBlur(rgb, (0, 0), 0.8 * scale)
    sharp = cv2.addWeighted(rgb, 1.6, soft, -0.6, 0)
    return np.dstack([sharp, layer[..., 3]])


def _with_shut_lids(layer: NDArray[np.uint8], mesh: Floats) -> NDArray[np.uint8]:
    """The layer with each eye painted over by the skin around it, and a line of lashes on the upper lid.

    Moving the lid's points squeezes the eye into a dark smear; this paint makes it a lid.
    """
    rgb, mask = np.ascontiguousarray(layer[..., :3]), np.zeros(layer.shape[:2], np.uint8)
    face_px = float(np.ptp(mesh[:, 1]))
    for eye in (slice(0, 7), slice(7, 14)):
        upper, lower, above = (
            mesh[ids[eye], :2] for ids in (_UPPER_LIDS, _LOWER_LIDS, _ABOVE_LIDS)
        )
        outline = np.concatenate([upper + 0.55 * (above - upper), lower[::-1]])
        cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255)
    grown = cv2.dilate(mask, np.ones((3, 3), np.uint8), iterations=max(round(face_px / 130), 1))
    skin = cv2.inpaint(rgb, grown, face_px / 50, cv2.INPAINT_TELEA)
    for eye in (slice(0, 7), slice(7, 14)):
        lashes = np.round(mesh[_UPPER_LIDS[eye], :2] * 16).astype(np.int32)
        shade = (
            skin[tuple(np.round(mesh[_UPPER_LIDS[eye][3], 1::-1]).astype(int))] * 0.42
        ).tolist()
        cv2.polylines(
            skin,
            [lashes],
            isClosed=False,
            color=shade,
            thickness=max(round(face_px / 110), 1),
            lineType=cv2.LINE_AA,
            shift=4,
        )
    soft = cv2.GaussianBlur(grown, (0, 0), face_px / 200)[..., None] / np.float32(255)
    painted = rgb + (skin - rgb.astype(np.float32)) * np.maximum(soft, grown[..., None] > 0)
    return np.dstack([painted.astype(np.uint8), layer[..., 3]])


def _shut_eyes(points: Floats, blink: float) -> None:
    gap = points[_LOWER_LIDS] - points[_UPPER_LIDS]
    points[_ABOVE_LIDS] += blink * _FOLD_TRAVEL * gap
    points[_UPPER_LIDS] += blink * _UPPER_TRAVEL * gap


def _widen_mouth(points: Floats, mesh: Floats, smile: float) -> None:
    mouth = float(np.linalg.norm(mesh[61, :2] - mesh[291, :2]))
    for corner, outward in _MOUTH_CORNERS:
        reach = np.linalg.norm(mesh[:, :2] - mesh[corner, :2], axis=1) / (0.38 * mouth)
        pull = np.array([outward * 0.20, -0.13, 0.06], np.float32) * mouth * smile
        points[:_POINTS] += np.exp(-(reach**2))[:, None] * pull


def _rotation(pose: Pose) -> Floats:
    y, x, z = np.radians([-pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    ry = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    rx = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    rz = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return np.asarray(ry @ rx @ rz, np.float32)


def _signed_area(triangles: Floats) -> Floats:
    a, b = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], np.float32)


def _affine(source: Floats, target: Floats) -> Floats:
    """The n x 2 x 3 maps that take each source triangle to its target."""
    ones = np.ones((*source.shape[:2], 1), np.float32)
    solved = np.linalg.solve(
        np.concatenate([source, ones], axis=2).astype(np.float64), target.astype(np.float64)
    )
    return solved.transpose(0, 2, 1).astype(np.float32)


def _window(points: Floats, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Whole-pixel xyxy box around points with a margin, inside the frame."""
    low = np.clip(np.floor(points.min(0)) - 8, 0, size).astype(int)
    high = np.clip(np.ceil(points.max(0)) + 8, 0, size).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _sources(
    triangles: Floats, affine: Floats, window: tuple[int, int, int, int], step: int
) -> Floats:
    """Source coordinates of every step-th pixel of a window; affine[0] is for pixels under no triangle."""
    x1, y1, x2, y2 = window
    middle = (step - 1) / 2
    x = np.arange(x1, x2, step, dtype=np.float32)[None] + middle
    y = np.arange(y1, y2, step, dtype=np.float32)[:, None] + middle
    labels = np.zeros((y.size, x.size), np.int32)
    corners = np.round((triangles - [x1 + middle, y1 + middle]) * (16 / step)).astype(np.int32)
    for number, corner in enumerate(corners, start=1):  # later ones lie nearer
        cv2.fillConvexPoly(labels, corner, number, shift=4)
    rows = [
        row[:, 0][labels] * x + row[:, 1][labels] * y + row[:, 2][labels]
        for row in (affine[:, 0], affine[:, 1])
    ]
    return np.dstack(rows).astype(np.float32)
