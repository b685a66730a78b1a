"""A still with guidance: a side of the card, or the face. Live until it is taken, then the picture that was taken."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QWidget

from capture_client.camera.frames import Frame, encode_still
from capture_client.desk_values import Means, Origin
from capture_client.guidance.hints import HOLD_STILL, READY, Hint
from capture_client.window import texts
from capture_client.window.controls import button, row, say
from capture_client.window.hint_texts import hint_text
from capture_client.window.page import Page
from capture_client.window.session import Session
from capture_client.window.viewfinder import Guide, Viewfinder, as_image
from capture_client.window.watching import Watching
from pipeline.image import RgbImage
from pipeline.stages import EvidenceKind

#: The window draws a frame this often; the camera and guidance run at their own rates.
DRAW_EVERY_MS = 33
#: A picture that was just taken is not taken over by the next one.
Look = Callable[[Frame], Hint]


class CapturePage(Page):
    """What the pages of card and face share."""

    kind: EvidenceKind
    guide: Guide
    is_mirrored = False

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.finder = Viewfinder(self.guide, is_mirrored=self.is_mirrored)
        self._watching: Watching | None = None
        self._is_live, self._is_file = False, False
        self._hint: Hint | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(DRAW_EVERY_MS)
        self._timer.timeout.connect(self._show_latest)
        self.shutter = button("", self.take_now)
        self.again = button("", self.begin)
        self.retry = button("", self.begin)
        self.cameras = QComboBox()
        self.cameras.activated.connect(self._choose_camera)
        self.add(self.finder, 1)
        self.tools = row(self.cameras, self.retry, None)
        self.add(self.tools)
        self.add_extra(self.again, self.shutter)
        for keys, act in (("Space", self.take_now), ("Ctrl+R", self.begin)):
            QShortcut(QKeySequence(keys), self, act, context=Qt.ShortcutContext.WindowShortcut)
        session.models_ready.connect(self._models_ready)

    # ------------------------------------------------------------ life

    def enter(self) -> None:
        """Show what was taken, or begin."""
        if self.kind in self.session.flow.captures:
            self._show_taken()
        else:
            self.begin()

    def leave(self) -> None:
        """Let the camera go."""
        self._end()
        self.session.close_camera()

    def begin(self) -> None:
        """Show the live picture and guide."""
        if not self.isVisible() and self.session.flow.step is not self.step:
            return
        self._end()
        self._is_live = True
        self._list_cameras()
        self.finder.set_guide(self.guide, is_mirrored=self.is_mirrored)
        self.finder.show_nothing()
        self.session.open_camera(str(self.kind))
        self._timer.start()
        self._start_watching()
        self.draw()

    def _end(self) -> None:
        self._timer.stop()
        self._is_live, self._hint = False, None
        if self._watching:
            self._watching.seen.disconnect()
            self._watching.failed.disconnect()
            self._watching.stop()
        self._watching = None

    # ------------------------------------------------------------ guidance

    def look(self) -> Look | None:
        """Return fresh guidance, or None while it is not ready."""
        raise NotImplementedError

    def _start_watching(self) -> None:
        look, camera = self.look(), self.session.camera
        if look is None or camera is None or not self._is_live:
            return
        self._watching = Watching(camera, look)
        self._watching.seen.connect(self._seen)
        self._watching.failed.connect(lambda _error: self._unguided())

    def _models_ready(self) -> None:
        if self._is_live and self._watching is None:
            self._start_watching()

    def _unguided(self) -> None:
        self.finder.point_out(None)
        self.finder.tell(self.session.say(texts.GUIDE_MISSING), "warn")

    def _seen(self, hint: Hint) -> None:
        if not self._is_live:
            return
        self._hint = hint
        self.finder.point_out(hint)
        self._tell_hint()
        if hint.best is not None:
            self._take(hint.best.rgb, self.session.origin(), as_image(hint.best.rgb))

    def _tell_hint(self) -> None:
        if self._hint is None:
            return
        is_well = self._hint.code in (HOLD_STILL, READY)
        words = self.session.say(hint_text(self._hint.code))
        self.finder.tell(words, "good" if is_well else "warn")

    # ------------------------------------------------------------ pictures

    def _show_latest(self) -> None:
        camera = self.session.camera
        if camera is None:
            return
        if camera.fault is not None:
            self._end()
            self.finder.show_nothing()
            self.finder.tell("")
            self.draw()
            return
        if camera.latest is not None:
            if self.finder.accessibleName() == self.session.say(texts.CAMERA_STARTING):
                self.finder.tell(self.session.say(texts.GUIDE_STARTING))
                self.draw_banner()
            self.finder.show_live(camera.latest.rgb)

    def take_now(self) -> None:
        """Take the latest frame, whatever guidance says."""
        camera = self.session.camera
        if self._is_live and camera is not None and camera.latest is not None:
            rgb = camera.latest.rgb
            self._take(rgb, self.session.origin(), as_image(rgb))

    def _take(self, rgb: RgbImage, origin: Origin, picture: QImage) -> None:
        self.hand_over(encode_still(rgb), picture, origin)

    def hand_over(self, data: bytes, picture: QImage, origin: Origin) -> None:
        """Keep what was taken; the picture is shown until the operator goes on or takes it again."""
        self._end()
        if self.session.capture(self.kind, data, picture, origin=origin):
            self._show_taken(is_file=origin.means is Means.FILE)
        else:
            self.begin()

    def _show_taken(self, *, is_file: bool = False) -> None:
        self._end()
        self.session.close_camera()
        self.finder.set_guide(Guide.NONE, is_mirrored=False)
        picture = self.session.pictures.get(self.kind)
        if picture is not None:
            self.finder.show_still(picture)
        else:
            self.finder.show_nothing()
        self._is_file = is_file
        self.finder.tell("")
        self.draw()
        self.on.setFocus()

    # ------------------------------------------------------------ words

    def draw(self) -> None:
        """Put the words on the page."""
        super().draw()
        say_text = self.session.say
        fault = self.session.camera.fault if self.session.camera else None
        say(self.shutter, say_text(texts.SHUTTER), hint="Space")
        say(self.again, say_text(texts.AGAIN), hint="Ctrl+R")
        say(self.retry, say_text(texts.TRY_AGAIN))
        self.shutter.setVisible(self._is_live)
        self.again.setVisible(not self._is_live and fault is None)
        self.retry.setVisible(fault is not None)
        self.cameras.setAccessibleName(say_text(texts.CAMERA))
        self.draw_banner()
        if self._is_live:
            self._tell_hint()
            if self._hint is None:
                self.finder.tell(say_text(texts.CAMERA_STARTING))

    def draw_banner(self) -> None:
        """Say what is wrong with the camera, what it is, or that the picture was taken."""
        fault = self.session.camera.fault if self.session.camera else None
        if fault is not None:
            self.banner.tell(self.session.say(texts.CAMERA_FAULTS[fault.code]), "bad")
        elif self._is_live:
            self._warn_of_virtual()
        else:
            taken = texts.FILE_TAKEN if self._is_file else texts.TAKEN
            self.banner.tell(self.session.say(taken), "good")

    def _warn_of_virtual(self) -> None:
        name = self.session.camera.name if self.session.camera else None
        is_virtual = self._is_live and name is not None and name.is_virtual
        words = self.session.say(texts.VIRTUAL_CAMERA, name=name.device) if name else ""
        self.banner.tell(words if is_virtual else "", "warn")

    def first_focus(self) -> QWidget:
        """The shutter while live."""
        return self.shutter if self._is_live else self.on

    # ------------------------------------------------------------ choice of camera

    def _list_cameras(self) -> None:
        names = self.session.cameras()
        self.cameras.clear()
        for number, name in names.items():
            self.cameras.addItem(name.device, number)
        self.cameras.setVisible(len(names) > 1)

    def _choose_camera(self, index: int) -> None:
        self.session.choose_camera(int(self.cameras.itemData(index)))
        self.begin()
