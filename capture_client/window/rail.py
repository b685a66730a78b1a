"""The rail on the left: where one is, what is done, and where one can go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from capture_client.desk_values import Step
from capture_client.flow import Flow, is_done, reachable
from capture_client.window import style, texts
from capture_client.window.controls import button, column, label, say
from capture_client.words import Language, Text

_WIDTH_PX, _DOT_PX = 236, 26


class StepButton(QPushButton):
    """One step: a number or a tick in a circle, and its name."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName("step")
        self._number, self._state = number, "closed"

    def draw(self, words: str, state: str, state_words: str, *, is_open: bool) -> None:
        """Show a state: done, current or closed."""
        self._state = state
        self.setText("        " + words)
        self.setAccessibleName(f"{words}: {state_words}")
        self.setEnabled(is_open)
        if self.property("state") != state:
            self.setProperty("state", state)
            self.style().unpolish(self)
            self.style().polish(self)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the circle over the button."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(12, (self.height() - _DOT_PX) / 2, _DOT_PX, _DOT_PX)
        fill = {"done": style.GOOD, "current": style.ACCENT}.get(self._state)
        painter.setPen(QPen(QColor(fill or "#7C8A98"), 1.5))
        painter.setBrush(QColor(fill) if fill else QColor(style.CARD))
        painter.drawEllipse(circle)
        painter.setPen(QColor("white") if fill else QColor(style.MUTED))
        font = QFont(self.font())
        font.setBold(True)
        painter.setFont(font)
        mark = "✓" if self._state == "done" else str(self._number)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, mark)


class Rail(QWidget):
    """All steps, and the queue, the language and the line below them."""

    def __init__(
        self,
        on_step: Callable[[Step], object],
        on_queue: Callable[[], object],
        on_language: Callable[[], object],
        on_give_up: Callable[[], object],
        scale: float,
    ) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(round(_WIDTH_PX * scale))
        self._product, self._line = label("product"), label("small")
        self._steps = {step: StepButton(i + 1) for i, step in enumerate(Step)}
        for step, one in self._steps.items():
            one.clicked.connect(lambda _=False, step=step: on_step(step))
        self._queue, self._language = button("quiet", on_queue), button("quiet", on_language)
        self._give_up = button("quietDanger", on_give_up)
        self.setLayout(
            column(
                self._product, 8, *self._steps.values(), None, self._give_up, self._line, self._queue,
                self._language, spacing=4, margin=14,
            )
        )  # fmt: skip

    def draw(self, flow: Flow, language: Language, waiting: int) -> None:
        """Show a state of the flow."""
        say(self._product, texts.PRODUCT.said(language))
        open_steps = reachable(flow)
        for step, one in self._steps.items():
            state, words = _state(flow, step)
            one.draw(
                texts.STEPS[step].said(language), state, words.said(language),
                is_open=step in open_steps and step is not flow.step,
            )  # fmt: skip
        held = flow.held is not None
        line = (texts.LINE_BAD if held else texts.LINE_GOOD) if flow.started else None
        say(self._line, ("● " + line.said(language)) if line else "")
        self._line.setStyleSheet(f"color: {style.WARN if held else style.GOOD};")
        say(self._give_up, texts.GIVE_UP.said(language))
        is_at_work = flow.started is not None and flow.step not in (Step.CONSENT, Step.RESULT)
        self._give_up.setVisible(is_at_work)
        say(self._queue, texts.QUEUE.said(language, count=waiting), hint="F3")
        say(self._language, texts.OTHER_LANGUAGE.said(language), hint="F2")


def _state(flow: Flow, step: Step) -> tuple[str, Text]:
    if step is flow.step:
        return "current", texts.CURRENT_STEP
    if is_done(flow, step) and _is_visited(flow, step):
        return "done", texts.DONE_STEP
    return "closed", texts.CLOSED_STEP


def _is_visited(flow: Flow, step: Step) -> bool:
    """Fields count as done once they were read, the last look once the case was handed in."""
    if step is Step.REVIEW:
        return flow.step is Step.RESULT and flow.lost is None
    return step is not Step.FIELDS or flow.reading is not None
