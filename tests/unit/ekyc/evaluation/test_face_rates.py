from __future__ import annotations

import numpy as np
import pytest

from ekyc.evaluation.face_rates import Scores, kept, rates


def scores(genuine: list[float], impostor: list[float], people: int | None = None) -> Scores:
    """Genuine pair i is of person i; impostor pairs go through all pairs of people in turn."""
    people = people or max(len(genuine), 2)
    n, m = len(genuine), len(impostor)
    a = [i % people for i in range(n)] + [i % people for i in range(m)]
    b = [i % people for i in range(n)] + [(i + 1 + i // people) % people for i in range(m)]
    return Scores(
        similarity=np.array(genuine + impostor), same=np.array([True] * n + [False] * m),
        a=np.array(a), b=np.array(b), people=people,
    )  # fmt: skip


def test_perfectly_separated_scores_have_no_errors():
    found = rates(scores([0.8, 0.9] * 10, [0.1, 0.2] * 500))
    assert [at.fnmr for at in found.operating] == [0, 0, 0]
    assert found.eer == 0
    assert found.operating[0].interval[0] == 0
    assert found.operating[0].interval[1] == pytest.approx(3 / 20)  # the rule of three


def test_the_threshold_lets_exactly_the_allowed_strangers_pass():
    # 1000 strangers 0.000 .. 0.999; genuine 0.985, 0.9895, 0.995
    found = rates(scores([0.985, 0.9895, 0.995], [i / 1000 for i in range(1000)]))
    at_2, at_3, at_4 = found.operating
    assert (at_2.threshold, at_2.false_matches, at_2.fnmr) == (0.989, 10, pytest.approx(1 / 3))
    assert (at_3.threshold, at_3.false_matches, at_3.fnmr) == (0.998, 1, 1)
    assert (at_4.threshold, at_4.false_matches, at_4.resolved) == (0.999, 0, False)
    assert at_2.resolved
    assert at_3.resolved


def test_equal_similarities_pass_together_or_not_at_all():
    found = rates(scores([0.5, 0.7], [0.5] * 50 + [0.1] * 50), [0.1, 0.5])
    assert [(at.threshold, at.false_matches, at.fnmr) for at in found.operating] == [
        (0.5, 0, 0.5), (0.1, 50, 0.0),
    ]  # fmt: skip


def test_the_equal_error_rate_is_where_both_are_equal():
    # At 0.5: one of ten genuine below, one of ten strangers above.
    genuine = [0.6 + i / 100 for i in range(9)] + [0.2]
    impostor = [i / 100 for i in range(9)] + [0.9]
    assert rates(scores(genuine, impostor)).eer == pytest.approx(0.1)


def test_the_curve_falls_from_all_missed_to_none():
    det = rates(scores([0.4, 0.6, 0.8], [0.1, 0.5, 0.7])).det
    assert det[0] == (0.0, pytest.approx(2 / 3))
    assert det[-1] == (1.0, 0.0)
    assert [fnmr for _, fnmr in det] == sorted((fnmr for _, fnmr in det), reverse=True)


def test_a_det_curve_of_many_pairs_holds_its_corners_alone():
    impostor = np.linspace(0.0, 0.5, 1000)
    det = rates(scores([0.3, 0.6, 0.7], list(impostor))).det
    assert [round(fnmr, 3) for _, fnmr in det] == [0.333, 0.333, 0.0, 0.0]
    assert det[2][0] == pytest.approx((impostor > 0.3).mean(), abs=1e-3)


def test_the_interval_covers_the_known_rate_and_grows_with_fewer_people():
    rng = np.random.default_rng(1)

    def drawn(people: int) -> Scores:
        genuine = rng.normal(2.0, 1.0, people).tolist()
        return scores(genuine, rng.normal(0.0, 1.0, 20 * people).tolist(), people)

    # d' = 2: at an FMR of 1 % the threshold is 2.326, the FNMR 62.8 %; the EER 15.9 %.
    many, few = rates(drawn(400), [0.01]), rates(drawn(40), [0.01])
    low, high = many.operating[0].interval
    assert low < 0.628 < high
    assert many.eer_interval[0] < 0.159 < many.eer_interval[1]
    wide = few.operating[0].interval
    assert wide[1] - wide[0] > 1.5 * (high - low)


def test_without_genuine_or_impostor_pairs_there_is_no_rate():
    with pytest.raises(ValueError, match="both are needed"):
        rates(scores([0.5], []))
    with pytest.raises(ValueError, match="both are needed"):
        rates(scores([], [0.5, 0.4]))


def test_a_threshold_that_was_set_before_is_counted_as_it_is():
    # strangers 0.000 .. 0.999: ten pass from 0.99 on, though one in a thousand was promised
    found = scores([0.98, 0.99, 0.995, 0.999], [i / 1000 for i in range(1000)])
    (at,) = kept(found, {1e-3: 0.99})
    assert (at.promised_fmr, at.fmr, at.false_matches) == (1e-3, pytest.approx(0.01), 10)
    assert at.fnmr == pytest.approx(1 / 4)  # 0.99 itself is accepted
    assert at.fmr_interval[0] <= 0.01 <= at.fmr_interval[1]


def test_where_a_set_threshold_misses_nobody_the_rule_of_three_speaks():
    (at,) = kept(scores([0.8, 0.9] * 10, [0.1, 0.2] * 500), {1e-2: 0.5})
    assert (at.fnmr, at.fnmr_interval) == (0, (0, pytest.approx(3 / 20)))
