"""Before handing in: what was captured, what has arrived, and a way back to each."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from capture_client.desk_values import Step
from capture_client.events import StepChosen, SubmitChosen
from capture_client.flow import Flow, is_done, reachable, values
from capture_client.flow_state import STEP_OF
from capture_client.window import texts
from capture_client.window.controls import button, column, label, panel, row, say, set_tone
from capture_client.window.page import Page
from capture_client.window.session import Session
from capture_client.words import Text
from pipeline.stages import EvidenceKind

_THUMB = QSize(128, 80)


class ReviewPage(Page):
    """One panel a piece of evidence, and one for the fields."""

    step = Step.REVIEW
    title = texts.REVIEW_TITLE
    lead = texts.REVIEW_LEAD

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._thumbs = {kind: QLabel() for kind in STEP_OF}
        self._names = {step: label("label") for step in (*STEP_OF.values(), Step.FIELDS)}
        self._states = {step: label("small") for step in self._names}
        self._changes = {
            step: button("", partial(session.tell, StepChosen(step=step))) for step in self._names
        }
        for kind, step in STEP_OF.items():
            self.add(self._panel(step, self._thumbs[kind]))
            if kind is EvidenceKind.CARD_BACK:
                self.add(self._panel(Step.FIELDS, None))
        self.body.addStretch(1)

    def _panel(self, step: Step, thumb: QLabel | None) -> QWidget:
        words = column(None, self._names[step], self._states[step], None, spacing=2)
        if thumb is None:
            line = row(words, None, self._changes[step], spacing=16)
        else:
            thumb.setFixedSize(_THUMB)
            thumb.setAlignment(Qt.AlignmentFlag.AlignCenter)
            line = row(thumb, words, None, self._changes[step], spacing=16)
        made = panel(line)
        line.setContentsMargins(14, 6, 14, 6)
        return made

    def draw(self) -> None:
        """Put states and words on the page."""
        super().draw()
        flow, say_text = self.session.flow, self.session.say
        for kind, step in STEP_OF.items():
            say(self._names[step], say_text(texts.EVIDENCE[kind]))
            text, tone = _state(flow, kind)
            say(self._states[step], say_text(text))
            set_tone(self._states[step], tone)
            self._draw_thumb(kind)
        say(self._names[Step.FIELDS], say_text(texts.STEPS[Step.FIELDS]))
        self._draw_fields(flow)
        for step, change in self._changes.items():
            say(change, say_text(texts.CHANGE))
            change.setAccessibleName(f"{change.text()}: {self._names[step].text()}")
            change.setEnabled(step in reachable(flow))

    def _draw_fields(self, flow: Flow) -> None:
        state = self._states[Step.FIELDS]
        if flow.reading is None:
            say(state, self.session.say(texts.FIELDS_READING))
            set_tone(state, "warn")
            return
        edited = len(flow.edits)
        say(
            state,
            self.session.say(texts.FIELDS_SUMMARY, count=len(values(flow)), edited=edited),
        )
        set_tone(state, "good" if is_done(flow, Step.FIELDS) else "bad")

    def _draw_thumb(self, kind: EvidenceKind) -> None:
        picture = self.session.pictures.get(kind)
        if picture is None:
            self._thumbs[kind].clear()
            return
        ratio = self.devicePixelRatioF()
        shown = QPixmap.fromImage(picture).scaled(
            _THUMB * ratio, Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )  # fmt: skip
        shown.setDevicePixelRatio(ratio)
        self._thumbs[kind].setPixmap(shown)

    def on_words(self) -> tuple[str, bool]:
        """Hand in."""
        return self.session.say(texts.SUBMIT), is_done(self.session.flow, Step.REVIEW)

    def go_on(self) -> None:
        """Hand the case in."""
        if is_done(self.session.flow, Step.REVIEW):
            self.session.tell(SubmitChosen(at=datetime.now(UTC)))


def _state(flow: Flow, kind: EvidenceKind) -> tuple[Text, str]:
    capture = flow.captures.get(kind)
    if capture is None:
        is_skipped = kind is EvidenceKind.CARD_BACK and flow.back_skipped
        return (texts.IS_SKIPPED, "warn") if is_skipped else (texts.IS_MISSING, "bad")
    return (texts.IS_SENT, "good") if capture.arrived else (texts.IS_KEPT, "warn")
