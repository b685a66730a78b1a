"""Consent: what the customer agrees to, in words of `consent_texts`, one tick a purpose; the receipt says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtWidgets import QCheckBox, QScrollArea, QWidget

from capture_client.consent_texts import CONSENTS, TEXT_VERSION, needed_purposes, receipt
from capture_client.desk_values import Step
from capture_client.events import ConsentGiven
from capture_client.window import texts
from capture_client.window.controls import button, column, label, panel, say
from capture_client.window.page import Page
from capture_client.window.session import Session
from pipeline.consent import Purpose


class ConsentPage(Page):
    """One panel a purpose."""

    step = Step.CONSENT
    title = texts.CONSENT_TITLE
    lead = texts.CONSENT_LEAD

    def __init__(self, session: Session, on_declined: Callable[[], object]) -> None:
        super().__init__(session)
        self._ticks = {purpose: QCheckBox() for purpose in CONSENTS}
        self._words = {purpose: label() for purpose in CONSENTS}
        self._names = {purpose: label("label") for purpose in CONSENTS}
        self._decline = button("danger", on_declined)
        self._version = label("small")
        panels = [
            panel(column(self._names[p], self._words[p], self._ticks[p], spacing=8))
            for p in CONSENTS
        ]
        inner = QWidget()
        inner.setObjectName("scrolled")
        inner.setLayout(column(*panels, self._version, None, spacing=12))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inner)
        self.add(area, 1)
        self.add_extra(self._decline)
        for tick in self._ticks.values():
            tick.toggled.connect(lambda _on: self.draw())

    def enter(self) -> None:
        """A new customer has agreed to nothing yet."""
        for tick in self._ticks.values():
            tick.setChecked(False)

    def draw(self) -> None:
        """Put the words on the page."""
        super().draw()
        language = self.session.language
        for purpose, consent in CONSENTS.items():
            say(self._names[purpose], consent.name.said(language))
            say(self._words[purpose], consent.words.said(language))
            tick = self._ticks[purpose]
            tick.setText(self.session.say(texts.CONSENT_AGREE))
            tick.setAccessibleName(f"{consent.name.said(language)}: {tick.text()}")
        say(self._decline, self.session.say(texts.CONSENT_DECLINE))
        say(self._version, TEXT_VERSION)

    def has_back(self) -> bool:
        """The case has begun; a customer who does not agree ends it."""
        return False

    def on_words(self) -> tuple[str, bool]:
        """Record the consent."""
        return self.session.say(texts.CONSENT_GO_ON), needed_purposes() <= set(self._agreed())

    def first_focus(self) -> QWidget:
        """The first tick."""
        return next(iter(self._ticks.values()))

    def go_on(self) -> None:
        """Record what was agreed to, in the words that were shown."""
        if needed_purposes() <= set(self._agreed()):
            agreed = receipt(
                self._agreed(), language=self.session.language, given_at=datetime.now(UTC)
            )
            self.session.tell(ConsentGiven(receipt=agreed))

    def _agreed(self) -> tuple[Purpose, ...]:
        return tuple(purpose for purpose, tick in self._ticks.items() if tick.isChecked())
