"""`ekyc specimen`: make SPECIMEN cards, selfies, clips and whole cases to try the system with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import cv2
import typer
from rich.console import Console
from rich.progress import track

from ekyc.specimen_clips_cli import Actions, read_actions
from ekyc.specimen_clips_cli import app as clips_app
from pipeline.image import RgbImage
from pipeline.stages import EvidenceKind
from specimen.bundle import SCENARIOS, Scenario, card_and_selfie, clip, printed_card
from specimen.canvas import BOLD, OCR_B, REGULAR
from specimen.card import PrintedSide, printed_values
from specimen.chip import make_chip
from specimen.dataset import write_dataset
from specimen.lexicon import BUILT_IN_WITH_MERGED
from specimen.oddities import draw_oddity
from specimen.people import CardVersion, Person
from specimen.samples import Source, draw_entry
from specimen.style import bundled_faces

app = typer.Typer(help="Make SPECIMEN cards, selfies, clips and whole cases.", no_args_is_help=True)
console = Console()
app.registered_commands += clips_app.registered_commands

FILE_NAMES = {
    EvidenceKind.CARD_FRONT: "card_front.jpg",
    EvidenceKind.CARD_BACK: "card_back.jpg",
    EvidenceKind.SELFIE: "selfie.jpg",
    EvidenceKind.CLIP: "clip.mp4",
    EvidenceKind.CHIP: "chip.json",
}


Out = Annotated[Path, typer.Option("--out", help="Folder for the files; made if it is not there.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed makes the same files.")]
Version = Annotated[
    CardVersion | None, typer.Option("--version", help="Card layout; default: the scenario's.")
]
Story = Annotated[
    str, typer.Option("--scenario", metavar="NAME", help="One of `ekyc specimen list`.")
]
Today = Annotated[
    datetime | None,
    typer.Option(
        "--today", formats=["%Y-%m-%d"], help="Day on which the card is (in)valid; default: today."
    ),
]


@app.command()
def card(
    out: Out,
    scenario: Story = "genuine",
    seed: Seed = 1,
    version: Version = None,
    today: Today = None,
) -> None:
    """Print both sides flat (PNG, with the truth as JSON) and photograph them (JPEG)."""
    story, day = _story(scenario, version), _day(today)
    person, sides = printed_card(story, seed, day.date())
    for side in sides:
        _write_picture(out / f"{side.side}_flat.png", side.image)
    _write(
        out / "truth.json", json.dumps(_truth(person, sides), ensure_ascii=False, indent=2).encode()
    )
    stills = card_and_selfie(story, seed, day.date()).by_kind()
    for kind in (EvidenceKind.CARD_FRONT, EvidenceKind.CARD_BACK):
        _write(out / FILE_NAMES[kind], stills[kind])


@app.command()
def selfie(out: Out, scenario: Story = "genuine", seed: Seed = 1) -> None:
    """Take a selfie."""
    stills = card_and_selfie(_story(scenario), seed, _day(None).date())
    _write(out / FILE_NAMES[EvidenceKind.SELFIE], stills.selfie)


@app.command()
def chip(
    out: Out,
    scenario: Story = "genuine",
    seed: Seed = 1,
    version: Version = None,
    today: Today = None,
) -> None:
    """Make the chip data of a case's card (chip.json) and the authority that vouches for it (csca/specimen.cer)."""
    story = _story(scenario, version)
    person, _ = printed_card(story, seed, _day(today).date())
    document, authority = make_chip(person, story.on_card)
    _write(out / FILE_NAMES[EvidenceKind.CHIP], document)
    _write(out / "csca" / "specimen.cer", authority)


@app.command("case")
def make_whole_case(  # one parameter per option
    out: Out,
    scenario: Story = "genuine",
    seed: Seed = 1,
    version: Version = None,
    actions: Actions = "blink:2,turn_left,smile",
    today: Today = None,
) -> None:
    """Make all four pieces of evidence and say what the card says (person.json)."""
    story = _story(scenario, version)
    stills = card_and_selfie(story, seed, _day(today).date())
    for kind, data in stills.by_kind().items():
        _write(out / FILE_NAMES[kind], data)
    _write(out / FILE_NAMES[EvidenceKind.CLIP], clip(story, seed, read_actions(actions)))
    values = json.dumps(printed_values(stills.person), ensure_ascii=False, indent=2)
    _write(out / "person.json", values.encode())


@app.command()
def dataset(
    out: Annotated[Path, typer.Argument(help="Folder for the data set; must hold none yet.")],
    cards: Annotated[int, typer.Option("--cards", min=1, help="How many.")] = 30,
    seed: Seed = 1,
    today: Today = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes that draw.")] = 1,
    odd: Annotated[bool, typer.Option("--odd", help="Mistakes and frauds instead.")] = False,  # noqa: FBT002
) -> None:
    """Photograph many cards of all versions, each in a design of its own, and write down the truth."""
    day = _day(today).date()
    source = Source(
        part="user",
        words=BUILT_IN_WITH_MERGED,
        faces=bundled_faces,
        fonts=(REGULAR, BOLD, OCR_B),
        today=day,
    )
    command = f"ekyc specimen dataset OUT --cards {cards} --seed {seed} --today {day}"
    entries = write_dataset(
        out,
        draw_oddity if odd else draw_entry,
        cards=cards,
        seed=seed,
        source=source,
        command=f"{command} --odd" if odd else command,
        jobs=jobs,
    )
    try:
        for _ in track(entries, total=cards, description="cards", console=console):
            pass
    except FileExistsError as error:
        raise typer.BadParameter(f"{out} holds a data set already") from error
    console.print(f"made {out}")


@app.command("list")
def list_scenarios() -> None:
    """Show the scenarios."""
    for scenario in SCENARIOS.values():
        console.print(f"{scenario.name:16} {scenario.title}")


def _story(name: str, version: CardVersion | None = None) -> Scenario:
    if name not in SCENARIOS:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(SCENARIOS)}")
    return replace(SCENARIOS[name], version=version) if version else SCENARIOS[name]


def _day(given: datetime | None) -> datetime:
    return given or datetime.now(UTC)


def _truth(person: Person, sides: tuple[PrintedSide, PrintedSide]) -> dict[str, object]:
    """What the flat prints say and where: boxes are xyxy pixels of the flat pictures."""
    places = {
        side.side.value: {
            "lines": [
                {"role": line.role, "text": line.text, "box": line.box} for line in side.lines
            ],
            "regions": side.regions,
        }
        for side in sides
    }
    return {"person": printed_values(person), **places}


def _write_picture(path: Path, image: RgbImage) -> None:
    _, data = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    _write(path, data.tobytes())


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    console.print(f"made {path}")
