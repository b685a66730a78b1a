from __future__ import annotations

import errno
import os
import random
import resource
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keyring.backend
import pytest
from keyring.backends import fail

from capture_client import disk
from capture_client.flow import replay
from capture_client.problems import DiskFull, SpoolDamaged, SpoolKeyWrong, VaultClosed
from capture_client.spool import CaseSpool, Spool, open_spool
from capture_client.vault import FileVault, KeyringVault, open_vault
from tests.unit.capture_client.desk_events import CASE, TO_REVIEW, after, consent, started

SECRET = b"\xff\xd8 a picture of a card " * 50


class Memory(keyring.backend.KeyringBackend):
    priority = 5.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.get_keyring", fail.Keyring)


@pytest.fixture
def spool(tmp_path: Path, no_keyring: None) -> Spool:
    return open_spool(tmp_path, open_vault(tmp_path))


def reopened(tmp_path: Path) -> Spool:
    return open_spool(tmp_path, open_vault(tmp_path))


def held(spool: Spool, case_id: str) -> CaseSpool:
    case = spool.hold(case_id)
    assert case is not None
    return case


# ---------------------------------------------------------------- keys


def test_without_a_keyring_the_key_lies_in_a_file_of_this_user_alone(
    spool: Spool, tmp_path: Path
) -> None:
    assert open_vault(tmp_path).place == "file"
    assert stat.S_IMODE((tmp_path / "spool_key.secret").stat().st_mode) == 0o600


def test_with_a_keyring_the_key_is_there_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory()
    monkeypatch.setattr("keyring.get_keyring", lambda: memory)
    monkeypatch.setattr("keyring.get_password", memory.get_password)
    monkeypatch.setattr("keyring.set_password", memory.set_password)
    open_spool(tmp_path, open_vault(tmp_path))
    assert len(memory.kept) == 1
    assert not list(tmp_path.glob("*.secret"))
    assert isinstance(open_vault(tmp_path), KeyringVault)
    monkeypatch.setattr("keyring.get_keyring", fail.Keyring)
    with pytest.raises(VaultClosed):
        open_vault(tmp_path)


def test_another_key_is_told_at_once_and_nothing_is_overwritten(
    spool: Spool, tmp_path: Path
) -> None:
    case = spool.begin()
    case.append(started())
    vault = FileVault(tmp_path)
    right = vault.get("spool_key")
    assert right is not None
    vault.put("spool_key", right[::-1])
    with pytest.raises(SpoolKeyWrong):
        reopened(tmp_path)
    (tmp_path / "spool_key.secret").unlink()
    with pytest.raises(SpoolKeyWrong):
        reopened(tmp_path)
    vault.put("spool_key", right)
    assert reopened(tmp_path).case_ids() == [case.id]


# ---------------------------------------------------------------- sealing


def test_nothing_captured_or_known_can_be_read_from_the_disk(spool: Spool, tmp_path: Path) -> None:
    case = spool.begin()
    for event in TO_REVIEW:
        case.append(event)
    case.keep(SECRET)
    on_disk = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    for plain in (b"picture of a card", b"001099000000", b"idempotency", str(CASE).encode()):
        assert plain not in on_disk


def test_journal_and_evidence_come_back_in_another_process(spool: Spool, tmp_path: Path) -> None:
    case = spool.begin()
    for event in TO_REVIEW:
        case.append(event)
    sha256 = case.keep(SECRET)
    assert spool.hold(case.id) is None
    case.let_go()
    again = held(reopened(tmp_path), case.id)
    assert replay(again.events()) == after(*TO_REVIEW)
    assert again.read(sha256) == SECRET


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def _swap(file: Path) -> None:
    other = file.with_name("00000002.step")
    one, two = file.read_bytes(), other.read_bytes()
    file.write_bytes(two)
    other.write_bytes(one)


@pytest.mark.parametrize("harm", [_flip, _swap, Path.unlink, lambda file: file.write_bytes(b"")])
def test_a_journal_that_was_touched_is_not_believed(
    spool: Spool, harm: Callable[[Path], object]
) -> None:
    case = spool.begin()
    for event in TO_REVIEW:
        case.append(event)
    harm(case.folder / "00000001.step")
    with pytest.raises(SpoolDamaged):
        case.events()


