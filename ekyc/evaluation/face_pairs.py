"""Data sets of faces: labelled pairs, or photos labelled with who is on them, of which all pairs are made."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from ekyc.evaluation.dataset import DatasetError

PAIRS_NAME, LABELS_NAME = "pairs.csv", "labels.csv"
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two photos, as paths below the data set's folder; `same`: one person."""

    a: str
    b: str
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePairs:
    """Pairs, and who is on each photo."""

    folder: Path
    pairs: tuple[Pair, ...]
    people: Mapping[str, str]


def load_pairs(path: Path) -> FacePairs:
    """Return the pairs of a data set.

    Args:
        path: a CSV with the columns file_a, file_b, same (1 or 0), paths relative to it; or a folder, of which all
            pairs are made: with labels.csv (file, identity), or with one folder a person. An identity that is empty or
            holds a colon (`MULTI:`, `NONE:`) is no single person and is left out.

    Raises:
        DatasetError: nothing of that is there, a column is missing, or a photo is.
    """
    if path.is_file():
        return _of_list(path)
    people = _labelled(path) if (path / LABELS_NAME).is_file() else _by_folder(path)
    people = {file: who for file, who in people.items() if who and ":" not in who}
    pairs = [
        Pair(a=a, b=b, same=people[a] == people[b]) for a, b in combinations(sorted(people), 2)
    ]
    return _checked(FacePairs(folder=path, pairs=tuple(pairs), people=people))


def _of_list(path: Path) -> FacePairs:
    rows = _rows(path, ("file_a", "file_b", "same"))
    pairs = tuple(Pair(a=row["file_a"], b=row["file_b"], same=row["same"] == "1") for row in rows)
    return _checked(FacePairs(folder=path.parent, pairs=pairs, people=_grouped(pairs)))


def _grouped(pairs: Sequence[Pair]) -> dict[str, str]:
    """Who is who by the pairs alone: photos joined by genuine pairs are one person, named by its first photo."""
    people = {file: file for pair in pairs for file in (pair.a, pair.b)}
    for pair in pairs:
        if pair.same and people[pair.a] != people[pair.b]:
            low, high = sorted((people[pair.a], people[pair.b]))
            people = {file: low if who == high else who for file, who in people.items()}
    return people


def _labelled(folder: Path) -> dict[str, str]:
    rows = _rows(folder / LABELS_NAME, ("file", "identity"))
    return {row["file"]: row["identity"] for row in rows}


def _by_folder(folder: Path) -> dict[str, str]:
    files = (file for file in folder.glob("*/*") if file.suffix.lower() in _PICTURES)
    return {str(file.relative_to(folder)): file.parent.name for file in files}


def _rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise DatasetError(f"{path} is no CSV in UTF-8") from None
    if missing:
        raise DatasetError(f"{path} has no column {missing[0]}")
    return rows


def _checked(found: FacePairs) -> FacePairs:
    if not found.people:
        raise DatasetError(
            f"{found.folder}: nobody's photos are there; it needs a folder a person, or {LABELS_NAME} (file, identity)"
        )
    absent = [name for name in found.people if not (found.folder / name).is_file()]
    if absent:
        raise DatasetError(f"{found.folder} lacks {absent[0]} and {len(absent) - 1} more")
    kinds = {pair.same for pair in found.pairs}
    if kinds != {True, False}:
        raise DatasetError(f"{found.folder}: genuine and impostor pairs are needed, both")
    return found
