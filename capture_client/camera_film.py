"""A file played as a camera, in real time, and recorded against the challenge as the window records a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from capture_client.camera.files import FileCamera
from capture_client.camera.recording import Recorder, RecordingFault
from capture_client.camera.source import CameraFault
from capture_client.desk_values import Means, Origin
from capture_client.film import Filmed, FilmFailed
from capture_client.flow_state import OpenChallenge
from pipeline.liveness.sequence import LATE_S
from pipeline.stages import EvidenceKind


@dataclass(frozen=True, slots=True)
class CameraFilm:
    """Records `path` (a film, or a folder with one for the scene `clip`) for as long as the challenge lasts."""

    path: Path

    def film(self, challenge: OpenChallenge) -> Filmed:
        """Play and record."""
        try:
            return self._recorded(FileCamera(self.path), challenge.steps[-1].end_s + LATE_S)
        except (CameraFault, RecordingFault) as fault:
            raise FilmFailed("camera_failed") from fault

    def _recorded(self, camera: FileCamera, lasts_s: float) -> Filmed:
        recorder = Recorder()
        camera.show(EvidenceKind.CLIP)
        try:
            frame = camera.read()
            ends_s = frame.time_s + lasts_s
            while frame.time_s <= ends_s:
                recorder.add(frame)
                frame = camera.read()
        finally:
            camera.close()
            recording = recorder.finish()
        name = camera.name
        origin = Origin(means=Means.CAMERA, device=name.device, driver=name.driver)
        return Filmed(data=recording.data, origin=origin)

    def digest(self) -> str:
        """Return the digest of the film, or the name of the folder."""
        is_file = self.path.is_file()
        return hashlib.sha256(self.path.read_bytes()).hexdigest() if is_file else self.path.name
