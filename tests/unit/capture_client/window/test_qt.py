"""The Qt bindings must not wear out the interpreter."""

from __future__ import annotations

import sys

CALLS = 200


def test_a_call_without_a_result_keeps_the_references_to_none(application: object) -> None:
    from PySide6.QtGui import QFont

    font = QFont()
    font.setBold(True)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        font.setBold(True)
    assert before - sys.getrefcount(None) < CALLS / 2, (
        "this PySide6 drops a reference to None in every call (6.12.0 does on Python 3.11)"
    )
