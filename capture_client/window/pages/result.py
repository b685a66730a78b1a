"""The result: what became of the case, in the gateway's own words for the customer. Never a score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from capture_client.desk_values import Step
from capture_client.flow import Flow
from capture_client.window import style, texts
from capture_client.window.controls import button, column, label, panel, row, say
from capture_client.window.page import Page
from capture_client.window.session import Session
from capture_client.words import Text
from pipeline.case import CaseStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is shown for a state of the case."""

    title: Text
    lead: Text
    mark: str
    tone: str


def outcome_of(flow: Flow) -> Outcome:
    """Return what to show: the case's own end before what the gateway said before it."""
    if flow.abandoned:
        return Outcome(
            title=texts.RESULT_GIVEN_UP, lead=texts.RESULT_LOST_LEAD, mark="–", tone="warn"
        )
    if flow.lost is not None:
        return Outcome(title=texts.RESULT_LOST, lead=texts.RESULT_LOST_LEAD, mark="!", tone="bad")
    return _OUTCOMES.get(flow.status, _SENDING)


_SENDING = Outcome(title=texts.RESULT_WAIT, lead=texts.RESULT_WAIT_LEAD, mark="…", tone="accent")
_OUTCOMES = {
    CaseStatus.PROCESSING: Outcome(
        title=texts.RESULT_JUDGING, lead=texts.RESULT_WAIT_LEAD, mark="…", tone="accent"
    ),
    CaseStatus.APPROVED: Outcome(
        title=texts.RESULT_APPROVED, lead=texts.RESULT_APPROVED_LEAD, mark="✓", tone="good"
    ),
    CaseStatus.REJECTED: Outcome(
        title=texts.RESULT_REJECTED, lead=texts.RESULT_REJECTED_LEAD, mark="✕", tone="bad"
    ),
    CaseStatus.REVIEW: Outcome(
        title=texts.RESULT_REVIEW, lead=texts.RESULT_REVIEW_LEAD, mark="…", tone="warn"
    ),
    CaseStatus.RETAKE: Outcome(
        title=texts.RESULT_RETAKE, lead=texts.RESULT_RETAKE_LEAD, mark="↻", tone="warn"
    ),
}  # fmt: skip
_COLOURS = {"good": style.GOOD, "warn": style.WARN, "bad": style.BAD, "accent": style.ACCENT}


class Mark(QWidget):
    """A sign in a circle; its meaning stands beside it in words, too."""

    def __init__(self) -> None:
        super().__init__()
        self._sign, self._colour = "…", style.ACCENT
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(88, 88)

    def show_sign(self, sign: str, tone: str) -> None:
        """Show another sign."""
        self._sign, self._colour = sign, _COLOURS[tone]
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(4, 4, self.width() - 8, self.height() - 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colour))
        painter.drawEllipse(circle)
        font = painter.font()
        font.setPixelSize(44)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor("white"))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, self._sign)
        painter.end()


class ResultPage(Page):
    """Outcome, guidance, and what comes next."""

    step = Step.RESULT
    title = texts.RESULT_TITLE

    def __init__(self, session: Session, on_new_case: Callable[[], object]) -> None:
        super().__init__(session)
        self._on_new_case = on_new_case
        self._mark, self._what, self._why = Mark(), label("huge"), label("lead")
        self._guidance, self._case = label(), label("small")
        self._case.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._retake = button("", self._take_again)
        words = column(self._what, self._why, 8, self._guidance, 8, self._case, spacing=4)
        line = row(self._mark, words, spacing=22)
        line.setStretch(1, 1)
        line.setAlignment(self._mark, Qt.AlignmentFlag.AlignTop)
        self.add(panel(line))
        self.body.addStretch(1)
        self.add_extra(self._retake)

    def draw(self) -> None:
        """Put the outcome on the page."""
        super().draw()
        flow, say_text = self.session.flow, self.session.say
        outcome = outcome_of(flow)
        say(self._what, say_text(outcome.title))
        say(self._why, say_text(outcome.lead))
        self._mark.show_sign(outcome.mark, outcome.tone)
        self._mark.setAccessibleName(say_text(outcome.title))
        say(self._guidance, "\n".join(f"•  {one.text}" for one in flow.guidance))
        self._guidance.setVisible(bool(flow.guidance))
        say(self._case, str(flow.case_id) if flow.case_id else "")
        say(self._retake, say_text(texts.RETAKE_NOW))
        self._retake.hide()

    def has_back(self) -> bool:
        """What was handed in cannot be changed here."""
        return False

    def on_words(self) -> tuple[str, bool]:
        """A new case can always be begun: this one is in the queue."""
        return self.session.say(texts.NEW_CASE), True

    def go_on(self) -> None:
        """Begin a new case."""
        self._on_new_case()

    def _take_again(self) -> None:
        super().go_on()
