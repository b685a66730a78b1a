"""What all pages have: a title, a lead, a banner, a body, and the buttons back and on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from capture_client.desk_values import Step
from capture_client.events import StepChosen
from capture_client.flow import next_step, reachable
from capture_client.window import texts
from capture_client.window.controls import Banner, button, column, label, row, say
from capture_client.window.session import Session
from capture_client.words import Text


class Page(QWidget):
    """A page of the window. `draw` puts everything on it anew from the session, in the language of the moment."""

    #: The step that the page is for; None for a page outside the flow.
    step: Step | None = None
    title: Text = texts.WINDOW
    lead: Text | None = None

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("body")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session = session
        self._title, self._lead, self.banner = label("title"), label("lead"), Banner()
        self.body = QVBoxLayout()
        self.back = button("", self.go_back)
        self.on = button("primary", self.go_on)
        self.extras = row()
        self._lay_out()

    def _lay_out(self) -> None:
        head = column(self._title, self._lead, self.banner, spacing=6)
        self.body.setContentsMargins(0, 0, 0, 0)
        inner = column(head, self.body, spacing=12, margin=0)
        inner.setContentsMargins(28, 20, 28, 14)
        inner.setStretch(1, 1)
        footer = QWidget()
        footer.setObjectName("footer")
        footer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        footer.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        foot = row(self.back, None, self.extras, self.on, spacing=10)
        foot.setContentsMargins(28, 10, 28, 10)
        footer.setLayout(foot)
        whole = column(inner, footer, spacing=0)
        whole.setStretch(0, 1)
        self.setLayout(whole)

    # ------------------------------------------------------------ life

    def enter(self) -> None:
        """The page is shown now."""

    def leave(self) -> None:
        """The page is not shown any more."""

    def draw(self) -> None:
        """Put everything on the page anew."""
        say_text = self.session.say
        say(self._title, say_text(self.title))
        lead = self.lead_now()
        say(self._lead, say_text(lead) if lead else "")
        self._lead.setVisible(lead is not None)
        say(self.back, "←  " + say_text(texts.BACK), hint="Alt+←")
        self.back.setEnabled(self._former() is not None)
        self.back.setVisible(self.has_back())
        words, is_open = self.on_words()
        say(self.on, words, hint="Ctrl+↵")
        self.on.setEnabled(is_open)

    def lead_now(self) -> Text | None:
        """Return the line under the title."""
        return self.lead

    def has_back(self) -> bool:
        """Whether the page has a way back at all."""
        return True

    def on_words(self) -> tuple[str, bool]:
        """Return what the button to go on says, and whether it can be pressed."""
        return self.session.say(texts.NEXT) + "  →", next_step(self.session.flow) is not None

    def first_focus(self) -> QWidget:
        """Return what has the focus when the page opens."""
        return self.on if self.on.isEnabled() else self.back

    # ------------------------------------------------------------ steps

    def go_on(self) -> None:
        """Go to the next step."""
        following = next_step(self.session.flow)
        if following is not None:
            self.session.tell(StepChosen(step=following))

    def go_back(self) -> None:
        """Go to the step before."""
        former = self._former()
        if former is not None:
            self.session.tell(StepChosen(step=former))

    def _former(self) -> Step | None:
        steps = reachable(self.session.flow)
        earlier = [step for step in steps if list(Step).index(step) < self._place()]
        return earlier[-1] if earlier else None

    def _place(self) -> int:
        return list(Step).index(self.session.flow.step)

    def add_extra(self, *buttons: QPushButton) -> None:
        """Put buttons beside the one to go on."""
        for one in buttons:
            self.extras.addWidget(one)

    def add(self, item: QWidget | QLayout, stretch: int = 0) -> None:
        """Put something into the body."""
        if isinstance(item, QLayout):
            self.body.addLayout(item, stretch)
        else:
            self.body.addWidget(item, stretch)
