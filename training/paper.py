"""What lies behind and over the print: card colours, guilloche, stamps, lamination glare."""

import math
import random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Canvas = NDArray[np.float32]
"""H x W x 3, float32, 0..255, RGB."""

# Left, middle, right of a card, RGB: pale green-blue (chip card), blue-yellow-blue (2024), grey-blue (CMND).
_CARD_TINTS = (
    ((206, 226, 216), (232, 236, 205), (214, 228, 214)),
    ((188, 214, 232), (242, 232, 186), (186, 212, 234)),
    ((214, 226, 236), (222, 232, 238), (212, 224, 234)),
    ((236, 228, 196), (240, 222, 178), (226, 226, 206)),
    ((222, 214, 230), (236, 226, 230), (216, 222, 238)),
)


def draw_paper(height: int, width: int, rng: random.Random) -> Canvas:
    """Draw a card's background: tint, then guilloche of soft waves and thin lines."""
    paper = _tint(height, width, rng)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(rng.randint(0, 3)):
        paper += _wave(xs, ys, rng)
    return paper


def _tint(height: int, width: int, rng: random.Random) -> Canvas:
    if rng.random() < 0.3:
        plain = np.array([rng.randint(165, 252) for _ in range(3)], np.float32)
        return np.broadcast_to(plain, (height, width, 3)).astype(np.float32)
    stops = np.array(rng.choice(_CARD_TINTS), np.float32) + rng.uniform(-22, 12)
    start, length = rng.uniform(0, 1), rng.uniform(0.05, 1)
    at = np.clip(np.linspace(start, start + length, width), 0, 1) * 2
    row = np.stack([np.interp(at, (0, 1, 2), stops[:, channel]) for channel in range(3)], axis=1)
    return np.broadcast_to(row[None], (height, width, 3)).astype(np.float32)


def _wave(xs: NDArray[np.float32], ys: NDArray[np.float32], rng: random.Random) -> Canvas:
    pitch, angle = rng.uniform(0.05, 0.9), rng.uniform(0, math.tau)
    bend = rng.uniform(0, 4) * np.sin(xs * rng.uniform(0.01, 0.1) + ys * rng.uniform(0.01, 0.1))
    phase = (xs * math.cos(angle) + ys * math.sin(angle)) * pitch + bend
    strength = np.sin(phase) * rng.uniform(3, 16)
    if rng.random() < 0.4:  # a thin printed line instead of a soft wave
        strength = np.maximum(np.sin(phase), 0) ** 6 * rng.uniform(-45, -8)
    colour = np.array([rng.uniform(0.15, 1) for _ in range(3)], np.float32)
    return (strength[..., None] * colour).astype(np.float32)


def stamp_over(canvas: Canvas, rng: random.Random) -> Canvas:
    """Press a piece of a round red stamp, or the stroke of a signature, over the line."""
    height, width = canvas.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    thickness = max(1, round(height * rng.uniform(0.03, 0.1)))
    if rng.random() < 0.7:
        centre = (rng.randint(0, width), rng.randint(-height, 2 * height))
        for radius in (rng.uniform(1, 3) * height, rng.uniform(0.5, 2) * height):
            cv2.circle(mask, centre, round(radius), 255, thickness, cv2.LINE_AA)
    else:
        steps = [(rng.randint(0, width), rng.randint(0, height)) for _ in range(5)]
        cv2.polylines(
            mask,
            [np.array(steps, np.int32)],
            isClosed=False,
            color=255,
            thickness=thickness,
            lineType=cv2.LINE_AA,
        )
    ink = np.array((rng.randint(150, 220), rng.randint(20, 90), rng.randint(20, 90)), np.float32)
    cover = mask[..., None].astype(np.float32) / 255 * rng.uniform(0.15, 0.45)
    return (canvas * (1 - cover) + ink * cover).astype(np.float32)


def rule_under(
    canvas: Canvas, start: tuple[float, float], font_px: float, rng: random.Random
) -> Canvas:
    """Draw the rule that forms print for a value to stand on: dots, dashes or a thin line, never a mark below a letter.

    Args:
        canvas: the line.
        start: x of the text's left end and y of its baseline, pixels.
        font_px: size of the print.
        rng: the only source of chance.
    """
    x, baseline = start
    y = baseline + rng.uniform(0.02, 0.3) * font_px
    radius_px = max(0.5, rng.uniform(0.02, 0.06) * font_px)
    pitch_px = radius_px * rng.uniform(3, 9)
    length_px = rng.choice((0.0, 0.0, 0.0, pitch_px * 0.5, pitch_px + 2))
    mask = Image.new("L", (canvas.shape[1], canvas.shape[0]), 0)
    pen = ImageDraw.Draw(mask)
    while x < canvas.shape[1]:
        pen.ellipse(
            (x - radius_px, y - radius_px, x + length_px + radius_px, y + radius_px), fill=255
        )
        x += pitch_px
    ink = np.array([rng.uniform(10, 130) for _ in range(3)], np.float32)
    cover = np.asarray(mask, np.float32)[..., None] / 255 * rng.uniform(0.5, 1)
    return (canvas * (1 - cover) + ink * cover).astype(np.float32)


def light(canvas: Canvas, rng: random.Random) -> Canvas:
    """Light the line unevenly: a slope across it and, now and then, a soft highlight of the lamination."""
    height, width = canvas.shape[:2]
    slope = np.linspace(-1, 1, width, dtype=np.float32) * rng.uniform(-28, 28)
    lit = canvas * rng.uniform(0.6, 1.08) + slope[None, :, None]
    if rng.random() < 0.25:
        xs = np.arange(width, dtype=np.float32)
        spread = rng.uniform(0.5, 4) * height
        glow = np.exp(-(((xs - rng.uniform(0, width)) / spread) ** 2)) * rng.uniform(20, 90)
        lit = lit + glow[None, :, None]
    return lit.astype(np.float32)
