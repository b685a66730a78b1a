"""The rates of the quality gates from what happened to each photo: a table by condition and one by gate.

python -m bench.card_gate_rates FILE...   (files of `python -m bench.card_gates --out`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from ekyc.evaluation.statistics import Share
from pipeline.card.gates import CAPTURE_GATES
from pipeline.reasons import ReasonCode
from specimen.conditions import Condition

_C, _CODE = Condition, ReasonCode
#: What may be said of a condition so that the customer, or the reviewer, hears of what is the matter; the first is its
#: own gate.
FITTING: dict[Condition, tuple[ReasonCode, ...]] = {
    _C.DEFOCUS: (_CODE.CARD_BLURRED,),
    _C.MOTION: (_CODE.CARD_BLURRED,),
    _C.GLARE: (_CODE.CARD_GLARE, _CODE.CARD_OVEREXPOSED),
    _C.FINGER: (_CODE.CARD_COVERED,),
    _C.PAPER: (_CODE.CARD_COVERED,),
    _C.CUT_OFF: (_CODE.CARD_CUT_OFF,),
    _C.FAR: (_CODE.CARD_TOO_SMALL,),
    _C.DARK: (_CODE.CARD_DARK,),
    _C.OVEREXPOSED: (_CODE.CARD_OVEREXPOSED, _CODE.CARD_GLARE),
    _C.PHOTOCOPY: (_CODE.CARD_PHOTOCOPY,),
    _C.GREY_SCAN: (_CODE.CARD_PHOTOCOPY,),
    _C.SCREEN: (_CODE.CARD_SCREEN, _CODE.CARD_PRINT),
    _C.PRINT: (_CODE.CARD_PRINT, _CODE.CARD_SCREEN),
}
COPIES = (_C.PHOTOCOPY, _C.GREY_SCAN, _C.SCREEN, _C.PRINT)
CAPTURE = tuple(condition for condition in FITTING if condition not in COPIES)
COPY_GATES = (_CODE.CARD_PHOTOCOPY, _CODE.CARD_SCREEN, _CODE.CARD_PRINT)
GATES = (*CAPTURE_GATES, *COPY_GATES)
#: A code that contradicts the print sends a case to a person, which is no silence.
_DOUBTS = {_CODE.QR_MISMATCH, _CODE.MRZ_MISMATCH}
#: The policy's least confidence of a required field.
BELIEVED = 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened to one photo.

    `failed` are codes of failed checks and of a refusal, `unknown` gates that could not judge. `wrong` holds the parts
    that the decision needs and that were not read right, with the confidence of the wrong value (0 if there is none),
    `weak` those read right with less confidence than the policy asks for; `hidden` says that a code or the portrait was
    covered. Copies are not read: `read` is False.
    """

    group: str
    condition: Condition
    strength: float
    severity: str
    seed: int
    version: str
    side: str
    part: str | None = None
    read: bool = True
    failed: frozenset[ReasonCode]
    unknown: frozenset[ReasonCode] = frozenset()
    rejected: bool = False
    wrong: dict[str, float] = field(default_factory=dict)
    weak: frozenset[str] = frozenset()
    hidden: bool = False
    gate_ms: float = 0.0

    @property
    def row(self) -> str:
        """Its row in a table: the severity of a clean photo, otherwise condition and strength."""
        if self.condition is _C.CLEAN:
            return self.severity
        return f"{self.condition} {self.strength:g}"

    @property
    def is_harmed(self) -> bool:
        """Whether a part that the decision needs is not to be had from it, or it shows a copy."""
        return self.condition in COPIES or self.hidden or bool(self.wrong or self.weak)

    @property
    def is_told(self) -> bool:
        """Whether the photo was refused or failed a gate."""
        return self.rejected or bool(self.failed & set(GATES))

    @property
    def is_told_why(self) -> bool:
        """Whether a gate named what is the matter."""
        return bool(self.failed & set(FITTING.get(self.condition, ())))

    @property
    def is_silent(self) -> bool:
        """Whether it was harmed and nothing doubted it: no gate, no code, not its own confidence."""
        if not self.is_harmed or self.is_told or self.failed & _DOUBTS:
            return False
        is_read = not self.wrong and not self.weak
        return is_read or any(sure >= BELIEVED for sure in self.wrong.values())


