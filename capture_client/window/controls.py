"""Small widgets that every page uses: named buttons and labels, a banner, a row, a column."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)


def label(name: str = "", *, wraps: bool = True) -> QLabel:
    """Return an empty label of a kind that the stylesheet knows."""
    made = QLabel()
    made.setObjectName(name)
    made.setWordWrap(wraps)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def button(name: str = "", on_click: Callable[[], object] | None = None) -> QPushButton:
    """Return an empty button of a kind that the stylesheet knows."""
    made = QPushButton()
    made.setObjectName(name)
    made.setAutoDefault(True)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if on_click is not None:
        made.clicked.connect(lambda _checked: on_click())
    return made


def say(widget: QLabel | QPushButton, words: str, *, hint: str = "") -> None:
    """Put words on a label or a button, for the eye and for a screen reader; a hint also names its key."""
    if widget.text() != words:
        widget.setText(words)
        widget.setAccessibleName(words)
    if hint:
        widget.setToolTip(hint)


def set_tone(widget: QWidget, tone: str) -> None:
    """Give a widget the colours of a tone: good, warn, bad, edited or none."""
    if widget.property("tone") == tone:
        return
    widget.setProperty("tone", tone)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def column(
    *items: QWidget | QLayout | int | None, spacing: int = 10, margin: int = 0
) -> QVBoxLayout:
    """Return a column: a number is a gap, None a stretch."""
    made = QVBoxLayout()
    _fill(made, items, spacing, margin)
    return made


def row(*items: QWidget | QLayout | int | None, spacing: int = 10, margin: int = 0) -> QHBoxLayout:
    """Return a row: a number is a gap, None a stretch."""
    made = QHBoxLayout()
    _fill(made, items, spacing, margin)
    return made


def _fill(
    made: QVBoxLayout | QHBoxLayout,
    items: tuple[QWidget | QLayout | int | None, ...],
    spacing: int,
    margin: int,
) -> None:
    made.setSpacing(spacing)
    made.setContentsMargins(margin, margin, margin, margin)
    for item in items:
        if item is None:
            made.addStretch(1)
        elif isinstance(item, int):
            made.addSpacing(item)
        elif isinstance(item, QLayout):
            made.addLayout(item)
        else:
            made.addWidget(item)


def panel(inner: QLayout) -> QFrame:
    """Return a white panel around a layout."""
    made = QFrame()
    made.setObjectName("panel")
    inner.setContentsMargins(16, 14, 16, 14)
    made.setLayout(inner)
    return made


class Banner(QFrame):
    """A line that tells something; not there while there is nothing to tell."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._label = label("label")
        self.setLayout(row(self._label, margin=10))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def tell(self, words: str, tone: str = "") -> None:
        """Show words, or hide for none."""
        self._label.setText(words)
        self.setAccessibleName(words)
        set_tone(self, tone)
        set_tone(self._label, tone)
        self.setVisible(bool(words))
