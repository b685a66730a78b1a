"""A short fuzz run over every decoder of what strangers send; the long one is `python -m bench.fuzz`."""

from __future__ import annotations

import pytest

from bench.fuzz import damaged, fuzz, targets


@pytest.mark.parametrize("name", sorted(targets()))
def test_damaged_evidence_is_refused_in_time_and_kills_nothing(name: str) -> None:
    assert list(fuzz(name, seed=7, inputs=60)) == []


def test_the_same_numbers_make_the_same_input() -> None:
    seeds = targets()["qr"].seeds
    assert damaged(seeds, 1, 5) == damaged(seeds, 1, 5)
    assert len({damaged(seeds, 1, number) for number in range(20)}) > 10
