"""Sign in: where the gateway is and by which key; then a case begins."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from capture_client.desk_values import Step
from capture_client.problems import ApiProblem, CaptureError, DeskProblem, GatewayUnreachable
from capture_client.window import texts
from capture_client.window.background import in_background
from capture_client.window.controls import button, column, label, panel, row, say
from capture_client.window.page import Page
from capture_client.window.session import Session
from capture_client.words import Text

#: As the gateway's own pattern of a reference.
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What the operator typed; an empty key means the one that is kept. Never shown in a `repr`."""

    gateway: str
    key: str
    reference: str | None = None

    def __repr__(self) -> str:
        return f"SignIn(gateway={self.gateway!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInDesk:
    """What the page needs of the desk: `check` raises what keeps the operator from signing in."""

    place: str
    has_key: Callable[[str], bool]
    check: Callable[[SignIn], None]
    begin: Callable[[SignIn], object]


class SignInPage(Page):
    """Fields for address, key and reference."""

    step = Step.SIGN_IN
    title = texts.SIGN_IN_TITLE
    lead = texts.SIGN_IN_LEAD

    def __init__(self, session: Session, desk: SignInDesk) -> None:
        super().__init__(session)
        self._desk = desk
        self._is_busy = False
        self._fault: str | None = None
        self._labels = [label("label") for _ in range(3)]
        self.gateway, self.key, self.reference = QLineEdit(), QLineEdit(), QLineEdit()
        self._show, self._kept, self._hint = QCheckBox(), label("small"), label("small")
        self.offline = button("", lambda: self._begin(self._typed()))
        self.add_extra(self.offline)
        self._fill()

    def _fill(self) -> None:
        self.gateway.setText(self.session.options.gateway)
        self.gateway.editingFinished.connect(self.draw)
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self._show.toggled.connect(self._show_key)
        for one, field in zip(self._labels, self._fields(), strict=True):
            one.setBuddy(field)
            field.returnPressed.connect(self.go_on)
            field.textEdited.connect(self._forget_fault)
        form = column(
            self._labels[0], self.gateway, 8, self._labels[1], self.key, self._show, self._kept,
            8, self._labels[2], self.reference, self._hint, spacing=6,
        )  # fmt: skip
        around = panel(form)
        around.setMaximumWidth(680)
        across = row(around, None)
        across.setStretch(0, 1)
        self.add(across)
        self.body.addStretch(1)

    def _fields(self) -> tuple[QLineEdit, QLineEdit, QLineEdit]:
        return self.gateway, self.key, self.reference

    def draw(self) -> None:
        """Put the words on the page."""
        super().draw()
        say_text = self.session.say
        names = (texts.GATEWAY_LABEL, texts.KEY_LABEL, texts.REFERENCE_LABEL)
        for one, field, name in zip(self._labels, self._fields(), names, strict=True):
            say(one, say_text(name))
            field.setAccessibleName(say_text(name))
            field.setEnabled(not self._is_busy)
        self._show.setText(say_text(texts.SHOW_KEY))
        say(self._kept, say_text(texts.KEPT_IN[self._desk.place]))
        say(self._hint, say_text(texts.REFERENCE_HINT))
        is_kept = self._desk.has_key(self.gateway.text().strip())
        self.key.setPlaceholderText(say_text(texts.KEPT_KEY) if is_kept else "")
        say(self.offline, say_text(texts.WORK_OFFLINE))
        self.offline.setVisible(self._fault == "unreachable")
        self.banner.tell(say_text(self._fault_text()) if self._fault else "", "bad")

    def _fault_text(self) -> Text:
        if self._fault == "reference_invalid":
            return texts.REFERENCE_INVALID
        return texts.SIGN_IN_FAULTS.get(self._fault or "", texts.SIGN_IN_FAULTS["not_ours"])

    def has_back(self) -> bool:
        """It is the first page."""
        return False

    def on_words(self) -> tuple[str, bool]:
        """Sign in."""
        words = texts.SIGNING_IN if self._is_busy else texts.SIGN_IN
        return self.session.say(words), not self._is_busy

    def first_focus(self) -> QWidget:
        """The first field that lacks something."""
        if not self.gateway.text():
            return self.gateway
        is_known = self.key.text() or self._desk.has_key(self.gateway.text().strip())
        return self.reference if is_known else self.key

    # ------------------------------------------------------------ signing in

    def go_on(self) -> None:
        """Ask the gateway whether it takes the key."""
        if self._is_busy:
            return
        asked = self._typed()
        if asked.reference is not None and not _REFERENCE.fullmatch(asked.reference):
            self._fault = "reference_invalid"
            self.draw()
            return
        self._fault, self._is_busy = None, True
        in_background(lambda: self._desk.check(asked), lambda found: self._answered(asked, found))
        self.draw()

    def _typed(self) -> SignIn:
        return SignIn(
            gateway=self.gateway.text().strip(), key=self.key.text().strip(),
            reference=self.reference.text().strip() or None,
        )  # fmt: skip

    def _answered(self, asked: SignIn, found: Any) -> None:
        self._is_busy, self._fault = False, _fault_of(found)
        self.draw()
        if self._fault is None:
            self._begin(asked)
        else:
            self.first_focus().setFocus()

    def _begin(self, asked: SignIn) -> None:
        try:
            self._desk.begin(asked)
        except DeskProblem as problem:
            self._fault = problem.code
            self.draw()
            return
        self._fault = None
        self.key.clear()
        self.reference.clear()

    def _show_key(self, is_shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        mode = QLineEdit.EchoMode.Normal if is_shown else QLineEdit.EchoMode.Password
        self.key.setEchoMode(mode)

    def _forget_fault(self, _text: str) -> None:
        self._fault = None
        self.banner.tell("")


def _fault_of(found: Any) -> str | None:
    """Return the code of what keeps the operator from signing in."""
    match found:
        case None:
            return None
        case DeskProblem():
            return found.code
        case ApiProblem(code=("unauthenticated" | "scope_missing") as code):
            return code
        case GatewayUnreachable():
            return "unreachable"
        case CaptureError():
            return "not_ours"
    raise found
