"""The cameras of this machine: which there are, what they are called, and one that is open.

OpenCV opens a camera by its number and gives no name; on Linux the kernel's files name it. A camera that is a program
(a virtual one) can show anything, so the operator is told and its name travels with the case. A name proves nothing:
the gateway judges the pictures.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from capture_client.camera.frames import Frame
from capture_client.camera.source import CameraFault, CameraName
from pipeline.image import RgbImage

_KERNEL = Path("/sys/class/video4linux")
#: On systems that do not name cameras these numbers are tried.
_TRIED = 4
_WIDTH_PX, _HEIGHT_PX, _RATE_HZ = 1280, 720, 30
#: A device that is unplugged answers with nothing at once; one that hiccups recovers within this many reads.
_READS_WITHOUT_FRAME = 30
#: What programs call the cameras that they play.
_VIRTUAL = re.compile(
    r"virtual|loopback|dummy|obs|manycam|xsplit|snap camera|droidcam|iriun|epoccam|camtwist|mmhmm"
    r"|fake|vcam|webcamoid|splitcam|e2esoft",
    re.IGNORECASE,
)


def is_virtual(device: str, driver: str) -> bool:
    """Whether a camera calls itself what programs call the cameras that they play."""
    return bool(_VIRTUAL.search(device) or _VIRTUAL.search(driver))


def list_cameras(kernel: Path = _KERNEL) -> dict[int, CameraName]:
    """Return the cameras by number.

    Args:
        kernel: where Linux lists its video devices.
    """
    if not sys.platform.startswith("linux"):
        return {number: _unnamed(number) for number in range(_TRIED)}
    if not kernel.is_dir():
        return {}
    found = {int(d.name.removeprefix("video")): d for d in kernel.iterdir() if _is_capture(d)}
    return {number: _named(found[number], number) for number in sorted(found)}


def _is_capture(device: Path) -> bool:
    """A camera often has a second device for its metadata, with a higher index."""
    index = device / "index"
    is_first = not index.is_file() or index.read_text().strip() == "0"
    return bool(re.fullmatch(r"video\d+", device.name)) and is_first


def _named(folder: Path, number: int) -> CameraName:
    label = folder / "name"
    device = label.read_text(errors="replace").strip() if label.is_file() else f"Camera {number}"
    driver = _driver(folder)
    return CameraName(device=device, driver=driver, is_virtual=is_virtual(device, driver))


def _driver(folder: Path) -> str:
    try:
        return (folder / "device" / "driver").resolve(strict=True).name
    except OSError:
        return "v4l2"  # a device without a parent is one that a program made


def _unnamed(number: int) -> CameraName:
    return CameraName(device=f"Camera {number}", driver="")


class DeviceCamera:
    """A camera of this machine, open; times are when a frame was handed over."""

    def __init__(self, number: int, name: CameraName) -> None:
        """Open the camera.

        Raises:
            CameraFault: `camera_missing` or `camera_busy` (another program has it, or it gives no picture).
        """
        self._open, self._name = _opened(number, name), name
        driver = name.driver or str(self._open.getBackendName())
        self._name = CameraName(device=name.device, driver=driver, is_virtual=name.is_virtual)
        self._opened_s, self._number = time.monotonic(), 0
        self._first: Any = None

    @property
    def name(self) -> CameraName:
        """What it is called."""
        return self._name

    def read(self) -> Frame:
        """Return the next frame.

        Raises:
            CameraFault: `camera_lost`.
        """
        for _ in range(_READS_WITHOUT_FRAME):
            there, bgr = self._open.read()
            if there:
                return self._frame(bgr)
            time.sleep(0.02)
        raise CameraFault("camera_lost", self._name.device)

    def show(self, scene: str) -> None:
        """A person holds things before this camera."""

    def close(self) -> None:
        """Let the camera go."""
        self._open.release()

    def _frame(self, bgr: Any) -> Frame:
        self._number += 1
        rgb = RgbImage(np.ascontiguousarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)))
        return Frame(rgb=rgb, time_s=time.monotonic() - self._opened_s, number=self._number)


def _opened(number: int, name: CameraName) -> Any:
    if sys.platform.startswith("linux") and not Path(f"/dev/video{number}").exists():
        raise CameraFault("camera_missing", name.device)
    camera = cv2.VideoCapture(number)
    camera.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH_PX)
    camera.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT_PX)
    camera.set(cv2.CAP_PROP_FPS, _RATE_HZ)
    if not camera.isOpened() or not camera.read()[0]:
        camera.release()
        raise CameraFault("camera_busy", name.device)
    return camera
