"""Error rates of a face comparison: FNMR at an FMR, EER, the DET curve, with intervals by identity.

Definitions follow ISO/IEC 19795-1. A pair is accepted if its similarity is above the threshold. The interval is a
bootstrap over identities, because pairs of one person go together (Poh and Bengio 2007): a draw takes people with
replacement, and a pair counts as often as both its people were drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FMR_TARGETS = (1e-2, 1e-3, 1e-4)
_DRAWS, _SEED = 500, 95
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Similarities of judged pairs; `a` and `b` are the numbers of the two identities, 0 to `people` - 1."""

    similarity: Numbers
    same: NDArray[np.bool_]
    a: NDArray[np.intp]
    b: NDArray[np.intp]
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """What happens at one false match rate.

    Attributes:
        fmr: that was asked for.
        threshold: the similarity above which a pair is accepted.
        fnmr: share of genuine pairs that are not.
        interval: of the FNMR, 95 %, by identity; None with fewer than two people.
        false_matches: impostor pairs that are accepted.
        resolved: False where the impostor pairs are too few to show the rate: then no stranger is accepted.
    """

    fmr: float
    threshold: float
    fnmr: float
    interval: tuple[float, float] | None
    false_matches: int
    resolved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What happens at a threshold that other people set; both intervals as in `Operating`.

    Attributes:
        promised_fmr: the false match rate that the threshold was set for.
        threshold: the similarity from which a pair is accepted.
        fmr: share of impostor pairs that are accepted.
        fnmr: share of genuine pairs that are not.
        false_matches: impostor pairs that are accepted.
    """

    promised_fmr: float
    threshold: float
    fmr: float
    fmr_interval: tuple[float, float] | None
    fnmr: float
    fnmr_interval: tuple[float, float] | None
    false_matches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """All rates of one condition."""

    genuine: int
    impostor: int
    people: int
    operating: tuple[Operating, ...]
    eer: float
    eer_interval: tuple[float, float] | None
    det: tuple[tuple[float, float], ...]


def rates(scores: Scores, targets: Sequence[float] = FMR_TARGETS) -> Rates:
    """Count everything.

    Args:
        scores: at least one genuine and one impostor pair.
        targets: false match rates.

    Raises:
        ValueError: one of the two kinds of pairs is missing.
    """
    genuine, impostor = int(scores.same.sum()), int((~scores.same).sum())
    if not genuine or not impostor:
        raise ValueError(f"{genuine} genuine and {impostor} impostor pairs: both are needed")
    curve = _Curve(scores)
    plain = np.ones(len(scores.same))
    draws = list(_drawn(scores)) if scores.people > 1 else []
    return Rates(
        genuine=genuine,
        impostor=impostor,
        people=scores.people,
        operating=tuple(_operating(curve, plain, draws, target) for target in targets),
        eer=curve.eer(plain),
        eer_interval=_interval([curve.eer(weights) for weights in draws]),
        det=curve.det(),
    )


def kept(scores: Scores, thresholds: Mapping[float, float]) -> tuple[Kept, ...]:
    """Count the errors at thresholds that were set before, by the false match rate that each was set for.

    Args:
        scores: at least one genuine and one impostor pair.
        thresholds: promised false match rate to least similarity.
    """
    draws = list(_drawn(scores)) if scores.people > 1 else []
    return tuple(_kept(scores, draws, *each) for each in thresholds.items())


def _kept(scores: Scores, draws: Sequence[Numbers], promised_fmr: float, threshold: float) -> Kept:
    accepted = scores.similarity >= threshold
    fmr, fmr_interval = _share(scores, accepted, ~scores.same, draws)
    fnmr, fnmr_interval = _share(scores, ~accepted, scores.same, draws)
    return Kept(
        promised_fmr=promised_fmr, threshold=threshold, fmr=fmr, fmr_interval=fmr_interval,
        fnmr=fnmr, fnmr_interval=fnmr_interval, false_matches=int((accepted & ~scores.same).sum()),
    )  # fmt: skip


def _share(
    scores: Scores, wrong: NDArray[np.bool_], of: NDArray[np.bool_], draws: Sequence[Numbers]
) -> tuple[float, tuple[float, float] | None]:
    """Return the share of some pairs that are wrong, and its interval."""

    def share(weights: Numbers) -> float:
        return float(weights[wrong & of].sum() / weights[of].sum())

    found = share(np.ones(len(wrong)))
    kinds = len(set(zip(scores.a[of].tolist(), scores.b[of].tolist(), strict=True)))
    return found, _reaching(_interval([share(weights) for weights in draws]), found, kinds)


def _operating(curve: _Curve, plain: Numbers, draws: Sequence[Numbers], target: float) -> Operating:
    threshold, fnmr, accepted = curve.at(plain, target)
    drawn = _interval([curve.at(weights, target)[1] for weights in draws])
    interval = _reaching(drawn, fnmr, curve.genuine_people)
    return Operating(
        fmr=target, threshold=threshold, fnmr=fnmr, interval=interval,
        false_matches=round(accepted), resolved=curve.impostor * target >= 1 - 1e-9,
    )  # fmt: skip


def _drawn(scores: Scores) -> list[Numbers]:
    rng = np.random.default_rng(_SEED)
    weights = []
    for _ in range(_DRAWS):
        times = np.bincount(rng.integers(0, scores.people, scores.people), minlength=scores.people)
        both = np.where(scores.same, times[scores.a], times[scores.a] * times[scores.b])
        if both[scores.same].any() and both[~scores.same].any():
            weights.append(both.astype(np.float64))
    return weights


def _interval(values: Sequence[float]) -> tuple[float, float] | None:
    if not values:
        return None
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _reaching(
    drawn: tuple[float, float] | None, found: float, kinds: int
) -> tuple[float, float] | None:
    """Draws say nothing where nothing went wrong: then the rule of three, by people or pairs of people."""
    return (0.0, max(drawn[1], min(1.0, 3 / kinds))) if drawn and not found else drawn


class _Curve:
    """Pairs in falling similarity, so that a threshold is a place in the list."""

    def __init__(self, scores: Scores) -> None:
        self._order = np.argsort(-scores.similarity, kind="stable")
        self._similarity = scores.similarity[self._order]
        self._same = scores.same[self._order]
        self.impostor = int((~scores.same).sum())
        self.genuine_people = len(set(scores.a[scores.same].tolist()))
        #: The last place of each run of equal similarities: only there can a threshold lie.
        self._ends = np.flatnonzero(np.append(np.diff(self._similarity) != 0, True))

    def _shares(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """FMR and FNMR with everything accepted down to each place, beginning with nothing accepted."""
        ordered = weights[self._order]
        false = np.where(self._same, 0.0, ordered).cumsum()
        true = np.where(self._same, ordered, 0.0).cumsum()
        fmr = np.concatenate([[0.0], false[self._ends] / false[-1]])
        return fmr, np.concatenate([[1.0], 1 - true[self._ends] / true[-1]])

    def at(self, weights: Numbers, target: float) -> tuple[float, float, float]:
        """Return the threshold that keeps to a false match rate, the FNMR there, and the accepted impostors."""
        fmr, fnmr = self._shares(weights)
        place = int(np.flatnonzero(fmr <= target * (1 + 1e-9))[-1])
        following = self._ends[place] if place < len(self._ends) else None
        threshold = -1.0 if following is None else float(self._similarity[following])
        return threshold, float(fnmr[place]), float(fmr[place] * self.impostor)

    def eer(self, weights: Numbers) -> float:
        """Return the rate at which both errors are equal, half way between the two places where they cross."""
        fmr, fnmr = self._shares(weights)
        place = int(np.argmin(np.abs(fmr - fnmr)))
        return float((fmr[place] + fnmr[place]) / 2)

    def det(self) -> tuple[tuple[float, float], ...]:
        """Return (FMR, FNMR) at the corners of the curve, FMR rising: between two of them only one rate changes."""
        fmr, fnmr = self._shares(np.ones(len(self._same)))
        lowest = dict(zip(fmr.tolist(), fnmr.tolist(), strict=True))  # the lowest FNMR of each FMR
        points = sorted(lowest.items())
        before, after = (None, *points), (*points[1:], None)
        return tuple(
            point
            for last, point, following in zip(before, points, after, strict=False)
            if not (last and following and last[1] == point[1] == following[1])
        )
