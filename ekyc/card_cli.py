"""`ekyc card`: read cards from files, and see what was read."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ekyc.card_desk import CardTask, Result, read_cards
from ekyc.card_files import CardFiles, NothingToRead, gather
from ekyc.card_screen import show
from pipeline.errors import EngineError
from pipeline.weights import DEFAULT_ROOT

app = typer.Typer(help="Read cards.", no_args_is_help=True)
#: Where results and overlays go unless `--out` names a folder.
RESULTS = Path("results")
_INTERRUPTED = 130


@app.callback()
def card() -> None:
    """Read cards."""


Files = Annotated[
    list[Path],
    typer.Argument(
        help="FRONT [BACK]; or pictures, folders and .txt lists (a line: FRONT, or FRONT, tab, BACK). In folders and "
        "among three or more pictures, *front* and *back* of one name go together."
    ),
]


@app.command()
def read(  # noqa: PLR0913 - one argument per option
    files: Files,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per card and line.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Also write <out>/<name>.json per card.")] = None,
    overlay: Annotated[
        bool,
        typer.Option(
            "--overlay",
            help=f"Also draw each side with what was read, into --out or else {RESULTS}/.",
        ),
    ] = False,
    chip: Annotated[
        Path | None,
        typer.Option(
            help="Chip data of the one card: JSON with the files that an NFC reader took."
        ),
    ] = None,
    csca: Annotated[
        Path | None,
        typer.Option(
            envvar="EKYC_CSCA_DIR", help="Folder of the authorities whose chips are trusted."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that read side by side.")] = 1,
    weights: Annotated[Path, typer.Option(help="The weights folder.")] = DEFAULT_ROOT,
) -> None:
    """Read cards. Exit 1 if one could not be read, 2 if nothing could be tried or kept, 130 after Ctrl-C."""
    errors = Console(stderr=True)
    try:
        cards = gather(files)
        _make_folder(out)
        if chip is not None and len(cards) > 1:
            raise typer.BadParameter("--chip belongs to one card")
        task = CardTask(
            weights=weights,
            overlays=(out or RESULTS) if overlay else None,
            chip=chip,
            authorities=csca,
        )
        refused = _read_all(cards, task, jobs, out, as_json=as_json)
    except NothingToRead as error:
        hint = "; --overlay takes no folder, --out does" if overlay else ""
        raise typer.BadParameter(f"{error}{hint}") from None
    except OSError as error:
        errors.print(f"card read: {error.strerror}: {error.filename}", style="red", markup=False)
        raise typer.Exit(2) from None
    except EngineError as error:
        errors.print(f"card read: {error}", style="red")
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        errors.print("card read: stopped", style="red")
        raise typer.Exit(_INTERRUPTED) from None
    raise typer.Exit(1 if refused else 0)


def _make_folder(out: Path | None) -> None:
    """Before anything is read: nobody waits for results that cannot be kept."""
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)


def _read_all(
    cards: Sequence[CardFiles], task: CardTask, jobs: int, out: Path | None, *, as_json: bool
) -> int:
    """Read, write and show every card; returns how many were refused."""
    console, refused = Console(), 0
    for photos, result in zip(
        cards, _with_progress(read_cards(cards, task, jobs=jobs), len(cards)), strict=True
    ):
        refused += result["rejected"] is not None
        text = json.dumps(result, ensure_ascii=False)
        if out is not None:
            (out / f"{photos.name}.json").write_text(text + "\n", encoding="utf-8")
        if as_json:
            typer.echo(text)
        else:
            show(console, result)
    return refused


def _with_progress(results: Iterator[Result], total: int) -> Iterator[Result]:
    """Draw a bar on a terminal while there is more than one card."""
    errors = Console(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns,
        console=errors,
        disable=total < 2 or not errors.is_terminal,
        transient=True,
        # rich would send what is printed to the bar's own stream: results that are piped must stay on stdout
        redirect_stdout=sys.stdout.isatty(),
    ) as progress:
        task = progress.add_task("reading", total=total)
        for result in results:
            progress.advance(task)
            yield result
