"""Secrets are drawn once, kept, and readable by their owner alone."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

from ekyc.home import kek_of, open_home, read_kept, write_kept


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_kek_is_drawn_once_and_kept(tmp_path: Path) -> None:
    first = kek_of(open_home(tmp_path / "home"))
    assert kek_of(open_home(tmp_path / "home")) == first
    assert len(base64.b64decode(first)) == 32


def test_two_homes_have_different_keks(tmp_path: Path) -> None:
    assert kek_of(open_home(tmp_path / "a")) != kek_of(open_home(tmp_path / "b"))


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    kek_of(home)
    write_kept(home.keys_file, {"capture": "ekyc_x"})
    assert mode(home.kek_file) == 0o600
    assert mode(home.keys_file) == 0o600


def test_keys_come_back(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    assert read_kept(home.keys_file) == {}
    write_kept(home.keys_file, {"capture": "ekyc_x"})
    write_kept(home.keys_file, {"capture": "ekyc_y"})
    assert read_kept(home.keys_file) == {"capture": "ekyc_y"}
