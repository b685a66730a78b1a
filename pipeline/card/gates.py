"""The quality gates: why a part of a card was not read, and whether the photo shows a card at all.

A part that was read well is never refused for its looks. A part that was not read is blamed on the first cause that
explains it: beyond the frame, glare, covered, then what is wrong with the whole side. Two things are judged whether or
not the text was read: something that lies on a code, on the portrait or against a value that no code confirms (half a
name reads well), and signs of a copy. What could not be evaluated is a check with `passed` None, never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pipeline.card.copies import Grid, colour_spread, find_grid
from pipeline.card.gate_profile import GATES_2026_12, GateProfile
from pipeline.card.geometry import CARD_MM, Quad, quad_size
from pipeline.card.look import SideLook, scaled
from pipeline.card.quality import measure_picture, reason_unreadable, sharpness
from pipeline.card.regions import MRZ, PORTRAIT, QR, REGIONS_MM
from pipeline.card.surface import (
    CELL_MM,
    Surface,
    is_portrait_covered,
    look_at_surface,
    measured_picture,
)
from pipeline.findings import Box, Check, Fact, FieldName
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

_CODE = ReasonCode
#: Causes that a capture can have, in the order in which a customer should hear of them.
CAPTURE_GATES = (
    _CODE.CARD_CUT_OFF,
    _CODE.CARD_COVERED,
    _CODE.CARD_GLARE,
    _CODE.CARD_OVEREXPOSED,
    _CODE.CARD_DARK,
    _CODE.CARD_TOO_SMALL,
    _CODE.CARD_BLURRED,
)
#: Something within this of a value's ends may hide more of it.
_BESIDE_MM = 2.0
#: A corner this far beyond the frame, as a share of the card's width, is outside; two within it lie on the edge.
_BEYOND, _ON_EDGE = 0.01, 0.006


# ---------------------------------------------------------------- capture


def judge_sides(
    looks: Sequence[SideLook], profile: GateProfile = GATES_2026_12
) -> tuple[Check, ...]:
    """Return one check per gate over all sides; facts name the sides and, for each, what is affected."""
    blamed: dict[ReasonCode, dict[str, list[str]]] = {code: {} for code in CAPTURE_GATES}
    unseen = set()
    for look in looks:
        surface = surface_of(look, profile)
        if surface.covered is None:
            unseen.add(look.side)
        for name, code in _blames(look, surface, profile):
            names = blamed[code].setdefault(look.side, [])
            if name not in names:
                names.append(name)
    checks = [_capture_check(code, found) for code, found in blamed.items()]
    if unseen and not blamed[_CODE.CARD_COVERED]:
        facts: dict[str, Fact] = {"not_evaluated": ",".join(sorted(unseen))}
        unknown = Check(code=_CODE.CARD_COVERED, passed=None, facts=facts)
        checks = [unknown if check.code is unknown.code else check for check in checks]
    return (*checks, *_copy_checks(looks, profile))


def _capture_check(code: ReasonCode, found: Mapping[str, Sequence[str]]) -> Check:
    known = {str(name) for name in FieldName}
    return Check(
        code=code,
        passed=not found,
        fields=tuple(name for names in found.values() for name in names if name in known),
        facts={side: ",".join(names) for side, names in found.items()},
    )


def surface_of(look: SideLook, profile: GateProfile = GATES_2026_12) -> Surface:
    """Return the side's surface; what covers it is unknown where the whole photo is blurred or dark."""
    height, width = look.photo.shape[:2]
    portrait = REGIONS_MM.get((look.version, look.side), {}).get(PORTRAIT)
    surface = look_at_surface(look.picture, look.card.corners, (width, height), portrait, profile)
    dull = (
        look.quality.sharpness < profile.blurred or look.quality.lightness < profile.dark_lightness
    )
    if not dull:
        return surface
    return Surface(
        burnt=surface.burnt, covered=None, outside=surface.outside, colour=surface.colour
    )


def explain_unread(
    look: SideLook, names: Sequence[str], profile: GateProfile = GATES_2026_12
) -> ReasonCode | None:
    """Return the first cause, in the order of `CAPTURE_GATES`, why any of the named parts was not read.

    Where nothing explains those, what explains another part that was not read.
    """
    surface = surface_of(look, profile)
    for parts in (names, look.unread):
        causes = {_cause(look, name, surface, profile) for name in parts}
        if causes - {None}:
            return next(code for code in CAPTURE_GATES if code in causes)
    return None


def _blames(
    look: SideLook, surface: Surface, profile: GateProfile
) -> Iterator[tuple[str, ReasonCode]]:
    for name in look.unread:
        cause = _cause(look, name, surface, profile)
        if cause is not None:
            yield name, cause
    for name in _covered_parts(look, surface, profile):
        yield name, _CODE.CARD_COVERED
    portrait = REGIONS_MM.get((look.version, look.side), {}).get(PORTRAIT)
    if portrait is not None and surface.glare_in(portrait) >= profile.portrait_glare:
        yield PORTRAIT, _CODE.CARD_GLARE


def _cause(look: SideLook, name: str, surface: Surface, profile: GateProfile) -> ReasonCode | None:
    """Why a part was not read; None if nothing that is measured explains it."""
    region = REGIONS_MM.get((look.version, look.side), {}).get(name)
    if region is not None:
        if surface.outside_in(region) >= profile.region_outside:
            return _CODE.CARD_CUT_OFF
        if surface.glare_in(region) >= profile.region_glare:
            burnt = look.quality.burnt_share > profile.burnt_share
            return _CODE.CARD_OVEREXPOSED if burnt else _CODE.CARD_GLARE
        if _is_covered(name, region, surface, profile):
            return _CODE.CARD_COVERED
    height, width = look.photo.shape[:2]
    if leaves_frame(look.card.corners, (width, height)):
        return _CODE.CARD_CUT_OFF
    whole = reason_unreadable(look.quality, profile)
    if whole is not None or region is None:
        return whole
    return _CODE.CARD_BLURRED if _region_sharpness(look, region) < profile.blurred else None


