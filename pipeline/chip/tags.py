"""The outermost layer of a chip's file: one tag, one length, and nothing before or after it."""

from __future__ import annotations

from types import MappingProxyType

from asn1crypto import parser

from pipeline.chip.document import ChipFile, unreadable

_APPLICATION = 1
#: Number of the application tag of each file (ICAO 9303-10, table 38): 77 is the class with number 23, and so on.
_TAG = MappingProxyType(
    {
        ChipFile.COM: 0,
        ChipFile.DG1: 1,
        ChipFile.DG2: 21,
        ChipFile.DG13: 13,
        ChipFile.DG14: 14,
        ChipFile.DG15: 15,
        ChipFile.SOD: 23,
    }
)


def unwrap(data: bytes, file: ChipFile) -> bytes:
    """Return what is inside a file.

    A file that was read only in part does not end where its length says. That is the reader's fault and must not look
    like an altered chip.

    Raises:
        CannotJudge: `chip_unreadable`, `malformed`: another tag, a wrong length, or bytes beyond the end.
    """
    content = inner(data, _TAG[file])
    if content is None:
        raise unreadable("malformed", file)
    return content


def inner(data: bytes, tag: int, *, of_class: int = _APPLICATION) -> bytes | None:
    """Return the content of the one element that `data` is, or None if it is not one with that tag."""
    try:
        found_class, _, found, _, content, _ = parser.parse(data, strict=True)
    except (ValueError, RecursionError):
        return None
    return content if (found_class, found) == (of_class, tag) else None


def elements(data: bytes) -> list[tuple[int, int, bytes, bytes]]:
    """Return the elements that follow one another in `data`: class, tag number, content, and the element whole.

    Raises:
        ValueError: the last one is not whole.
    """
    found, place = [], 0
    while place < len(data):
        of_class, _, tag, header, content, trailer = parser.parse(data[place:])
        size = len(header) + len(content) + len(trailer)
        found.append((of_class, tag, content, data[place : place + size]))
        place += size
    return found
