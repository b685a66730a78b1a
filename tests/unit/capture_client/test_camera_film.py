from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from capture_client.camera.frames import Frame
from capture_client.camera.recording import Recorder
from capture_client.camera_film import CameraFilm
from capture_client.film import FilmFailed
from capture_client.flow_state import OpenChallenge
from pipeline.challenge import Action, ChallengeStep
from pipeline.image import RgbImage
from pipeline.liveness.clip import clip_duration_s
from pipeline.liveness.sequence import LATE_S
from tests.unit.capture_client.desk_events import NOW

SHORT = OpenChallenge(
    id="c", nonce="n", asked_at=NOW, lasts_s=30,
    steps=(ChallengeStep(action=Action.SMILE, count=1, start_s=0.2, end_s=0.6),),
)  # fmt: skip


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Half a second of grey at 20 frames a second."""
    recorder = Recorder()
    for number in range(10):
        rgb = RgbImage(np.full((180, 320, 3), 60 + 10 * number, np.uint8))
        recorder.add(Frame(rgb=rgb, time_s=number / 20, number=number))
    (tmp_path / "clip.mp4").write_bytes(recorder.finish().data)
    return tmp_path / "clip.mp4"


@pytest.mark.parametrize("as_folder", [False, True])
def test_a_film_is_played_and_recorded_as_long_as_the_challenge_lasts(
    film: Path, as_folder: bool
) -> None:
    filmed = CameraFilm(film.parent if as_folder else film).film(SHORT)
    assert clip_duration_s(filmed.data) == pytest.approx(0.6 + LATE_S, abs=0.15)
    assert filmed.origin.driver == "file"


def test_a_source_that_is_no_film_is_told(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no film")
    with pytest.raises(FilmFailed, match="camera_failed"):
        CameraFilm(tmp_path / "clip.mp4").film(SHORT)
    with pytest.raises(FilmFailed, match="camera_failed"):
        CameraFilm(tmp_path / "absent").film(SHORT)
