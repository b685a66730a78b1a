"""Folders of clips with what they are, for evaluations of liveness: living puppets and every species of attack.

`clips.csv` holds one presentation a line; `dataset.json` says how the folder was made. Four rounds share a challenge:
two people in two rooms each answer it once, and the tampered clips of a round are made of these four recordings.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pipeline.challenge import ChallengeStep, draw_steps
from pipeline.image import RgbImage
from specimen.attacks import CLIP_MAKERS, EDITS, ClipKind, live
from specimen.camera import encode_jpeg
from specimen.card_photo import card_photo
from specimen.cast import selfie
from specimen.clips import Film, Frame, encode_clip
from specimen.edits import Footage, shuffled_steps
from specimen.sitters import Sitter

LIST_NAME = "clips.csv"
BONA_FIDE = "bona_fide"
COLUMNS = ("file", "species", "actions", "windows", "person", "selfie", "card")
#: Small enough to draw in seconds; the face is about 120 pixels high.
SMALL = Film(size=(400, 300), fps=12.0)
_ROUNDS = 4
_SELFIE_WIDTH_PX = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to draw: who, which kinds, from which seed, with which camera."""

    sitters: tuple[Sitter, ...]
    kinds: tuple[ClipKind, ...] = tuple(ClipKind)
    seed: int = 1
    film: Film = SMALL


class Group:
    """Four rounds of one challenge; recordings are drawn when they are first needed."""

    def __init__(self, plan: Plan, number: int) -> None:
        """Draw the challenge of the group; people follow one another through the groups."""
        self._plan, self._number = plan, number
        first = 2 * number % len(plan.sitters)
        self._pair = plan.sitters[first], plan.sitters[(first + 1) % len(plan.sitters)]
        self.steps = draw_steps(random.Random(f"{plan.seed}/{number}"))
        self._drawn: dict[int, list[Frame]] = {}

    def sitter(self, member: int) -> Sitter:
        """Whose round it is."""
        return self._pair[member % 2]

    def recording(self, member: int) -> list[Frame]:
        """The living answer of a round."""
        if member not in self._drawn:
            # Both people of a pair in the same room, in the same idle motion.
            rng = np.random.default_rng([self._plan.seed, self._number, member // 2])
            self._drawn[member] = list(
                live([self.sitter(member)], self.steps, rng, self._plan.film)
            )
        return self._drawn[member]

    def asked(self, kind: ClipKind) -> tuple[ChallengeStep, ...]:
        """The challenge that a clip is to answer: another order than the recorded one for replays and splices."""
        if kind not in {ClipKind.REPLAY, ClipKind.SPLICE}:
            return self.steps
        return shuffled_steps(shuffled_steps(self.steps))

    def frames(self, kind: ClipKind, member: int) -> Iterator[Frame]:
        """The clip of one kind in one round."""
        rng = np.random.default_rng([self._plan.seed, self._number, member, *kind.encode()])
        if kind is ClipKind.LIVE:
            return iter(self.recording(member))
        if kind in EDITS:
            return EDITS[kind](self._footage(kind, member), rng)
        return CLIP_MAKERS[kind]([self.sitter(member)], self.steps, rng, self._plan.film)

    def _footage(self, kind: ClipKind, member: int) -> Footage:
        return Footage(
            steps=self.asked(kind),
            own=self._recorded(member),
            again=self._recorded((member + 2) % _ROUNDS),
            other=self._recorded(member ^ 1),
            shuffled=self._recorded(member),
        )

    def _recorded(self, member: int) -> Callable[[], list[Frame]]:
        return lambda: self.recording(member)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One presentation as `clips.csv` names it; paths are relative to the folder."""

    file: str
    species: str
    actions: str
    windows: str
    person: str
    selfie: str
    card: str


class _Folder:
    """Writes the files of a data set; what is there already is not drawn again."""

    def __init__(self, out: Path, plan: Plan) -> None:
        self._out, self._plan = out, plan
        for name in ("clips", "people"):
            (out / name).mkdir(parents=True, exist_ok=True)

    def present(self, group: Group, number: int, kind: ClipKind) -> Row:
        """Write one clip and the pictures of its person."""
        member = number % _ROUNDS
        # A replay is a living answer to another challenge, so its file is that answer.
        shown = ClipKind.LIVE if kind is ClipKind.REPLAY else kind
        name = f"clips/{number:04d}_{shown}.mp4"
        self._once(name, lambda: encode_clip(group.frames(shown, member)))
        sitter, steps = group.sitter(member), group.asked(kind)
        selfie_name, card_name = self._pictures(sitter)
        return Row(
            file=name,
            species=BONA_FIDE if kind is ClipKind.LIVE else str(kind),
            actions=",".join(f"{s.action}:{s.count}" for s in steps),
            windows=",".join(f"{s.start_s:g}-{s.end_s:g}" for s in steps),
            person=sitter.name,
            selfie=selfie_name,
            card=card_name,
        )

    def _pictures(self, sitter: Sitter) -> tuple[str, str]:
        selfie_name, card_name = (f"people/{sitter.name}_{what}.jpg" for what in ("selfie", "card"))
        rng, card_rng = np.random.default_rng([self._plan.seed, *sitter.name.encode()]).spawn(
            2
        )  # either file may be there already
        self._once(selfie_name, lambda: encode_jpeg(_small(selfie(sitter, rng)), 90))
        self._once(card_name, lambda: encode_jpeg(card_photo(sitter, card_rng), 92))
        return selfie_name, card_name

    def _once(self, name: str, make: Callable[[], bytes]) -> None:
        path = self._out / name
        if not path.is_file():
            part = path.with_suffix(".part")
            part.write_bytes(make())
            part.replace(path)


def write_clips(out: Path, plan: Plan, *, rounds: int, command: str) -> Iterator[Row]:
    """Write a data set round by round, one clip of each kind a round; yields each row once its files are on disk.

    A folder that was left unfinished is completed: a clip depends on the plan, its round and its kind alone.

    Args:
        out: folder, made if it is not there.
        plan: what to draw.
        rounds: presentations of each kind.
        command: how to make the folder again, for the record.
    """
    folder, rows = _Folder(out, plan), list[Row]()
    about = {"command": command, "seed": plan.seed, "people": [s.name for s in plan.sitters]}
    (out / "dataset.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    group = Group(plan, 0)
    for number in range(rounds):
        if number % _ROUNDS == 0:
            group = Group(plan, number // _ROUNDS)
        for kind in plan.kinds:
            rows.append(folder.present(group, number, kind))
            yield rows[-1]
        _write_list(out / LIST_NAME, rows)


def _write_list(path: Path, rows: Sequence[Row]) -> None:
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(row, name) for name in COLUMNS] for row in rows)
    part.replace(path)


def _small(picture: RgbImage) -> RgbImage:
    height = round(_SELFIE_WIDTH_PX * picture.shape[0] / picture.shape[1])
    return RgbImage(cv2.resize(picture, (_SELFIE_WIDTH_PX, height), interpolation=cv2.INTER_AREA))
