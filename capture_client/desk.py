"""The desk: its spool, its cases, and two threads that carry them to the gateway, for the window and headless alike.

One thread serves the case before the operator, who is waiting; the other all that wait from before. Neither is ever
waited for by a caller: `begin`, `tell` and `capture` return when the disk has it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from capture_client.desk_case import DeskCase, OnTurn
from capture_client.due import next_call
from capture_client.events import Abandoned, Started
from capture_client.flow import Flow, Send, Turn, is_over, may_forget
from capture_client.forwarder import Forwarder, Pauses
from capture_client.problems import SpoolDamaged
from capture_client.sign_in import connection_for
from capture_client.spool import Spool, open_spool
from capture_client.vault import Vault, open_vault
from pipeline.case import CaseStatus

log = logging.getLogger(__name__)

#: How long a thread sleeps at most before it looks whether something is due.
_IDLE_S = 5.0
_AFTER_FAULT_S = 30.0
_AT_WORK_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One case that is not handed over yet: since when, and a code of `captions.py` for what it waits for."""

    case_id: str
    reference: str | None
    since: datetime | None
    waits_for: str


class Desk:
    """All cases of this machine that nobody else works on. Use `open_desk`."""

    def __init__(
        self, spool: Spool, vault: Vault, *, language: str = "vi", on_turn: OnTurn | None = None,
        pauses: Pauses | None = None,
    ) -> None:  # fmt: skip
        self.vault = vault
        self._spool, self._language, self._on_turn = spool, language, on_turn
        self._pauses = pauses or Pauses()
        self._cases: dict[str, DeskCase] = {}
        self._damaged: list[str] = []
        self._attended: DeskCase | None = None
        self._wake = threading.Condition()
        self._news: dict[str, int] = {}
        self._is_ending = False
        self._forwarders: list[Forwarder] = []
        for case_id in spool.case_ids():
            self._take_up(case_id)

    # ------------------------------------------------------------ cases

    @property
    def cases(self) -> tuple[DeskCase, ...]:
        """The cases that this disk still holds, oldest first."""
        return tuple(self._cases.values())

    def begin(
        self, *, gateway: str, idempotency_key: str, branch: str | None = None, reference: str | None = None
    ) -> DeskCase:  # fmt: skip
        """Begin a case, and attend to it.

        Raises:
            DiskFull: there is no room for one.
        """
        case = DeskCase(self._spool.begin(), Flow(), self._turned)
        case.tell(
            Started(
                at=now(), gateway=gateway, idempotency_key=idempotency_key, branch=branch, reference=reference
            )
        )  # fmt: skip
        self._cases[case.id] = case
        self.attend(case)
        return case

    def attend(self, case: DeskCase | None) -> None:
        """Say before which case the operator stands now; without one, all wait alike."""
        with self._wake:
            self._attended = case
            self._wake.notify_all()

    def forget(self, case: DeskCase) -> None:
        """Give a case up and wipe it.

        Raises:
            NotNow: it is being judged.
        """
        case.tell(Abandoned())

    def trouble(self, case: DeskCase) -> str | None:
        """Return a code when answers about a case cannot be noted: the disk is full, or a fault of our own."""
        codes = (forwarder.trouble.get(case.id) for forwarder in self._forwarders)
        return next((code for code in codes if code), None)

    def queue(self) -> tuple[QueueRow, ...]:
        """Return what is not handed over yet, oldest first, then what cannot be read any more."""
        rows = map(self._row, self.cases)
        return (*rows, *(_damaged_row(case_id) for case_id in self._damaged))

    def _row(self, case: DeskCase) -> QueueRow:
        flow = case.flow
        return QueueRow(
            case_id=case.id,
            reference=flow.started.reference if flow.started else None,
            since=flow.started.at if flow.started else None,
            waits_for=self.trouble(case) or waits_for(flow),
        )

    def _take_up(self, case_id: str) -> None:
        held = self._spool.hold(case_id)
        if held is None:
            return
        try:
            case = DeskCase.opened(held, self._turned)
        except SpoolDamaged:  # kept for somebody who can help, and shown
            held.let_go()
            self._damaged.append(case_id)
            return
        if case.flow.consent is None:  # nothing was captured yet
            case.tell(Abandoned())
            return
        self._cases[case_id] = case

    def _turned(self, case: DeskCase, turn: Turn) -> None:
        if may_forget(turn.flow):
            self._cases.pop(case.id, None)
        if any(isinstance(command, Send) for command in turn.commands):
            with self._wake:
                self._news[case.id] = self._news.get(case.id, 0) + 1
                self._wake.notify_all()
        if self._on_turn:
            self._on_turn(case, turn)

    # ------------------------------------------------------------ threads

    @contextmanager
    def running(self) -> Iterator[None]:
        """Carry cases to the gateway meanwhile."""
        threads = [
            threading.Thread(target=self._carry, args=(is_attending,), daemon=True)
            for is_attending in (True, False)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            with self._wake:
                self._is_ending = True
                self._wake.notify_all()
            for thread in threads:
                thread.join(timeout=_IDLE_S)

    def _carry(self, is_attending: bool) -> None:  # noqa: FBT001 - an argument of a thread
        with connection_for(self.vault, language=self._language) as connect:
            forwarder = Forwarder(
                connect=connect, now=now, rng=random.SystemRandom(), pauses=self._pauses
            )
            self._forwarders.append(forwarder)
            due: dict[str, _Due] = {}
            while not self._is_ending:
                with self._wake:
                    news = dict(self._news)
                attended = self._attended
                for case in self.cases:
                    if (case is attended) is is_attending and not self._is_ending:
                        _carry_one(
                            forwarder,
                            case,
                            due,
                            news=news.get(case.id, 0),
                            is_attended=is_attending,
                        )
                self._rest(due, news, attended)

    def _rest(self, due: dict[str, _Due], news: dict[str, int], attended: DeskCase | None) -> None:
        """Sleep until a case is due, or something happens."""
        soonest = min([time.monotonic() + _IDLE_S, *(one.at for one in due.values())])
        with self._wake:
            self._wake.wait_for(
                lambda: self._is_ending or self._news != news or self._attended is not attended,
                timeout=max(0.0, soonest - time.monotonic()),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """When a case is looked at again (monotonic), unless something happens to it before."""

    at: float
    news: int


def _carry_one(
    forwarder: Forwarder, case: DeskCase, due: dict[str, _Due], *, news: int, is_attended: bool
) -> None:
    held_back = due.get(case.id)
    if held_back and held_back.news == news and held_back.at > time.monotonic():
        return
    with case.carried() as is_free:  # the operator may just have turned to it, or away
        rest_s = _forwarded(forwarder, case, is_attended=is_attended) if is_free else _AT_WORK_S
    if rest_s is None:
        due.pop(case.id, None)
    else:
        due[case.id] = _Due(at=time.monotonic() + rest_s, news=news)


def _forwarded(forwarder: Forwarder, case: DeskCase, *, is_attended: bool) -> float | None:
    try:
        return forwarder.forward(case, is_attended=is_attended)
    except Exception:
        # One case must not keep the others; its evidence stays where it is.
        log.exception("a case could not be carried on")
        forwarder.trouble[case.id] = "internal_error"
        return _AFTER_FAULT_S


def now() -> datetime:
    """Return the time by this machine."""
    return datetime.now(UTC)


def waits_for(flow: Flow) -> str:
    """Return what a case waits for, as a code of `captions.py`."""
    if flow.lost:
        return flow.lost
    if is_over(flow):  # judged, with evidence that is not ours
        return flow.notice.code if flow.notice else "verdict"
    if flow.held:
        return flow.held.code
    if next_call(flow, is_attended=False) is not None:
        return "verdict" if flow.status is CaseStatus.PROCESSING else "sending"
    return "person"


def _damaged_row(case_id: str) -> QueueRow:
    return QueueRow(case_id=case_id, reference=None, since=None, waits_for=SpoolDamaged.code)


@contextmanager
def open_desk(
    folder: Path, *, language: str = "vi", on_turn: OnTurn | None = None, pauses: Pauses | None = None,
    is_carrying: bool = True,
) -> Iterator[Desk]:  # fmt: skip
    """Open the desk whose spool lies in `folder`; its cases are carried on as long as it is open, if asked for.

    Raises:
        SpoolKeyWrong, VaultClosed, DiskFull: as their names say.
    """
    vault = open_vault(folder)
    desk = Desk(open_spool(folder, vault), vault, language=language, on_turn=on_turn, pauses=pauses)
    with desk.running() if is_carrying else nullcontext():
        yield desk
    for case in desk.cases:
        case.let_go()
