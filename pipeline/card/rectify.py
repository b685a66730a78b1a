"""Warp a card upright to ID-1, keeping the resolution the photo has."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.card.geometry import (
    CARD_ASPECT,
    Quad,
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
    shrink = out_width / native
    source, points = photo, corners
    if shrink < 0.75:  # cubic warping alone would alias
        source = RgbImage(
            cv2.resize(photo, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        )
        points = Quad((corners + 0.5) * shrink - 0.5)
    image = warp_quad(source, points, out_width, round(out_width / CARD_ASPECT))
    return Rectified(image=image, corners=corners, native_width_px=native)
