"""Reads a whole data set, or takes from a cache what was read before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from ekyc.evaluation.dataset import CardTruth
from ekyc.evaluation.records import CardRecord, digest, lost, read_truth
from ekyc.side_by_side import side_by_side

_VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")
#: Reads one card: card, folder of the data set, weights, today.
Read = Callable[[CardTruth, Path, Path, date], CardRecord]


def measure(
    cards: Sequence[CardTruth],
    folder: Path,
    weights: Path,
    *,
    jobs: int,
    cache: Path | None,
    read: Read | None = None,
) -> Iterator[CardRecord]:
    """Yield a record per card, in the order of the cards.

    Args:
        cards: of the data set.
        folder: of the data set.
        weights: folder of manifest.toml.
        jobs: processes.
        cache: a file of records; what it holds about the same photos and models is not read again, what is read is
            added. It knows nothing of changes in code: remove it after those.
        read: a function of a module that reads one card; `read_truth` unless another engine is asked, too.

    Raises:
        EngineError: the models could not be loaded.
    """
    today = datetime.now(_VIET_NAM).date()
    work = partial(_read, folder=folder, weights=weights, today=today, read=read or read_truth)
    if cache is None:
        yield from side_by_side(cards, work, lost, jobs=jobs)
        return
    path = cache.with_name(f"{cache.name}.{_models(weights)}")
    known = {record.id: record for record in _kept(path)}
    fresh = [
        card
        for card in cards
        if card.id not in known or known[card.id].photos_sha256 != digest(card, folder)
    ]
    newly = side_by_side(fresh, work, lost, jobs=jobs)
    waiting = {card.id for card in fresh}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for card in cards:
            if card.id in waiting:
                record = next(newly)
                file.write(record.model_dump_json() + "\n")
                file.flush()
                yield record
            else:
                yield known[card.id]


def _read(card: CardTruth, folder: Path, weights: Path, today: date, read: Read) -> CardRecord:
    return read(card, folder, weights, today)


def _kept(path: Path) -> Iterator[CardRecord]:
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield CardRecord.model_validate_json(line)


def _models(weights: Path) -> str:
    """The start of a digest of all weights: the manifest names every one with its sha256."""
    manifest = weights / "manifest.toml"
    return hashlib.sha256(manifest.read_bytes()).hexdigest()[:8] if manifest.is_file() else "none"
