"""A case without a window, for scripted branches and tests: the same desk and the same steps, driven by files.

The job is named by the bank's own reference, or by its files when there is none. Begun again, it goes on where it
stood: after a crash, after hours without a line, after a retake with a better picture under the same reference.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from capture_client.consent_texts import receipt
from capture_client.desk import Desk, now, waits_for
from capture_client.desk_case import DeskCase
from capture_client.desk_values import Means, Origin, Step
from capture_client.events import (
    BackSkipped,
    ChallengeWanted,
    ConsentGiven,
    FieldEdited,
    StepChosen,
    SubmitChosen,
)
from capture_client.film import Filmed, Filmer, FilmFailed
from capture_client.flow import (
    Flow,
    NotNow,
    is_done,
    is_over,
    missing_fields,
    next_step,
    reachable,
    values,
)
from capture_client.flow_state import STEP_OF
from capture_client.problems import DeskProblem
from capture_client.words import Language
from pipeline.case import CaseStatus
from pipeline.challenge import Action
from pipeline.consent import Purpose
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind


class Exit(IntEnum):
    """How a run ended: what a script may rely on (docs/capture_client.md)."""

    APPROVED = 0
    USAGE = 2
    REJECTED = 10
    REVIEW = 11
    RETAKE = 12
    NOT_TAKEN = 20
    KEY_REFUSED = 21
    CUSTOMER_NEEDED = 22
    CASE_LOST = 23
    DISK = 74
    KEPT = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to hand in. `stills` are the files of card and selfie; `filmer` makes the clip of a challenge."""

    gateway: str
    stills: Mapping[EvidenceKind, Path]
    filmer: Filmer
    purposes: tuple[Purpose, ...]
    language: Language = Language.VI
    branch: str | None = None
    reference: str | None = None
    fields: Mapping[FieldName, str] = field(default_factory=dict)
    exclude: tuple[Action, ...] = ()
    timeout_s: float = 300.0

    def idempotency_key(self) -> str:
        """Return the name under which the gateway opens one case for this job, however often it is begun."""
        what = [self.gateway, self.branch or "", self.reference or ""]
        if self.reference is None:
            what += [_digest(path) for path in self.stills.values()]
            what.append(self.filmer.digest())
        return f"job-{hashlib.sha256(chr(0).join(what).encode()).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the run ended, why (a code of `captions.py`), and where the case stands."""

    exit: Exit
    code: str
    flow: Flow


#: What no waiting helps against, and how the run ends then.
_HOPELESS: Mapping[str, Exit] = {
    "key_refused": Exit.KEY_REFUSED,
    "key_missing": Exit.KEY_REFUSED,
    "vault_closed": Exit.DISK,
    "disk_full": Exit.DISK,
    "spool_damaged": Exit.DISK,
}
#: Trouble with the disk is no event of the case; it is looked for this often.
_LOOK_S = 1.0


class _Stopped(Exception):
    """The run cannot go on by itself."""

    def __init__(self, exit_code: Exit, code: str) -> None:
        super().__init__(code)
        self.exit, self.code = exit_code, code


def run_job(desk: Desk, job: Job) -> Outcome:
    """Hand a job in and wait for its verdict, as far as line and evidence allow."""
    run = _Run(desk, job)
    try:
        run.go()
    except _Stopped as stopped:
        return Outcome(exit=stopped.exit, code=stopped.code, flow=run.case.flow)
    except DeskProblem as problem:
        return Outcome(exit=Exit.DISK, code=problem.code, flow=run.case.flow)
    return _judged(run.case.flow)


def _judged(flow: Flow) -> Outcome:
    if flow.lost:
        return Outcome(exit=Exit.CASE_LOST, code=flow.lost, flow=flow)
    exits = {
        CaseStatus.APPROVED: Exit.APPROVED,
        CaseStatus.REJECTED: Exit.REJECTED,
        CaseStatus.REVIEW: Exit.REVIEW,
    }
    code = flow.notice.code if flow.notice else str(flow.status)
    return Outcome(exit=exits.get(flow.status, Exit.KEPT), code=code, flow=flow)


