"""One picture of a comparison: both faces upright with landmarks, their measures, the similarity on the calibration.

matplotlib comes with the extra `specimen`; it is imported where it is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.face.matcher import Comparison
from pipeline.face.profile import MATCH_FMR, REVIEW_FMR, FaceProfile
from pipeline.findings import Band
from pipeline.pictures import FACE, PORTRAIT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOUR = {Band.MATCH: "#007a3d", Band.REVIEW: "#b26200", Band.NO_MATCH: "#be141e", None: "#4a515b"}
_LIMIT = "#9aa2ad"
#: Finding's prefix of the measures of each face.
_SIDES = ((PORTRAIT, "portrait", "A"), (FACE, "selfie", "B"))
_MEASURES = (
    "height_px", "yaw_deg", "pitch_deg", "roll_deg", "sharpness", "brightness", "contrast", "eyes_open",
    "eyes_shown", "mouth_shown",
)  # fmt: skip


def plot_comparison(made: Comparison, profile: FaceProfile, out: Path) -> None:
    """Write the picture.

    Args:
        made: what `FaceMatcher.compare_photos` returned.
        profile: of the backend.
        out: a .png.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 5.4), layout="constrained")
    left, right, curve = figure.subplots(1, 3, width_ratios=(1, 1, 1.25))
    for axes, (name, prefix, letter) in zip((left, right), _SIDES, strict=True):
        _face(axes, made, name, prefix, letter)
    _curve(curve, made, profile)
    finding = made.finding
    said = (
        finding.band.replace("_", " ")
        if finding.band
        else f"not judged: {finding.rejected and finding.rejected.code}"
    )
    figure.suptitle(said, color=_COLOUR[finding.band], fontsize=17, fontweight="bold")
    figure.savefig(out, dpi=110)


def _face(axes: Axes, made: Comparison, name: str, prefix: str, letter: str) -> None:
    axes.set_axis_off()
    face = made.faces.get(name)
    if face is None:
        axes.set_title(f"{letter}: no face to be judged", fontsize=11)
        return
    axes.imshow(face.patch)
    points = face.mesh.points
    axes.scatter(points[:, 0], points[:, 1], s=4, c="#39d98a", linewidths=0)
    low, high = face.mesh.box[:2], face.mesh.box[2:]
    room = 0.25 * (high - low)
    height, width = face.patch.shape[:2]
    axes.set_xlim(max(0, low[0] - room[0]), min(width, high[0] + room[0]))
    axes.set_ylim(min(height, high[1] + room[1]), max(0, low[1] - room[1]))
    axes.set_title(f"{letter}, found by: {face.found_by}", fontsize=11)
    quality = made.finding.quality
    lines = [
        f"{m:12}{quality[f'{prefix}_{m}']:9.2f}" for m in _MEASURES if f"{prefix}_{m}" in quality
    ]
    axes.text(
        0.5, -0.03, "\n".join(lines), transform=axes.transAxes, ha="center", va="top",
        family="monospace", fontsize=9,
    )  # fmt: skip


def _curve(axes: Axes, made: Comparison, profile: FaceProfile) -> None:
    """False match rate over similarity, the bands behind it, and where this pair lies."""
    similarity = made.finding.similarity
    axes.set_xlabel(f"similarity ({profile.name})")
    axes.set_xlim(-0.3, 1.0)
    if profile.calibration is None:
        axes.set_title("no calibration: never a match", fontsize=11)
    else:
        _bands(axes, profile)
    if similarity is not None:
        axes.axvline(similarity, color=_COLOUR[made.finding.band], linewidth=2.5)
        axes.annotate(
            f"{similarity:.3f}", (similarity, 1.0), xycoords=("data", "axes fraction"),
            xytext=(0, 4), textcoords="offset points", ha="center", fontsize=12,
            color=_COLOUR[made.finding.band], fontweight="bold",
        )  # fmt: skip


def _bands(axes: Axes, profile: FaceProfile) -> None:
    values = np.linspace(-0.3, 1.0, 521)
    bands = [profile.band(float(value)) for value in values]
    for band in Band:
        of_band = values[[found is band for found in bands]]
        if of_band.size:
            axes.axvspan(of_band[0], of_band[-1], color=_COLOUR[band], alpha=0.13, linewidth=0)
            middle = (of_band[0] + of_band[-1]) / 2
            axes.text(
                middle, 0.02, band.replace("_", " "), transform=axes.get_xaxis_transform(),
                ha="center", fontsize=10, color=_COLOUR[band], rotation=90 if of_band.size < 80 else 0,
            )  # fmt: skip
    axes.semilogy(values, [profile.fmr(float(value)) for value in values], color="#1b1f24")
    for rate in (MATCH_FMR, REVIEW_FMR):
        axes.axhline(rate, color=_LIMIT, linestyle="--", linewidth=0.8)
    axes.set_ylabel("strangers who are this similar or more")
    axes.set_ylim(3e-6, 1.5)
