"""How often slips of tone in addresses are put right, and how often something right is spoilt.

    python -m bench.address_slips --addresses 4000 --seed 1

Addresses are drawn from the gazetteer, old and new scheme. Three lines of the table:
- slip: one accented letter of a unit is replaced by another with the same plain letter, as a recogniser does;
- none: the address is read as it is, every letter doubtful;
- unlisted: the commune is taken out of the list, as one that was merged long ago is; it is read as it is, but doubtful.
"""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

import typer
from rich.console import Console
from rich.table import Table

from pipeline.card import addresses
from pipeline.card.charset import ACCENTED_LETTERS
from pipeline.card.crosscheck import same_text
from pipeline.card.gazetteer import Unit, key_of, load_gazetteer
from pipeline.card.phrases import fold
from pipeline.card.values import Value

_DOUBT = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """An address of units alone, from the commune up."""

    path: tuple[Unit, ...]

    @property
    def text(self) -> str:
        """As a card prints it, without kinds; numbered units carry theirs."""
        names = [
            unit.name if not unit.name.isdigit() else f"Phường {unit.name}" for unit in self.path
        ]
        return ", ".join(names)


def paths(unit: Unit, above: tuple[Unit, ...] = ()) -> Iterator[Drawn]:
    """All communes below a unit."""
    for same in unit.inside.values():
        for part in same:
            if part.is_commune:
                yield Drawn(path=(part, *above))
            else:
                yield from paths(part, (part, *above))


def slipped(text: str, rng: random.Random) -> str:
    """Replace one letter by another that differs in its marks alone."""
    places = [i for i, c in enumerate(text) if c.isalpha() and _alike(c)]
    at = rng.choice(places)
    return text[:at] + rng.choice(_alike(text[at])) + text[at + 1 :]


def _alike(letter: str) -> list[str]:
    plain = unicodedata.normalize("NFD", letter)[0]
    found = [c for c in (*ACCENTED_LETTERS, plain) if fold(c) == fold(letter) and c != letter]
    return [c for c in found if c.isupper() == letter.isupper()]


def outcome(read: str, true: str) -> str:
    """What the comparison with the units made of a reading."""
    address = addresses.compare_with_units(Value(text=read, scores=(_DOUBT,) * len(read)))
    if same_text(address.text, true):
        return "right" if address.corrected else "kept, right"
    return "corrected, wrong" if address.corrected else "kept, wrong"


def without_commune(drawn: Drawn) -> str:
    """Compare an address after taking its commune out of the list."""
    commune, parent = drawn.path[0], drawn.path[1]
    key = key_of(commune.name)
    others = [unit for unit in parent.inside[key] if unit is not commune]
    with patch.dict(parent.inside, {key: others}):
        return outcome(drawn.text, drawn.text)


def main(count: int = typer.Option(4000, "--addresses"), seed: int = 1) -> None:
    """Print the table."""
    rng = random.Random(seed)
    drawn = rng.sample(list(paths(load_gazetteer())), count)
    counts = {
        "slip": Counter(outcome(slipped(d.text, rng), d.text) for d in drawn),
        "none": Counter(outcome(d.text, d.text) for d in drawn),
        "unlisted": Counter(without_commune(d) for d in drawn),
    }
    columns = ("right", "kept, right", "kept, wrong", "corrected, wrong")
    table = Table("reading", *columns)
    for name, row in counts.items():
        table.add_row(name, *(f"{row[column]} ({row[column] / count:.2%})" for column in columns))
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
