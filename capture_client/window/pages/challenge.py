"""The challenge: the gateway's actions, shown one at a time while the clip is recorded at the camera's full rate."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedLayout, QWidget

from capture_client.camera.recording import Recording, RecordingFault
from capture_client.desk_values import Step
from capture_client.events import ChallengeWanted
from capture_client.flow_state import OpenChallenge
from capture_client.guidance.action import ActionGuide, Progress
from capture_client.window import texts
from capture_client.window.background import in_background
from capture_client.window.challenge_rooms import IntroRoom, LiveRoom
from capture_client.window.controls import button, say
from capture_client.window.page import Page
from capture_client.window.pages.capture import DRAW_EVERY_MS
from capture_client.window.session import Session
from capture_client.window.viewfinder import Guide, as_image
from capture_client.window.watching import Watching
from capture_client.words import Text
from pipeline.challenge import ChallengeStep
from pipeline.liveness.clip import MIN_RATE_HZ
from pipeline.liveness.sequence import LATE_S
from pipeline.stages import EvidenceKind


class State(StrEnum):
    """Where the page stands."""

    INTRO = "intro"
    ASKING = "asking"
    READY = "ready"
    RECORDING = "recording"
    KEEPING = "keeping"
    DONE = "done"


class ChallengePage(Page):
    """Intro and choice of what cannot be done; the actions; the recording."""

    step = Step.CHALLENGE
    title = texts.CHALLENGE_TITLE

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._state = State.INTRO
        self._fault: tuple[Text, dict[str, object]] | None = None
        self._now: ChallengeStep | None = None
        self._progress: Progress | None = None
        self._watching: Watching | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(DRAW_EVERY_MS)
        self._timer.timeout.connect(self._tick)
        self.ask, self.start = button("primary", self.ask_gateway), button("primary", self.record)
        self.again = button("", self.ask_gateway)
        self._intro, self._live = IntroRoom(session), LiveRoom(session)
        self.finder = self._live.finder
        self._stack = QStackedLayout()
        self._stack.addWidget(self._intro)
        self._stack.addWidget(self._live)
        self.add(self._stack, 1)
        self.add_extra(self.again, self.ask, self.start)
        for keys, act in (("Space", self.record), ("Ctrl+R", self._again)):
            QShortcut(QKeySequence(keys), self, act)

    # ------------------------------------------------------------ life

    def enter(self) -> None:
        """Begin where the flow stands."""
        self._settle()

    def leave(self) -> None:
        """Stop the camera; what was being recorded is dropped."""
        self._stop()
        self.session.close_camera()
        self._state = State.INTRO

    def draw(self) -> None:
        """Follow the flow, then put the words on the page."""
        if self.isVisible():
            self._follow()
        super().draw()
        self._draw_rooms()
        say_text = self.session.say
        say(self.ask, say_text(texts.CHALLENGE_ASK))
        say(self.start, say_text(texts.CHALLENGE_START), hint="Space")
        say(self.again, say_text(texts.CHALLENGE_AGAIN), hint="Ctrl+R")
        self.ask.setVisible(self._state in (State.INTRO, State.ASKING))
        self.ask.setEnabled(self._state is State.INTRO)
        self.start.setVisible(self._state is State.READY)
        self.again.setVisible(self._state is State.DONE)
        self.on.setVisible(self._state is State.DONE)
        self._stack.setCurrentIndex(0 if self._state in (State.INTRO, State.ASKING) else 1)
        self._draw_banner()

    def first_focus(self) -> QWidget:
        """The button that goes on."""
        return {State.INTRO: self.ask, State.READY: self.start}.get(self._state, self.on)

    # ------------------------------------------------------------ states

    def _settle(self) -> None:
        flow = self.session.flow
        if EvidenceKind.CLIP in flow.captures:
            self._to(State.DONE)
        elif flow.challenge is not None:
            self._to(State.READY)
        else:
            self._to(State.ASKING if flow.challenge_wanted is not None else State.INTRO)

    def _follow(self) -> None:
        """The gateway's answers move the page on, but never while it records."""
        flow = self.session.flow
        if self._state in (State.RECORDING, State.KEEPING):
            return
        if self._state is State.DONE and EvidenceKind.CLIP not in flow.captures:
            self._settle()
        elif self._state is State.ASKING and flow.challenge is not None:
            self._to(State.READY)
        elif self._state is State.READY and flow.challenge is None:
            self._to(State.INTRO)

    def _to(self, state: State) -> None:
        self._state = state
        if state is State.READY:
            self._fault = None
            self.finder.set_guide(Guide.OVAL, is_mirrored=True)
            self.session.open_camera(str(EvidenceKind.SELFIE))
            self._timer.start()
        elif state is State.DONE:
            self._timer.stop()
            self.session.close_camera()
            picture = self.session.pictures.get(EvidenceKind.CLIP)
            self.finder.set_guide(Guide.NONE, is_mirrored=True)
            if picture is not None:
                self.finder.show_still(picture)
            self.finder.tell(self.session.say(texts.CHALLENGE_DONE), "good")

    def ask_gateway(self) -> None:
        """Ask for a challenge; the one before it is void."""
        self._stop()
        self._fault = None
        if self.session.tell(ChallengeWanted(exclude=self._intro.excluded())):
            self._settle()
            self.draw()

    def _again(self) -> None:
        if self._state is State.DONE:
            self.ask_gateway()

    # ------------------------------------------------------------ recording

    def record(self) -> None:
        """Record from the next frame on."""
        camera = self.session.camera
        if self._state is not State.READY or camera is None or camera.latest is None:
            return
        challenge = self.session.flow.challenge
        if challenge is None or datetime.now(UTC) >= challenge.ends_at:
            self._give_up(texts.CHALLENGE_LATE)
            return
        self._state, self._now, self._progress = State.RECORDING, None, None
        self.finder.set_guide(Guide.NONE, is_mirrored=True)
        self.finder.tell("")
        camera.record(str(EvidenceKind.CLIP))
        if self.session.models is not None:
            guide = ActionGuide(self.session.models)
            self._watching = Watching(
                camera, lambda frame: guide.look(frame, self._now.action if self._now else None)
            )
            self._watching.seen.connect(self._seen)
        self.draw()

    def _seen(self, progress: Progress) -> None:
        self._progress = progress

    def _tick(self) -> None:
        camera = self.session.camera
        if camera is None or camera.fault is not None:
            self._camera_lost()
            return
        if camera.latest is not None:
            self.finder.show_live(camera.latest.rgb)
        if self._state is State.READY:
            self._tick_ready()
        elif self._state is State.RECORDING:
            self._tick_recording(camera.recorded_s)

    def _tick_ready(self) -> None:
        challenge = self.session.flow.challenge
        if challenge is None:
            return
        left_s = (challenge.ends_at - datetime.now(UTC)).total_seconds() - _length_s(challenge)
        if left_s <= 0:
            self._give_up(texts.CHALLENGE_LATE)
            return
        self.finder.tell(self.session.say(texts.CHALLENGE_READY, seconds=int(left_s)))

    def _tick_recording(self, recorded_s: float | None) -> None:
        challenge = self.session.flow.challenge
        if challenge is None:
            self._give_up(texts.CHALLENGE_LATE)
            return
        now_s = recorded_s or 0.0
        if now_s >= _length_s(challenge):
            self._finish()
            return
        self._now = next((s for s in challenge.steps if s.start_s <= now_s < s.end_s), None)
        self._live.show_doing(challenge, self._now, now_s, _length_s(challenge))
        self._live.show_progress(self._progress)

    def _finish(self) -> None:
        camera = self.session.camera
        assert camera is not None
        self._state = State.KEEPING
        self._end_watching()
        self._timer.stop()
        last = camera.latest
        in_background(camera.finish, lambda found: self._recorded(found, last))

    def _recorded(self, found: Any, last: Any) -> None:
        if self._state is not State.KEEPING:
            return
        if isinstance(found, RecordingFault) or found is None:
            self._give_up(texts.CLIP_FAILED)
        elif isinstance(found, Exception):
            raise found
        else:
            self._keep(found, last)

    def _keep(self, recording: Recording, last: Any) -> None:
        picture = as_image(last.rgb) if last is not None else None
        origin = self.session.origin()
        if not self.session.capture(EvidenceKind.CLIP, recording.data, picture, origin=origin):
            self._give_up(texts.CHALLENGE_LATE)
            return
        is_slow = recording.rate_hz < MIN_RATE_HZ
        self._fault = (texts.CLIP_SLOW, {"rate": round(recording.rate_hz)}) if is_slow else None
        self._to(State.DONE)
        self.draw()
        self.on.setFocus()

    def _give_up(self, text: Text) -> None:
        """Nothing was kept: say why, and begin anew."""
        self._stop()
        self.session.close_camera()
        self._fault, self._state = (text, {}), State.INTRO
        self.draw()

    def _camera_lost(self) -> None:
        camera = self.session.camera
        code = camera.fault.code if camera and camera.fault else "camera_lost"
        self._give_up(texts.CAMERA_FAULTS[code])

    def _stop(self) -> None:
        self._timer.stop()
        self._end_watching()

    def _end_watching(self) -> None:
        if self._watching:
            self._watching.seen.disconnect()
            self._watching.stop()
        self._watching = None

    # ------------------------------------------------------------ words

    def _draw_rooms(self) -> None:
        challenge, held = self.session.flow.challenge, self.session.flow.held
        words = texts.CHALLENGE_LEAD
        if self._state is State.ASKING:
            words = texts.CHALLENGE_OFFLINE if held is not None else texts.CHALLENGE_ASKING
        self._intro.draw(words, is_open=self._state is State.INTRO)
        self._live.draw(
            challenge.steps if challenge else (),
            is_coming=self._state is State.READY, is_recording=self._state is State.RECORDING,
        )  # fmt: skip

    def _draw_banner(self) -> None:
        if self._fault is None:
            self.banner.tell("")
        else:
            text, facts = self._fault
            self.banner.tell(self.session.say(text, **facts), "warn")


def _length_s(challenge: OpenChallenge) -> float:
    """The camera runs on after the last window, for an action may still be on its way back then."""
    return max(step.end_s for step in challenge.steps) + LATE_S
