"""The report as one page of HTML that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files

from ekyc.evaluation.bars import Bar, bars
from ekyc.evaluation.charts import reliability, share_bar
from ekyc.evaluation.comparison import Compared, FieldFigures, View, compared, is_to_be_read
from ekyc.evaluation.dataset import CardTruth
from ekyc.evaluation.figures import SURE, Figures, ViewFigures
from ekyc.evaluation.records import CardRecord
from ekyc.evaluation.statistics import ErrorRate, Share
from ekyc.evaluation.worst import marked, worst

_WORDS = {
    View.FUSED: "print, QR code and MRZ together",
    View.PRINTED: "print alone, without QR code and MRZ",
}


def render(
    title: str,
    facts: Mapping[str, str],
    cards: Sequence[CardTruth],
    records: Sequence[CardRecord],
    figures: Figures,
    view: View,
) -> str:
    """Return the page.

    Args:
        title: what was measured.
        facts: name and value of what a reader must know: data set, date, models, machine.
        cards: the truth.
        records: one per card, in the same order.
        figures: of both.
        view: whose values the tables below the bars show.
    """
    shown = figures.views[view]
    pairs = [p for p in zip(cards, records, strict=True) if is_to_be_read(p[0])]
    parts = [
        facts_list(facts),
        "<h2>Bars</h2>",
        bar_table(bars(figures, view)),
        f"<h2>By field: {_WORDS[view]}</h2>",
        "<p>Exact: equal letter by letter (NFC). Placement: the same once tone marks stand in one of "
        "the two places that spelling allows (hoà, hòa). Errors: edits per letter of the truth; a field that was not "
        "read counts with all its letters, in the last column not at all. Brackets hold 95 % intervals.</p>",
        _fields(shown.fields),
        _fields(shown.groups),
        "<h2>By severity</h2>",
        _matrix(shown.severities),
        "<h2>By version</h2>",
        _matrix(shown.versions),
        "<h2>Confidence</h2>",
        _confidence(shown),
        "<h2>Refusals</h2>",
        _refusals(figures),
        "<h2>Confused letters</h2>",
        _slips(shown),
        "<h2>Fields read wrong, twenty of the worst at most</h2>",
        _worst(worst(compared(pairs, view), 20)),
    ]
    return document(title, "".join(parts))


def document(title: str, body: str) -> str:
    """Return a whole page that loads nothing; `body` is HTML and follows the title."""
    style = (files("ekyc.evaluation") / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are HTML."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as text."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def share_cell(share: Share) -> str:
    """Return a share with its counts and interval."""
    if share.interval is None:
        return "–"
    low, high = share.interval
    return (
        f"{percent(share.value)} {share_bar(share.value)}<small>{share.part}/{share.whole} "
        f"[{100 * low:.1f}, {100 * high:.1f}]</small>"
    )


def rate_cell(rate: ErrorRate) -> str:
    """Return an error rate with its counts and interval."""
    if rate.interval is None:
        return "–"
    low, high = rate.interval
    return (
        f"{percent(rate.value, 2)} <small>{rate.edits}/{rate.characters} "
        f"[{100 * low:.2f}, {100 * high:.2f}]</small>"
    )


# ---------------------------------------------------------------- parts


def facts_list(facts: Mapping[str, str]) -> str:
    """Return names and values as a list."""
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return f"<dl>{rows}</dl>"


def bar_table(found: Iterable[Bar]) -> str:
    """Return bars beside what was measured."""
    return table(
        ["figure", "measured", "counted", "must", "aim", ""], (_bar_row(bar) for bar in found)
    )


def _bar_row(bar: Bar) -> Sequence[str]:
    def number(value: float | None) -> str:
        return percent(value, 2) if bar.unit == "share" else f"{value:.2f} {bar.unit}"

    sign = "≥" if bar.higher_is_better else "≤"
    reach = (
        f" <small>[{100 * bar.interval[0]:.2f}, {100 * bar.interval[1]:.2f}]</small>"
        if bar.interval
        else ""
    )
    mark = {True: '<b class="yes">reached</b>', False: '<b class="no">missed</b>', None: "–"}
    return (
        escape(bar.name),
        number(bar.measured) + reach,
        escape(bar.counted),
        f"{sign} {number(bar.must)}",
        f"{sign} {number(bar.aim)}",
        mark[bar.reached],
    )


def _fields(fields: Mapping[str, FieldFigures]) -> str:
    return table(
        ["", "exact", "exact but for placement", "not read", "errors", "errors where read"],
        (
            (
                escape(name),
                share_cell(found.strict),
                share_cell(found.placed),
                str(found.missing),
                rate_cell(found.cer),
                rate_cell(found.read_cer),
            )
            for name, found in fields.items()
        ),
    )


def _matrix(parts: Mapping[str, Mapping[str, FieldFigures]]) -> str:
    columns = next(iter(parts.values()), {})
    return table(
        ["", *columns, "letter errors"],
        (
            (
                escape(name),
                *(share_cell(found.strict) for found in groups.values()),
                rate_cell(groups["all fields"].cer),
            )
            for name, groups in parts.items()
        ),
    )


def _confidence(shown: ViewFigures) -> str:
    rows = table(
        ["confidence", "fields", "mean confidence", "right"],
        (
            (
                f"{b.low:g} – {b.high:g}",
                str(b.right.whole),
                f"{b.mean:.4f}",
                share_cell(b.right),
            )
            for b in shown.bins
        ),
    )
    return (
        f"<p>Wrong at {SURE:g} or more: {share_cell(shown.sure_and_wrong)} of the fields that were "
        f"read; {share_cell(shown.wrong_of_sure)} of those as sure.</p>"
        f'<div class="beside">{reliability(shown.bins)}{rows}</div>'
    )


def _refusals(figures: Figures) -> str:
    found = figures.refusals
    reasons = table(
        ["reason", "readable cards"], ((escape(k), str(n)) for k, n in found.by_reason.items())
    )
    unmet = f" Not met: {escape(', '.join(found.unmet[:30]))}." if found.unmet else ""
    invented = [name for view in figures.views.values() for name in view.invented]
    return (
        f"<p>Readable cards refused: {share_cell(found.readable)}. Cards with a known reason that got "
        f"it: {share_cell(found.expected)}.{unmet} Version told right: "
        f"{share_cell(figures.version_right)}. Fields read that are not printed: "
        f"{escape(', '.join(sorted(set(invented))[:30])) or 'none'}.</p>"
        f"{reasons if found.by_reason else ''}"
    )


def _slips(shown: ViewFigures) -> str:
    def rows(found: Sequence[tuple[str, str, int]]) -> Iterator[Sequence[str]]:
        for wanted, read, count in found:
            yield _letter(wanted), _letter(read), str(count)

    head = ["printed", "read", "times"]
    return (
        f'<div class="beside"><div><h3>Marks</h3>{table(head, rows(shown.mark_slips))}</div>'
        f"<div><h3>Others</h3>{table(head, rows(shown.other_slips))}</div></div>"
    )


def _letter(letter: str) -> str:
    shown = {"": "<small>nothing</small>", " ": "<small>space</small>"}
    return shown.get(letter, f"<b>{escape(letter)}</b>")


def _worst(rows: Sequence[Compared]) -> str:
    if not rows:
        return "<p>Nothing was wrong.</p>"
    return "".join(_figure(row) for row in rows)


def _figure(row: Compared) -> str:
    picture = row.record.pictures.get(row.name)
    image = f'<img alt="" src="data:image/jpeg;base64,{picture}">' if picture else ""
    truth, read = marked(row.truth, row.read.value if row.read else "")
    sure = f"{row.read.confidence:.3f}, {escape(row.read.source)}" if row.read else "not read"
    return (
        f"<figure>{image}<figcaption><small>{escape(row.card.id)} · {escape(row.name)} · "
        f"{escape(row.card.version)} · {escape(row.card.severity)} · {sure}</small>"
        f"<p>{truth}</p><p>{read}</p></figcaption></figure>"
    )