class _Run:
    """One run over the steps of a case; each kind of evidence is captured at most once in it."""

    def __init__(self, desk: Desk, job: Job) -> None:
        self._desk, self._job = desk, job
        self._ends_at = time.monotonic() + job.timeout_s
        self._captured: set[EvidenceKind] = set()
        key = job.idempotency_key()
        self.case = _begun_before(desk, key) or desk.begin(
            gateway=job.gateway, idempotency_key=key, branch=job.branch, reference=job.reference
        )
        desk.attend(self.case)

    def go(self) -> None:
        """Do step after step until the case is judged.

        Raises:
            _Stopped: it cannot go on by itself.
            DeskProblem: the disk or the keys do not let it.
        """
        while not is_over(self.case.flow):
            step = self.case.flow.step
            try:
                self._do(step)
            except NotNow as refusal:
                # The gateway's word may have closed the step meanwhile: then there is another one.
                if self.case.flow.step is step and step in reachable(self.case.flow):
                    raise _Stopped(Exit.NOT_TAKEN, refusal.code) from refusal

    def _do(self, step: Step) -> None:
        match step:
            case Step.CONSENT:
                self._consent()
            case Step.CARD_FRONT | Step.CARD_BACK | Step.SELFIE:
                self._still(next(kind for kind, at in STEP_OF.items() if at is step))
                self._next()
            case Step.FIELDS:
                self._edit()
                if not is_done(self.case.flow, Step.FIELDS):
                    raise _Stopped(Exit.NOT_TAKEN, "field_required")
                self._next()
            case Step.CHALLENGE:
                self._clip()
                self._next()
            case Step.REVIEW:
                self._submit()
            case _:
                self._wait(lambda flow: flow.step is not Step.RESULT or is_over(flow))

    def _consent(self) -> None:
        job = self._job
        given = receipt(job.purposes, language=job.language, given_at=now())
        self.case.tell(ConsentGiven(receipt=given))

    def _still(self, kind: EvidenceKind) -> None:
        if kind in self.case.flow.captures:
            return
        path = self._job.stills.get(kind)
        if path is None and kind is EvidenceKind.CARD_BACK and not self.case.flow.notice:
            self.case.tell(BackSkipped())
            return
        self._once(kind)
        if path is None:
            raise _Stopped(Exit.NOT_TAKEN, "evidence_missing")
        origin = Origin(means=Means.FILE, device=path.name)
        self.case.capture(kind, path.read_bytes(), origin=origin, at=now())

    def _once(self, kind: EvidenceKind) -> None:
        """Evidence that is asked for a second time in one run was not good enough: a person has to look."""
        if kind not in self._captured:
            self._captured.add(kind)
            return
        flow = self.case.flow
        if flow.status is CaseStatus.RETAKE:
            raise _Stopped(Exit.RETAKE, flow.notice.code if flow.notice else "retake")
        code = flow.notice.code if flow.notice else "evidence_missing"
        is_clip = kind is EvidenceKind.CLIP
        raise _Stopped(Exit.CUSTOMER_NEEDED if is_clip else Exit.NOT_TAKEN, code)

    def _edit(self) -> None:
        there = values(self.case.flow)
        for name, value in self._job.fields.items():
            if there.get(name) != value:
                self.case.tell(FieldEdited(field=name, value=value))

    def _clip(self) -> None:
        if EvidenceKind.CLIP in self.case.flow.captures:
            return
        self._once(EvidenceKind.CLIP)
        self.case.tell(ChallengeWanted(exclude=self._job.exclude))
        self._wait(lambda flow: flow.challenge is not None or flow.notice is not None)
        challenge, notice = self.case.flow.challenge, self.case.flow.notice
        if challenge is None:
            if notice and notice.kind is EvidenceKind.CLIP:
                raise _Stopped(Exit.CUSTOMER_NEEDED, notice.code)
            return  # the gateway's word closed the step
        try:
            filmed: Filmed = self._job.filmer.film(challenge)
        except FilmFailed as failure:
            raise _Stopped(Exit.CUSTOMER_NEEDED, failure.code) from failure
        self.case.capture(
            EvidenceKind.CLIP, filmed.data, origin=filmed.origin, at=now(), challenge_id=challenge.id
        )  # fmt: skip

    def _submit(self) -> None:
        self._wait(lambda flow: flow.reading is not None or flow.step is not Step.REVIEW)
        flow = self.case.flow
        if flow.step is not Step.REVIEW:
            return
        if missing_fields(flow):
            raise _Stopped(Exit.NOT_TAKEN, "field_required")
        undone = [step for step in reachable(flow) if not is_done(flow, step)]
        self.case.tell(StepChosen(step=undone[0]) if undone else SubmitChosen(at=now()))

    def _next(self) -> None:
        step = next_step(self.case.flow)
        if step is not None and is_done(self.case.flow, self.case.flow.step):
            self.case.tell(StepChosen(step=step))

    def _wait(self, holds: Callable[[Flow], bool]) -> None:
        """Wait for the gateway, as long as it can be hoped for.

        Raises:
            _Stopped: the time is over, or only a person can help.
        """
        while not (holds(self.case.flow) or is_over(self.case.flow)):
            held = self.case.flow.held.code if self.case.flow.held else None
            code = self._desk.trouble(self.case) or held
            if code is not None and code in _HOPELESS:
                raise _Stopped(_HOPELESS[code], code)
            left_s = self._ends_at - time.monotonic()
            if left_s <= 0:
                raise _Stopped(Exit.KEPT, code or waits_for(self.case.flow))
            self.case.wait_for(
                lambda flow: holds(flow) or is_over(flow), timeout_s=min(left_s, _LOOK_S)
            )


def _begun_before(desk: Desk, key: str) -> DeskCase | None:
    for case in desk.cases:
        if case.flow.started and case.flow.started.idempotency_key == key:
            return case
    return None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
