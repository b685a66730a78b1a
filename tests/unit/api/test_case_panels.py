"""What the case page computes: differences, levels, and the shapes of the plot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.console.card_panel import differences, field_rows, sources_shown
from api.console.case_page import face_gauge
from api.console.liveness_plot import LEFT, WIDTH, draw_plot
from pipeline.challenge import Action
from pipeline.findings import FieldName, Source
from pipeline.liveness.trace import Event, LivenessTrace
from tests.unit.pipeline import factories


def field(**changes: object) -> dict[str, object]:
    return {
        "value": "1995-08-15", "confidence": 0.99, "source": "ocr", "side": "front", "box": None,
        "readings": {"ocr": "1995-08-15"}, "checks": (), "edited": None, **changes,
    }  # fmt: skip


@given(st.text(max_size=30), st.text(max_size=30))
def test_differences_lose_nothing(text: str, other: str) -> None:
    parts = differences(text, other)
    assert "".join(part for part, _ in parts) == text
    if text == other:
        assert not any(differs for _, differs in parts)


def test_what_differs_is_marked_letter_by_letter() -> None:
    assert differences("LÊ THỊ HÀ", "LÊ THỊ HÃ") == (("LÊ THỊ H", False), ("À", True))


def test_levels_of_fields() -> None:
    def level(**changes: object) -> str:
        (row,) = field_rows({FieldName.DATE_OF_BIRTH: field(**changes)})
        return row.level

    qr = {"ocr": "1995-08-15", "qr": "1995-08-16"}
    assert level() == "good"
    assert level(confidence=0.6) == "warn"
    assert level(readings=qr, checks=("qr_same",)) == "good"
    assert level(readings=qr, checks=("qr_slip",)) == "warn"
    assert level(readings=qr, checks=("qr_different",)) == "bad"
    assert level(readings=qr, checks=("qr_same", "qr_mrz_different")) == "bad"
    assert level(edited={"before": None, "after": "x", "by": "key:a"}) == "warn"


def test_codes_that_disagree_are_no_word_about_the_print() -> None:
    said = {"ocr": "1995-08-15", "qr": "1995-08-15", "mrz": "1995-08-16"}
    (row,) = field_rows(
        {FieldName.DATE_OF_BIRTH: field(readings=said, checks=("qr_mrz_different", "qr_same"))}
    )
    states = {cell.source: cell.state for cell in row.cells}
    assert states == {Source.OCR: "", Source.QR: "same", Source.MRZ: "", Source.CHIP: ""}
    assert row.codes_differ
    assert row.value == "15/08/1995"
    assert sources_shown([row]) == (Source.OCR, Source.QR, Source.MRZ)


def trace(times_s: tuple[float, ...], *events: Event) -> LivenessTrace:
    count = len(times_s)
    return LivenessTrace(
        times_s=times_s, opening=(1.0,) * count, mouth_gain=(9.0,) * count, yaw_deg=(-90.0,) * count,
        events=events, windows=(), compared=(),
    )  # fmt: skip


def test_lines_break_where_no_face_was_seen_and_stay_in_their_lanes() -> None:
    plot = draw_plot(factories.liveness(trace=trace((0.0, 0.1, 0.2, 2.0, 2.1)), duration_s=4.0))
    assert plot is not None
    for lane in plot.lanes:
        assert [line.count(",") for line in lane.lines] == [3, 2]
        points = [tuple(map(float, p.split(","))) for line in lane.lines for p in line.split()]
        assert all(LEFT <= x <= WIDTH and lane.top <= y <= lane.bottom for x, y in points)
    assert [second for _, second in plot.seconds] == [0, 1, 2, 3, 4]


def test_events_count_inside_a_passed_action_alone() -> None:
    def event(peak_s: float) -> Event:
        return Event(
            action=Action.TURN_LEFT, start_s=peak_s - 0.3, peak_s=peak_s, end_s=peak_s + 0.3,
            strength=30.0, returned=True,
        )  # fmt: skip

    plot = draw_plot(
        factories.liveness(trace=trace((0.0, 9.9), event(2.5), event(7.0)), duration_s=10.0)
    )
    assert plot is not None
    assert [span.state for span in plot.events] == ["counted", "extra"]


def test_clip_that_was_not_judged_has_no_plot() -> None:
    assert draw_plot(factories.liveness()) is None


def test_gauge_places_a_rate_on_a_scale_of_powers() -> None:
    gauge = face_gauge(factories.face(fmr=1e-3))
    assert gauge is not None
    assert gauge.review_from < gauge.place < gauge.match_from
    assert gauge.one_in == 1000
    least = face_gauge(factories.face(fmr=0.0))
    assert least is not None
    assert least.place == 100
    assert face_gauge(factories.face(similarity=None, fmr=None, band=None)) is None
