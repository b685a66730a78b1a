"""A second look at the middle of a back for the title of who issued it, where the first look left it missing.

The title is in smaller print than all else, a red stamp and a blue signature stand on it, and where the card was held
upside down the detector saw all of that the wrong way up. So the band is taken upright, from the red channel, in which
red ink is as light as paper, and at a larger scale. Of 16 backs of 2016 (validation cards of November 2026) the first
look left the title missing on 2, the second on none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.card.geometry import Quad, share_inside
from pipeline.card.text import TextLine, TextReader
from pipeline.image import RgbImage

#: Share of a back's height within which its issuer stands: 0.26-0.66 in all versions and layouts known to us.
_BAND = (0.20, 0.72)
#: Long side of the band as the detector sees it; a whole side is seen at 576.
_DETECT_BAND_PX = 768
#: A line read with this mean score is not read again.
_WELL_READ = 0.9
#: Quads of one line share this much of their area.
_SAME_LINE = 0.6


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
    lost = [quad for quad in quads if not any(_is_same(quad, line.corners) for line in well_read)]
    found = reader.read_lines(_without_red_ink(image), lost)
    others = [line for line in lines if not any(_overlap(new, line) for new in found)]
    return [*others, *found]


def _without_red_ink(image: RgbImage) -> RgbImage:
    return RgbImage(np.repeat(image[..., :1], 3, axis=2))


def _is_same(quad: Quad, other: Quad) -> bool:
    """Whether two quads are of one line; a quad that reaches into the next row is of neither."""
    return min(share_inside(quad, other), share_inside(other, quad)) >= _SAME_LINE


def _overlap(new: TextLine, old: TextLine) -> bool:
    shares = share_inside(new.corners, old.corners), share_inside(old.corners, new.corners)
    return max(shares) >= _SAME_LINE
