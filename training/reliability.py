"""Draws how often values of a confidence are right."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

#: Edges of the bins; the upper ones are narrow, because decisions are taken there.
EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.995, 1.0001)


def bins_of(pairs: Sequence[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """Return mean confidence, share right and count of every bin that holds any pair (confidence, right)."""
    confidence = np.array([c for c, _ in pairs])
    right = np.array([r for _, r in pairs])
    at = np.digitize(confidence, EDGES)
    return [
        (float(confidence[at == i].mean()), float(right[at == i].mean()), int((at == i).sum()))
        for i in range(1, len(EDGES))
        if (at == i).any()
    ]


def draw_reliability(pairs: Sequence[tuple[float, bool]], out: Path) -> None:
    """Write a reliability diagram as PNG: share right over confidence, with 95 % Wilson intervals and counts."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 5), dpi=110)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    for confidence, share, count in bins_of(pairs):
        low, high = _wilson(share, count)
        axes.plot([confidence, confidence], [low, high], color="tab:blue", linewidth=1.5)
        axes.plot(confidence, share, "o", color="tab:blue")
        axes.annotate(
            f"n={count}",
            (confidence, low),
            textcoords="offset points",
            xytext=(-4, -12),
            ha="right",
            fontsize=8,
        )
    axes.set(
        xlabel="confidence", ylabel="share of values that are right", xlim=(0, 1.02), ylim=(0, 1.02)
    )
    axes.set_title("Printed fields, five folds by card")
    figure.tight_layout()
    figure.savefig(out)
    pyplot.close(figure)


def _wilson(share: float, count: int) -> tuple[float, float]:
    """Interval of 95 % of a share (Wilson 1927)."""
    z = 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