def test_evidence_of_another_case_is_not_believed(spool: Spool) -> None:
    one, two = spool.begin(), spool.begin()
    sha256 = one.keep(SECRET)
    (two.folder / f"{sha256}.bin").write_bytes((one.folder / f"{sha256}.bin").read_bytes())
    with pytest.raises(SpoolDamaged):
        two.read(sha256)
    with pytest.raises(SpoolDamaged):
        one.read("0" * 64)


# ---------------------------------------------------------------- tidiness


def test_what_no_event_names_is_removed(spool: Spool) -> None:
    case = spool.begin()
    case.append(started())
    kept, dropped = case.keep(SECRET), case.keep(b"replaced")
    (case.folder / ".00000002.step.ab.tmp").write_bytes(b"half")
    case.keep_only(frozenset({kept}))
    assert {file.name for file in case.folder.iterdir()} == {"00000001.step", f"{kept}.bin"}
    with pytest.raises(SpoolDamaged):
        case.read(dropped)


def test_wiping_leaves_nothing_even_when_it_is_interrupted(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = spool.begin()
    case.append(started())
    case.keep(SECRET)
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda folder: _raise(OSError("killed here")))
        with pytest.raises(OSError, match="killed here"):
            case.wipe()
    assert spool.case_ids() == []
    case.let_go()
    assert reopened(tmp_path).case_ids() == []
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"spool.json", "spool_key.secret", "vault", "locks"}


def _raise(error: Exception) -> None:
    raise error


def test_a_case_that_was_only_begun_leaves_no_trace(spool: Spool, tmp_path: Path) -> None:
    case = spool.begin()
    reopened(tmp_path)
    assert case.folder.exists()  # its process lives
    case.let_go()
    reopened(tmp_path)
    assert not case.folder.exists()


# ---------------------------------------------------------------- a full disk


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_refuses_and_leaves_nothing_half_written(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    case = spool.begin()
    case.append(started())
    full = OSError(errno.ENOSPC, "no space")
    before = sorted(case.folder.iterdir())
    with monkeypatch.context() as patch:
        target = {"write": "_write_through", "fsync": "os.fsync", "replace": "Path.replace"}[call]
        patch.setattr(f"capture_client.disk.{target}", lambda *_args: _raise(full))
        with pytest.raises(DiskFull):
            case.keep(SECRET)
        with pytest.raises(DiskFull):
            case.append(consent())
    assert sorted(case.folder.iterdir()) == before
    case.append(consent())
    assert len(case.events()) == 2


def test_no_capture_begins_when_there_is_no_room_for_the_rest(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = spool.begin()
    monkeypatch.setattr(disk, "RESERVE_BYTES", 1 << 60)
    with pytest.raises(DiskFull):
        case.keep(SECRET)
    case.append(started())  # what was begun is noted to its end


def test_a_limit_on_file_size_is_a_full_disk(spool: Spool) -> None:
    case = spool.begin()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(DiskFull):
            case.keep(os.urandom(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(case.folder.iterdir()) == []


# ---------------------------------------------------------------- the end at any moment

_WRITER = """
import os, sys
from pathlib import Path
from capture_client.spool import open_spool
from capture_client.vault import FileVault
from tests.unit.capture_client.desk_events import started, consent, TO_REVIEW
folder = Path(sys.argv[1])
case = open_spool(folder, FileVault(folder)).begin()
left = int(sys.argv[2])
def step(event, _args):
    global left
    if event.startswith(("open", "os.", "shutil.")):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(step)
for number, event in enumerate(TO_REVIEW[:4]):
    if number == 2:
        case.keep(b"front" * 1000)
    case.append(event)
    os.write(1, b"x")
case.wipe()
os.write(1, b"w")
"""


@pytest.mark.parametrize("seed", range(6))
def test_a_writer_that_is_killed_leaves_what_it_had_written(tmp_path: Path, seed: int) -> None:
    """Killed by itself before a random system call, as by a loss of power as far as files go."""
    calls = random.Random(seed).randrange(0, 60)
    command = [sys.executable, "-c", _WRITER, str(tmp_path), str(calls)]
    said = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout
    spool = open_spool(tmp_path, FileVault(tmp_path))
    ids = spool.case_ids()
    if b"w" in said or not said:
        assert len(ids) <= (0 if b"w" in said else 1)
        return
    if not ids:  # killed between the rename and the end of the wiping
        assert said.count(b"x") == 4
        return
    events = held(spool, ids[0]).events()
    assert said.count(b"x") <= len(events) <= said.count(b"x") + 1
    assert events == list(TO_REVIEW[: len(events)])
