"""What is counted about liveness: attacks that passed, living people that did not, actions found and invented.

Terms of ISO/IEC 30107-3: APCER per species of attack (never pooled) with its maximum, BPCER at the same thresholds, and
the shares that gave no answer (APNRR, BPNRR) apart. An attack passes here when the whole liveness stage says yes:
actions, cues and, where a selfie or a card is given, identity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ekyc.evaluation.clip_records import ClipRecord
from ekyc.evaluation.clips import ClipTruth
from ekyc.evaluation.statistics import Rate

Pair = tuple[ClipTruth, ClipRecord]
#: Actions that nobody performs without being asked; people blink as they like.
_DELIBERATE = ("smile", "turn_left", "turn_right")
#: The bars of liveness: of this many presentations of each species none may pass, and of this many of living people
#: only a small share may not (counts as laboratories take them for a test of level 1).
LEAST_PRESENTATIONS, LEAST_BONA_FIDE, MOST_BPCER = 150, 50, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeciesFigures:
    """One species of attack: how often it passed, gave no answer, and what spoke against it (names, most first).

    `actions_done` counts presentations that showed every action that was asked for: only cues and the identity stand
    against those. `by_cues` counts those a cue or the identity spoke against, whatever the actions were.
    """

    passed: Rate
    unanswered: Rate
    actions_done: Rate
    by_cues: Rate
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CueFigures:
    """One cue: how many living people it suspects, and how many presentations of each species.

    `open` counts the presentations of each species of which it was not evaluated, `unevaluated` those of living people.
    """

    bona_fide: Rate
    unevaluated: int
    species: Mapping[str, Rate]
    open: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFigures:
    """One action in clips of living people: found where it was asked for, and seen where it was not."""

    hit: Rate
    false_alarm: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFigures:
    """Everything that is counted; `people` is the number of different people among the living ones."""

    refused: Rate
    refused_reasons: Mapping[str, int]
    unanswered: Rate
    people: int
    species: Mapping[str, SpeciesFigures]
    cues: Mapping[str, CueFigures]
    actions: Mapping[str, ActionFigures]
    cpu_median_s: float | None

    @property
    def max_apcer(self) -> float | None:
        """The largest share of any species that passed."""
        rates = [s.passed.value for s in self.species.values() if s.passed.value is not None]
        return max(rates, default=None)

    @property
    def bars(self) -> Mapping[str, bool | None]:
        """Whether each bar is reached, `bona_fide` first; None when too little was counted to say so."""
        refused = self.refused
        enough = refused.whole >= LEAST_BONA_FIDE
        within = refused.value is not None and refused.value <= MOST_BPCER
        return {
            "bona_fide": within if enough else None,
            **{name: _none_passed(one.passed) for name, one in self.species.items()},
        }


def clip_figures(clips: Sequence[ClipTruth], records: Sequence[ClipRecord]) -> ClipFigures:
    """Count presentations and their records, which stand in the same order."""
    pairs = list(zip(clips, records, strict=True))
    living = [pair for pair in pairs if pair[0].is_bona_fide]
    species = {
        name: [pair for pair in pairs if pair[0].species == name]
        for name in dict.fromkeys(clip.species for clip in clips if not clip.is_bona_fide)
    }
    cpu = [record.cpu_s for record in records if record.cpu_s > 0]
    return ClipFigures(
        refused=_share(record.passed is False for _, record in living),
        refused_reasons=_reasons(r for _, r in living if r.passed is False),
        unanswered=_share(record.passed is None for _, record in living),
        people=len({clip.person or clip.file for clip, _ in living}),
        species={name: _species([r for _, r in found]) for name, found in species.items()},
        cues=_cues([r for _, r in living], species),
        actions=_actions(living),
        cpu_median_s=float(np.median(cpu)) if cpu else None,
    )


def _none_passed(passed: Rate) -> bool | None:
    if passed.part:
        return False
    return True if passed.whole >= LEAST_PRESENTATIONS else None


def _share(marks: Iterable[bool]) -> Rate:
    found = list(marks)
    return Rate(part=sum(found), whole=len(found))


def _reasons(records: Iterable[ClipRecord]) -> Mapping[str, int]:
    return dict(Counter(reason for record in records for reason in record.reasons).most_common())


def _species(records: Sequence[ClipRecord]) -> SpeciesFigures:
    return SpeciesFigures(
        passed=_share(r.passed is True for r in records),
        unanswered=_share(r.passed is None for r in records),
        actions_done=_share(bool(r.actions) and all(a.passed for a in r.actions) for r in records),
        by_cues=_share(_by_cues(r) for r in records),
        reasons=_reasons(records),
    )


def _by_cues(record: ClipRecord) -> bool:
    return record.identity == "no_match" or any(c.suspicious for c in record.cues.values())


def _cues(
    living: Sequence[ClipRecord], species: Mapping[str, Sequence[Pair]]
) -> Mapping[str, CueFigures]:
    records = [record for pairs in species.values() for _, record in pairs]
    names = dict.fromkeys(name for record in (*living, *records) for name in record.cues)
    return {
        name: CueFigures(
            bona_fide=_suspected(name, living),
            unevaluated=_open(name, living),
            species={s: _suspected(name, [r for _, r in pairs]) for s, pairs in species.items()},
            open={s: _open(name, [r for _, r in pairs]) for s, pairs in species.items()},
        )
        for name in names
    }


def _suspected(cue: str, records: Sequence[ClipRecord]) -> Rate:
    return _share(r.cues[cue].suspicious is True for r in records if cue in r.cues)


def _open(cue: str, records: Sequence[ClipRecord]) -> int:
    return sum(r.cues[cue].suspicious is None for r in records if cue in r.cues)


def _actions(living: Sequence[Pair]) -> Mapping[str, ActionFigures]:
    judged = [(_asked(clip), record) for clip, record in living if record.passed is not None]
    names = sorted({name for asked, _ in judged for name in asked} | set(_DELIBERATE))
    return {
        name: ActionFigures(
            hit=_share(a.passed for _, r in judged for a in r.actions if a.action == name),
            false_alarm=_share(name in r.events for asked, r in judged if name not in asked)
            if name in _DELIBERATE
            else None,
        )
        for name in names
    }


def _asked(clip: ClipTruth) -> set[str]:
    return {step.strip().partition(":")[0] for step in clip.actions.split(",")}
