"""`ekyc weights`: what weights there are, whether they are unaltered, and getting those not in the repository."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ekyc.fetch_faces import fetch_faces
from ekyc.fetch_landmarks import fetch_landmarks
from ekyc.fetch_minifasnet import fetch_minifasnet
from ekyc.fetch_ocr import fetch_ocr
from ekyc.fetch_vggface2 import Fetched, fetch_vggface2
from ekyc.pinned_wheel import is_right
from pipeline.errors import WeightsError
from pipeline.weights import DEFAULT_ROOT, read_manifest

app = typer.Typer(help="List, verify and fetch model weights.", no_args_is_help=True)
console = Console()

Root = Annotated[Path, typer.Option("--root", help="The weights folder.")]


@app.command("list")
def list_weights(root: Root = DEFAULT_ROOT) -> None:
    """Show every file of the manifest: name, state, size, licence."""
    table = Table("name", "state", "MB", "sha256", "licence")
    for entry in read_manifest(root).values():
        there = entry.path.is_file()
        size = f"{entry.path.stat().st_size / 1e6:.1f}" if there else "-"
        table.add_row(
            entry.name, "there" if there else "missing", size, entry.sha256[:12], entry.licence
        )
    console.print(table)


@app.command()
def verify(root: Root = DEFAULT_ROOT) -> None:
    """Check the sha256 of every file of the manifest; exit 1 when one is missing or altered."""
    bad = 0
    for entry in read_manifest(root).values():
        there = entry.path.is_file()
        right = is_right(entry.path, entry.sha256) or (entry.optional and not there)
        state = "ok" if there and right else "ALTERED" if there else "MISSING"
        state = "not here" if right and not there else state
        console.print(f"{state:8} {entry.name}", style=None if right else "red")
        bad += not right
    if bad:
        console.print(f"{bad} of the weights are missing or altered: run `ekyc weights fetch`")
        raise typer.Exit(1)


class OnRequest(StrEnum):
    """Weights that are fetched only when they are asked for by name."""

    VGGFACE2 = "vggface2"
    MINIFASNET = "minifasnet"


@app.command()
def fetch(
    what: Annotated[
        OnRequest | None,
        typer.Argument(
            help="Only this: facenet's weights, or the passive network, which are not part of the default set."
        ),
    ] = None,
    root: Root = DEFAULT_ROOT,
    wheel: Annotated[
        Path | None, typer.Option(help="The mediapipe wheel, when it is on this machine already.")
    ] = None,
    ocr_wheel: Annotated[
        Path | None, typer.Option(help="The rapidocr wheel, when it is on this machine already.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where vggface2, or the folder of minifasnet, is: a mirror.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="The vggface2 file, or the folder of minifasnet's, when it is on this machine already."
        ),
    ] = None,
) -> None:
    """Make the weights that are not in the repository; what is already right is left alone."""
    try:
        if what is OnRequest.VGGFACE2:
            _show_vggface2(fetch_vggface2(root, local=checkpoint, **_from(url)))
        elif what is OnRequest.MINIFASNET:
            _show_made(fetch_minifasnet(root, folder=checkpoint, **_from(url)))
        else:
            _fetch_default(root, wheel, ocr_wheel)
    except WeightsError as error:
        console.print(f"weights fetch: {error}", style="red", markup=False)
        raise typer.Exit(1) from error


def _fetch_default(root: Path, wheel: Path | None, ocr_wheel: Path | None) -> None:
    written = [
        *fetch_landmarks(root, wheel=wheel),
        *fetch_faces(root),
        *fetch_ocr(root / "fetched", wheel=ocr_wheel),
    ]
    for path in written:
        console.print(f"made {path.name}")
    if not written:
        console.print("all fetched weights are right already")


def _from(url: str | None) -> dict[str, str]:
    """Another address than the one that a fetcher knows."""
    return {} if url is None else {"url": url}


def _show_made(path: Path | None) -> None:
    if path is None:
        console.print("minifasnet is there, as pinned")
        return
    console.print(
        f"made {path.name}; EKYC_PASSIVE=minifasnet or `ekyc liveness score --passive minifasnet` uses it",
        soft_wrap=True,
    )


def _show_vggface2(fetched: Fetched | None) -> None:
    if fetched is None:
        console.print("vggface2 is there, as pinned")
        return
    console.print(f"made {fetched.path.name}, sha256 {fetched.sha256}", soft_wrap=True)
    if fetched.pinned_now:
        console.print(
            f"pinned in {fetched.pin.name}: this sha256 is what came, nobody published one; compare it with "
            "another machine's before you rely on it. VGGFace2's own terms apply.",
            style="yellow",
            soft_wrap=True,
        )
