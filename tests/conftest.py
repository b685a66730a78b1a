"""What every test needs: nothing of the environment leaks in."""

from __future__ import annotations

import os

import pytest

pytest_plugins = ["tests.real_servers"]


@pytest.fixture(autouse=True)
def _no_ekyc_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("EKYC_") and name != "EKYC_SHARED"]:
        monkeypatch.delenv(name)
