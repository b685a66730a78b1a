"""What shows of a card's surface, cell by cell: where light burns it out, something lies on it, or the frame ends.

A card's ground carries fine lines everywhere. A finger or a slip of paper has none, so a cell much smoother than the
card's ground shows something else. Where the ground's own lines cannot be seen, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.card.gate_profile import GATES_2026_12, GateProfile
from pipeline.card.geometry import CARD_MM, Quad, homography, map_points, rectangle_quad
from pipeline.findings import Box
from pipeline.image import RgbImage

#: Side of a cell; a finger is ten cells wide, a letter of a name two high.
CELL_MM = 1.6
_COLUMNS, _ROWS = round(CARD_MM[0] / CELL_MM), round(CARD_MM[1] / CELL_MM)
#: Size of the picture that is measured: 8 pixels a mm still show lines of 0.1 mm.
_WIDTH_PX, _HEIGHT_PX = 685, 432
#: Structure between these scales (standard deviations of two blurs, pixels): finer is noise, coarser is shade.
_FINE_PX, _COARSE_PX = 0.8, 3.0
_BURNT = 246
#: A smooth patch at least this much of which is burnt out is the rim of a reflection.
_GLARE_RIM = 0.15
#: The card's ground, among cells ordered by structure: text and pictures have more, at most a fifth is covered.
_GROUND_PERCENTILE = 30.0
#: What is around a patch: two cells on each side, and the least of them.
_AROUND_CELLS, _LEAST_AROUND_PERCENTILE = 5, 10.0

Plane = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """One side in cells: 34 rows x 54 columns.

    `burnt` is the burnt-out share of each cell, all of it where light has washed out the ground, `covered` where
    something lies on the card (None if that cannot be told), `outside` what lies beyond the photo's frame, `colour` the
    mean colour, Lab, 0-255.
    """

    burnt: Plane
    covered: Mask | None
    outside: Mask
    colour: Plane

    def glare_in(self, region_mm: Box) -> float:
        """Return the share of a region that is burnt out."""
        return float(_cut(self.burnt, region_mm).mean())

    def covered_in(self, region_mm: Box) -> float:
        """Return the share of a region on which something lies; 0 where that cannot be told."""
        return 0.0 if self.covered is None else float(_cut(self.covered, region_mm).mean())

    def outside_in(self, region_mm: Box) -> float:
        """Return the share of a region that lies beyond the frame."""
        return float(_cut(self.outside, region_mm).mean())


def _cut(plane: NDArray[np.generic], region_mm: Box) -> NDArray[np.generic]:
    x1, y1, x2, y2 = (edge / CELL_MM for edge in region_mm)
    left, top = min(max(int(x1), 0), _COLUMNS - 1), min(max(int(y1), 0), _ROWS - 1)
    return plane[top : max(int(np.ceil(y2)), top + 1), left : max(int(np.ceil(x2)), left + 1)]


def measured_picture(side: RgbImage) -> RgbImage:
    """Return a rectified side at the size that the gates measure: 432 x 685 x 3, uint8, RGB."""
    if side.shape[1] >= 2 * _WIDTH_PX:  # halving by areas is fast, other ratios are not
        side = RgbImage(cv2.resize(side, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    kind = cv2.INTER_AREA if side.shape[1] > 1.2 * _WIDTH_PX else cv2.INTER_LINEAR
    return RgbImage(cv2.resize(side, (_WIDTH_PX, _HEIGHT_PX), interpolation=kind))


def least_channel(picture: RgbImage) -> NDArray[np.uint8]:
    """Return the least of red, green and blue, per pixel; numpy takes 20 times longer."""
    red, green, blue = cv2.split(picture)
    return np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)


def look_at_surface(
    picture: RgbImage,
    corners: Quad,
    photo_size: tuple[int, int],
    portrait_mm: Box | None,
    profile: GateProfile = GATES_2026_12,
) -> Surface:
    """Look at a side in cells.

    Args:
        picture: of the rectified side, from `measured_picture`.
        corners: of the card in the photo.
        photo_size: width and height of the photo.
        portrait_mm: where the portrait is printed, which is smooth by itself; None if the side has none.
        profile: the thresholds.
    """
    burnt = _in_cells((least_channel(picture) >= _BURNT).astype(np.float32))
    outside = _outside(corners, photo_size)
    colour = cv2.resize(
        cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA
    ).astype(np.float32)
    ground = ~outside
    ground[[0, -1]] = False
    ground[:, [0, -1]] = False
    if portrait_mm is not None:
        _cut(ground, portrait_mm)[...] = False
    smooth = _smooth_patches(picture, burnt, ground, profile)
    if smooth is None:
        return Surface(burnt=burnt, covered=None, outside=outside, colour=colour)
    covered, washed = np.zeros_like(outside), np.zeros_like(outside)
    for patch in smooth:
        bright = float(np.median(colour[..., 0][patch])) >= profile.washed_lightness
        (washed if bright else covered)[patch] = True
    burnt = np.maximum(burnt, washed.astype(np.float32))
    return Surface(burnt=burnt, covered=covered, outside=outside, colour=colour)


def _in_cells(plane: Plane) -> Plane:
    return np.asarray(
        cv2.resize(plane, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA), np.float32
    )


def _outside(corners: Quad, photo_size: tuple[int, int]) -> Mask:
    x, y = np.meshgrid(np.arange(_COLUMNS) + 0.5, np.arange(_ROWS) + 0.5)
    middles = np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)
    to_photo = homography(rectangle_quad(_COLUMNS, _ROWS), corners)
    seen = map_points(to_photo, middles).reshape(_ROWS, _COLUMNS, 2)
    return np.asarray(((seen < 0) | (seen > np.array(photo_size) - 1)).any(axis=-1))


def _smooth_patches(
    picture: RgbImage, burnt: Plane, ground: Mask, profile: GateProfile
) -> list[Mask] | None:
    """Patches without the ground's structure; None if the ground shows none, or if most of it is smooth."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = cv2.GaussianBlur(grey, (0, 0), _FINE_PX) - cv2.GaussianBlur(grey, (0, 0), _COARSE_PX)
    structure = _in_cells(np.abs(fine))
    if ground.mean() < 0.3:
        return None
    usual = (
        float(np.percentile(structure[ground & (burnt < 0.5)], _GROUND_PERCENTILE))
        if (ground & (burnt < 0.5)).any()
        else 0.0
    )
    if usual < profile.least_structure * float(np.percentile(grey, 95)):
        return None
    smooth = (structure < profile.smooth * usual) & ground
    if smooth.sum() > profile.most_smooth * ground.sum():
        return None
    patches = _patches(smooth, burnt, profile.least_cover_mm2 / CELL_MM**2)
    large = profile.large_cover_mm2 / CELL_MM**2  # its own noise is a part of what is around it
    return [
        patch
        for patch in patches
        if patch.sum() >= large or _step_at(patch, structure, ground) <= profile.least_step
    ]


