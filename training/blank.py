"""Crops that hold no text: what a detector takes for a line by mistake. A reader must stay silent there."""

import math
import random
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from training.paper import Canvas, draw_paper

Grid = NDArray[np.float32]


def draw_blank(rng: random.Random) -> Canvas:
    """Draw bare card paper, or a piece of a fingerprint, chip, code, portrait, ornament or card edge."""
    height = rng.randint(16, 52)
    width = round(height * rng.uniform(0.8, 9))
    canvas = draw_paper(height, width, rng)
    if rng.random() < 0.25:
        return canvas
    return rng.choice(_PIECES)(canvas, rng)


def _grid(canvas: Canvas) -> tuple[Grid, Grid]:
    ys, xs = np.mgrid[0 : canvas.shape[0], 0 : canvas.shape[1]].astype(np.float32)
    return xs, ys


def _inked(canvas: Canvas, mask: Grid, rng: random.Random) -> Canvas:
    """Mix a mask of 0 to 1 into the paper in one random ink."""
    ink = np.array([rng.uniform(0, 150) for _ in range(3)], np.float32)
    cover = (mask * rng.uniform(0.3, 1))[..., None]
    return (canvas * (1 - cover) + ink * cover).astype(np.float32)


def _ridges(canvas: Canvas, rng: random.Random) -> Canvas:
    """A fingerprint: waves around a centre, bent by slower waves."""
    xs, ys = _grid(canvas)
    height, width = canvas.shape[:2]
    dx = xs - rng.uniform(-0.2, 1.2) * width
    dy = (ys - rng.uniform(-1, 2) * height) * rng.uniform(0.6, 1.6)
    bend = rng.uniform(0, 3) * np.sin(xs / rng.uniform(6, 30)) * np.sin(ys / rng.uniform(6, 30))
    wave = np.sin(np.hypot(dx, dy) * math.tau / rng.uniform(3, 9) + bend)
    ridges = np.asarray(wave > rng.uniform(-0.4, 0.4), np.float32)
    return _inked(canvas, ridges, rng)


def _contacts(canvas: Canvas, rng: random.Random) -> Canvas:
    """A chip: a field of metal with dark lines between its contacts."""
    height, width = canvas.shape[:2]
    x0 = rng.randint(-width // 4, width // 2)
    metal = np.array(
        (rng.uniform(170, 225), rng.uniform(140, 200), rng.uniform(60, 170)), np.float32
    )
    plate = canvas.copy()
    plate[:, max(0, x0) : x0 + round(width * rng.uniform(0.4, 1))] = metal
    lines = np.zeros((height, width), np.uint8)
    for _ in range(rng.randint(2, 7)):
        a = (rng.randint(0, width), rng.randint(0, height))
        b = (a[0], rng.randint(0, height)) if rng.random() < 0.5 else (rng.randint(0, width), a[1])
        cv2.line(lines, a, b, 255, rng.randint(1, 3), cv2.LINE_AA)
    return _inked(plate, np.asarray(lines / 255, np.float32), rng)


def _modules(canvas: Canvas, rng: random.Random) -> Canvas:
    """A piece of a QR code, or of a bar code when the modules are as high as the crop."""
    height, width = canvas.shape[:2]
    size = rng.randint(2, 9)
    rows = 1 if rng.random() < 0.3 else -(-height // size)
    dots = np.random.default_rng(rng.getrandbits(32)).random((rows, -(-width // size))) < 0.5
    tall = height if rows == 1 else size
    mask = np.kron(dots, np.ones((tall, size)))[:height, :width].astype(np.float32)
    return _inked(canvas, mask, rng)


def _portrait(canvas: Canvas, rng: random.Random) -> Canvas:
    """Soft blobs of skin, hair and cloth, and the straight edge of the photo."""
    height, width = canvas.shape[:2]
    photo = canvas.copy()
    for _ in range(rng.randint(2, 6)):
        colour = [rng.uniform(10, 235) for _ in range(3)]
        centre = (rng.randint(0, width), rng.randint(-height, 2 * height))
        axes = (rng.randint(3, max(4, width // 2)), rng.randint(3, 2 * height))
        cv2.ellipse(photo, centre, axes, rng.uniform(0, 180), 0, 360, colour, -1)
    photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.5, 5)), np.float32)
    edge = rng.randint(0, width) if rng.random() < 0.5 else width
    canvas[:, :edge] = photo[:, :edge]
    return canvas


def _edge(canvas: Canvas, rng: random.Random) -> Canvas:
    """The border of the card before a table, or of two fields of colour."""
    xs, ys = _grid(canvas)
    height, width = canvas.shape[:2]
    angle = rng.gauss(0, 0.15) + rng.choice((0, math.pi / 2))
    side = (xs - rng.uniform(0, width)) * math.cos(angle) + (
        ys - rng.uniform(0, height)
    ) * math.sin(angle)
    grain = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(0, 25), canvas.shape)
    table = np.array([rng.uniform(5, 245) for _ in range(3)]) + grain
    cover = (side > 0)[..., None]
    return np.where(cover, table, canvas).astype(np.float32)


def _ornament(canvas: Canvas, rng: random.Random) -> Canvas:
    """Arcs, rays and strokes: emblem, drum, lotus, signature, lines of the print."""
    height, width = canvas.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    thickness = rng.randint(1, 3)
    for _ in range(rng.randint(1, 9)):
        centre = (rng.randint(0, width), rng.randint(-height, 2 * height))
        if rng.random() < 0.6:
            axes = (rng.randint(3, 3 * height), rng.randint(3, 2 * height))
            start = rng.uniform(0, 360)
            cv2.ellipse(
                mask,
                centre,
                axes,
                rng.uniform(0, 180),
                start,
                start + rng.uniform(40, 360),
                255,
                thickness,
            )
        else:
            end = (rng.randint(-width, 2 * width), rng.randint(-height, 2 * height))
            cv2.line(mask, centre, end, 255, thickness, cv2.LINE_AA)
    return _inked(canvas, np.asarray(mask / 255, np.float32), rng)


_PIECES: tuple[Callable[[Canvas, random.Random], Canvas], ...] = (
    _ridges,
    _contacts,
    _modules,
    _portrait,
    _edge,
    _ornament,
)
