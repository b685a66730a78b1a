"""Files shown as a camera: a picture, a film in real time, or a folder with one file for each scene.

For scripted branches, for tests and for trying the client without a camera. A folder holds `card_front.jpg`,
`card_back.jpg`, `selfie.jpg`, `clip.mp4` (any kind that the gateway takes); a scene without a file is grey, as if
nothing lay before the camera. A film starts when its scene does and stands still at its end.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from capture_client.camera.frames import Frame
from capture_client.camera.source import CameraFault, CameraName
from pipeline.errors import CannotJudge
from pipeline.image import RgbImage, decode_image
from pipeline.picture_bytes import sniff_picture

#: A picture is shown this often, on a frame of this size, as a camera would.
_RATE_HZ = 25.0
_WIDTH_PX, _HEIGHT_PX = 1280, 720
_GREY = 96
DRIVER = "file"

Picture = tuple[RgbImage, float]


class FileCamera:
    """A file or a folder as a camera."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Point the camera at nothing yet.

        Raises:
            CameraFault: `source_unreadable`: there is no such file or folder.
        """
        if not path.exists():
            raise CameraFault("source_unreadable", path.name)
        self._path, self._clock, self._sleep = path, clock, sleep
        self._opened_s, self._number = clock(), 0
        self._shown: Iterator[Picture] = iter(())
        self._began_s = self._opened_s
        self.show("")

    @property
    def name(self) -> CameraName:
        """What it is called; files are not hidden as something else."""
        return CameraName(device=self._path.name, driver=DRIVER, is_virtual=True)

    def show(self, scene: str) -> None:
        """Show the file of a scene from its start."""
        file = self._file_of(scene)
        self._shown, self._began_s = _pictures(file, self._clock), self._clock()

    def read(self) -> Frame:
        """Return the next picture, when its time has come.

        Raises:
            CameraFault: `source_unreadable`.
        """
        rgb, due_s = next(self._shown)
        early_s = self._began_s + due_s - self._clock()
        if early_s > 0:
            self._sleep(early_s)
        self._number += 1
        return Frame(rgb=rgb, time_s=self._began_s + due_s - self._opened_s, number=self._number)

    def close(self) -> None:
        """Nothing has to be let go."""
        self._shown = iter(())

    def _file_of(self, scene: str) -> Path | None:
        if self._path.is_file():
            return self._path
        files = sorted(self._path.glob(f"{scene}.*")) if scene else []
        return next((file for file in files if file.is_file()), None)


def _pictures(file: Path | None, clock: Callable[[], float]) -> Iterator[Picture]:
    """Pictures with their seconds since the scene began, without end."""
    if file is None:
        blank = np.full((_HEIGHT_PX, _WIDTH_PX, 3), _GREY, np.uint8)
        return _still(RgbImage(blank), clock)
    data = file.read_bytes()
    if sniff_picture(data) is None:
        return _film(file)
    try:
        return _still(_framed(decode_image(data, evidence="source")), clock)
    except CannotJudge as error:
        raise CameraFault("source_unreadable", file.name) from error


def _still(rgb: RgbImage, clock: Callable[[], float]) -> Iterator[Picture]:
    """A camera before something that does not move; on a busy machine it gives fewer frames, not older ones."""
    began_s, due_s = clock(), 0.0
    while True:
        yield rgb, due_s
        due_s = max(due_s + 1 / _RATE_HZ, clock() - began_s)


def _framed(rgb: RgbImage) -> RgbImage:
    """A picture in the middle of a camera's frame, as large as fits."""
    scale = min(_WIDTH_PX / rgb.shape[1], _HEIGHT_PX / rgb.shape[0])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    frame = np.full((_HEIGHT_PX, _WIDTH_PX, 3), _GREY, np.uint8)
    height, width = small.shape[:2]
    top, left = (_HEIGHT_PX - height) // 2, (_WIDTH_PX - width) // 2
    frame[top : top + height, left : left + width] = small
    return RgbImage(frame)


def _film(file: Path) -> Iterator[Picture]:
    """A film once, in its own time; then its last picture, for a jump back to its start would look like a splice."""
    last: Picture | None = None
    for rgb, time_s in _frames(file):
        last = rgb, time_s
        yield last
    assert last is not None, "a film without a frame is unreadable"
    rgb, end_s = last
    for number in itertools.count(1):
        yield rgb, end_s + number / _RATE_HZ


def _frames(file: Path) -> Iterator[Picture]:
    """The frames of a film in its own size; a film without one frame is unreadable."""
    count = 0
    try:
        with av.open(str(file)) as container:
            for frame in container.decode(video=0):
                yield _as_picture(frame)
                count += 1
    except (av.FFmpegError, IndexError) as error:
        raise CameraFault("source_unreadable", file.name) from error
    if not count:
        raise CameraFault("source_unreadable", file.name)


def _as_picture(frame: Any) -> Picture:
    return RgbImage(np.ascontiguousarray(frame.to_ndarray(format="rgb24"))), float(frame.time or 0)
