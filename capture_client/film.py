"""Where a clip comes from when there is no window: a file, a file played as a camera, or a program that records."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from capture_client.desk_values import Means, Origin
from capture_client.flow_state import OpenChallenge
from capture_client.sign_in import KEY_VARIABLE


class FilmFailed(Exception):
    """There is no clip: `recorder_failed` or `camera_failed`."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """A clip as it will be sent, and where it came from."""

    data: bytes
    origin: Origin


class Filmer(Protocol):
    """Makes the clip that answers a challenge."""

    def film(self, challenge: OpenChallenge) -> Filmed:
        """Return the clip.

        Raises:
            FilmFailed: there is none.
        """

    def digest(self) -> str:
        """Return what tells this source from others, for the name of a job."""


@dataclass(frozen=True, slots=True)
class FileClip:
    """A clip that exists already; the gateway judges whether it answers the challenge."""

    path: Path

    def film(self, challenge: OpenChallenge) -> Filmed:
        """Return the file."""
        del challenge
        origin = Origin(means=Means.FILE, device=self.path.name)
        return Filmed(data=self.path.read_bytes(), origin=origin)

    def digest(self) -> str:
        """Return the digest of the file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class RecorderProgram:
    """A program that records: the challenge comes to it as JSON on its input, the clip is its output.

    The JSON has `steps` (action, count, start_s, end_s from the first frame) and `lasts_s`. It has to end in that time.
    """

    command: str

    def film(self, challenge: OpenChallenge) -> Filmed:
        """Run the program."""
        asked = {
            "steps": [asdict(step) for step in challenge.steps], "lasts_s": challenge.lasts_s,
        }  # fmt: skip
        try:
            done = subprocess.run(
                shlex.split(self.command), input=json.dumps(asked).encode(), stdout=subprocess.PIPE,
                env=_without_key(), timeout=challenge.lasts_s, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise FilmFailed("recorder_failed") from error
        if not done.stdout:
            raise FilmFailed("recorder_failed")
        device = Path(shlex.split(self.command)[0]).name
        return Filmed(data=done.stdout, origin=Origin(means=Means.RECORDER, device=device))

    def digest(self) -> str:
        """Return the command."""
        return self.command


def _without_key() -> dict[str, str]:
    """The environment without the branch's key, which is none of the recorder's business."""
    return {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
