"""Data sets of clips: a folder with `clips.csv`, one presentation a line.

Columns: `file`; `species` (`bona_fide`, or what attack it is); `actions` as "blink:2,turn_left", in the order they were
asked for. May be empty or absent: `windows` as "1.2-4.4,4.4-7.6" (then the clip is cut into even parts, and its last
action need not return to rest), `person`, `selfie` and `card` (file names).
"""

from __future__ import annotations

import csv
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ekyc.evaluation.dataset import DatasetError

LIST_NAME = "clips.csv"
BONA_FIDE = "bona_fide"


class ClipTruth(BaseModel):
    """One presentation: a clip, what it is, and what it was asked to show."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str = Field(min_length=1)
    species: str = Field(min_length=1)
    actions: str = Field(min_length=1)
    windows: str = ""
    person: str = ""
    selfie: str = ""
    card: str = ""

    @property
    def is_bona_fide(self) -> bool:
        """Whether a living person answers the challenge."""
        return self.species == BONA_FIDE

    @property
    def key(self) -> str:
        """What tells this presentation from the others: one file may answer several challenges."""
        return "|".join((self.file, self.actions, self.windows, self.selfie, self.card))


def load_clips(folder: Path) -> tuple[ClipTruth, ...]:
    """Return the presentations of a data set in the order of its list.

    Raises:
        DatasetError: the list is absent, empty or malformed, or a file is absent.
    """
    path = folder / LIST_NAME
    if not path.is_file():
        raise DatasetError(f"no {LIST_NAME} in {folder}")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [_row(values, f"{path}:{n}") for n, values in enumerate(csv.DictReader(file), 2)]
    if not rows:
        raise DatasetError(f"{path} names no clip")
    named = [name for row in rows for name in (row.file, row.selfie, row.card) if name]
    absent = [name for name in named if not (folder / name).is_file()]
    if absent:
        raise DatasetError(f"{folder} lacks {absent[0]} and {len(absent) - 1} more")
    return tuple(rows)


def _row(values: dict[str, str | None], place: str) -> ClipTruth:
    try:
        return ClipTruth.model_validate({k: v for k, v in values.items() if k and v})
    except ValidationError as error:
        first = error.errors()[0]
        raise DatasetError(
            f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from error
