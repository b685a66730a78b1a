"""A camera that runs in a thread of its own: whoever looks gets the latest frame, and nobody is waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from capture_client.camera.frames import Frame
from capture_client.camera.recording import Recorder, Recording
from capture_client.camera.source import CameraFault, CameraName, Source

#: How long a look at the camera waits for a frame that was not seen yet.
_LOOK_S = 0.25


class LiveCamera:
    """An open camera. All methods may be called from any thread and return at once, but for `next_after`."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        """Start; the source is opened in the camera's own thread, for some drivers take seconds."""
        self._open_source = open_source
        self._changed = threading.Condition()
        self._latest: Frame | None = None
        self._fault: CameraFault | None = None
        self._name: CameraName | None = None
        self._scene: str | None = None
        self._recorder: Recorder | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    @property
    def name(self) -> CameraName | None:
        """What it is called, once it is open."""
        return self._name

    @property
    def fault(self) -> CameraFault | None:
        """Why it gives no more pictures."""
        return self._fault

    @property
    def latest(self) -> Frame | None:
        """The latest frame."""
        return self._latest

    def next_after(self, number: int) -> Frame | None:
        """Return the latest frame if it is another one than `number`; waits a moment for it."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_newer(number), timeout=_LOOK_S)
            return self._latest if self._is_newer(number) else None

    def show(self, scene: str) -> None:
        """Tell a camera made of files what it is pointed at."""
        self._scene = scene

    def record(self, scene: str) -> None:
        """Record from the next frame on, with that scene before the camera from its start."""
        recorder = Recorder()
        with self._changed:
            self._scene, self._recorder = scene, recorder

    def finish(self) -> Recording | None:
        """Return what was recorded, None if nothing was asked for; waits for the encoder.

        Raises:
            RecordingFault: there is no clip.
        """
        recorder, self._recorder = self._recorder, None
        return recorder.finish() if recorder else None

    @property
    def recorded_s(self) -> float | None:
        """Seconds from the first recorded frame to the latest; None before the first."""
        recorder, latest = self._recorder, self._latest
        if recorder is None or latest is None or recorder.first_s is None:
            return None
        return latest.time_s - recorder.first_s

    def stop(self) -> None:
        """Let the camera go."""
        self._stopping = True
        self._thread.join(timeout=2.0)

    def _is_newer(self, number: int) -> bool:
        return self._latest is not None and self._latest.number != number

    def _run(self) -> None:
        try:
            source = self._open_source()
        except CameraFault as fault:
            self._fail(fault)
            return
        self._name = source.name
        try:
            while not self._stopping:
                self._take(source)
        except CameraFault as fault:
            self._fail(fault)
        finally:
            source.close()

    def _take(self, source: Source) -> None:
        with self._changed:  # the frame that is read next is the first of its scene, and recorded
            scene, self._scene = self._scene, None
            recorder = self._recorder
        if scene is not None:
            source.show(scene)
        frame = source.read()
        if recorder:
            recorder.add(frame)
        with self._changed:
            self._latest = frame
            self._changed.notify_all()

    def _fail(self, fault: CameraFault) -> None:
        with self._changed:
            self._fault = fault
            self._changed.notify_all()
