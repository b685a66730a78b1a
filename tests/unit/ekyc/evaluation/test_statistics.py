import pytest

from ekyc.evaluation.statistics import Share, error_rate, is_mark_slip, one_placement, slips


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Wilson's interval, as worked out by hand and by statsmodels 0.14 (proportion_confint)
    [(200, 200, 0.9812, 1.0), (0, 10, 0.0, 0.2775), (97, 100, 0.9155, 0.9897)],
)
def test_the_interval_of_a_share_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    interval = Share(part=part, whole=whole).interval
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_nothing_has_no_value() -> None:
    share = Share(part=0, whole=0)
    assert (share.value, share.interval) == (None, None)


def test_an_error_rate_adds_cards_up_and_is_the_same_each_time() -> None:
    counts = [(0, 100)] * 99 + [(10, 100)]
    rate = error_rate(counts)
    assert rate.value == 10 / 10_000
    assert rate.interval is not None
    assert rate.interval[0] == 0.0
    assert 0.001 < rate.interval[1] < 0.005
    assert error_rate(counts) == rate
    assert error_rate([]).value is None


def test_no_error_seen_is_no_proof_that_there_is_none() -> None:
    assert error_rate([(0, 100)] * 3).interval == (0.0, 0.01)
    assert error_rate([(0, 1)]).interval == (0.0, 1.0)


def test_slips_name_what_was_printed_and_what_was_read() -> None:
    assert list(slips("HỒNG", "HỔNG")) == [("Ồ", "Ổ")]
    assert list(slips("AN", "ANH")) == [("", "H")]
    assert list(slips("ANH", "AN")) == [("H", "")]


@pytest.mark.parametrize(
    ("wanted", "read", "is_mark"),
    [
        ("ồ", "ổ", True), ("o", "ơ", True), ("Ẵ", "A", True),
        ("d", "đ", False), ("o", "0", False), ("", "a", False), ("a", "A", False),
    ],
)  # fmt: skip
def test_marks_are_told_from_other_letters(wanted: str, read: str, is_mark: bool) -> None:
    assert is_mark_slip(wanted, read) is is_mark


@pytest.mark.parametrize(
    ("text", "placed"),
    [
        ("Hoà Bình, xã Thuỷ", "Hòa Bình, xã Thủy"),
        ("HOÀ, KHOẺ", "HÒA, KHỎE"),
        ("Hòa", "Hòa"),
        ("HOÀNG QUÝ", "HOÀNG QUÝ"),
        ("", ""),
        ("Phan Rang-Tháp Chàm", "Phan Rang - Tháp Chàm"),
    ],
)
def test_tone_marks_get_one_placement(text: str, placed: str) -> None:
    assert one_placement(text) == placed
