from __future__ import annotations

import pytest

from ekyc.cue_score import cue_score
from pipeline.findings import Cue


@pytest.mark.parametrize(
    ("score", "suspicious", "said"),
    [
        (0.1, True, "0.1 (suspicious below 0.5)"),
        (0.5, False, "0.5 (suspicious below 0.5)"),
        (0.7, False, "0.7 (suspicious below 0.5)"),
        (0.7, True, "0.7 (suspicious from 0.5)"),
        (0.5, True, "0.5 (suspicious from 0.5)"),
        (0.1, False, "0.1 (suspicious from 0.5)"),
        (None, None, ""),
    ],
)
def test_a_score_is_told_with_the_side_on_which_it_is_suspicious(score, suspicious, said):
    assert cue_score(Cue(name="cue", score=score, threshold=0.5, suspicious=suspicious)) == said
