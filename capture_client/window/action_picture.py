"""Pictures of the actions: a face that blinks, smiles or turns. As in a mirror, one's own left is on the left."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from capture_client.window import style
from pipeline.challenge import Action

#: How far the features move in a turn, and the arrow's side, in units of the face (half width 30, half height 38).
_TURN = 11.0


class ActionPicture(QWidget):
    """One action; None is a face at rest."""

    def __init__(self, action: Action | None = None, size_px: int = 96) -> None:
        super().__init__()
        self._action, self._side = action, size_px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def show_action(self, action: Action | None) -> None:
        """Draw another action."""
        if action is not self._action:
            self._action = action
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the face in a square of 100 units around its middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = min(self.width(), self.height()) / 112
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(scale, scale)
        painter.setPen(QPen(QColor(style.ACCENT_DARK), 3.5, c=Qt.PenCapStyle.RoundCap))
        painter.setBrush(QColor(style.ACCENT_PALE))
        painter.drawEllipse(QPointF(0, 0), 30, 38)
        shift = {Action.TURN_LEFT: -_TURN, Action.TURN_RIGHT: _TURN}.get(
            self._action or Action.BLINK, 0.0
        )
        self._draw_eyes(painter, shift)
        self._draw_mouth(painter, shift)
        if shift:
            self._draw_arrow(painter, -1 if shift < 0 else 1)
        painter.end()

    def _draw_eyes(self, painter: QPainter, shift: float) -> None:
        painter.setBrush(QColor(style.ACCENT_DARK))
        for x in (-12 + shift, 12 + shift):
            if self._action is Action.BLINK:
                lid = QPainterPath(QPointF(x - 6, -9))
                lid.quadTo(QPointF(x, -3), QPointF(x + 6, -9))
                painter.strokePath(lid, painter.pen())
            else:
                painter.drawEllipse(QPointF(x, -8), 2.6, 3.2)
        painter.drawLine(QPointF(shift * 1.25, -3), QPointF(shift * 1.45, 6))

    def _draw_mouth(self, painter: QPainter, shift: float) -> None:
        depth = 14.0 if self._action is Action.SMILE else 0.0
        half = 13.0 if self._action is Action.SMILE else 8.0
        mouth = QPainterPath(QPointF(shift - half, 17))
        mouth.quadTo(QPointF(shift, 17 + depth), QPointF(shift + half, 17))
        painter.strokePath(mouth, painter.pen())

    def _draw_arrow(self, painter: QPainter, side: int) -> None:
        painter.setPen(QPen(QColor(style.ACCENT), 5, c=Qt.PenCapStyle.RoundCap))
        tip = side * 52
        painter.drawLine(QPointF(side * 38, 0), QPointF(tip, 0))
        painter.drawLine(QPointF(tip, 0), QPointF(tip - side * 7, -7))
        painter.drawLine(QPointF(tip, 0), QPointF(tip - side * 7, 7))


class Countdown(QWidget):
    """A ring that empties, with the seconds that are left inside."""

    def __init__(self, size_px: int = 84) -> None:
        super().__init__()
        self._left, self._share, self._side = 0.0, 0.0, size_px
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._side, self._side)

    def show_left(self, left_s: float, whole_s: float) -> None:
        """Show seconds that are left of a whole."""
        self._left = max(left_s, 0.0)
        self._share = self._left / whole_s if whole_s > 0 else 0.0
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height()) - 12
        ring = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter.setPen(QPen(QColor(style.LINE), 8))
        painter.drawEllipse(ring)
        painter.setPen(QPen(QColor(style.ACCENT), 8, c=Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, 90 * 16, round(self._share * 360 * 16))
        font = painter.font()
        font.setPixelSize(round(side * 0.42))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(style.INK))
        painter.drawText(ring, Qt.AlignmentFlag.AlignCenter, str(max(0, round(self._left + 0.49))))
        painter.end()
