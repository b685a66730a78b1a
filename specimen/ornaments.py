"""Drawn parts of a specimen card: emblem, chip, stamp, signature, fingerprints. Stylised on purpose, not copies."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from specimen.canvas import BOLD, font

Patch = NDArray[np.uint8]

_GOLD, _RED, _STAMP = (226, 178, 52), (206, 36, 34), (200, 34, 44)
#: Patches are drawn at this many pixels per millimetre and reduced when pasted.
_FINE = 60


def _blank(width_mm: float, height_mm: float) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new(
        "RGBA", (round(width_mm * _FINE), round(height_mm * _FINE)), (255, 255, 255, 0)
    )
    return image, ImageDraw.Draw(image)


def _star(centre: tuple[float, float], radius: float, points: int = 5) -> list[tuple[float, float]]:
    turn = np.arange(2 * points) * np.pi / points - np.pi / 2
    reach = np.where(np.arange(2 * points) % 2 == 0, radius, radius * 0.382)
    return [
        (centre[0] + r * np.cos(a), centre[1] + r * np.sin(a))
        for r, a in zip(reach, turn, strict=True)
    ]


def _ring(
    draw: ImageDraw.ImageDraw, centre: float, radius: float, width: float, colour: tuple[int, ...]
) -> None:
    box = (centre - radius, centre - radius, centre + radius, centre + radius)
    draw.ellipse(box, outline=colour, width=max(round(width), 1))


@lru_cache(maxsize=1)
def emblem() -> Patch:
    """A red disc with a star in a golden wreath, RGBA, square."""
    image, draw = _blank(12, 12)
    middle, k = image.width / 2, _FINE
    draw.ellipse((0.7 * k, 0.7 * k, 11.3 * k, 11.3 * k), fill=_GOLD)
    for angle in np.linspace(0, 2 * np.pi, 40, endpoint=False):  # ears of rice
        x, y = middle + 5.1 * k * np.sin(angle), middle - 5.1 * k * np.cos(angle)
        r = 0.42 * k
        draw.ellipse(
            (x - r, y - r, x + r, y + r), fill=(240, 206, 96), outline=(170, 120, 24), width=4
        )
    draw.ellipse((1.5 * k, 1.5 * k, 10.5 * k, 10.5 * k), fill=_RED, outline=(150, 24, 24), width=8)
    draw.polygon(_star((middle, middle - 0.7 * k), 2.5 * k), fill=(250, 214, 60))
    for angle in np.linspace(0.62, 1.38, 7) * np.pi:  # half a cog wheel under the star
        x, y = middle + 3.5 * k * np.sin(angle), middle - 3.5 * k * np.cos(angle)
        draw.ellipse((x - 0.4 * k, y - 0.4 * k, x + 0.4 * k, y + 0.4 * k), fill=_GOLD)
    draw.rounded_rectangle(
        (2.6 * k, 9.6 * k, 9.4 * k, 11.2 * k), radius=30, fill=_RED, outline=_GOLD, width=8
    )
    return np.asarray(image)


@lru_cache(maxsize=1)
def chip() -> Patch:
    """A golden contact plate with its eight pads, RGBA, 13 x 12 mm."""
    image, draw = _blank(13, 12)
    k, edge = _FINE, (128, 100, 40)
    shade = np.linspace(0, 1, image.width)[None, :, None] * [26, 30, 40]
    plate = np.clip([232, 204, 128] - shade + np.zeros((image.height, 1, 1)), 0, 255).astype(
        np.uint8
    )
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, image.width - 1, image.height - 1), radius=1.6 * k, fill=255
    )
    image.paste(Image.fromarray(plate), (0, 0), mask)
    draw.rounded_rectangle(
        (0, 0, image.width - 1, image.height - 1), radius=1.6 * k, outline=edge, width=12
    )
    draw.rounded_rectangle(
        (4.3 * k, 3.4 * k, 8.7 * k, 8.6 * k), radius=0.7 * k, outline=edge, width=12
    )
    for y in (3.4, 6.0, 8.6):
        draw.line((0, y * k, 4.3 * k, y * k), fill=edge, width=12)
        draw.line((8.7 * k, y * k, 13 * k, y * k), fill=edge, width=12)
    for y in (0.0, 8.6):
        draw.line((6.5 * k, y * k, 6.5 * k, (y + 3.4) * k), fill=edge, width=12)
    return np.asarray(image)


@lru_cache(maxsize=1)
def chip_symbol() -> Patch:
    """The sign of an electronic document: a disc between two bars, RGBA, 3 : 2."""
    image, draw = _blank(9, 6)
    k, ink = _FINE, (150, 108, 30, 255)
    draw.rounded_rectangle(
        (0.2 * k, 0.2 * k, 8.8 * k, 5.8 * k), radius=0.4 * k, outline=ink, width=40
    )
    draw.line((0, 3 * k, 9 * k, 3 * k), fill=ink, width=40)
    draw.ellipse(
        (2.9 * k, 1.4 * k, 6.1 * k, 4.6 * k), fill=(255, 255, 255, 255), outline=ink, width=44
    )
    return np.asarray(image)


@lru_cache(maxsize=1)
def stamp() -> Patch:
    """A round red stamp that says SPECIMEN, RGBA, square."""
    image, draw = _blank(13, 13)
    middle, k = image.width / 2, _FINE
    ink = (*_STAMP, 205)
    _ring(draw, middle, 6.3 * k, 0.22 * k, ink)
    _ring(draw, middle, 4.2 * k, 0.14 * k, ink)
    draw.polygon(_star((middle, middle), 2.2 * k), fill=ink)
    word = "SPECIMEN · SPECIMEN · "
    for i, character in enumerate(word):
        tile = Image.new("RGBA", (2 * k, 2 * k), (255, 255, 255, 0))
        ImageDraw.Draw(tile).text(
            (k, k), character, fill=ink, font=font(BOLD, 1.5 * k), anchor="mm"
        )
        turn = 2 * np.pi * i / len(word)
        spun = tile.rotate(-np.degrees(turn), Image.Resampling.BICUBIC)
        at = (middle + 5.25 * k * np.sin(turn) - k, middle - 5.25 * k * np.cos(turn) - k)
        image.alpha_composite(spun, (round(at[0]), round(at[1])))
    return np.asarray(image)


@lru_cache(maxsize=1)
def signature() -> Patch:
    """A scribble in blue ink, RGBA, 20 x 9 mm."""
    image, draw = _blank(20, 9)
    t = np.linspace(0, 1, 900)
    x = 1.5 + 16 * t + 1.6 * np.sin(14 * t) + 0.5 * np.sin(31 * t)
    y = 4.8 - 2.6 * np.exp(-8 * t) * np.sin(30 * t) - 1.7 * np.sin(23 * t + 0.6) * (1 - 0.55 * t)
    points = [(px * _FINE, py * _FINE) for px, py in zip(x, y, strict=True)]
    draw.line(points, fill=(34, 44, 128, 225), width=15, joint="curve")
    draw.line(
        ((2 * _FINE, 7.9 * _FINE), (17.5 * _FINE, 6.5 * _FINE)), fill=(34, 44, 128, 225), width=12
    )
    return np.asarray(image)


@lru_cache(maxsize=4)
def fingerprint(seed: int) -> Patch:
    """An invented pattern of ridges, grey, 0 = ink, 255 = paper, 16 x 13.8 mm at 20 pixels per mm."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:276, 0:320].astype(np.float32)
    u, v = (x - 160 - 8 * (-1) ** seed) / 92, (y - 150) / 118
    bend = 0.25 * np.sin(2.1 * u + 1.4 * v + seed) + 0.16 * np.sin(3.7 * v - u)
    ridge = np.sin((np.sqrt(u**2 + (v - 0.25) ** 2 + 0.01) + 0.3 * bend) * 62)
    patchy = _smooth_noise(rng, u.shape)
    inside = np.clip((1.0 - (u**2 + v**2) + 0.12 * patchy) * 9, 0, 1)
    ink = np.clip(ridge * 2.2 + 0.5 + 0.9 * patchy, 0, 1) * inside
    return np.asarray(255 - 190 * ink, np.uint8)


def _smooth_noise(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    small = Image.fromarray(rng.normal(0, 1, (shape[0] // 12, shape[1] // 12)).astype(np.float32))
    return np.asarray(small.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), np.float32)


@lru_cache(maxsize=4)
def word(text: str, colour: tuple[int, int, int]) -> Patch:
    """A bold word, RGBA, as high as its em."""
    type_ = font(BOLD, 2 * _FINE)
    image = Image.new("RGBA", (round(type_.getlength(text)), 2 * _FINE), (*colour, 0))
    ImageDraw.Draw(image).text(
        (0, 1.72 * _FINE), text, fill=(*colour, 255), font=type_, anchor="ls"
    )
    return np.asarray(image)
