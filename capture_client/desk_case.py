"""One case at the desk, for every thread that has to do with it: an event counts once it is in the journal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Self

from capture_client.desk_values import Origin
from capture_client.events import Captured, FlowEvent
from capture_client.flow import Erase, Flow, Forget, Turn, advance, digests, replay
from capture_client.operator_turns import NotNow
from capture_client.problems import SpoolDamaged
from capture_client.spool import CaseSpool
from pipeline.stages import EvidenceKind

#: Is told of every turn, by the thread that made it.
OnTurn = Callable[["DeskCase", Turn], None]


class DeskCase:
    """The state of a case, kept on the disk."""

    def __init__(self, spool: CaseSpool, flow: Flow, on_turn: OnTurn) -> None:
        """Use `opened` for a case that has a journal already."""
        self._spool, self._flow, self._on_turn = spool, flow, on_turn
        self._changed = threading.Condition(threading.RLock())
        self._carrying = threading.Lock()
        self._is_wiped = False

    @classmethod
    def opened(cls, spool: CaseSpool, on_turn: OnTurn) -> Self:
        """Take a case up again where its journal ends, and remove what no event names.

        Raises:
            SpoolDamaged: the journal cannot be believed.
        """
        try:
            flow = replay(spool.events())
        except NotNow as error:  # as if steps had been taken out
            raise SpoolDamaged(spool.id) from error
        spool.keep_only(digests(flow))
        # What held it up held up another process: it is tried anew.
        return cls(spool, replace(flow, held=None), on_turn)

    @property
    def id(self) -> str:
        """Its name on this disk; the gateway's is `flow.case_id`."""
        return self._spool.id

    @property
    def flow(self) -> Flow:
        """Its state now."""
        return self._flow

    def tell(self, event: FlowEvent) -> Turn:
        """Note what happened.

        Raises:
            NotNow: a step of the operator that is not open.
            DiskFull: it was not noted, so it did not happen.
        """
        with self._changed:
            turn = advance(self._flow, event)
            if turn.flow != self._flow:
                if not self._is_wiped:
                    self._spool.append(event)
                self._flow = turn.flow
                self._clear_up(turn)
                self._changed.notify_all()
        if turn.commands:
            self._on_turn(self, turn)
        return turn

    def capture(
        self, kind: EvidenceKind, data: bytes, *, origin: Origin, at: datetime, challenge_id: str | None = None
    ) -> Turn:  # fmt: skip
        """Keep what was captured, sealed on the disk, then note it.

        Args:
            kind: which evidence.
            data: its bytes, as they will be sent.
            origin: where the pixels came from.
            at: when, UTC.
            challenge_id: of the challenge that a clip answers.

        Raises:
            NotNow: its step is not open.
            DiskFull: there is no room; nothing was kept.
        """
        with self._changed:
            sha256 = self._spool.keep(data)
            event = Captured(
                kind=kind, sha256=sha256, size=len(data), at=at, origin=origin, challenge_id=challenge_id
            )  # fmt: skip
            try:
                return self.tell(event)
            except Exception:
                self._spool.keep_only(digests(self._flow))
                raise

    def evidence(self, sha256: str) -> bytes:
        """Return evidence that was captured.

        Raises:
            SpoolDamaged: it is not what was written.
        """
        return self._spool.read(sha256)

    def wait_for(self, holds: Callable[[Flow], bool], *, timeout_s: float) -> bool:
        """Wait until something holds of the state; whether it does in the end."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self._flow), timeout=timeout_s)

    @contextmanager
    def carried(self) -> Iterator[bool]:
        """Take the case to the gateway; whether no other thread does."""
        is_free = self._carrying.acquire(blocking=False)
        try:
            yield is_free
        finally:
            if is_free:
                self._carrying.release()

    def let_go(self) -> None:
        """Let another process have the case."""
        if not self._is_wiped:
            self._spool.let_go()

    def _clear_up(self, turn: Turn) -> None:
        for command in turn.commands:
            if isinstance(command, Erase) and not self._is_wiped:
                self._spool.keep_only(digests(turn.flow))
            elif isinstance(command, Forget) and not self._is_wiped:
                self._spool.wipe()
                self._is_wiped = True
