"""Pictures of figures as small inline SVG: no script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from ekyc.evaluation.figures import Bin

_SIDE, _ROOM = 260, 40


def reliability(bins: Sequence[Bin]) -> str:
    """Draw mean confidence against the share that is right; on the diagonal, confidence says the truth.

    Each point's bar is the 95 % interval, its size grows with the number of fields.
    """
    marks = [_mark(found) for found in bins]
    grid = "".join(
        f'<line class="grid" x1="{_x(v):.1f}" x2="{_x(v):.1f}" y1="{_y(0):.1f}" y2="{_y(1):.1f}"/>'
        f'<line class="grid" y1="{_y(v):.1f}" y2="{_y(v):.1f}" x1="{_x(0):.1f}" x2="{_x(1):.1f}"/>'
        f'<text x="{_x(v):.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle">{v:g}</text>'
        f'<text x="{_x(0) - 6:.1f}" y="{_y(v) + 4:.1f}" text-anchor="end">{v:g}</text>'
        for v in (0, 0.25, 0.5, 0.75, 1)
    )
    size = _SIDE + _ROOM + 16
    return (
        f'<svg viewBox="0 0 {size} {size + 14}" width="{size}" role="img" '
        'aria-label="confidence against share right">'
        f'{grid}<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
        f'{"".join(marks)}<text x="{_x(0.5)}" y="{_y(0) + 34}" text-anchor="middle">'
        "confidence</text></svg>"
    )


def _mark(found: Bin) -> str:
    low, high = found.right.interval or (0.0, 1.0)
    x, value = _x(found.mean), found.right.value or 0.0
    radius = min(9.0, 2.5 + found.right.whole**0.5 / 6)
    return (
        f'<line class="reach" x1="{x:.1f}" x2="{x:.1f}" y1="{_y(low):.1f}" y2="{_y(high):.1f}"/>'
        f'<circle cx="{x:.1f}" cy="{_y(value):.1f}" r="{radius:.1f}"/>'
    )


def _x(value: float) -> float:
    return _ROOM + value * _SIDE


def _y(value: float) -> float:
    return 8 + (1 - value) * _SIDE


def share_bar(value: float | None) -> str:
    """Draw a share as a thin bar beside its number."""
    if value is None:
        return ""
    return f'<span class="bar"><i style="width:{100 * value:.1f}%"></i></span>'
