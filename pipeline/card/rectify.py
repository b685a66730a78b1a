"""Warp a card upright to ID-1, keeping the resolution the photo has."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.card.geometry import (
    CARD_ASPECT,
    Quad,
    bounding_box,
    homography,
    map_points,
    quad_size,
    rectangle_quad,
    turn_corners,
    warp_quad,
)
from pipeline.image import RgbImage

#: Captions of 1.9 mm are 25 pixels high at 1600: more gives the recogniser (48 pixels a line) nothing.
_MAX_WIDTH_PX = 1600
#: Small cards are enlarged to this, so that the detector sees lines as thick as it was trained on.
_MIN_WIDTH_PX = 1000
#: A photo so much finer than the rectified card loses nothing by linear warping, which costs a third of cubic.
_PLAINLY_FINER = 1.25
#: Kept around a card when a photo is cut down to it.
_ROOM_PX = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rectified:
    """An upright card.

    `corners` are in pixels of the photo and in the card's own order: its top left first. `native_width_px` is how wide
    the card is in the photo.
    """

    image: RgbImage
    corners: Quad
    native_width_px: float

    def turned(self) -> Rectified:
        """Return the card turned by 180 degrees."""
        image = RgbImage(np.ascontiguousarray(self.image[::-1, ::-1]))
        return Rectified(
            image=image, corners=turn_corners(self.corners, 2), native_width_px=self.native_width_px
        )

    def in_photo(self, quad: Quad) -> Quad:
        """Return a quad of `image` in pixels of the photo."""
        height, width = self.image.shape[:2]
        return Quad(map_points(homography(rectangle_quad(width, height), self.corners), quad))


def rectify(photo: RgbImage, corners: Quad, *, standing: bool = False) -> Rectified:
    """Warp a card to landscape ID-1; whether it is upside down is for its text to say.

    Args:
        photo: H x W x 3, uint8, RGB.
        corners: clockwise, in pixels of `photo`.
        standing: take the shorter pair of sides for the card's width (strong perspective can make it so).
    """
    width, height = quad_size(corners)
    if (height > width) != standing:
        corners = turn_corners(corners, 1)
        width, height = height, width
    native = max(width, height * CARD_ASPECT)
    out_width = round(min(max(native, _MIN_WIDTH_PX), _MAX_WIDTH_PX))
    source, points, finer = _halved(photo, corners, native / out_width)
    method = cv2.INTER_LINEAR if finer >= _PLAINLY_FINER else cv2.INTER_CUBIC
    height = round(out_width / CARD_ASPECT)
    image = warp_quad(source, points, out_width, height, method=method)
    return Rectified(image=image, corners=corners, native_width_px=native)


def _halved(photo: RgbImage, corners: Quad, finer: float) -> tuple[RgbImage, Quad, float]:
    """The part of a photo around a card, halved until it is less than twice as fine as wanted, against aliasing."""
    height, width = photo.shape[:2]
    x1, y1, x2, y2 = bounding_box(corners)
    left, top = max(int(x1) - _ROOM_PX, 0), max(int(y1) - _ROOM_PX, 0)
    right, bottom = min(int(x2) + _ROOM_PX, width), min(int(y2) + _ROOM_PX, height)
    source, points = photo, corners
    while finer >= 2.0 and right > left and bottom > top:
        if source is photo:
            source = RgbImage(photo[top:bottom, left:right])
            points = Quad(points - np.array([left, top], np.float32))
        even = source[: source.shape[0] // 2 * 2, : source.shape[1] // 2 * 2]
        source = RgbImage(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        points, finer = Quad(np.asarray((points + 0.5) / 2 - 0.5, np.float32)), finer / 2
    return source, points, finer
