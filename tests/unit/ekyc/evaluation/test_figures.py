import pytest

from ekyc.evaluation.bars import bars
from ekyc.evaluation.comparison import View
from ekyc.evaluation.figures import figures
from tests.unit.ekyc.evaluation.cases import reads, record, truth


def test_right_wrong_missing_and_placement_are_told_apart() -> None:
    cards = [truth("1"), truth("2"), truth("3"), truth("4")]
    records = [
        record("1"),
        record("2", reads(full_name="ĐẶNG THỊ HÒA")),
        record("3", reads(full_name="ĐĂNG THỊ HOÀ")),
        record("4", reads(full_name=None)),
    ]
    name = figures(cards, records).views[View.FUSED].fields["full_name"]
    assert (name.strict.part, name.placed.part, name.strict.whole) == (1, 2, 4)
    assert name.missing == 1
    assert (name.cer.edits, name.cer.characters) == (2 + 1 + 12, 48)  # HOÀ and HÒA: two letters
    assert (name.read_cer.edits, name.read_cer.characters) == (3, 36)


def test_print_alone_is_counted_apart_from_what_codes_put_right() -> None:
    told = record("1", reads(), printed=reads(id_number="001099000008"))
    views = figures([truth()], [told]).views
    assert views[View.FUSED].groups["ID number"].strict.part == 1
    assert views[View.PRINTED].groups["ID number"].strict.part == 0
    assert views[View.FUSED].all_right.value == 1
    assert views[View.PRINTED].all_right.value == 0


def test_a_number_that_the_code_alone_holds_is_not_asked_of_print() -> None:
    card = truth(fields={"old_id_number": "012000000"})
    views = figures([card], [record("1", {})]).views
    assert "old_id_number" not in views[View.PRINTED].fields
    assert views[View.FUSED].fields["old_id_number"].missing == 1


def test_a_refused_readable_card_counts_against_the_reader() -> None:
    cards = [truth("1"), truth("2")]
    records = [record("1"), record("2", {}, rejected="card_blurred")]
    found = figures(cards, records)
    assert (found.refusals.readable.part, found.refusals.readable.whole) == (1, 2)
    assert found.refusals.by_reason == {"card_blurred": 1}
    assert found.views[View.FUSED].fields["full_name"].strict.whole == 1
    assert found.views[View.FUSED].all_right_of_readable.value == 0.5


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({"rejected": "card_several"}, True),
        ({"failed_checks": ("card_sides_differ",)}, True),
        ({"rejected": "card_blurred"}, False),
        ({}, False),
    ],
)
def test_an_expected_reason_is_met_by_refusal_or_failed_check(changes: dict, met: bool) -> None:
    card = truth(expect=["card_several", "card_sides_differ"], readable=False)
    found = figures([card], [record("1", **changes)])
    assert found.refusals.expected.part == met
    assert found.refusals.unmet == (() if met else ("1",))
    assert found.refusals.readable.whole == 0  # it was to be refused
    assert found.views[View.FUSED].fields == {}


def test_sure_and_wrong_values_are_counted() -> None:
    cards = [truth("1"), truth("2")]
    records = [
        record("1", reads(0.99, id_number="001099000009")),
        record("2", reads(0.5, id_number="001099000009")),
    ]
    shown = figures(cards, records).views[View.FUSED]
    assert (shown.sure_and_wrong.part, shown.sure_and_wrong.whole) == (1, 8)
    assert (shown.wrong_of_sure.part, shown.wrong_of_sure.whole) == (1, 4)
    assert [(b.low, b.right.part, b.right.whole) for b in shown.bins] == [
        (0.5, 3, 4),
        (0.98, 3, 4),
    ]


def test_confused_letters_and_invented_fields_are_named() -> None:
    read = reads(place_of_origin="Xã Mẩu Sơn, Lạng Sơm", sex="Nam")
    shown = figures([truth()], [record("1", read)]).views[View.FUSED]
    assert shown.mark_slips == (("ẫ", "ẩ", 1),)
    assert shown.other_slips == (("n", "m", 1),)
    assert shown.invented == ("1 sex",)


def test_time_is_per_side() -> None:
    found = figures([truth("1"), truth("2")], [record("1"), record("2", cpu_s=2.0)])
    assert (found.cpu_median_s, found.sides) == (0.75, 4)


def test_bars_say_what_was_reached_and_nothing_of_nothing() -> None:
    good = {bar.name: bar.reached for bar in bars(figures([truth()], [record()]), View.FUSED)}
    assert good["full name exact, print alone"] is True
    bad = figures([truth()], [record("1", reads(full_name="ĐÀO"), cpu_s=9.0)])
    missed = {bar.name: bar.reached for bar in bars(bad, View.FUSED)}
    assert missed["full name exact, print alone"] is False
    assert missed["fields wrong at confidence 0.98 or more (fused)"] is False
    assert missed["CPU time a side, median"] is False
    refused = figures([truth()], [record("1", {}, rejected="card_blurred")])
    empty = {bar.name: bar.reached for bar in bars(refused, View.FUSED)}
    assert empty["full name exact, print alone"] is None
    assert empty["all fields right, with QR code and MRZ"] is False
