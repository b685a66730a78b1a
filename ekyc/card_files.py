"""Which photos belong to one card: files, folders and lists of them, put in a stable order and given names."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

#: What is looked for in a folder. Those that the reader does not take are tried too, so that each gets its reason.
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_REFUSED_SUFFIXES = (".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".pdf")
LIST_SUFFIX = ".txt"
#: Pictures that `--overlay` wrote: never read as photos.
OVERLAY_SUFFIX = ".overlay.jpg"
#: Words in file names that tell the sides apart.
_SIDE_WORDS = (("front", "back"), ("truoc", "sau"))


class NothingToRead(ValueError):
    """None of what was named can be tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFiles:
    """The photos of one card; `name` is what a result about them is called, unlike any other of the run."""

    front: Path
    back: Path | None
    name: str


def gather(paths: Sequence[Path]) -> list[CardFiles]:
    """Return the cards that the paths name, in a stable order.

    Args:
        paths: FRONT or FRONT BACK; or any number of pictures, folders and lists. A list is a text file with a card a
            line: FRONT, or FRONT, a tab and BACK, relative to the list. In folders, and among three or more
            pictures, those whose names differ in `front` and `back` alone go together.

    Raises:
        NothingToRead: no picture is among them, or nothing that was named exists.
    """
    if not any(path.exists() for path in paths):
        raise NothingToRead(f"no such file: {', '.join(map(str, paths))}")
    if len(paths) <= 2 and not any(_holds_many(path) for path in paths):
        pairs = [(paths[0], paths[1] if len(paths) == 2 else None)]
    else:
        pairs = list(_expand(paths))
    if not pairs:
        raise NothingToRead(f"no pictures ({', '.join(SUFFIXES)}) in {', '.join(map(str, paths))}")
    return _named(pairs)


def _holds_many(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() == LIST_SUFFIX


_Pair = tuple[Path, Path | None]


def _expand(paths: Iterable[Path]) -> Iterator[_Pair]:
    loose: list[Path] = []
    for path in paths:
        if path.is_dir():
            yield from _paired(_pictures_below(path))
        elif path.suffix.lower() == LIST_SUFFIX and path.exists():
            yield from _listed(path)
        else:
            loose.append(path)
    yield from _paired(loose)


def _pictures_below(folder: Path) -> list[Path]:
    """Links to folders are not followed: they may lead in circles."""
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Path(root) / name
            for name in sorted(names)
            if Path(name).suffix.lower() in (*SUFFIXES, *_REFUSED_SUFFIXES)
            and not name.endswith(OVERLAY_SUFFIX)
            and not name.startswith(".")
        ]
    return found


def _listed(path: Path) -> Iterator[_Pair]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NothingToRead(f"{path} is no list of files: {type(error).__name__}") from error
    for line in lines:
        front, _, back = line.strip().partition("\t")
        if front and not front.startswith("#"):
            yield path.parent / front, path.parent / back.strip() if back.strip() else None


def _paired(photos: Sequence[Path]) -> Iterator[_Pair]:
    """Pairs of fronts and backs, and what has no other side alone, in the order of the photos."""
    by_key = {_key(photo): photo for photo in photos}
    backs = {photo: by_key.get(key) for photo in photos if (key := _key_of_back(photo)) is not None}
    taken = {back for back in backs.values() if back is not None}
    for photo in photos:
        if photo not in taken:
            yield photo, backs.get(photo)


def _key(photo: Path) -> tuple[Path, str]:
    return photo.parent, photo.stem.casefold()


def _key_of_back(front: Path) -> tuple[Path, str] | None:
    """The key of the picture named like this one, with `back` in place of the last `front`; None if it is no front."""
    stem = front.stem.casefold()
    for word, other in _SIDE_WORDS:
        start, found, end = stem.rpartition(word)
        if found:
            return front.parent, f"{start}{other}{end}"
    return None


# ---------------------------------------------------------------- names


def _named(pairs: Sequence[_Pair]) -> list[CardFiles]:
    """Name each card after its front; where several fronts are called alike, after their whole paths."""
    cards = [CardFiles(front=front, back=back, name=_plain(front.stem)) for front, back in pairs]
    seen = Counter(card.name.casefold() for card in cards)
    return _numbered(
        [
            card if seen[card.name.casefold()] == 1 else replace(card, name=_path_name(card.front))
            for card in cards
        ]
    )


def _numbered(cards: Sequence[CardFiles]) -> list[CardFiles]:
    """The same file named twice, or paths that differ in letters a file name cannot hold."""
    seen: Counter[str] = Counter()
    taken = {card.name.casefold() for card in cards}
    named: list[CardFiles] = []
    for card in cards:
        name, key = card.name, card.name.casefold()
        seen[key] += 1
        while seen[key] > 1 and (name := f"{card.name}-{seen[key]}").casefold() in taken:
            seen[key] += 1
        taken.add(name.casefold())
        named.append(replace(card, name=name))
    return named


def _path_name(path: Path) -> str:
    return _plain("-".join(part for part in path.parts if part not in ("/", "..", ".")))


def _plain(text: str) -> str:
    """A name that is a file name everywhere."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", text).strip(". ") or "card"
