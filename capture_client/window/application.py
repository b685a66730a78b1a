"""Starts the window on a desk."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from capture_client.desk import Desk, open_desk
from capture_client.desk_case import DeskCase
from capture_client.flow import Turn
from capture_client.problems import GatewayAddress, KeyMissing, VaultClosed
from capture_client.sign_in import check_key, connection_for, gateway_address, has_key, keep_key
from capture_client.window.main_window import DeskOfWindow, MainWindow
from capture_client.window.pages.sign_in import SignIn, SignInDesk
from capture_client.window.session import CaseAtDesk, Options, Session

_NO_CASE = UUID(int=0)


class _Turns(QObject):
    """Carries the news of the desk's threads into the window's."""

    turned = Signal()


def run_window(folder: Path, options: Options) -> int:
    """Show the window until it is closed; return the exit code.

    Args:
        folder: where the spool lies.
        options: how the window was started.

    Raises:
        DeskProblem: the spool cannot be opened.
    """
    _forget_the_qt_of_opencv()
    application = QApplication(sys.argv[:1])
    application.setStyle(
        "Fusion"
    )  # the same on every system, so that the stylesheet holds everywhere
    turns = _Turns()

    def tell(_case: DeskCase, _turn: Turn) -> None:
        turns.turned.emit()

    with open_desk(folder, language=str(options.language), on_turn=tell) as desk:
        session = Session(options)
        window = MainWindow(session, _desk_of(desk, session))
        turns.turned.connect(window.draw)
        window.draw()
        if options.is_kiosk:
            window.showFullScreen()
        else:
            window.show()
        return application.exec()


def _forget_the_qt_of_opencv() -> None:
    """OpenCV's wheel points every Qt of the process to plugins of its own, older Qt, which end the program."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if "cv2" in os.environ.get(name, ""):
            del os.environ[name]


def _desk_of(desk: Desk, session: Session) -> DeskOfWindow:
    def attend(case: CaseAtDesk | None) -> None:
        desk.attend(case if isinstance(case, DeskCase) else None)

    def find(case_id: str) -> CaseAtDesk | None:
        return next((case for case in desk.cases if case.id == case_id), None)

    return DeskOfWindow(
        sign_in=_sign_in_of(desk, session), queue=desk.queue, find=find, attend=attend
    )


def _sign_in_of(desk: Desk, session: Session) -> SignInDesk:
    def check(asked: SignIn) -> None:
        gateway = gateway_address(asked.gateway)
        if asked.key:
            keep_key(desk.vault, gateway, asked.key)
            check_key(gateway, asked.key)
            return
        if not has_key(desk.vault, gateway):
            raise KeyMissing(gateway)
        with connection_for(desk.vault, language=str(session.language)) as connect:
            connect(gateway).upload_offset(_NO_CASE)

    def begin(asked: SignIn) -> None:
        case = desk.begin(
            gateway=gateway_address(asked.gateway), idempotency_key=uuid.uuid4().hex,
            reference=asked.reference,
        )  # fmt: skip
        session.work_on(case)

    def knows(gateway: str) -> bool:
        try:
            return has_key(desk.vault, gateway_address(gateway))
        except (GatewayAddress, VaultClosed):
            return False

    return SignInDesk(place=desk.vault.place, has_key=knows, check=check, begin=begin)
