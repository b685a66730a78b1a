"""What is told about a comparison of faces: rates per condition, bands of the calibration, bars, worst pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ekyc.evaluation.bars import Bar
from ekyc.evaluation.face_pairs import FacePairs
from ekyc.evaluation.face_rates import FMR_TARGETS, Kept, Rates, Scores, kept, rates
from ekyc.evaluation.face_run import Compared, Condition, Outcome, scores_of
from pipeline.face.profile import FaceProfile
from pipeline.findings import Band

#: (bar's condition, what must be reached at a false match rate of 1e-3, what is aimed at).
BARS = ((Condition(), 0.03, 0.01), (Condition(card_px=110), 0.04, 0.02))
BAR_FMR = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionFigures:
    """One condition.

    `bands` counts genuine and impostor pairs by the profile's calibration, `calibrated` says what its thresholds do
    here; empty where nobody measured the profile.
    """

    name: str
    condition: Condition
    rates: Rates
    calibrated: tuple[Kept, ...]
    bands: Mapping[str, Mapping[str, int]]
    refused_genuine: Mapping[str, int]
    refused_impostor: Mapping[str, int]


def condition_figures(outcome: Outcome, data: FacePairs, profile: FaceProfile) -> ConditionFigures:
    """Count one condition.

    Raises:
        ValueError: no genuine or no impostor pair was judged.
    """
    scores = scores_of(outcome, data)
    return ConditionFigures(
        name=outcome.condition.name,
        condition=outcome.condition,
        rates=rates(scores),
        calibrated=_calibrated(scores, profile),
        bands={
            kind: _bands([c for c in outcome.judged if c.pair.same is same], profile)
            for kind, same in (("genuine", True), ("impostor", False))
        },
        refused_genuine=outcome.refused_genuine,
        refused_impostor=outcome.refused_impostor,
    )


def _calibrated(scores: Scores, profile: FaceProfile) -> tuple[Kept, ...]:
    if profile.calibration is None:
        return ()
    return kept(scores, {fmr: profile.similarity_at(fmr) for fmr in FMR_TARGETS})


def _bands(judged: Sequence[Compared], profile: FaceProfile) -> dict[str, int]:
    found = [profile.band(compared.similarity) for compared in judged]
    return {str(band): found.count(band) for band in Band}


def face_bars(found: Sequence[ConditionFigures]) -> Iterator[Bar]:
    """Yield the bars of the conditions that were measured."""
    for condition, must, aim in BARS:
        for figures in found:
            if figures.condition == condition:
                (at,) = (each for each in figures.rates.operating if each.fmr == BAR_FMR)
                yield Bar(
                    name=f"FNMR at an FMR of {BAR_FMR:g}, {figures.name}", measured=at.fnmr,
                    interval=at.interval, must=must, aim=aim, unit="share", higher_is_better=False,
                    counted=f"{figures.rates.genuine} genuine, {figures.rates.impostor} impostor pairs",
                )  # fmt: skip


def worst_pairs(outcome: Outcome, count: int) -> tuple[list[Compared], list[Compared]]:
    """Return the genuine pairs that are least similar and the impostor pairs that are most."""
    genuine = sorted((c for c in outcome.judged if c.pair.same), key=lambda c: c.similarity)
    impostor = sorted((c for c in outcome.judged if not c.pair.same), key=lambda c: -c.similarity)
    return genuine[:count], impostor[:count]
