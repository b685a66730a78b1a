"""The thresholds of the quality gates, as one named profile.

Chosen on renderings with seeds below 10,000; what they let pass and refuse is measured on others
(docs/reports/card-gates-2026-12-01.md). docs/thresholds.md says what each was chosen between.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GateProfile:
    """Operating points of the gates. Lengths are in the unit of the name, shares run from 0 to 1."""

    name: str
    #: Narrower than this in the photo, a card's captions are under 9 pixels high.
    small_width_px: float
    #: Lightness (0-255) that 95 % of the side stays under.
    dark_lightness: float
    #: Share of the side that is burnt out in one spot, and all over.
    glare_share: float
    burnt_share: float
    #: See `pipeline.card.quality.sharpness`.
    blurred: float
    #: Structure of a cell over that of the card's ground, below which nothing of the card shows there.
    smooth: float
    #: Structure of a patch of such cells over the least around it, above which nothing lies there.
    least_step: float
    #: Median lightness (L of Lab, 0-255) of a smooth patch from which on light has washed it out: nothing lies there.
    washed_lightness: float
    #: The card's own structure over its lightness, below which a covered part cannot be told from an uncovered one.
    least_structure: float
    #: Share of smooth cells from which on the ground itself is smooth, so that nothing follows from smoothness.
    most_smooth: float
    #: The smallest thing that counts as lying on the card.
    least_cover_mm2: float
    #: Ground between print is never smooth over so much of a card at once, whatever the step.
    large_cover_mm2: float
    #: Shares of an unread region that explain why it was not read; anything that covers a field does.
    region_glare: float
    region_covered: float
    region_outside: float
    #: Share of the portrait that is burnt out; a white background behind a face is about half of it.
    portrait_glare: float
    #: Least that the most coloured 2 % of a card stray from its tint (natural logarithms of channel ratios).
    least_colour: float
    #: Natural logarithm of a spectral peak's power over its surroundings from which on it is a printed or shown grid.
    grid_peak: float
    #: Its amplitude over the lightness around it: what is fainter is print of the card's own.
    grid_contrast: float
    #: Peaks nearer than this to the card's own axes are taken for a screen's rows and columns.
    screen_axis_deg: float


GATES_2026_12 = GateProfile(
    name="card-gates-2026-12",
    small_width_px=520.0,
    dark_lightness=80.0,
    glare_share=0.03,
    burnt_share=0.45,
    blurred=0.30,
    smooth=0.50,
    least_step=0.35,
    washed_lightness=244.0,
    least_structure=0.006,
    most_smooth=0.30,
    least_cover_mm2=10.0,
    large_cover_mm2=400.0,
    region_glare=0.05,
    region_covered=0.05,
    region_outside=0.25,
    portrait_glare=0.60,
    least_colour=0.10,
    grid_peak=3.5,
    grid_contrast=0.015,
    screen_axis_deg=12.0,
)
