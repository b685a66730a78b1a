"""A second look at the middle of a back for the title of who issued it, where the first look left it missing.

The title is in smaller print than all else, a red stamp and a blue signature stand on it, and where the card was held
upside down the detector saw all of that the wrong way up. So the band is taken upright, from the red channel, in which
red ink is as light as paper, and at a larger scale. Of 16 backs of 2016 (validation cards of November 2026) the first
look left the title missing on 2, the second on none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.card.geometry import Quad, bounding_box
from pipeline.card.text import TextLine, TextReader
from pipeline.image import RgbImage

#: Share of a back's height within which its issuer stands: 0.26-0.66 in all versions and layouts known to us.
_BAND = (0.20, 0.72)
#: Long side of the band as the detector sees it; a whole side is seen at 576.
_DETECT_BAND_PX = 768
#: A line read with this mean score is not read again.
_WELL_READ = 0.9


def look_again_for_issuer(
    image: RgbImage, lines: Sequence[TextLine], reader: TextReader
) -> list[TextLine]:
    """Return the lines of a back with those of its middle that the first look lost or read badly.

    Args:
        image: the rectified back, upright, H x W x 3, uint8, RGB.
        lines: what the first look read, in pixels of `image`.
        reader: finds and reads text lines.
    """
    top, bottom = (round(share * image.shape[0]) for share in _BAND)
    band = _without_red_ink(RgbImage(image[top:bottom]))
    down = np.array([0, top], np.float32)
    quads = [Quad(quad + down) for quad in reader.detect(band, _DETECT_BAND_PX)]
    well_read = [line for line in lines if line.score >= _WELL_READ]
    lost = [quad for quad in quads if not any(_covers(line, quad) for line in well_read)]
    found = reader.read_lines(_without_red_ink(image), lost)
    replaced = [line for line in lines if not any(_covers(new, line.corners) for new in found)]
    return [*replaced, *found]


def _without_red_ink(image: RgbImage) -> RgbImage:
    return RgbImage(np.repeat(image[..., :1], 3, axis=2))


def _covers(line: TextLine, quad: Quad) -> bool:
    """Whether the middle of a quad lies inside a line's box."""
    x1, y1, x2, y2 = line.box
    left, top, right, bottom = bounding_box(quad)
    return x1 <= (left + right) / 2 <= x2 and y1 <= (top + bottom) / 2 <= y2