def _is_covered(name: str, region: Box, surface: Surface, profile: GateProfile) -> bool:
    """Whether something lies on a part that was not read: on enough of a code, or anywhere on a field or beside it."""
    if name in (QR, MRZ):
        return surface.covered_in(region) >= profile.region_covered
    x1, y1, x2, y2 = region
    # A cell that is half covered still shows structure, and layouts differ by a line.
    around = (x1 - CELL_MM, y1 - CELL_MM, x2 + CELL_MM, y2 + CELL_MM)
    return surface.covered_in(around) > 0


def _region_sharpness(look: SideLook, region: Box) -> float:
    to_px = look.picture.shape[1] / CARD_MM[0]
    x1, y1, x2, y2 = (round(edge) for edge in scaled(region, to_px))
    return sharpness(RgbImage(np.ascontiguousarray(look.picture[y1:y2, x1:x2])))


def _covered_parts(look: SideLook, surface: Surface, profile: GateProfile) -> Iterator[str]:
    """Codes that were not read and on which something lies, the portrait, and values that end at something."""
    regions = REGIONS_MM.get((look.version, look.side), {})
    for name in look.codes_unread:
        if surface.covered_in(regions[name]) >= profile.region_covered:
            yield name
    portrait = regions.get(PORTRAIT)
    if portrait is not None and look.bordered and is_portrait_covered(surface, portrait):
        yield PORTRAIT
    for name, (x1, y1, x2, y2) in look.exposed.items():
        middle = (y1 + y2) / 2
        strip = (x1 - _BESIDE_MM, middle - 0.2, x2 + _BESIDE_MM, middle + 0.2)
        if surface.covered_in(strip) > 0:
            yield name


def leaves_frame(card: Quad, photo_size: tuple[int, int]) -> bool:
    """Return whether a card goes on beyond its photo.

    A corner lies outside the frame, or one to three sides lie along its edges. If all four do, the picture is the
    card, cut out.

    Args:
        card: corners in pixels of the photo.
        photo_size: width and height of the photo.
    """
    width = max(quad_size(card))
    low, high = np.zeros(2), np.array(photo_size, np.float32) - 1
    if (card < low - _BEYOND * width).any() or (card > high + _BEYOND * width).any():
        return True
    near = _ON_EDGE * width
    at = np.concatenate([card < low + near, card > high - near], axis=1).sum(axis=0)
    return bool(1 <= (at >= 2).sum() <= 3)


def why_no_card(photo: RgbImage, profile: GateProfile = GATES_2026_12) -> ReasonCode:
    """Return why nothing like a card was seen in a photo: it is dark or burnt out, or there is none.

    Args:
        photo: H x W x 3, uint8, RGB.
        profile: the thresholds.
    """
    quality = measure_picture(measured_picture(photo), float(photo.shape[1]))
    if quality.lightness < profile.dark_lightness:
        return _CODE.CARD_DARK
    if quality.burnt_share > profile.burnt_share:
        return _CODE.CARD_OVEREXPOSED
    return _CODE.CARD_NOT_FOUND


# ---------------------------------------------------------------- copies


def _copy_checks(looks: Sequence[SideLook], profile: GateProfile) -> tuple[Check, ...]:
    colours = {look.side: colour_spread(look.picture, profile) for look in looks}
    grey = {
        side: None if spread is None else spread < profile.least_colour
        for side, spread in colours.items()
    }
    grids = {look.side: _seen_grid(look, profile) for look in looks}
    return (
        _copy_check(_CODE.CARD_PHOTOCOPY, grey, colours),
        _copy_check(_CODE.CARD_SCREEN, *_grid_judged(grids, profile, screen=True)),
        _copy_check(_CODE.CARD_PRINT, *_grid_judged(grids, profile, screen=False)),
    )


def _seen_grid(look: SideLook, profile: GateProfile) -> Grid | None:
    """The side's grid; None if the photo is too blurred to show one that is there."""
    grid = find_grid(look.photo, look.card.corners)
    visible = grid is not None and _is_copy(grid, profile)
    return grid if visible or look.quality.sharpness >= profile.blurred else None


def _is_copy(grid: Grid, profile: GateProfile) -> bool:
    return grid.peak >= profile.grid_peak and grid.contrast >= profile.grid_contrast


def _grid_judged(
    grids: Mapping[str, Grid | None], profile: GateProfile, *, screen: bool
) -> tuple[dict[str, bool | None], dict[str, float | None]]:
    judged: dict[str, bool | None] = {}
    for side, grid in grids.items():
        if grid is None:
            judged[side] = None
        else:
            along = grid.off_axis_deg <= profile.screen_axis_deg
            judged[side] = _is_copy(grid, profile) and along == screen
    return judged, {side: grid.peak if grid else None for side, grid in grids.items()}


def _copy_check(
    code: ReasonCode, judged: Mapping[str, bool | None], measured: Mapping[str, float | None]
) -> Check:
    """Failed if any side shows the sign, None if a side could not be evaluated and none shows it."""
    bad = [side for side, is_copy in judged.items() if is_copy]
    unknown = [side for side, is_copy in judged.items() if is_copy is None]
    facts: dict[str, Fact] = {side: round(measured[side] or 0.0, 3) for side in bad}
    if unknown and not bad:
        facts["not_evaluated"] = ",".join(unknown)
    return Check(code=code, passed=False if bad else (None if unknown else True), facts=facts)
