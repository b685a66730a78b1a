import os
import signal

import pytest

from ekyc.side_by_side import side_by_side


def _work(name: str) -> str:
    """Runs in another process."""
    if name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "wrong":
        raise KeyError(name)
    return name.upper()


def test_order_is_kept_and_a_process_that_dies_costs_one_result_alone() -> None:
    names = ["a", "b", "deadly", "c", "d", "e"]
    results = list(side_by_side(names, _work, lambda name: f"lost {name}", jobs=2))
    assert results == ["A", "B", "lost deadly", "C", "D", "E"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_is_raised_here(jobs: int) -> None:
    with pytest.raises(KeyError):
        list(side_by_side(["a", "wrong", "b"], _work, str, jobs=jobs))


def test_nothing_to_do_is_no_result() -> None:
    assert list(side_by_side([], _work, str, jobs=4)) == []