OUTCOME = TypeAdapter(Outcome)


def load_outcomes(paths: Iterable[Path]) -> list[Outcome]:
    """Read the lines of `python -m bench.card_gates --out`."""
    return [
        OUTCOME.validate_json(line)
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def share(part: Iterable[Outcome], whole: Sequence[Outcome]) -> str:
    """A count out of another with its 95 % interval, per cent; "-" of nothing."""
    of = Share(part=sum(1 for _ in part), whole=len(whole))
    if of.interval is None:
        return "-"
    low, high = of.interval
    return f"{of.part}/{of.whole} ({100 * low:.1f}-{100 * high:.1f} %)"


# ---------------------------------------------------------------- by condition


def by_condition(outcomes: Sequence[Outcome]) -> Table:
    """A row per condition and strength, or per severity of clean photos, and one for each group."""
    table = Table(
        "group", "row", "photos", "harmed", "told", "with the cause", "silent",
        "not harmed, refused",
    )  # fmt: skip
    for group in dict.fromkeys(o.group for o in outcomes):
        of_group = [o for o in outcomes if o.group == group]
        for row in sorted({o.row for o in of_group}):
            table.add_row(group, row, *_cells([o for o in of_group if o.row == row]))
        table.add_row(group, "all", *_cells(of_group), end_section=True)
    return table


def _cells(outcomes: Sequence[Outcome]) -> Iterator[str]:
    harmed = [o for o in outcomes if o.is_harmed]
    well = [o for o in outcomes if not o.is_harmed]
    yield str(len(outcomes))
    yield str(len(harmed))
    yield share((o for o in harmed if o.is_told), harmed)
    yield share((o for o in harmed if o.is_told_why), harmed)
    yield share((o for o in harmed if o.is_silent), harmed)
    yield share((o for o in well if o.is_told), well)


# ---------------------------------------------------------------- by gate


def by_gate(outcomes: Sequence[Outcome]) -> Table:
    """A row per gate: how often it refuses a card that is well (BPCER), and what it misses of its own (APCER).

    Clean photos count whether or not they were read right: a person can read all of them. Of the conditions whose own
    gate it is, harmed photos count, and any name that fits (`FITTING`) is enough. Other conditions are those of a
    capture.
    """
    table = Table(
        "gate", "clean, refused (BPCER)", "clean, not judged", "of its conditions",
        "not named (APCER)", "not told at all", "other conditions, named",
    )  # fmt: skip
    for code in GATES:
        table.add_row(str(code), *gate_rates(code, outcomes))
    return table


def gate_rates(code: ReasonCode, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The cells of one gate, see `by_gate`."""
    clean = [o for o in outcomes if o.condition is _C.CLEAN and (o.read or code in COPY_GATES)]
    own = [o for o in outcomes if o.is_harmed and FITTING.get(o.condition, ("",))[0] == code]
    others = [o for o in outcomes if o.condition in CAPTURE and code not in FITTING[o.condition]]
    yield share((o for o in clean if code in o.failed), clean)
    yield share((o for o in clean if code in o.unknown), clean)
    yield str(len(own))
    yield share((o for o in own if not o.is_told_why), own)
    yield share((o for o in own if not o.is_told), own)
    yield share((o for o in others if code in o.failed), others)


def main(files: Annotated[list[Path], typer.Argument(help="Written by bench.card_gates.")]) -> None:
    """Show the rates of photos that were judged before."""
    show(load_outcomes(files))


def show(outcomes: Sequence[Outcome]) -> None:
    """Print both tables."""
    console = Console(width=170)
    console.print(by_condition(outcomes))
    console.print(by_gate(outcomes))
    clean = [o for o in outcomes if o.condition is _C.CLEAN]
    for name, photos in (("read", [o for o in clean if o.read]), ("copies", clean)):
        told = share((o for o in photos if o.is_told), photos)
        console.print(f"clean photos refused by any gate ({name}): {told}")


if __name__ == "__main__":
    typer.run(main)
