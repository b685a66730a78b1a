"""Scores a recogniser by kind of line, on fonts and places that training never saw."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from training.charset import CLASSES, decode
from training.fonts import font_folder
from training.lexicon import Part, load_lexicon
from training.lines import Sample
from training.stream import StreamPlan, draw_samples, to_batch
from training.text import Kind

# Another draw than training's; changing it after a look at the result would be tuning on the test.
TEST_SEED = 4242
LINES_PER_KIND = 300
_BATCH_LINES = 16

Probabilities = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""B x 3 x 48 x W images to B x T x classes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a reader got wrong on a set of lines."""

    kind: str
    lines: int
    exact_lines: int
    characters: int
    character_errors: int

    @property
    def character_error_rate(self) -> float:
        """Edits per character of the truth; per line where the truth is that there is nothing to read."""
        return self.character_errors / (self.characters or self.lines)

    @property
    def exact_rate(self) -> float:
        """Share of lines read without any error."""
        return self.exact_lines / self.lines


def read_samples(
    samples: Sequence[Sample], run: Probabilities, classes: Sequence[str] = CLASSES
) -> list[str]:
    """Read samples in batches of like width; the texts come back in the order given."""
    order = sorted(range(len(samples)), key=lambda index: samples[index].aspect)
    texts = [""] * len(samples)
    for start in range(0, len(order), _BATCH_LINES):
        part = order[start : start + _BATCH_LINES]
        best = run(to_batch([samples[index] for index in part]).images).argmax(-1)
        for index, class_ids in zip(part, best.tolist(), strict=True):
            texts[index] = decode(class_ids, classes)
    return texts


def score_texts(kind: str, texts: Sequence[str], truths: Sequence[str]) -> Score:
    """Count edits and exact lines."""
    errors = [Levenshtein.distance(text, truth) for text, truth in zip(texts, truths, strict=True)]
    return Score(
        kind=kind,
        lines=len(truths),
        exact_lines=errors.count(0),
        characters=sum(map(len, truths)),
        character_errors=sum(errors),
    )


def total(scores: Sequence[Score], kind: str = "all") -> Score:
    """Add scores up."""
    return Score(
        kind=kind,
        lines=sum(score.lines for score in scores),
        exact_lines=sum(score.exact_lines for score in scores),
        characters=sum(score.characters for score in scores),
        character_errors=sum(score.character_errors for score in scores),
    )


def score_kinds(
    run: Probabilities, classes: Sequence[str], samples: dict[Kind, list[Sample]]
) -> list[Score]:
    """Score every kind of line."""
    return [
        score_texts(kind, read_samples(lines, run, classes), [line.truth for line in lines])
        for kind, lines in samples.items()
    ]


def draw_kinds(plan: StreamPlan, part: Part, count: int) -> dict[Kind, list[Sample]]:
    """Draw `count` lines of every kind."""
    return {kind: draw_samples(plan, part, kind, count) for kind in Kind}


def onnx_reader(path: Path) -> tuple[Probabilities, tuple[str, ...]]:
    """Open an ONNX recogniser that carries its dictionary; return it with its classes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    dictionary = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    name = session.get_inputs()[0].name

    def run(images: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {name: images})[0], np.float32)

    return run, ("", *dictionary, " ")


def score_table(scores: Sequence[Score]) -> Table:
    """Lay scores out for a terminal."""
    table = Table("kind", "lines", "CER %", "exact lines", "exact %")
    for score in scores:
        cer, exact = f"{score.character_error_rate:.2%}", f"{score.exact_rate:.1%}"
        table.add_row(score.kind, str(score.lines), cer, str(score.exact_lines), exact)
    return table


def main(
    model: Path,
    lines: int = LINES_PER_KIND,
    seed: int = TEST_SEED,
    part: Part = Part.TEST,
    out: Annotated[Path | None, typer.Option(help="Write the scores as JSON, too.")] = None,
) -> None:
    """Score an ONNX recogniser by kind of line."""
    plan = StreamPlan(
        lexicon=load_lexicon(os.environ),
        font_folder=font_folder(os.environ),
        seed=seed,
        batch_lines=_BATCH_LINES,
    )
    run, classes = onnx_reader(model)
    scores = score_kinds(run, classes, draw_kinds(plan, part, lines))
    scores.append(total(scores))
    Console().print(score_table(scores))
    if out is not None:
        out.write_text(json.dumps([asdict(score) for score in scores], indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
