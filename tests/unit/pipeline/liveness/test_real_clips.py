"""Real clips with labels, when they lie beside the repository (../shared or EKYC_SHARED); they are not ours to ship."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from pipeline.challenge import Action
from pipeline.errors import WeightsError
from pipeline.liveness.attacks import find_cues
from pipeline.liveness.events import find_events
from pipeline.liveness.landmarks import LandmarkBackend, load_landmarks
from pipeline.liveness.limits import FACEMESH
from pipeline.liveness.observe import observe
from pipeline.weights import DEFAULT_ROOT

SHARED = Path(os.environ.get("EKYC_SHARED", Path(__file__).resolve().parents[5] / "shared"))
CLIPS = SHARED / "data" / "clips"
pytestmark = pytest.mark.skipif(
    not (CLIPS / "labels.csv").is_file(),
    reason="no shared data beside the repository (EKYC_SHARED)",
)


def cuts() -> list[dict[str, str]]:
    if not (CLIPS / "labels.csv").is_file():
        return []
    with (CLIPS / "labels.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["kind"] == "challenge"]


@pytest.fixture(scope="module")
def facemesh() -> LandmarkBackend:
    try:
        return load_landmarks("facemesh", DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")


@pytest.mark.parametrize("row", cuts(), ids=lambda row: Path(row["file"]).stem)
def test_a_cut_shows_its_action_and_no_other(facemesh, row):
    seen = observe((CLIPS / row["file"]).read_bytes(), facemesh)
    found = [event.action for event in find_events(seen.track, FACEMESH)]
    blinks, turns = (
        found.count(Action.BLINK),
        [a for a in found if a in ("turn_left", "turn_right")],
    )
    # One count is uncertain by one in the label itself.
    assert abs(blinks - int(row["blink_count"] or 0)) <= (1 if row["label"] == "blink" else 0)
    peak_deg = float(row["yaw_peak"] or 0)
    shown = [Action.TURN_LEFT if peak_deg > 0 else Action.TURN_RIGHT]
    assert turns in ([shown] if abs(peak_deg) >= 18 else [shown, []] if peak_deg else [[]])
    assert Action.SMILE not in found


@pytest.mark.parametrize("row", cuts(), ids=lambda row: Path(row["file"]).stem)
def test_no_cue_suspects_a_living_person(facemesh, row):
    seen = observe((CLIPS / row["file"]).read_bytes(), facemesh)
    events = [event for event in find_events(seen.track, FACEMESH) if event.from_rest]
    suspected = {cue.name for cue in find_cues(seen, events, FACEMESH) if cue.suspicious}
    # One cut joins the two ends of its film.
    assert suspected <= ({"cut", "spliced"} if "spliced" in row["description"] else set())
