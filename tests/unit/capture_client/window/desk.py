"""A desk in memory: cases are folded by the real step machine, nothing is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from capture_client.desk import QueueRow
from capture_client.desk_values import Guided, Means, Origin, ReadField
from capture_client.events import (
    Captured,
    CaseOpened,
    ChallengeIssued,
    EvidenceArrived,
    FieldsRead,
    FlowEvent,
    Started,
)
from capture_client.flow import Flow, advance
from capture_client.flow_state import card_digests
from capture_client.window.main_window import DeskOfWindow, MainWindow
from capture_client.window.pages.sign_in import SignIn, SignInDesk
from capture_client.window.session import Options, Session
from pipeline.challenge import Action, ChallengeStep
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind

CASE_ID = UUID(int=7)
STEPS = tuple(
    ChallengeStep(action=action, count=1, start_s=1.2 + 3.2 * i, end_s=4.4 + 3.2 * i)
    for i, action in enumerate((Action.SMILE, Action.TURN_LEFT, Action.TURN_RIGHT))
)
READ = {
    FieldName.ID_NUMBER: ReadField(value="036304000000", confidence=0.99, source="qr"),
    FieldName.FULL_NAME: ReadField(value="ĐỖ QUỲNH HẠNH", confidence=0.99, source="qr"),
    FieldName.DATE_OF_BIRTH: ReadField(value="2004-03-09", confidence=0.99, source="qr"),
    FieldName.PLACE_OF_RESIDENCE: ReadField(value="Đà Lạt", confidence=0.61, source="ocr"),
}


class MemoryCase:
    """A case without disk and line."""

    def __init__(self) -> None:
        self.flow = Flow()

    def tell(self, event: FlowEvent) -> None:
        self.flow = advance(self.flow, event).flow

    def capture(
        self, kind: EvidenceKind, data: bytes, *, origin: Origin, at: datetime, challenge_id: str | None = None
    ) -> None:  # fmt: skip
        sha256 = hashlib.sha256(data).hexdigest()
        self.tell(
            Captured(kind=kind, sha256=sha256, size=len(data), at=at, origin=origin, challenge_id=challenge_id)
        )  # fmt: skip

    def evidence(self, sha256: str) -> bytes:
        raise AssertionError(f"nobody resumes {sha256}")

    # what the gateway would answer

    def read(
        self, fields: dict[FieldName, ReadField] | None = None, *, rejected: Guided | None = None
    ) -> None:
        found = READ if fields is None else fields
        self.tell(
            FieldsRead(of=card_digests(self.flow), version=1, fields=found, rejected=rejected)
        )

    def issue(self, lasts_s: float = 180.0) -> None:
        self.tell(
            ChallengeIssued(
                challenge_id="c1", nonce="n", steps=STEPS, asked_at=datetime.now(UTC), lasts_s=lasts_s
            )
        )  # fmt: skip

    def arrive(self) -> None:
        for kind, capture in self.flow.captures.items():
            self.tell(EvidenceArrived(kind=kind, sha256=capture.sha256))

    def put(self, kind: EvidenceKind, data: bytes | None = None) -> None:
        challenge = self.flow.challenge
        self.capture(
            kind, data or str(kind).encode(), origin=Origin(means=Means.CAMERA), at=datetime.now(UTC),
            challenge_id=challenge.id if challenge and kind is EvidenceKind.CLIP else None,
        )  # fmt: skip


def nothing_wrong(_asked: SignIn) -> None:
    """A check of a sign-in that passes."""


@dataclass
class MemoryDesk:
    """What a test holds: the window, its session and the case."""

    case: MemoryCase = field(default_factory=MemoryCase)
    rows: tuple[QueueRow, ...] = ()
    check: Callable[[SignIn], None] = nothing_wrong
    begun: list[SignIn] = field(default_factory=list)
    session: Session = field(init=False)
    window: MainWindow = field(init=False)

    def open(self, options: Options) -> None:
        self.session = Session(options)
        sign_in = SignInDesk(
            place="file", has_key=lambda _gateway: False, check=self._check,
            begin=self.begin,
        )  # fmt: skip
        self.window = MainWindow(
            self.session,
            DeskOfWindow(
                sign_in=sign_in, queue=lambda: self.rows, find=lambda _id: self.case,
                attend=lambda _case: None,
            ),
        )  # fmt: skip
        self.window.draw()
        self.window.show()

    def _check(self, asked: SignIn) -> None:
        self.check(asked)

    def begin(self, asked: SignIn) -> None:
        self.begun.append(asked)
        self.case = MemoryCase()
        self.case.tell(Started(at=datetime.now(UTC), gateway=asked.gateway, idempotency_key="k"))
        self.case.tell(CaseOpened(case_id=CASE_ID))
        self.session.work_on(self.case)
