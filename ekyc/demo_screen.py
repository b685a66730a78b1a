"""What `ekyc demo` shows: a live table while cases are worked on, then each verdict with its reasons and times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pipeline.case import CaseStatus
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import Stage

COLOURS = {
    CaseStatus.APPROVED: "bold green",
    CaseStatus.REJECTED: "bold red",
    CaseStatus.REVIEW: "bold yellow",
    CaseStatus.RETAKE: "bold magenta",
}
STAGE_HEADINGS = {
    Stage.READ_CARD: "card", Stage.MATCH_FACE: "face", Stage.SCORE_LIVENESS: "liveness", Stage.DECIDE: "decide",
}  # fmt: skip
STAGE_SIGNS = {
    "waiting": "[dim]·[/]", "pending": "[yellow]wait[/]", "running": "[cyan]run[/]",
    "done": "[green]done[/]", "failed": "[red]failed[/]", "dead": "[red]dead[/]",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class CaseProgress:
    """Where one case of the demo stands; written by its thread, read by the screen."""

    name: str
    title: str
    step: str = "waiting"
    case_id: str = ""
    status: CaseStatus | None = None
    stages: dict[str, str] = field(default_factory=dict)
    began_s: float | None = None
    ended_s: float | None = None
    #: The answer of the gateway to a key with scope backoffice.
    answer: Mapping[str, Any] | None = None
    error: str | None = None
    right: bool | None = None


def live_table(cases: Sequence[CaseProgress], doing: str, now_s: float) -> RenderableType:
    """Return the table of all cases as they stand."""
    table = Table(expand=False, title=doing, title_justify="left", box=SIMPLE_HEAD)
    # One line a case also on a terminal of 80 columns; the stories are told with the verdicts.
    for heading in ("case", *STAGE_HEADINGS.values(), "status", "s"):
        table.add_column(heading, justify="right" if heading == "s" else "left", no_wrap=True)
    for case in cases:
        signs = [STAGE_SIGNS.get(case.stages.get(str(stage), ""), "") for stage in STAGE_HEADINGS]
        table.add_row(case.name, *signs, _status(case), _elapsed(case, now_s))
    return table


def _status(case: CaseProgress) -> Text:
    if case.error:
        return Text("failed", style="bold red")
    if case.status is None or case.status is CaseStatus.OPEN:
        return Text(case.step, style="dim")
    return Text(str(case.status), style=COLOURS.get(case.status, ""))


def _elapsed(case: CaseProgress, now_s: float) -> str:
    if case.began_s is None:
        return ""
    return f"{(case.ended_s or now_s) - case.began_s:.1f}"


def show_verdicts(console: Console, cases: Sequence[CaseProgress], where: str) -> None:
    """Print every case's verdict, its reasons in both languages, its stage times and where to look."""
    for case in cases:
        console.print(_verdict_panel(case))
    right = sum(bool(case.right) for case in cases)
    style = "bold green" if right == len(cases) else "bold red"
    console.print(Text(f"{right} of {len(cases)} verdicts are as expected", style=style))
    console.print(where)


def _verdict_panel(case: CaseProgress) -> Panel:
    mark = "[green]as expected[/]" if case.right else "[bold red]NOT as expected[/]"
    title = Text.assemble(f"{case.title}: ", _status(case))
    lines: list[RenderableType] = [
        *([Text(case.error, style="red")] if case.error else []),
        *(_reason_lines(reason) for reason in _verdict(case).get("reasons", [])),
        Text(f"stages: {_timings(case)}", style="dim"),
        Text(f"case {case.case_id}", style="dim"),
    ]
    return Panel(
        Group(*lines), title=title, title_align="left", subtitle=mark, subtitle_align="right"
    )


def _verdict(case: CaseProgress) -> Mapping[str, Any]:
    return (case.answer or {}).get("verdict") or {}


def _reason_lines(reason: Mapping[str, Any]) -> Text:
    spec = REASONS[ReasonCode(reason["code"])]
    retake = ", ".join(reason.get("retake") or ())
    again = f" (retake: {retake})" if retake else ""
    return Text.assemble(
        (f"{reason['weight']:6} ", "cyan"), (reason["code"], "bold"), _facts(reason), again,
        f"\n       {spec.staff_vi}\n       {spec.staff_en}",
    )  # fmt: skip


def _facts(reason: Mapping[str, Any]) -> str:
    """Which field, action or cue, and how far: codes and numbers, never a value of the person."""
    facts = reason.get("facts") or {}
    return f" ({', '.join(f'{key} {value}' for key, value in facts.items())})" if facts else ""


def _timings(case: CaseProgress) -> str:
    return ", ".join(f"{name} {ms / 1000:.1f} s" for name, ms in stage_ms(case).items())


def stage_ms(case: CaseProgress) -> dict[str, float]:
    """Return how long each stage was worked on, milliseconds."""
    from datetime import datetime

    times = {}
    for row in (case.answer or {}).get("stages", ()):
        if row["started_at"] and row["finished_at"]:
            took = datetime.fromisoformat(row["finished_at"]) - datetime.fromisoformat(
                row["started_at"]
            )
            times[row["stage"]] = round(took.total_seconds() * 1000, 1)
    return times


def case_object(case: CaseProgress) -> dict[str, Any]:
    """Return one case as the object of `--json`."""
    verdict = _verdict(case)
    return {
        "scenario": case.name,
        "case_id": case.case_id,
        "status": str(case.status) if case.status else None,
        "as_expected": bool(case.right),
        "reasons": [
            {"code": r["code"], "weight": r["weight"], "retake": r.get("retake") or []}
            for r in verdict.get("reasons", [])
        ],
        "stage_ms": stage_ms(case),
        "seconds": round((case.ended_s or 0) - (case.began_s or 0), 2),
        "error": case.error,
    }
