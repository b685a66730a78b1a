"""Clips that must not pass, by species: prints held before the camera, and recordings that were tampered with.

Each attack is told the challenge's windows and tries to fool the server with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache, partial

import numpy as np

from pipeline.challenge import ChallengeStep
from specimen import edits
from specimen.camera import GrainReel
from specimen.cast import clip_puppet
from specimen.clips import WEBCAM, Film, Frame, clip_times, perform, rehearse
from specimen.edits import Footage, shuffled_steps
from specimen.prints import Grip, Holes, hold_print
from specimen.puppet import Pose
from specimen.sitters import Cast, Who, sitter_of

_NOISE = 1.8
#: A print is squashed to this share of its height to shut its eyes.
_SQUASHED = 0.62
#: Bends (half the angle of the arc, radians) and how far beyond the asked turn a bent print is turned.
_BENDS_RAD, _BENT_TURN = (0.45, 1.25), (1.0, 1.6)

Steps = Sequence[ChallengeStep]
Maker = Callable[..., Iterator[Frame]]


class ClipKind(StrEnum):
    """Ways a clip can come about: a living person, or a species of presentation attack."""

    LIVE = "live"
    WAVED_PHOTO = "waved_photo"
    BENT_PHOTO = "bent_photo"
    ROTATED_PHOTO = "rotated_photo"
    SQUASHED_PHOTO = "squashed_photo"
    CUT_OUT_EYES = "cut_out_eyes"
    CUT_OUT_MOUTH = "cut_out_mouth"
    BENT_CUT_OUT = "bent_cut_out"
    STILL = "still"
    FROZEN = "frozen"
    LOOPED = "looped"
    CUT = "cut"
    SPLICE = "splice"
    REPLAY = "replay"
    IDENTITY_SWITCH = "identity_switch"
    SWITCH_EARLY = "switch_early"
    SWITCH_LATE = "switch_late"
    SEVERAL_FACES = "several_faces"
    SCREEN_REPLAY = "screen_replay"


def live(
    cast: Cast, steps: Steps, rng: np.random.Generator, film: Film = WEBCAM
) -> Iterator[Frame]:
    """The first of the cast performs the challenge."""
    puppet = clip_puppet(cast[0], rng, film.size)
    mouth = sitter_of(cast[0]).part.mouth
    return perform(puppet, rehearse(steps, mouth, rng), rng, fps=film.fps)


def still(
    cast: Cast, steps: Steps, rng: np.random.Generator, film: Film = WEBCAM
) -> Iterator[Frame]:
    """One picture for the whole clip, under fresh camera noise."""
    mouth = sitter_of(cast[0]).part.mouth
    picture = clip_puppet(cast[0], rng, film.size).render(Pose(smile=mouth.relaxed))
    grain = GrainReel(film.size, _NOISE, rng)
    return (Frame(image=grain.over(picture), time_s=t) for t in clip_times(steps, film.fps))


def bent_photo(
    cast: Cast, steps: Steps, rng: np.random.Generator, film: Film = WEBCAM
) -> Iterator[Frame]:
    """A print bent to a cylinder, as around a can or a head, and turned further than asked."""
    return hold_print(cast[0], steps, rng, _bent(rng, Holes.NONE), film)


def bent_cut_out(
    cast: Cast, steps: Steps, rng: np.random.Generator, film: Film = WEBCAM
) -> Iterator[Frame]:
    """A bent print with a living person's eyes and mouth in its holes: a paper mask."""
    return hold_print(cast[0], steps, rng, _bent(rng, Holes.EYES_AND_MOUTH), film)


def _bent(rng: np.random.Generator, holes: Holes) -> Grip:
    bend, turn = rng.uniform(*_BENDS_RAD), rng.uniform(*_BENT_TURN)
    return Grip(bend_rad=float(bend), turn=float(turn), holes=holes)


def footage_of(cast: Cast, steps: Steps, rng: np.random.Generator, film: Film) -> Footage:
    """Recordings of the first of the cast and, for a switch, of the second, drawn when they are asked for."""
    seeds = [int(seed) for seed in rng.integers(2**32, size=2)]

    def drawn(who: Who, asked: Steps, seed: int) -> Callable[[], Sequence[Frame]]:
        return lru_cache(1)(lambda: list(live((who,), asked, np.random.default_rng(seed), film)))

    other = cast[1] if len(cast) > 1 else cast[0]
    return Footage(
        steps=tuple(steps),
        own=drawn(cast[0], steps, seeds[0]),
        again=drawn(cast[0], steps, seeds[1]),
        other=drawn(other, steps, seeds[0]),  # in the same room
        shuffled=drawn(cast[0], shuffled_steps(steps), seeds[0]),
    )


def _printed(grip: Grip) -> Maker:
    def make(
        cast: Cast, steps: Steps, rng: np.random.Generator, film: Film = WEBCAM
    ) -> Iterator[Frame]:
        return hold_print(cast[0], steps, rng, grip, film)

    return make


Edit = Callable[[Footage, np.random.Generator], Iterator[Frame]]
#: Species that are made of recordings of living people.
EDITS: dict[ClipKind, Edit] = {
    ClipKind.FROZEN: edits.frozen,
    ClipKind.LOOPED: edits.looped,
    ClipKind.CUT: edits.cut,
    ClipKind.SPLICE: edits.splice,
    ClipKind.REPLAY: edits.replay,
    ClipKind.IDENTITY_SWITCH: edits.switch(0.5),
    ClipKind.SWITCH_EARLY: edits.switch(0.2),
    ClipKind.SWITCH_LATE: edits.switch(0.8),
    ClipKind.SEVERAL_FACES: edits.several_faces,
    ClipKind.SCREEN_REPLAY: edits.screen,
}


def _edited(
    edit: Edit, cast: Cast, steps: Steps, rng: np.random.Generator, film: Film = WEBCAM
) -> Iterator[Frame]:
    return edit(footage_of(cast, steps, rng, film), rng)


#: Makers take the cast, the steps, the randomness and, if it is not a webcam's, the film.
CLIP_MAKERS: dict[ClipKind, Maker] = {
    ClipKind.LIVE: live,
    ClipKind.STILL: still,
    ClipKind.WAVED_PHOTO: _printed(Grip()),
    ClipKind.BENT_PHOTO: bent_photo,
    ClipKind.BENT_CUT_OUT: bent_cut_out,
    ClipKind.ROTATED_PHOTO: _printed(Grip(turn=0.2, roll=0.8)),
    ClipKind.SQUASHED_PHOTO: _printed(Grip(squash=1 - _SQUASHED)),
    ClipKind.CUT_OUT_EYES: _printed(Grip(holes=Holes.EYES)),
    ClipKind.CUT_OUT_MOUTH: _printed(Grip(holes=Holes.EYES_AND_MOUTH)),
    **{kind: partial(_edited, edit) for kind, edit in EDITS.items()},
}
