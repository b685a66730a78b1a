"""The window: the rail, the page of the step, and what is told above it. It draws the flow again after every event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow, QMessageBox, QPushButton, QStackedWidget, QWidget

from capture_client.captions import caption
from capture_client.desk import QueueRow
from capture_client.desk_values import Step
from capture_client.events import Abandoned, StepChosen
from capture_client.flow import Flow
from capture_client.problems import SpoolDamaged
from capture_client.window import style, texts
from capture_client.window.controls import Banner, column, row
from capture_client.window.page import Page
from capture_client.window.pages.card import CardPage
from capture_client.window.pages.challenge import ChallengePage
from capture_client.window.pages.consent import ConsentPage
from capture_client.window.pages.fields import FieldsPage
from capture_client.window.pages.queue import QueuePage
from capture_client.window.pages.result import ResultPage
from capture_client.window.pages.review import ReviewPage
from capture_client.window.pages.selfie import SelfiePage
from capture_client.window.pages.sign_in import SignInDesk, SignInPage
from capture_client.window.rail import Rail
from capture_client.window.session import CaseAtDesk, Session
from pipeline.case import CaseStatus
from pipeline.stages import EvidenceKind

_LEAST_WIDTH_PX, _LEAST_HEIGHT_PX = 1024, 700
_WIDTH_PX, _HEIGHT_PX = 1280, 720
#: The queue is looked at this often while it is shown, and for the number on the rail.
_QUEUE_EVERY_MS = 1500
_PICTURE_KINDS = (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK, EvidenceKind.SELFIE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOfWindow:
    """What the window asks of the desk. `attend(None)`: nobody stands before a case now."""

    sign_in: SignInDesk
    queue: Callable[[], Sequence[QueueRow]]
    find: Callable[[str], CaseAtDesk | None]
    attend: Callable[[CaseAtDesk | None], object]


class MainWindow(QMainWindow):
    """One case at a time; what was handed in goes on without it."""

    def __init__(self, session: Session, desk: DeskOfWindow) -> None:
        super().__init__()
        self.session, self._desk = session, desk
        self._shown: Page | None = None
        self._refusal: str | None = None
        self._is_queue_open = False
        scale = style.KIOSK_SCALE if session.options.is_kiosk else style.DESK_SCALE
        self.setStyleSheet(style.stylesheet(scale))
        self.setMinimumSize(_LEAST_WIDTH_PX, _LEAST_HEIGHT_PX)
        self.resize(_WIDTH_PX, _HEIGHT_PX)
        self._rail = Rail(
            self._choose, self.toggle_queue, session.switch_language, self.ask_to_give_up, scale
        )
        self._notice = Banner()
        self._stack = QStackedWidget()
        self.pages = self._pages()
        self._lay_out()
        self._bind_keys()
        session.changed.connect(self.draw)
        session.refused.connect(self._refused)
        self._queue_timer = QTimer(self, interval=_QUEUE_EVERY_MS)
        self._queue_timer.timeout.connect(self._draw_queue)
        self._queue_timer.start()

    def _pages(self) -> dict[Step, Page]:
        session = self.session
        pages: list[Page] = [
            SignInPage(session, self._desk.sign_in),
            ConsentPage(session, self.ask_to_give_up),
            CardPage(session, EvidenceKind.CARD_FRONT),
            CardPage(session, EvidenceKind.CARD_BACK),
            FieldsPage(session),
            SelfiePage(session),
            ChallengePage(session),
            ReviewPage(session),
            ResultPage(session, self.new_case),
        ]
        self.queue_page = QueuePage(session, self._desk.queue, self.resume, self.toggle_queue)
        for page in (*pages, self.queue_page):
            self._stack.addWidget(page)
        return {page.step: page for page in pages if page.step is not None}

    def _lay_out(self) -> None:
        bar = row(self._notice)
        bar.setContentsMargins(28, 8, 28, 0)
        right = column(bar, self._stack, spacing=0)
        right.setStretch(1, 1)
        whole = QWidget()
        whole.setObjectName("body")
        both = row(self._rail, right, spacing=0)
        both.setStretch(1, 1)
        whole.setLayout(both)
        self.setCentralWidget(whole)

    def _bind_keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "F2": self.session.switch_language,
            "F3": self.toggle_queue,
            "Ctrl+Return": lambda: self._press(lambda page: page.on),
            "Alt+Left": lambda: self._press(lambda page: page.back),
            "F11": self._toggle_full,
        }
        for key, act in keys.items():
            QShortcut(QKeySequence(key), self, act, context=Qt.ShortcutContext.WindowShortcut)

    # ------------------------------------------------------------ drawing

    def draw(self) -> None:
        """Show the page of the flow's step, and draw everything anew."""
        flow = self.session.flow
        page = self.queue_page if self._is_queue_open else self.pages[flow.step]
        if page is not self._shown:
            self._turn_to(page)
        say_text = self.session.say
        where = texts.QUEUE_TITLE if self._is_queue_open else texts.STEPS[flow.step]
        self.setWindowTitle(f"{say_text(where)} – {say_text(texts.WINDOW)}")
        self._rail.draw(flow, self.session.language, len(self._desk.queue()))
        self._draw_notice(flow)
        page.draw()

    def _turn_to(self, page: Page) -> None:
        former, self._shown = self._shown, page
        if former is not None:
            former.leave()
        self._refusal = None
        self._stack.setCurrentWidget(page)
        page.enter()
        page.draw()
        page.first_focus().setFocus()

    def _draw_notice(self, flow: Flow) -> None:
        language = self.session.language
        if self._refusal is not None:
            self._notice.tell(caption(self._refusal).said(language), "bad")
        elif flow.notice is not None and flow.step is not Step.RESULT:
            self._notice.tell(caption(flow.notice.code).said(language), "warn")
        elif flow.status is CaseStatus.RETAKE and flow.guidance and flow.step is not Step.RESULT:
            self._notice.tell("  ".join(one.text for one in flow.guidance), "warn")
        elif flow.held is not None:
            self._notice.tell(caption(flow.held.code).said(language), "warn")
        else:
            self._notice.tell("")

    def _draw_queue(self) -> None:
        self._rail.draw(self.session.flow, self.session.language, len(self._desk.queue()))
        if self._is_queue_open:
            self.queue_page.draw()

    def _refused(self, code: str) -> None:
        self._refusal = code
        self.draw()

    # ------------------------------------------------------------ what the operator does

    def _choose(self, step: Step) -> None:
        self._is_queue_open = False
        self.session.tell(StepChosen(step=step))

    def toggle_queue(self) -> None:
        """Show the queue, or go back to the case."""
        self._is_queue_open = not self._is_queue_open
        self.draw()

    def new_case(self) -> None:
        """Leave the case to the queue and sign in for another."""
        self._desk.attend(None)
        self.session.work_on(None)

    def resume(self, case_id: str) -> None:
        """Put a case of the queue on the desk."""
        case = self._desk.find(case_id)
        if case is None:
            return
        self._is_queue_open = False
        self._desk.attend(case)
        self.session.work_on(case)
        self._show_again(case)
        self.draw()

    def _show_again(self, case: CaseAtDesk) -> None:
        """Bring back the pictures of a case; the disk no longer holds those that the gateway has confirmed."""
        for kind in _PICTURE_KINDS:
            capture = case.flow.captures.get(kind)
            if capture is None:
                continue
            try:
                data = case.evidence(capture.sha256)
            except SpoolDamaged:
                continue
            self.session.pictures[kind] = QImage.fromData(data)

    def ask_to_give_up(self) -> None:
        """Give the case up, if the operator means it."""
        say_text = self.session.say
        box = QMessageBox(self)
        box.setWindowTitle(say_text(texts.GIVE_UP))
        box.setText(say_text(texts.GIVE_UP_ASK))
        yes = box.addButton(say_text(texts.YES_GIVE_UP), QMessageBox.ButtonRole.DestructiveRole)
        no = box.addButton(say_text(texts.NO_KEEP), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(no)
        box.exec()
        if box.clickedButton() is yes and self.session.tell(Abandoned()):
            self.new_case()

    def _press(self, which: Callable[[Page], QPushButton]) -> None:
        if self._shown is not None and which(self._shown).isVisible():
            which(self._shown).click()

    def _toggle_full(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the camera go; everything that was captured lies on the disk."""
        if self._shown is not None:
            self._shown.leave()
        self.session.close_camera()
        super().closeEvent(event)
