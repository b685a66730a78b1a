"""What a person sees of a card that was read, within 80 columns."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.policy import POLICY_V1
from pipeline.reasons import REASONS, ReasonCode

_SURE = 0.98


def show(console: Console, result: dict[str, Any]) -> None:
    """Print a result: fields with how sure they are and where from, failed checks, or why it was refused."""
    names = [result["file"], *([result["back_file"]] if result["back_file"] else [])]
    console.print(f"[bold]{escape(' + '.join(names))}[/]", soft_wrap=True)
    if result["rejected"]:
        reason = result["rejected"]["reasons"][0]
        facts = " ".join(f"{name}={fact}" for name, fact in reason["facts"].items())
        console.print(f"  [red]refused: {reason['code']}[/] [dim]{escape(facts)}[/]")
        console.print(f"  {reason['en']}\n  {reason['vi']}\n")
        return
    document = result["document"]
    side = "both sides" if document["side"] == "both" else f"{document['side']} alone"
    console.print(f"  {document['version']}, {side}, assurance: {result['assurance']}")
    if result["chip"]:
        chip = result["chip"]
        causes = f" ({', '.join(chip['causes'])})" if chip["causes"] else ""
        console.print(f"  chip: integrity {chip['integrity']}, origin {chip['origin']}{causes}")
    if result["fields"]:
        console.print(_fields(result["fields"]))
    for check in result["checks"]:
        if check["passed"] is False:
            words = REASONS[ReasonCode(check["code"])].staff_en
            about = f" ({', '.join(check['fields'])})" if check["fields"] else ""
            console.print(f"  [yellow]{check['code']}[/]{about}: {words}")
    console.print()


def sure_text(confidence: float) -> str:
    """Three digits, rounded down: no reading is certain, and .9995 is the most that one ever gets."""
    return f"{confidence:.4f}"[:-1]


def _fields(fields: dict[str, Any]) -> Table:
    table = Table("field", "value", "sure", "from", box=None, padding=(0, 1, 0, 2))
    for name, field in fields.items():
        sure = field["confidence"]
        style = "green" if sure >= _SURE else "red"
        if POLICY_V1.min_field_confidence <= sure < _SURE:
            style = "yellow"
        table.add_row(
            name, escape(field["value"]), f"[{style}]{sure_text(sure)}[/]", field["source"]
        )
        for source, said in field["readings"].items():
            if said != field["value"] and f"{source}_same" not in field["checks"]:
                table.add_row("", f"[dim]{source} says: {escape(said)}[/]")
    return table
