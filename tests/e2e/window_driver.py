"""A person before the capture window: keys on a virtual screen, and a folder of files as the camera."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Programs without which there is no screen, no hand and no picture.
PROGRAMS = ("Xvfb", "xdotool")
_WAIT_S = 90.0
#: The window as `ekyc-capture` starts it; further arguments are members of its options.
_START = """
import sys
from pathlib import Path
from capture_client.window.application import run_window
from capture_client.window.session import Options
from capture_client.words import Language
spool, source, gateway, *more = sys.argv[1:]
language = Language.EN if "en" in more else Language.VI
options = Options(source=source, gateway=gateway, language=language, is_kiosk="kiosk" in more)
sys.exit(run_window(Path(spool), options))
"""


def missing_programs() -> list[str]:
    """Return what is not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


@contextmanager
def virtual_screen(width: int = 1280, height: int = 720) -> Iterator[str]:
    """Start an X server of its own; yield the display."""
    read, write = os.pipe()
    screen = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        f"{width}x{height}x24",
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(screen, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as numbers:
            yield f":{numbers.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)


@dataclass(frozen=True, slots=True)
class Person:
    """Presses keys on a display and reads the window's title."""

    display: str

    def do(self, *words: str) -> str:
        """Run xdotool."""
        done = subprocess.run(
            ["xdotool", *words], capture_output=True, text=True, check=False, timeout=30,
            env={**os.environ, "DISPLAY": self.display},
        )  # fmt: skip
        return done.stdout.strip()

    def title(self) -> str:
        """Return what the window is called now; nothing while there is none."""
        window = self.window()
        return self.do("getwindowname", window) if window else ""

    def window(self) -> str:
        """Return the window's number."""
        return self.do("search", "--onlyvisible", "--name", "eKYC").split("\n")[-1]

    def keys(self, *names: str) -> None:
        """Press keys, one after the other."""
        self.do("windowfocus", self.window())
        for name in names:
            self.do("key", name)
            time.sleep(0.15)

    def type(self, text: str) -> None:
        """Type a text."""
        self.do("windowfocus", self.window())
        self.do("type", "--delay", "4", text)

    def await_title(
        self, part: str, *, press: str | None = None, timeout_s: float = _WAIT_S
    ) -> None:
        """Wait until the title names a step, pressing a key now and then meanwhile if one is given."""

        ends_at = time.monotonic() + timeout_s
        while part not in self.title():
            assert time.monotonic() < ends_at, (
                f"not in {timeout_s} s: {part!r}; it is {self.title()!r}"
            )
            if press:
                self.keys(press)
            self._wait_a_little(part)

    def _wait_a_little(self, part: str) -> None:
        """A key that is pressed again too soon would be meant for the next page."""
        ends_at = time.monotonic() + 4.0
        while part not in self.title() and time.monotonic() < ends_at:
            time.sleep(0.3)


def wait_until(
    true: Callable[[], bool], timeout_s: float, *, what: str, every_s: float = 0.7
) -> None:
    """Wait until something is true."""
    ends_at = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < ends_at, f"not in {timeout_s} s: {what}"
        time.sleep(every_s)


@contextmanager
def capture_window(
    display: str, *, spool: Path, source: Path, gateway: str, arguments: tuple[str, ...] = ()
) -> Iterator[Person]:
    """Start the client's window as a process of its own."""
    command = [sys.executable, "-c", _START, str(spool), str(source), gateway, *arguments]
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    log = spool.with_suffix(".log").open("w")
    client = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    person = Person(display)
    try:
        wait_until(lambda: bool(person.title()), _WAIT_S, what="the window")
        yield person
    finally:
        client.terminate()
        client.wait(20)
        log.close()
