"""A Qt application without a screen."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip(
    "PySide6.QtWidgets",
    reason="Qt cannot be loaded: pip install ekyc[client]; a bare Linux also needs libegl1 and libxkbcommon0",
    exc_type=ImportError,
)


@pytest.fixture(scope="session")
def application() -> object:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])
