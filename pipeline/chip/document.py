"""The upload of an NFC reader: one JSON object with the raw elementary files of the chip in base64, bounded.

`{"sod": "...", "dg1": "...", "dg2": "...", "dg13": "..."}`; `sod` and `dg1` must be there. Nothing inside the files is
looked at here, so that the gateway can check an upload without parsing it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from pipeline.errors import CannotJudge
from pipeline.limits import MAX_CHIP_BYTES
from pipeline.reasons import ReasonCode


class ChipFile(StrEnum):
    """The elementary files that are taken (ICAO 9303-10; DG13 is filled by the issuing state)."""

    SOD = "sod"
    COM = "com"
    DG1 = "dg1"
    DG2 = "dg2"
    DG13 = "dg13"
    DG14 = "dg14"
    DG15 = "dg15"

    @property
    def number(self) -> int | None:
        """Number of a data group, None for the two files that are none."""
        return int(self[2:]) if self.startswith("dg") else None


_REQUIRED = (ChipFile.SOD, ChipFile.DG1)
#: Several times what chips hold (SOD 2-8 kB, DG1 95 bytes, DG2 12-25 kB, DG13 below 1 kB): parsing must stay cheap.
MAX_FILE_BYTES: Mapping[ChipFile, int] = MappingProxyType(
    {
        ChipFile.SOD: 32_000,
        ChipFile.COM: 256,
        ChipFile.DG1: 512,
        ChipFile.DG2: 120_000,
        ChipFile.DG13: 16_000,
        ChipFile.DG14: 8_000,
        ChipFile.DG15: 8_000,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipFiles:
    """The raw files of one chip."""

    files: Mapping[ChipFile, bytes]

    def __repr__(self) -> str:
        return f"ChipFiles({', '.join(self.files)})"

    @property
    def groups(self) -> dict[int, bytes]:
        """The data groups by number: what the security object signs."""
        return {file.number: data for file, data in self.files.items() if file.number is not None}


def parse_document(data: bytes) -> ChipFiles:
    """Return the files of an upload.

    Args:
        data: JSON, UTF-8.

    Raises:
        CannotJudge: `chip_unreadable`, with `cause`: `too_large`, `not_json`, `unknown_file`, `duplicate_file`,
            `not_base64`, `file_size` or `file_missing`, and `file` where one is to blame.
    """
    if len(data) > MAX_CHIP_BYTES:
        raise unreadable("too_large")
    files = {}
    for name, text in _members(data).items():
        if name not in set(ChipFile):
            raise unreadable("unknown_file")
        files[ChipFile(name)] = _decode(ChipFile(name), text)
    missing = [file for file in _REQUIRED if file not in files]
    if missing:
        raise unreadable("file_missing", missing[0])
    return ChipFiles(files=files)


def format_document(files: Mapping[ChipFile, bytes]) -> bytes:
    """Return the JSON of an upload, as a reader should write it."""
    return json.dumps(
        {str(f): base64.b64encode(data).decode() for f, data in files.items()}
    ).encode()


def unreadable(cause: str, file: ChipFile | None = None) -> CannotJudge:
    """The refusal of chip data that cannot be judged; names codes and files, never a value."""
    facts = {"cause": cause, "evidence": "chip"} | ({"file": str(file)} if file else {})
    return CannotJudge(ReasonCode.CHIP_UNREADABLE, **facts)


def _members(data: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise unreadable("not_json") from None
    if not isinstance(parsed, dict):
        raise unreadable("not_json")
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers must not see two different documents: which of two equal names counts is up to the parser."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise unreadable("duplicate_file")
    return members


def _decode(file: ChipFile, text: object) -> bytes:
    if not isinstance(text, str):
        raise unreadable("not_base64", file)
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise unreadable("not_base64", file) from None
    if not 0 < len(decoded) <= MAX_FILE_BYTES[file]:
        raise unreadable("file_size", file)
    return decoded
