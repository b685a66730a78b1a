"""The puppets' actions through the landmark models of the product, if their weights have been fetched."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.challenge import Action
from pipeline.errors import WeightsError
from pipeline.liveness.events import find_events
from pipeline.liveness.facemesh import FaceMesh, load_facemesh
from pipeline.liveness.limits import FACEMESH
from pipeline.liveness.signals import Track
from specimen.attacks import CLIP_MAKERS, ClipKind
from specimen.clips import steps_of
from specimen.photos import Subject

FPS_SHARE = 2  # every second frame is enough: 12.5 a second
STEPS = steps_of([(Action.BLINK, 2), (Action.TURN_LEFT, None), (Action.SMILE, None)])


@pytest.fixture(scope="module")
def mesh() -> FaceMesh:
    try:
        return FaceMesh(load_facemesh())
    except WeightsError as error:
        pytest.skip(f"landmark models are not there (ekyc weights fetch): {error}")


def _events(mesh: FaceMesh, kind: ClipKind, subject: Subject) -> list[Action]:
    mesh.reset()
    frames = list(CLIP_MAKERS[kind]((subject, subject), STEPS, np.random.default_rng(1)))[
        ::FPS_SHARE
    ]
    rows = [mesh.signals(frame.image, frame.time_s) for frame in frames]
    assert None not in rows
    return [event.action for event in find_events(Track([row for row in rows if row]), FACEMESH)]


@pytest.mark.parametrize("subject", list(Subject))
def test_live_puppets_are_seen_to_do_what_they_do(mesh: FaceMesh, subject: Subject) -> None:
    seen = _events(mesh, ClipKind.LIVE, subject)
    assert seen == [Action.BLINK, Action.BLINK, Action.TURN_LEFT, Action.SMILE]


@pytest.mark.parametrize("kind", [ClipKind.WAVED_PHOTO, ClipKind.SQUASHED_PHOTO, ClipKind.STILL])
def test_prints_and_stills_are_seen_to_do_nothing(mesh: FaceMesh, kind: ClipKind) -> None:
    assert _events(mesh, kind, Subject.ASTRONAUT) == []
