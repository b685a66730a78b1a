"""The live picture with what guides the person: a frame for the card, an oval for the face, and one line of words."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from capture_client.guidance.card import guide_quad
from capture_client.guidance.face import OVAL_HALF_HEIGHT, OVAL_HALF_WIDTH
from capture_client.guidance.hints import Hint, Point
from capture_client.window import style
from pipeline.image import RgbImage


class Guide(StrEnum):
    """What is drawn over the picture."""

    NONE = "none"
    CARD = "card"
    OVAL = "oval"


def as_image(rgb: RgbImage) -> QImage:
    """Return a picture for Qt; it keeps its own copy of the pixels.

    Args:
        rgb: H x W x 3, uint8, RGB.
    """
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class Viewfinder(QWidget):
    """Shows the latest frame, mirrored for the person where asked; what is captured is never taken from here."""

    def __init__(self, guide: Guide = Guide.NONE, *, is_mirrored: bool = False) -> None:
        super().__init__()
        self._guide, self._is_mirrored = guide, is_mirrored
        self._image: QImage | None = None
        self._outline: tuple[Point, ...] = ()
        self._words, self._tone, self._rest = "", "", 0.0
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_live(self, rgb: RgbImage) -> None:
        """Show a frame."""
        self._image = as_image(rgb)
        self.update()

    def show_still(self, image: QImage) -> None:
        """Show a picture that was taken, as it was taken, without guides."""
        self._image, self._outline, self._rest = image, (), 0.0
        self.update()

    def show_nothing(self) -> None:
        """Show no picture."""
        self._image, self._outline = None, ()
        self.update()

    def point_out(self, hint: Hint | None) -> None:
        """Draw around what was found."""
        self._outline = hint.outline if hint else ()
        self._rest = hint.rest if hint else 0.0

    def tell(self, words: str, tone: str = "") -> None:
        """Write a line into the picture; also for screen readers."""
        if (words, tone) != (self._words, self._tone):
            self._words, self._tone = words, tone
            self.setAccessibleName(words)
            self.update()

    def set_guide(self, guide: Guide, *, is_mirrored: bool) -> None:
        """Choose what is drawn over the picture."""
        self._guide, self._is_mirrored = guide, is_mirrored
        self.update()

    # ------------------------------------------------------------ painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture, the guide and the words."""
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(self.rect()), 10, 10)
        painter.setClipPath(clip)
        painter.fillRect(self.rect(), QColor("#1E2730"))
        if self._image is not None:
            where = self._place(self._image)
            self._draw_picture(painter, where)
            self._draw_guide(painter, where)
        self._draw_words(painter)
        painter.end()

    def _place(self, image: QImage) -> QRectF:
        scale = min(self.width() / image.width(), self.height() / image.height())
        width, height = image.width() * scale, image.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _draw_picture(self, painter: QPainter, where: QRectF) -> None:
        assert self._image is not None
        painter.save()
        if self._is_mirrored:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        painter.drawImage(where, self._image)
        painter.restore()

    def _draw_guide(self, painter: QPainter, where: QRectF) -> None:
        assert self._image is not None
        colour = QColor({"good": "#3DDC84", "warn": "#FFC857"}.get(self._tone, "#FFFFFF"))
        match self._guide:
            case Guide.CARD:
                quad = guide_quad(self._image.width(), self._image.height())
                corners = self._mapped([(float(x), float(y)) for x, y in quad], where)
                self._draw_frame(painter, QRectF(corners[0], corners[2]), colour, rounded=14.0)
            case Guide.OVAL:
                self._draw_oval(painter, where, colour)
            case Guide.NONE:
                return
        if len(self._outline) == 4:
            painter.setPen(QPen(QColor(61, 220, 132), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon(QPolygonF(self._mapped(list(self._outline), where)))

    def _draw_frame(
        self, painter: QPainter, frame: QRectF, colour: QColor, *, rounded: float
    ) -> None:
        shade, hole = QPainterPath(), QPainterPath()
        shade.addRect(QRectF(self.rect()))
        hole.addRoundedRect(frame, rounded, rounded)
        self._draw_hole(painter, shade.subtracted(hole), hole, colour)

    def _draw_oval(self, painter: QPainter, where: QRectF, colour: QColor) -> None:
        half = QPointF(OVAL_HALF_WIDTH * where.height(), OVAL_HALF_HEIGHT * where.height())
        shade, hole = QPainterPath(), QPainterPath()
        shade.addRect(QRectF(self.rect()))
        hole.addEllipse(where.center(), half.x(), half.y())
        self._draw_hole(painter, shade.subtracted(hole), hole, colour)
        if self._rest > 0:
            around = QRectF(where.center() - half, where.center() + half)
            painter.setPen(QPen(QColor("#3DDC84"), 8))
            painter.drawArc(around, 90 * 16, -round(self._rest * 360 * 16))

    def _draw_hole(
        self, painter: QPainter, shade: QPainterPath, hole: QPainterPath, colour: QColor
    ) -> None:
        painter.fillPath(shade, QColor(10, 16, 22, 120))
        painter.setPen(QPen(colour, 4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(hole)

    def _mapped(self, points: list[Point], where: QRectF) -> list[QPointF]:
        assert self._image is not None
        scale = where.width() / self._image.width()
        mapped = [QPointF(where.x() + x * scale, where.y() + y * scale) for x, y in points]
        if self._is_mirrored:
            mapped = [QPointF(self.width() - point.x(), point.y()) for point in mapped]
        return mapped

    def _draw_words(self, painter: QPainter) -> None:
        if not self._words:
            return
        font = QFont(self.font())
        font.setPixelSize(max(17, min(26, self.height() // 20)))
        font.setBold(True)
        painter.setFont(font)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = QRectF(24, 0, self.width() - 48, self.height() - 18)
        box = painter.fontMetrics().boundingRect(room.toRect(), flags, self._words)
        plate = QRectF(0, 0, box.width() + 36, box.height() + 18)
        plate.moveCenter(QPointF(self.width() / 2, self.height() - plate.height() / 2 - 8))
        ground = {"good": style.GOOD, "warn": "#5C3B00", "bad": style.BAD}.get(
            self._tone, "#0E1720"
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(plate, 10, 10)
        painter.setPen(QColor("white"))
        painter.drawText(plate.adjusted(12, 6, -12, -6), flags, self._words)
