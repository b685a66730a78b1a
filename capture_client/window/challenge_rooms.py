"""The two sides of the challenge's page: what is to come and what cannot be done, and the person who performs it."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from capture_client.flow_state import OpenChallenge
from capture_client.guidance.action import Progress
from capture_client.window import texts
from capture_client.window.action_picture import ActionPicture, Countdown
from capture_client.window.controls import column, label, panel, row, say
from capture_client.window.session import Session
from capture_client.window.viewfinder import Guide, Viewfinder
from capture_client.words import Text
from pipeline.challenge import Action, ChallengeStep

#: The gateway takes at most two (`api/requests.py`).
_MOST_EXCLUDED = 2
_MOST_STEPS = 3


class IntroRoom(QWidget):
    """What happens, and a tick for each action that the customer cannot perform."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.ticks = {action: QCheckBox() for action in Action}
        self._is_open = True
        self._cannot, self._words = label("label"), label()
        for tick in self.ticks.values():
            tick.toggled.connect(lambda _on: self._limit())
        inner = column(self._words, 10, self._cannot, *self.ticks.values(), spacing=8)
        around = panel(inner)
        around.setMaximumWidth(760)
        across = row(around, None)
        across.setStretch(0, 1)
        self.setLayout(column(across, None))

    def excluded(self) -> tuple[Action, ...]:
        """Return what was ticked."""
        return tuple(action for action, tick in self.ticks.items() if tick.isChecked())

    def draw(self, words: Text, *, is_open: bool) -> None:
        """Put the words on it; the ticks can be changed while it is open."""
        self._is_open = is_open
        say(self._words, self._session.say(words))
        say(self._cannot, self._session.say(texts.CHALLENGE_CANNOT))
        for action, tick in self.ticks.items():
            tick.setText(self._session.say(texts.ACTION_NAMES[action]))
        self._limit()

    def _limit(self) -> None:
        is_full = len(self.excluded()) >= _MOST_EXCLUDED
        for tick in self.ticks.values():
            tick.setEnabled(self._is_open and (tick.isChecked() or not is_full))


class LiveRoom(QWidget):
    """The person, and below either the actions to come or the one of the moment."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.finder = Viewfinder(Guide.OVAL, is_mirrored=True)
        self._pictures = [ActionPicture(size_px=112) for _ in range(_MOST_STEPS)]
        self._captions = [label("label") for _ in range(_MOST_STEPS)]
        self._picture, self._ring = ActionPicture(size_px=132), Countdown()
        self._number, self._what, self._said = label("small"), label("huge"), label("label")
        self._coming, self._doing = self._coming_panel(), self._doing_panel()
        whole: QVBoxLayout = column(self.finder, self._coming, self._doing)
        whole.setStretch(0, 1)
        self.setLayout(whole)

    def _coming_panel(self) -> QFrame:
        pairs = zip(self._pictures, self._captions, strict=True)
        return panel(row(*(column(picture, words, spacing=2) for picture, words in pairs)))

    def _doing_panel(self) -> QFrame:
        words = column(None, self._number, self._what, self._said, None, spacing=4)
        line = row(self._picture, words, self._ring, spacing=18)
        line.setStretch(1, 1)
        return panel(line)

    def draw(
        self, steps: Collection[ChallengeStep], *, is_coming: bool, is_recording: bool
    ) -> None:
        """Show what is to come, or make room for what is done."""
        self._coming.setVisible(is_coming)
        self._doing.setVisible(is_recording)
        shown = [*steps, *[None] * (_MOST_STEPS - len(steps))]
        for i, (picture, words, step) in enumerate(
            zip(self._pictures, self._captions, shown, strict=True)
        ):
            picture.setVisible(step is not None)
            words.setVisible(step is not None)
            if step is not None:
                picture.show_action(step.action)
                said = self._session.say(texts.ACTIONS[step.action], count=step.count)
                say(words, f"{i + 1}. {said}")

    def show_doing(
        self, challenge: OpenChallenge, now: ChallengeStep | None, now_s: float, end_s: float
    ) -> None:
        """Show the action of the moment and what is left of its time; None between and around them.

        Args:
            challenge: what is being recorded.
            now: the step whose window is open.
            now_s: seconds from the first frame.
            end_s: when the recording ends.
        """
        say_text = self._session.say
        self._picture.show_action(now.action if now else None)
        if now is None:
            say(self._number, say_text(texts.CHALLENGE_RECORDING))
            say(self._what, say_text(texts.CHALLENGE_RELAX))
            later = next((s.start_s for s in challenge.steps if s.start_s > now_s), end_s)
            self._ring.show_left(later - now_s, challenge.steps[0].start_s)
            return
        number, count = challenge.steps.index(now) + 1, len(challenge.steps)
        say(self._number, say_text(texts.STEP_OF, number=number, count=count))
        say(self._what, say_text(texts.ACTIONS[now.action], count=now.count))
        self._ring.show_left(now.end_s - now_s, now.end_s - now.start_s)

    def show_progress(self, seen: Progress | None) -> None:
        """Say whether the face is there and whether the movement has gone far enough."""
        has_lost = seen is not None and not seen.has_face
        self.finder.tell(self._session.say(texts.CHALLENGE_LOST) if has_lost else "", "warn")
        words = ""
        if seen is not None and seen.reached is not None and not has_lost:
            text = texts.CHALLENGE_ENOUGH if seen.reached >= 1 else texts.CHALLENGE_KEEP_ON
            words = self._session.say(text)
        say(self._said, words)
