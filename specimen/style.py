"""How one designer would draw a card: fonts, sizes, inks, wording, arrangement, ground. Drawn by a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from specimen.canvas import BOLD, OCR_B, REGULAR, Colour
from specimen.dice import pick
from specimen.ground import PLAIN_GROUND, GroundLook
from specimen.wording import Wording

#: A slot wanders this far from its usual place, its neighbours against one another this far (mm).
SLOT_JITTER_MM, NEIGHBOUR_JITTER_MM = 1.2, 0.5
_SIZE_SPREAD = 0.12
_INKS: tuple[Colour, ...] = ((24, 24, 30), (10, 10, 12), (44, 42, 48), (30, 34, 60), (52, 40, 36))
_CAPTION_INKS: tuple[Colour, ...] = (
    *((28, 52, 56), (58, 46, 128), (36, 36, 40), (20, 70, 92), (92, 40, 50), (40, 84, 60)),
)
_REDS: tuple[Colour, ...] = ((196, 32, 38), (214, 24, 28), (168, 30, 44), (206, 62, 40))


class MarkPlace(StrEnum):
    """Where SPECIMEN stands: there is no card without it."""

    EDGE = "edge"
    CORNER = "corner"
    DIAGONAL = "diagonal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """Font files: names of bundled ones, or full paths."""

    regular: str = REGULAR
    bold: str = BOLD
    caption: str = REGULAR
    caption_bold: str = BOLD
    machine: str = OCR_B


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintStyle:
    """Every choice of a designer. The values given here are an even, undisturbed design."""

    faces: Faces = field(default_factory=Faces)
    wording: Wording = field(default_factory=Wording)
    ground: GroundLook = PLAIN_GROUND
    #: Size of values, labels and titles against the usual.
    value_size: float = 1.0
    label_size: float = 1.0
    title_size: float = 1.0
    #: Extra space between letters of values, in em.
    tracking_em: float = 0.0
    #: The same for the number.
    number_tracking_em: float = 0.0
    bold_values: bool = False
    value_ink: Colour = _INKS[0]
    label_ink: Colour = _CAPTION_INKS[0]
    red_ink: Colour = _REDS[0]
    number_red: bool = False
    #: Chances that a value stands under its label, and that an address starts beside its label and wraps to the margin.
    below: float = 0.3
    hanging: float = 0.5
    #: Values beside their labels start no further left than this from the margin, as in a table; 0 = no table.
    tab_mm: float = 0.0
    #: Share of the text column that addresses may fill; less means more lines.
    address_width: float = 1.0
    #: Dots under the values, as on forms.
    dotted: bool = False
    ghost: bool = False
    #: Vietnamese and English titles on one line.
    joined_titles: bool = False
    #: Rows of tiny faint security text in the ground.
    microtext_rows: int = 0
    chip_on_front: bool = False
    mark: MarkPlace = MarkPlace.EDGE
    qr_side_mm: float = 15.0
    qr_level: str = "m"
    qr_old_number: bool = True
    mrz_pitch_mm: float = 2.54
    #: Standard deviation of the print's own unevenness in grey levels.
    texture: float = 0.0
    #: Places and chances; 0 moves nothing.
    jitter: float = 0.0
    seed: int = 0


def bundled_faces(_: np.random.Generator) -> Faces:
    """The fonts that come with the generator."""
    return Faces()


def draw_style(rng: np.random.Generator, faces: Faces) -> PrintStyle:
    """Draw a design in the given fonts."""
    return PrintStyle(
        faces=faces,
        wording=Wording(
            join=pick(rng, (" / ", " / ", " / ", "/", " /")),
            colon=pick(rng, (":", ":", ":", "", " :")),
            variant=int(rng.integers(6)),
        ),
        ground=_draw_ground(rng),
        value_size=_near_one(rng),
        label_size=_near_one(rng),
        title_size=_near_one(rng),
        tracking_em=float(rng.choice([0.0, 0.0, rng.uniform(-0.01, 0.06)])),
        number_tracking_em=float(rng.choice([0.0, 0.0, rng.uniform(0.02, 0.14)])),
        bold_values=bool(rng.random() < 0.2),
        value_ink=pick(rng, _INKS),
        label_ink=pick(rng, _CAPTION_INKS),
        red_ink=pick(rng, _REDS),
        number_red=bool(rng.random() < 0.25),
        below=float(rng.choice([0.0, 0.3, 1.0])),
        hanging=float(rng.choice([0.0, 0.5, 1.0])),
        tab_mm=float(rng.choice([0.0, 0.0, 0.0, rng.uniform(12, 26)])),
        address_width=float(rng.choice([1.0, 1.0, rng.uniform(0.6, 1.0)])),
        dotted=bool(rng.random() < 0.08),
        ghost=bool(rng.random() < 0.35),
        joined_titles=bool(rng.random() < 0.2),
        microtext_rows=pick(rng, (0, 0, int(rng.integers(2, 7)))),
        chip_on_front=bool(rng.random() < 0.1),
        mark=pick(rng, tuple(MarkPlace)),
        qr_side_mm=float(rng.uniform(11, 18)),
        qr_level=pick(rng, ("l", "m", "m", "q")),
        qr_old_number=bool(rng.random() < 0.8),
        mrz_pitch_mm=float(rng.uniform(2.3, 2.56)),
        texture=float(rng.uniform(0, 2.5)),
        jitter=1.0,
        seed=int(rng.integers(2**32)),
    )


def _draw_ground(rng: np.random.Generator) -> GroundLook:
    return GroundLook(
        geometry=int(rng.integers(4)),
        mirrored=bool(rng.random() < 0.5),
        tint=(float(rng.uniform(-14, 8)), float(rng.uniform(-12, 6)), float(rng.uniform(-14, 8))),
        saturation=float(rng.uniform(0.5, 1.4)),
        strength=float(rng.uniform(0.5, 1.25)),
        motif=float(rng.choice([0.0, 0.7, 1.0, 1.3])),
        rotate_inks=int(rng.integers(3)),
    )


def _near_one(rng: np.random.Generator) -> float:
    return float(rng.uniform(1 - _SIZE_SPREAD, 1 + _SIZE_SPREAD))
