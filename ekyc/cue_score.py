"""How the score of a cue is written: with the limit, and on which side of it scores are suspicious."""

from __future__ import annotations

from pipeline.findings import Cue


def cue_score(cue: Cue) -> str:
    """Return "0.098 (suspicious below 0.025)"; empty for a cue without a score."""
    if cue.score is None:
        return ""
    side = {True: "suspicious below", False: "suspicious from", None: "limit"}[cue.suspects_below]
    return f"{cue.score:.3g} ({side} {cue.threshold:.3g})"