def _step_at(patch: Mask, structure: Plane, ground: Mask) -> float:
    """Structure of a patch over the least of what is around it: the ground of a card full of print changes slowly."""
    near = cv2.dilate(patch.astype(np.uint8), np.ones((_AROUND_CELLS, _AROUND_CELLS), np.uint8))
    around = (near > 0) & ~patch & ground
    if not around.any():
        return 1.0
    least = float(np.percentile(structure[around], _LEAST_AROUND_PERCENTILE))
    return float(np.median(structure[patch])) / max(least, 1e-6)


def _patches(smooth: Mask, burnt: Plane, least_cells: float) -> Iterator[Mask]:
    """Yield connected patches that are large enough and no rim of a burnt-out spot."""
    joined = (smooth | (burnt > 0.5)).astype(np.uint8)
    count, labels = cv2.connectedComponents(joined, connectivity=4)
    for label in range(1, count):
        patch = labels == label
        if patch.sum() >= least_cells and burnt[patch].mean() < _GLARE_RIM:
            yield patch


def is_portrait_covered(surface: Surface, portrait_mm: Box, *, least_cells: int = 3) -> bool:
    """Return whether something lies across the portrait's border.

    The portrait is smooth by itself, so what is looked for is a patch beside it whose colour goes on inside it.

    Args:
        surface: of the front.
        portrait_mm: where the portrait is printed.
        least_cells: of the border (1.6 mm each) that must be crossed.
    """
    if surface.covered is None:
        return False
    x1, y1, x2, y2 = portrait_mm
    left, right = int(x1 / CELL_MM) - 1, int(x2 / CELL_MM) + 1
    top, bottom = int(y1 / CELL_MM) - 1, int(y2 / CELL_MM) + 1
    rows, columns = np.arange(top + 2, bottom - 1), np.arange(left + 2, right - 1)
    crossings = (
        ((rows, np.full_like(rows, left)), (rows, np.full_like(rows, left + 3))),
        ((rows, np.full_like(rows, right)), (rows, np.full_like(rows, right - 3))),
        ((np.full_like(columns, top), columns), (np.full_like(columns, top + 3), columns)),
        ((np.full_like(columns, bottom), columns), (np.full_like(columns, bottom - 3), columns)),
    )
    return max(_crossed(surface, beside, within) for beside, within in crossings) >= least_cells


_Places = tuple[NDArray[np.int_], NDArray[np.int_]]
#: Two patches of Lab closer than this are one thing; skin from a portrait's ground: over 25.
_SAME_COLOUR = 14.0


def _crossed(surface: Surface, beside: _Places, within: _Places) -> int:
    assert surface.covered is not None
    change = np.linalg.norm(surface.colour[beside] - surface.colour[within], axis=-1)
    return int((surface.covered[beside] & (change < _SAME_COLOUR)).sum())
