"""The findings of a case with nothing wrong, and engines that look at nothing.

As a module of engines (`EKYC_ENGINES=bench.canned`) it leaves queue and database alone to be measured: what it loads
answers each claim with a finding, and no evidence is read, opened or decoded.
"""

from __future__ import annotations

from random import SystemRandom
from typing import Any

import numpy as np

from pipeline.challenge import draw_steps
from pipeline.findings import Finding
from pipeline.image import RgbImage
from pipeline.pictures import Judged
from pipeline.stages import Stage
from tests.e2e.quick_engines import QuickEngine
from workers import tasks
from workers.settings import WorkerSettings

_DOT = RgbImage(np.full((1, 1, 3), 120, dtype=np.uint8))
_ENGINE = QuickEngine()

FINDINGS: dict[Stage, Finding] = {
    Stage.READ_CARD: _ENGINE.read(_DOT, None, today=None),
    Stage.MATCH_FACE: _ENGINE.match(_DOT, _DOT),
    Stage.SCORE_LIVENESS: _ENGINE.score(
        b"clip", draw_steps(SystemRandom()), selfie=None, card_front=None
    ),
}


def load(stage: Stage, settings: WorkerSettings, device: str) -> QuickEngine:
    """Have every claim of a stage answered by its canned finding."""
    del settings, device

    def look_at_nothing(*_: Any) -> Judged[Finding]:
        return Judged(finding=FINDINGS[stage])

    tasks.JUDGES[stage] = look_at_nothing
    return _ENGINE
