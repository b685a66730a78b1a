"""The report on faces as one page of HTML that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from ekyc.evaluation.face_charts import det_curve, histogram
from ekyc.evaluation.face_figures import ConditionFigures, face_bars, worst_pairs
from ekyc.evaluation.face_rates import FMR_TARGETS, Kept, Operating
from ekyc.evaluation.face_run import Compared, Outcome, Reader
from ekyc.evaluation.page import bar_table, document, facts_list, percent, table
from pipeline.findings import Band

_WORST = 8


def render_faces(
    facts: Mapping[str, str],
    found: Sequence[ConditionFigures],
    outcomes: Sequence[Outcome],
    reader: Reader | None,
) -> str:
    """Return the page.

    Args:
        facts: name and value of what a reader must know.
        found: figures of each condition.
        outcomes: of the same conditions, in the same order.
        reader: that looked at the photos; its small pictures of the worst pairs are shown. None: nobody is shown.
    """
    first = outcomes[0]
    values = [[c.similarity for c in first.judged if c.pair.same is same] for same in (True, False)]
    marks = {f"FMR {at.fmr:g}": at.threshold for at in found[0].rates.operating}
    parts = [
        facts_list(facts),
        "<h2>Bars</h2>",
        bar_table(face_bars(found)),
        "<h2>Error rates</h2><p>FNMR: share of genuine pairs that are not above the threshold at which strangers pass "
        "at the named rate; thresholds are set on these very impostor pairs. Brackets hold 95 % intervals of a "
        "bootstrap over people. A star: too few impostor pairs to show that rate, so no stranger passes at all.</p>",
        table(_HEAD, (_row(each) for each in found)),
        *_calibration(found),
        "<h2>Bands of the profile</h2>",
        table(["", *_BAND_HEAD], (_band_row(each) for each in found)),
        "<h2>Curves</h2>",
        f'<div class="beside">{det_curve({each.name: each.rates.det for each in found})}'
        f"<div><h3>{escape(found[0].name)}</h3>{histogram(values[0], values[1], marks)}</div></div>",
        "<h2>Not judged</h2>",
        table(["", "genuine", "impostor"], (_refused_row(each) for each in found)),
    ]
    if reader is not None:
        parts += [_worst(outcome, reader) for outcome in outcomes]
    return document("Face comparison, measured", "".join(parts))


_HEAD = ["", "genuine", "impostor", "FNMR at 1e-2", "at 1e-3", "at 1e-4", "EER"]
_KEPT_HEAD = ["", *(f"promised {fmr:g}" for fmr in FMR_TARGETS)]
_BAND_HEAD = [
    f"{kind} {band.replace('_', ' ')}" for kind in ("genuine", "impostor") for band in Band
]


def _row(found: ConditionFigures) -> Sequence[str]:
    rates = found.rates
    return (
        escape(found.name), str(rates.genuine), str(rates.impostor),
        *(_fnmr(at) for at in rates.operating),
        f"{percent(rates.eer, 2)} {_reach(rates.eer_interval)}",
    )  # fmt: skip


def _fnmr(at: Operating) -> str:
    star = "" if at.resolved else " *"
    return (
        f"{percent(at.fnmr, 2)}{star} {_reach(at.interval)}"
        f"<small>above {at.threshold:.3f}, {at.false_matches} strangers</small>"
    )


def _reach(interval: tuple[float, float] | None) -> str:
    return f"<small>[{100 * interval[0]:.2f}, {100 * interval[1]:.2f}]</small>" if interval else ""


def _calibration(found: Sequence[ConditionFigures]) -> Iterator[str]:
    if all(each.calibrated for each in found):
        yield (
            "<h2>Thresholds of the committed calibration</h2><p>They were set by other photos. Where a share of "
            "strangers was promised: the genuine pairs that are missed, and the strangers that do pass.</p>"
        )
        yield table(_KEPT_HEAD, (_kept_row(each) for each in found))


def _kept_row(found: ConditionFigures) -> Sequence[str]:
    return escape(found.name), *(_kept(at) for at in found.calibrated)


def _kept(at: Kept) -> str:
    return (
        f"FNMR {percent(at.fnmr, 2)} {_reach(at.fnmr_interval)}FMR {percent(at.fmr, 3)} {_reach(at.fmr_interval)}"
        f"<small>from {at.threshold:.3f}, {at.false_matches} strangers</small>"
    )


def _band_row(found: ConditionFigures) -> Sequence[str]:
    cells = [str(found.bands[kind][band]) for kind in ("genuine", "impostor") for band in Band]
    return escape(found.name), *cells


def _refused_row(found: ConditionFigures) -> Sequence[str]:
    def told(refused: Mapping[str, int]) -> str:
        return (
            escape(", ".join(f"{code} {count}" for code, count in sorted(refused.items()))) or "–"
        )

    return escape(found.name), told(found.refused_genuine), told(found.refused_impostor)


def _worst(outcome: Outcome, reader: Reader) -> str:
    genuine, impostor = worst_pairs(outcome, _WORST)
    rows = (
        f"<h3>{words}</h3>" + "".join(_figure(c, outcome, reader) for c in pairs)
        for words, pairs in (
            ("One person, least alike", genuine),
            ("Strangers, most alike", impostor),
        )
    )
    columns = "".join(f"<div>{row}</div>" for row in rows)
    name = escape(outcome.condition.name)
    return f'<h2>Worst pairs: {name}</h2><div class="beside">{columns}</div>'


def _figure(compared: Compared, outcome: Outcome, reader: Reader) -> str:
    looks = (
        reader.look(compared.pair.a, outcome.condition.card_px),
        reader.look(compared.pair.b, None),
    )
    images = "".join(
        f'<img alt="" style="display:inline-block" src="data:image/jpeg;base64,{look.thumb}"> '
        for look in looks
    )
    return (
        f"<figure>{images}<figcaption><small>{escape(compared.pair.a)}<br>{escape(compared.pair.b)}"
        f"</small><p>{compared.similarity:.3f}</p></figcaption></figure>"
    )
