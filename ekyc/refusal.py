"""Why evidence was not judged, as every command that judges files tells it: code, facts and words."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape

from pipeline.findings import Fact
from pipeline.picture_bytes import FAULT_WORDS, PictureFault
from pipeline.reasons import REASONS, ReasonCode


def customer_words(code: ReasonCode, facts: Mapping[str, Fact]) -> tuple[str, str]:
    """Return what to tell the customer, in Vietnamese and English; of a file that is no picture, what it is.

    Some causes of clips have the name of a picture's, and other bounds.
    """
    cause = facts.get("cause")
    of_picture = cause in set(PictureFault) and facts.get("evidence") != "clip"
    if code is ReasonCode.EVIDENCE_UNDECODABLE and of_picture:
        return FAULT_WORDS[PictureFault(str(cause))]
    return REASONS[code].customer_vi, REASONS[code].customer_en


def print_refusal(
    console: Console, code: ReasonCode, facts: Mapping[str, Fact], *, said: str
) -> None:
    """Print `said: code`, its facts, and the customer's words in English and Vietnamese."""
    listed = " ".join(f"{name}={fact}" for name, fact in facts.items())
    console.print(f"[yellow]{said}: {code}[/] [dim]{escape(listed)}[/]")
    vi, en = customer_words(code, facts)
    console.print(f"  {en}\n  {vi}")
