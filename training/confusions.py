"""Counts which letters a recogniser takes for which, on the validation lines: what the next run should train.

Validation only: what is learnt here changes the training, and nothing of the test may do that.
"""

import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from training.charset import TONE_MARKS, without_tone
from training.fonts import font_folder
from training.lexicon import Part, load_lexicon
from training.score import draw_kinds, onnx_reader, read_samples
from training.stream import StreamPlan

# The seed of the validation lines of training/finetune.py.
_SEED = 99
_LINES_PER_KIND = 50
_SHOWN = 10
_HATS = frozenset("\u0302\u0306\u031b")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Confusion:
    """A letter of the truth and what was read; an empty string where a letter was lost or made up."""

    truth: str
    read: str

    @property
    def kind(self) -> str:
        """What the two letters differ in: tone, hat, case, lost, added or other."""
        if not self.read:
            return "lost"
        if not self.truth:
            return "added"
        if self.truth.casefold() == self.read.casefold():
            return "case"
        if without_tone(self.truth).casefold() == without_tone(self.read).casefold():
            return "tone"
        if _bare(self.truth) == _bare(self.read):
            return "hat"
        return "other"


def confusions(texts: Sequence[str], truths: Sequence[str]) -> Counter[Confusion]:
    """Count the edits that turn what was read into the truth."""
    counts: Counter[Confusion] = Counter()
    for text, truth in zip(texts, truths, strict=True):
        for edit in Levenshtein.editops(truth, text):
            lost = "" if edit.tag == "insert" else truth[edit.src_pos]
            made = "" if edit.tag == "delete" else text[edit.dest_pos]
            counts[Confusion(truth=lost, read=made)] += 1
    return counts


def _bare(letter: str) -> str:
    """The letter without tone, hat and case; đ stays apart from d."""
    parts = unicodedata.normalize("NFD", letter.casefold())
    return "".join(part for part in parts if part not in TONE_MARKS and part not in _HATS)


def _named(letter: str) -> str:
    return {"": "-", " ": "space"}.get(letter, letter)


def confusion_table(counts: Counter[Confusion], shown: int = _SHOWN) -> Table:
    """Lay the most frequent confusions out for a terminal."""
    table = Table("truth", "read", "kind", "times")
    for confusion, times in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:shown]:
        letters = (_named(letter) for letter in (confusion.truth, confusion.read))
        table.add_row(*letters, confusion.kind, str(times))
    return table


def main(
    model: Path,
    lines: Annotated[int, typer.Option(help="Lines of each kind.")] = _LINES_PER_KIND,
    shown: int = _SHOWN,
) -> None:
    """Show what an ONNX recogniser confuses on the validation lines."""
    plan = StreamPlan(
        lexicon=load_lexicon(os.environ),
        font_folder=font_folder(os.environ),
        seed=_SEED,
        batch_lines=1,
    )
    samples = [s for kind in draw_kinds(plan, Part.VALIDATION, lines).values() for s in kind]
    run, classes = onnx_reader(model)
    counts = confusions(read_samples(samples, run, classes), [sample.truth for sample in samples])
    console = Console()
    console.print(confusion_table(counts, shown))
    by_kind: Counter[str] = Counter()
    for confusion, times in counts.items():
        by_kind[confusion.kind] += times
    console.print(", ".join(f"{kind} {times}" for kind, times in by_kind.most_common()))


if __name__ == "__main__":
    typer.run(main)
