"""What every camera is to the rest of the client, and what can be wrong with one.

CameraFault
    code    camera_missing | camera_busy | camera_lost | source_unreadable
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from capture_client.camera.frames import Frame


class CameraFault(Exception):
    """The camera gives no picture; `code` says why, in words of the window's texts."""

    def __init__(self, code: str, camera: str = "") -> None:
        """Keep the code and the name of the camera."""
        super().__init__(f"{code}: {camera}")
        self.code, self.camera = code, camera


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraName:
    """What a camera is called: by itself, by its driver; and whether it is a program that plays one."""

    device: str
    driver: str
    is_virtual: bool = False


class Source(Protocol):
    """An open camera."""

    @property
    def name(self) -> CameraName:
        """What it is called."""

    def read(self) -> Frame:
        """Return the next frame; waits for it.

        Raises:
            CameraFault: there will be none.
        """

    def show(self, scene: str) -> None:
        """Tell a camera made of files what it is pointed at now; any other one is held there by a person."""

    def close(self) -> None:
        """Let the camera go."""
