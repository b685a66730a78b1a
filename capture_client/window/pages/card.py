"""A side of the card: by camera, or from a file that is opened or dropped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog

from capture_client.desk_values import Means, Origin, Step
from capture_client.events import BackSkipped
from capture_client.flow import next_step
from capture_client.guidance.card import CardGuide
from capture_client.window import texts
from capture_client.window.background import in_background
from capture_client.window.controls import button, label, say
from capture_client.window.pages.capture import CapturePage, Look
from capture_client.window.session import Session
from capture_client.window.viewfinder import Guide, as_image
from capture_client.words import Text
from pipeline.card.find import find_candidates
from pipeline.card.rectify import rectify
from pipeline.errors import CannotJudge
from pipeline.image import RgbImage, decode_image
from pipeline.limits import MAX_IMAGE_BYTES
from pipeline.stages import EvidenceKind


class FileFault(Exception):
    """A file is not taken, in words for the operator."""

    def __init__(self, text: Text) -> None:
        """Keep the words."""
        super().__init__(text.en)
        self.text = text


class CardPage(CapturePage):
    """One side."""

    guide = Guide.CARD

    def __init__(self, session: Session, kind: EvidenceKind) -> None:
        self.kind = kind
        self.step = Step.CARD_FRONT if kind is EvidenceKind.CARD_FRONT else Step.CARD_BACK
        self.title, self.lead = texts.CARD_TITLES[kind], texts.CARD_LEADS[kind]
        super().__init__(session)
        self._open = button("", self.choose_file)
        self._drop, self._skip = label("small", wraps=False), button("quiet", self._skip_back)
        self.tools.insertWidget(0, self._open)
        self.tools.insertWidget(1, self._drop)
        self.tools.addWidget(self._skip)
        self._fault: Text | None = None
        self.setAcceptDrops(True)
        QShortcut(
            QKeySequence("Ctrl+O"), self, self.choose_file,
            context=Qt.ShortcutContext.WindowShortcut,
        )  # fmt: skip

    def look(self) -> Look | None:
        """Guidance for cards needs no model."""
        return CardGuide().look

    def draw(self) -> None:
        """Put the words on the page."""
        super().draw()
        say_text = self.session.say
        say(self._open, say_text(texts.OPEN_FILE), hint="Ctrl+O")
        say(self._drop, say_text(texts.DROP_HERE))
        say(self._skip, say_text(texts.SKIP_BACK))
        is_back = self.kind is EvidenceKind.CARD_BACK
        self._skip.setVisible(is_back and self.kind not in self.session.flow.captures)

    def draw_banner(self) -> None:
        """What is wrong with a file comes before all else."""
        super().draw_banner()
        if self._fault:
            words = self.session.say(self._fault, limit_mb=MAX_IMAGE_BYTES // 1_000_000)
            self.banner.tell(words, "bad")

    def begin(self) -> None:
        """Show the live picture."""
        self._fault = None
        super().begin()

    # ------------------------------------------------------------ files

    def choose_file(self) -> None:
        """Let the operator choose a picture."""
        if not self.isVisible():
            return
        title = self.session.say(texts.OPEN_FILE_TITLE)
        name, _ = QFileDialog.getOpenFileName(
            self, title, "", "JPEG, PNG, WebP (*.jpg *.jpeg *.png *.webp)"
        )
        if name:
            self.take_file(Path(name))

    def take_file(self, file: Path) -> None:
        """Read a picture in the background and hand it over as it is."""
        in_background(lambda: read_picture(file), self._have_file)

    def _have_file(self, found: Any) -> None:
        if isinstance(found, FileFault):
            self._fault = found.text
            self.draw()
            return
        if isinstance(found, Exception):
            raise found
        data, rgb = found
        self._fault = None
        self.hand_over(data, as_image(rgb), Origin(means=Means.FILE))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files alone."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the first file."""
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.take_file(Path(files[0]))

    def hand_over(self, data: bytes, picture: QImage, origin: Origin) -> None:
        """Keep what was taken, and cut the card out of it for the page of its fields."""
        self.session.cards.pop(self.kind, None)
        super().hand_over(data, picture, origin)
        in_background(lambda: cut_out(data), self._have_card)

    def _have_card(self, found: Any) -> None:
        if isinstance(found, QImage):  # without it the whole picture is shown
            self.session.cards[self.kind] = found
            self.session.changed.emit()

    # ------------------------------------------------------------ back

    def _skip_back(self) -> None:
        if self.session.tell(BackSkipped()) and next_step(self.session.flow) is not None:
            self.go_on()


def cut_out(data: bytes) -> QImage | None:
    """Return the card of a picture, lying; None where its border is not found. Upside down stays upside down."""
    rgb = decode_image(data, evidence="card")
    found = find_candidates(rgb, limit=1)
    return as_image(rectify(rgb, found[0].corners).image) if found else None


def read_picture(file: Path) -> tuple[bytes, RgbImage]:
    """Return a picture file's bytes and pixels, by the limits and the decoder of the gateway's side.

    Raises:
        FileFault: it cannot be opened, is too large, or is no picture.
    """
    try:
        if file.stat().st_size > MAX_IMAGE_BYTES:
            raise FileFault(texts.FILE_TOO_LARGE)
        data = file.read_bytes()
    except OSError as error:
        raise FileFault(texts.FILE_UNREADABLE) from error
    try:
        return data, decode_image(data, evidence="card")
    except CannotJudge as error:
        raise FileFault(texts.FILE_NOT_A_PICTURE) from error
