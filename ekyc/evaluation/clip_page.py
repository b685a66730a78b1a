"""The report on liveness as one page of HTML that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files

from ekyc.evaluation.charts import share_bar
from ekyc.evaluation.clip_figures import (
    LEAST_BONA_FIDE,
    LEAST_PRESENTATIONS,
    MOST_BPCER,
    ClipFigures,
    CueFigures,
    SpeciesFigures,
)
from ekyc.evaluation.clip_records import ClipRecord
from ekyc.evaluation.clips import ClipTruth
from ekyc.evaluation.page import percent, table
from ekyc.evaluation.statistics import Rate

_WORST = 20
_MARK = {True: '<b class="yes">reached</b>', False: '<b class="no">missed</b>', None: "too few"}
_WORDS = (
    "<p>APCER: share of the presentations of one species that passed the whole stage. BPCER: share of living people "
    "who were judged and did not pass. Without an answer: clips that could not be judged, which is never a pass. "
    "Brackets hold exact 95 % intervals (Clopper–Pearson), upper bounds are one-sided. Clips of one person are not "
    "independent: the bounds hold for the clips that were shown, not for people or instruments that were not.</p>"
)


def render_clips(
    title: str,
    facts: Mapping[str, str],
    clips: Sequence[ClipTruth],
    records: Sequence[ClipRecord],
    figures: ClipFigures,
) -> str:
    """Return the page.

    Args:
        title: what was measured.
        facts: name and value of what a reader must know: data set, date, models, machine.
        clips: the presentations.
        records: one per presentation, in the same order.
        figures: of both.
    """
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<dl>{''.join(_fact(*fact) for fact in facts.items())}</dl>",
        "<h2>Living people</h2>",
        _living(figures),
        "<h2>Attacks by species</h2>",
        _WORDS,
        table(_SPECIES, (_species(name, one, figures) for name, one in figures.species.items())),
        "<h2>Which cue suspects what</h2>",
        "<p>Of all presentations that were judged; – where the cue was evaluated of none.</p>",
        _cues(figures.cues, list(figures.species)),
        "<h2>Actions of living people</h2>",
        table(["action", "found where asked", "seen where not asked"], _actions(figures)),
        "<h2>Mistakes</h2>",
        _mistakes(clips, records),
    ]
    style = (files("ekyc.evaluation") / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def rate_text(rate: Rate) -> str:
    """Return a rate with its counts and interval as plain text."""
    if rate.interval is None:
        return "–"
    low, high = rate.interval
    return f"{percent(rate.value)} ({rate.part}/{rate.whole}) [{100 * low:.1f}, {100 * high:.1f}]"


_SPECIES = (
    "species",
    "APCER",
    "below (95 %)",
    f"none of {LEAST_PRESENTATIONS}",
    "no answer",
    "all actions shown",
    "cue or identity",
    "named",
)


def _fact(name: str, value: str) -> str:
    return f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"


def _cell(rate: Rate) -> str:
    if rate.interval is None:
        return "–"
    low, high = rate.interval
    return (
        f"{percent(rate.value)} {share_bar(rate.value)}<small>{rate.part}/{rate.whole} "
        f"[{100 * low:.1f}, {100 * high:.1f}]</small>"
    )


def _living(figures: ClipFigures) -> str:
    reasons = table(
        ["against living people", "clips"],
        ((escape(name), str(n)) for name, n in figures.refused_reasons.items()),
    )
    return (
        f"<p>BPCER {_cell(figures.refused)}, below {percent(figures.refused.upper)} at 95 %; without an answer "
        f"{_cell(figures.unanswered)}; {figures.people} people. At most "
        f"{MOST_BPCER:.0%} of {LEAST_BONA_FIDE} or more: {_MARK[figures.bars['bona_fide']]}.</p>"
        f"{reasons if figures.refused_reasons else ''}"
    )


def _species(name: str, one: SpeciesFigures, figures: ClipFigures) -> Sequence[str]:
    named = ", ".join(f"{escape(reason)} {n}" for reason, n in list(one.reasons.items())[:6])
    return (
        escape(name),
        _cell(one.passed),
        percent(one.passed.upper),
        _MARK[figures.bars[name]],
        str(one.unanswered.part),
        percent(one.actions_done.value),
        percent(one.by_cues.value),
        named,
    )


def _cues(cues: Mapping[str, CueFigures], species: Sequence[str]) -> str:
    def row(name: str) -> Iterator[str]:
        yield escape(name)
        for cue in cues.values():
            suspected = cue.species[name]
            yield percent(suspected.value, 0) if suspected.whole > cue.open[name] else "–"

    living = ("living people", *(_suspected_living(cue) for cue in cues.values()))
    unjudged = ("of these not evaluated", *(str(cue.unevaluated) for cue in cues.values()))
    return table(["", *cues], [living, unjudged, *(tuple(row(name)) for name in species)])


def _suspected_living(cue: CueFigures) -> str:
    """A cue that was evaluated of nobody has suspected nobody, which is no share of 0."""
    return _cell(cue.bona_fide) if cue.bona_fide.whole > cue.unevaluated else "–"


def _actions(figures: ClipFigures) -> Iterator[Sequence[str]]:
    for name, one in figures.actions.items():
        yield (
            escape(name),
            _cell(one.hit),
            _cell(one.false_alarm) if one.false_alarm is not None else "–",
        )


def _mistakes(clips: Sequence[ClipTruth], records: Sequence[ClipRecord]) -> str:
    """Attacks that passed first, then living people who did not."""
    wrong = [
        (clip, record)
        for clip, record in zip(clips, records, strict=True)
        if record.passed is not None and record.passed is not clip.is_bona_fide
    ]
    wrong.sort(key=lambda pair: pair[0].is_bona_fide)
    shown = "".join(_figure(clip, record) for clip, record in wrong[:_WORST])
    return f"<p>{len(wrong)} in all.</p>{shown}" if wrong else "<p>None.</p>"


def _figure(clip: ClipTruth, record: ClipRecord) -> str:
    image = f'<img alt="" src="data:image/jpeg;base64,{record.picture}">' if record.picture else ""
    against = ", ".join(record.reasons) or "nothing"
    return (
        f"<figure>{image}<figcaption><small>{escape(clip.file)} · {escape(clip.species)} · "
        f"{escape(clip.actions)}</small><p>against it: {escape(against)}</p></figcaption></figure>"
    )
