"""The picture layers of a puppet: the photograph fitted into the frame, and the same with shut eyes."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage
from specimen.mesh_points import ABOVE_LIDS, LOWER_LIDS, UPPER_LIDS
from specimen.photos import Photo

Floats = NDArray[np.float32]


def fitted_layer(
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


def with_shut_lids(layer: NDArray[np.uint8], mesh: Floats) -> NDArray[np.uint8]:
    """The layer with each eye painted over by the skin around it, and a line of lashes on the upper lid.

    Moving the lid's points squeezes the eye into a dark smear; this paint makes it a lid.
    """
    rgb, mask = np.ascontiguousarray(layer[..., :3]), np.zeros(layer.shape[:2], np.uint8)
    face_px = float(np.ptp(mesh[:, 1]))
    for eye in (slice(0, 7), slice(7, 14)):
        upper, lower, above = (mesh[ids[eye], :2] for ids in (UPPER_LIDS, LOWER_LIDS, ABOVE_LIDS))
        outline = np.concatenate([upper + 0.55 * (above - upper), lower[::-1]])
        cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255)
    grown = cv2.dilate(mask, np.ones((3, 3), np.uint8), iterations=max(round(face_px / 130), 1))
    skin = cv2.inpaint(rgb, grown, face_px / 50, cv2.INPAINT_TELEA)
    for eye in (slice(0, 7), slice(7, 14)):
        lashes = np.round(mesh[UPPER_LIDS[eye], :2] * 16).astype(np.int32)
        shade = (skin[tuple(np.round(mesh[UPPER_LIDS[eye][3], 1::-1]).astype(int))] * 0.42).tolist()
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
