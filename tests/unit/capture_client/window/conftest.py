"""A Qt application without a screen."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6", reason="PySide6 is not installed: pip install ekyc[client]")


@pytest.fixture(scope="session")
def application() -> object:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])
