"""DET curve and histogram of similarities as small inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log10

import numpy as np

_WIDTH, _HEIGHT, _ROOM = 460, 300, 46
_COLOURS = ("#2767b0", "#b26200", "#007a3d", "#7a2f8f", "#be141e", "#4a515b", "#0b7f86")
#: The DET curve is drawn from one in ten thousand to one.
_DECADES = (-4, 0)
_BINS = np.linspace(-0.6, 1.0, 65)


def det_curve(curves: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Draw FNMR against FMR, both axes logarithmic; a curve ends where the pairs no longer resolve it."""
    ticks = range(_DECADES[0], _DECADES[1] + 1)
    parts = [_grid(_x_log(10.0**t), _y_log(10.0**t), f"1e{t}" if t else "1") for t in ticks]
    for number, (name, points) in enumerate(curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        path = _steps([(_x_log(fmr), _y_log(fnmr)) for fmr, fnmr in points])
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        parts.append(_key(number, name, colour))
    return _svg(parts, "false match rate", "false non-match rate", _HEIGHT + 18 * len(curves))


def histogram(
    genuine: Sequence[float], impostor: Sequence[float], marks: Mapping[str, float]
) -> str:
    """Draw how often each similarity occurs, each kind with its own peak at full height, and limits as lines."""
    parts = []
    for number, (name, values) in enumerate((("genuine", genuine), ("impostor", impostor))):
        counts, edges = np.histogram(np.clip(values, _BINS[0], _BINS[-1]), _BINS)
        heights = counts / max(1, counts.max())
        colour = ("#007a3d", "#be141e")[number]
        parts += [
            f'<rect x="{_x(low):.1f}" y="{_y(h):.1f}" width="{_x(high) - _x(low):.1f}" '
            f'height="{_y(0) - _y(h):.1f}" fill="{colour}" fill-opacity=".45"/>'
            for h, low, high in zip(
                heights.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True
            )
            if h
        ]
        parts.append(_key(number, f"{name}: {len(values)}", colour))
    for row, (name, value) in enumerate(marks.items()):  # limits may lie close together
        parts.append(
            f'<line x1="{_x(value):.1f}" x2="{_x(value):.1f}" y1="{_y(1):.1f}" y2="{_y(0):.1f}" '
            f'stroke="#1b1f24" stroke-dasharray="4 3"/>'
            f'<text x="{_x(value) - 3:.1f}" y="{_y(1) + 10 + 14 * row:.1f}" text-anchor="end">{name}</text>'
        )
    ticks = "".join(
        f'<text x="{_x(v):.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle">{v:.1f}</text>'
        for v in np.arange(-0.4, 1.01, 0.2).tolist()
    )
    return _svg([ticks, *parts], "similarity", "", _HEIGHT + 36)


def _grid(x: float, y: float, label: str) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(0):.1f}" y2="{_y(1):.1f}"/>'
        f'<line class="grid" y1="{y:.1f}" y2="{y:.1f}" x1="{_ROOM}" x2="{_WIDTH - 10}"/>'
        f'<text x="{x:.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle">{label}</text>'
        f'<text x="{_ROOM - 6}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
    )


def _key(number: int, name: str, colour: str) -> str:
    y = _HEIGHT + 12 + 18 * number
    return (
        f'<rect x="{_ROOM}" y="{y - 9}" width="14" height="10" fill="{colour}"/>'
        f'<text x="{_ROOM + 20}" y="{y}">{name}</text>'
    )


def _svg(parts: Sequence[str], below: str, beside: str, height: int) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img" aria-label="{below} {beside}">'
        f'{"".join(parts)}<text x="{_WIDTH / 2}" y="{_y(0) + 32:.1f}" text-anchor="middle">{below}</text>'
        f'<text transform="translate(11 {_HEIGHT / 2}) rotate(-90)" text-anchor="middle">{beside}</text></svg>'
    )


def _steps(points: Sequence[tuple[float, float]]) -> str:
    x, y = points[0]
    path = f"M{x:.1f} {y:.1f}"
    for x, y in points[1:]:
        path += f"H{x:.1f}V{y:.1f}"
    return path


def _share(value: float) -> float:
    low, high = _DECADES
    return min(1.0, max(0.0, (log10(max(value, 1e-9)) - low) / (high - low)))


def _x_log(value: float) -> float:
    return _ROOM + _share(value) * (_WIDTH - 10 - _ROOM)


def _y_log(value: float) -> float:
    return _y(_share(value))


def _x(similarity: float) -> float:
    return float(_ROOM + (similarity - _BINS[0]) / (_BINS[-1] - _BINS[0]) * (_WIDTH - 10 - _ROOM))


def _y(share: float) -> float:
    return 10 + (1 - share) * (_HEIGHT - 56)
