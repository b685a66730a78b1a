"""One photo in two steps: the light that reaches the sensor, and what the camera makes of it."""

from dataclasses import dataclass, replace

import numpy as np

from pipeline.image import RgbImage
from specimen.camera import add_noise, encode_jpeg
from specimen.canvas import Box
from specimen.card import PrintedSide
from specimen.layout import CARD_MM
from specimen.recapture import through_bayer
from specimen.scene import CardPhoto, Shot, photograph


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What is photographed and how: handed to the maker of a condition."""

    side: PrintedSide
    shot: Shot
    strength: float
    region: str | None
    rng: np.random.Generator

    def box(self) -> Box:
        """Box of the region on the printed card, pixels."""
        boxes = {**self.side.field_boxes(), **self.side.regions}
        if self.region is None or self.region not in boxes:
            raise ValueError(f"{self.region} is not on this side")
        return boxes[self.region]


def expose(scene: Scene, card: RgbImage, shot: Shot | None = None) -> CardPhoto:
    """The light that reaches the sensor: no noise yet."""
    shot = shot or scene.shot
    return photograph(card, replace(shot, look=replace(shot.look, noise=0.0)), scene.rng)


def develop(
    scene: Scene, light: CardPhoto, image: RgbImage | None = None, noise: float | None = None
) -> CardPhoto:
    """Mosaic, noise and JPEG of one photo."""
    raw = through_bayer(light.image if image is None else image)
    sigma = scene.shot.look.noise if noise is None else noise
    done = add_noise(raw, sigma, scene.rng)
    return replace(light, image=done, jpeg=encode_jpeg(done, scene.shot.jpeg_quality))


def px_per_mm(light: CardPhoto) -> float:
    return float(np.linalg.norm(light.corners[1] - light.corners[0])) / CARD_MM[0]


def take_clean(scene: Scene) -> CardPhoto:
    return develop(scene, expose(scene, scene.side.image))
