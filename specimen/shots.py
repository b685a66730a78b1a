"""How hard a photo of a card is: severities, each drawn so that a person can still read every field."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np

from specimen.camera import Look
from specimen.dice import pick
from specimen.layout import CARD_MM
from specimen.scene import Shot, Surface, draw_shot

#: Width and height of frames: 2, 3 and 12 megapixels, both ways up.
_Frames = tuple[tuple[int, int], ...]
_FRAMES_2MP: _Frames = ((1600, 1200), (1920, 1080), (1200, 1600), (1080, 1920))
_FRAMES_3MP: _Frames = ((2048, 1536), (1536, 2048))
_FRAMES_5MP: _Frames = ((2592, 1944), (1944, 2592))
_FRAMES_12MP: _Frames = ((4032, 3024), (3024, 4032))
_SHARE_12MP = 0.08
_TABLE_PX = 900
#: Least width of a card in a photo: about 18 pixels for the em of the smallest printed value.
LEAST_CARD_PX = 900
#: A scan leaves this much of the glass beside the card, as a share of the card's width.
_SCAN_SHARE = (0.9, 0.985)


class Severity(StrEnum):
    """Kinds of photos, from the easiest on."""

    FLAT = "flat"
    CAREFUL = "careful"
    TURNED = "turned"
    TILTED = "tilted"
    POOR = "poor"
    SMALL = "small"


def draw_severity(severity: Severity, rng: np.random.Generator) -> Shot:
    """Draw how a card is photographed.

    Args:
        severity: which kind of photo.
        rng: source of all choices.
    """
    shot = {
        Severity.FLAT: _flat,
        Severity.CAREFUL: _careful,
        Severity.TURNED: _turned,
        Severity.TILTED: _tilted,
        Severity.POOR: _poor,
        Severity.SMALL: _small,
    }[severity](rng)
    return replace(shot, table_px=_TABLE_PX)


def _flat(rng: np.random.Generator) -> Shot:
    """A scan: level, even light, hardly anything around the card, or cut out along its edges."""
    width = int(rng.integers(1100, 2000))
    cut_out = rng.random() < 0.3
    return Shot(
        size=(width, round(width * (CARD_MM[1] / CARD_MM[0] if cut_out else 0.66))),
        share=1.0 if cut_out else float(rng.uniform(*_SCAN_SHARE)),
        look=Look(noise=float(rng.uniform(0, 1.5)), gamma=float(rng.uniform(0.94, 1.06))),
        surface=Surface.PALE,
        jpeg_quality=int(rng.integers(85, 96)),
    )


def _careful(rng: np.random.Generator) -> Shot:
    return _wide_enough(replace(_framed(rng, draw_shot(rng)), share=float(rng.uniform(0.75, 0.93))))


def _turned(rng: np.random.Generator) -> Shot:
    """Any turn; half of the photos are turned by a quarter or a half, as cameras do it."""
    shot = _framed(rng, draw_shot(rng, any_rotation=True))
    if rng.random() < 0.5:
        turn = float(rng.choice([90, 180, 270])) + float(rng.uniform(-4, 4))
        shot = replace(shot, rotation_deg=turn)
    return _wide_enough(replace(shot, share=float(rng.uniform(0.75, 0.93))))


def _tilted(rng: np.random.Generator) -> Shot:
    """Perspective up to 30 degrees about a random axis, turned up to 25 degrees, sometimes anyhow."""
    shot = _framed(rng, draw_shot(rng, any_rotation=bool(rng.random() < 0.25)))
    lean, axis = rng.uniform(14, 30), rng.uniform(0, 2 * np.pi)
    turn = shot.rotation_deg + float(rng.uniform(-20, 20))
    return _wide_enough(
        replace(
            shot,
            rotation_deg=turn,
            tilt_x_deg=float(lean * np.cos(axis)),
            tilt_y_deg=float(lean * np.sin(axis)),
            share=float(rng.uniform(0.75, 0.95)),
        )
    )


def _poor(rng: np.random.Generator) -> Shot:
    """Soft, noisy, unevenly lit and squeezed, yet readable: the blur follows the card's size."""
    shot = _wide_enough(
        replace(
            _framed(rng, draw_shot(rng, any_rotation=bool(rng.random() < 0.2))),
            share=float(rng.uniform(0.7, 0.92)),
        )
    )
    width_px, warm = card_width_px(shot), float(rng.uniform(-0.13, 0.13))
    look = replace(
        shot.look,
        balance=(1 + warm, 1.0, 1 - warm),
        blur_px=float(rng.uniform(0.4, 1.3)) * width_px / 1200,
        noise=float(rng.uniform(3, 8)),
        gamma=float(rng.uniform(0.75, 1.15)),
        light_fall=float(rng.uniform(0.3, 0.7)),
    )
    return replace(shot, look=look, jpeg_quality=int(rng.integers(50, 71)))


def _small(rng: np.random.Generator) -> Shot:
    """The card is 30 to 45 % of a large frame; the frame grows where the card would be too small to read."""
    shot = draw_shot(rng, any_rotation=bool(rng.random() < 0.4))
    size = pick(rng, _FRAMES_12MP if rng.random() < 0.3 else _FRAMES_5MP)
    place = rng.uniform(-0.18, 0.18, 2)
    return _wide_enough(
        replace(
            shot,
            size=size,
            share=float(rng.uniform(0.3, 0.45)),
            offset=(float(place[0]), float(place[1])),
            surface=pick(rng, (Surface.TABLE, Surface.CLUTTERED, Surface.CLUTTERED)),
        )
    )


def _framed(rng: np.random.Generator, shot: Shot) -> Shot:
    """Draw the frame and what the card lies on."""
    usual = _FRAMES_2MP if rng.random() < 0.6 else _FRAMES_3MP
    frames = _FRAMES_12MP if rng.random() < _SHARE_12MP else usual
    surfaces = (Surface.TABLE, Surface.TABLE, Surface.CLUTTERED, Surface.CLUTTERED, Surface.PALE)
    return replace(shot, size=pick(rng, frames), surface=pick(rng, surfaces))


def card_width_px(shot: Shot) -> float:
    """About how wide the card is in the photo, in pixels: its long edge, tilt ignored."""
    turn = np.radians(shot.rotation_deg)
    across = abs(np.cos(turn)) + 0.63 * abs(np.sin(turn))
    down = abs(np.sin(turn)) + 0.63 * abs(np.cos(turn))
    return float(min(shot.share * shot.size[0] / across, shot.share * shot.size[1] / down))


def _wide_enough(shot: Shot) -> Shot:
    """The same shot in a frame large enough for a readable card."""
    lack = LEAST_CARD_PX / card_width_px(shot)
    if lack <= 1:
        return shot
    return replace(shot, size=(round(shot.size[0] * lack), round(shot.size[1] * lack)))
