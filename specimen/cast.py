"""The cast: how each subject is framed in card portraits, selfies and clips, and pictures of them."""

import numpy as np

from pipeline.image import RgbImage
from specimen.backdrops import plain, room
from specimen.camera import Look, add_noise, encode_jpeg, illuminate
from specimen.puppet import Pose, Puppet
from specimen.sitters import Framing, Sitter, Who, sitter_of

PORTRAIT_SIZE = (400, 600)
SELFIE_SIZE = (960, 1280)
CLIP_SIZE = (640, 480)
#: What is printed for an attack; more pixels than the camera can see of it.
PRINT_SIZE = (420, 560)

_BACKDROP_BLUE = (176, 198, 222)


def card_portrait(who: Who) -> RgbImage:
    """The person as on a citizen card: frontal, relaxed, light blue behind; 600 x 400 x 3, uint8, RGB."""
    sitter = sitter_of(who)
    part = sitter.part
    puppet = _puppet(sitter, part.portrait, PORTRAIT_SIZE, plain(PORTRAIT_SIZE, _BACKDROP_BLUE))
    drawn = puppet.render(Pose(smile=part.mouth.relaxed))
    return illuminate(drawn, Look(balance=(0.97, 1.0, 1.02), gamma=1.05, light_fall=0.06))


def selfie(who: Who, rng: np.random.Generator) -> RgbImage:
    """A phone selfie that shares no pixel with the portrait: other pose, crop, room, light; 1280 x 960 x 3, RGB."""
    sitter = sitter_of(who)
    part = sitter.part
    puppet = _puppet(sitter, part.selfie, SELFIE_SIZE, room(rng, SELFIE_SIZE))
    pose = Pose(
        yaw_deg=float(rng.uniform(4, 9) * rng.choice([-1, 1])),
        pitch_deg=float(rng.uniform(-6, 3)),
        roll_deg=float(rng.uniform(-5, 5)),
        smile=part.mouth.relaxed + float(rng.uniform(0.1, 0.5)),
        blink=float(rng.uniform(0, 0.08)),
    )
    look = draw_look(rng, noise=float(rng.uniform(3, 5)))
    return add_noise(illuminate(puppet.render(pose), look), look.noise, rng)


def selfie_jpeg(who: Who, rng: np.random.Generator) -> bytes:
    """A selfie as the phone stores it."""
    return encode_jpeg(selfie(who, rng), int(rng.integers(84, 93)))


def clip_puppet(who: Who, rng: np.random.Generator, size: tuple[int, int] = CLIP_SIZE) -> Puppet:
    """A puppet framed for clips of (width, height) pixels, before a room, under one light."""
    sitter, look = sitter_of(who), draw_look(rng, noise=0.0)
    return _puppet(sitter, sitter.part.clip, size, room(rng, size), look)


def print_puppet(who: Who, rng: np.random.Generator) -> Puppet:
    """A puppet framed as a picture that somebody prints for an attack."""
    sitter, look = sitter_of(who), draw_look(rng, noise=0.0)
    return _puppet(sitter, sitter.part.portrait, PRINT_SIZE, room(rng, PRINT_SIZE), look)


def draw_look(rng: np.random.Generator, noise: float) -> Look:
    """Draw indoor light: warm or cold, from a side, moderately uneven."""
    warm = float(rng.uniform(-0.08, 0.08))
    return Look(
        balance=(1 + warm, 1.0, 1 - warm),
        gamma=float(rng.uniform(0.88, 1.12)),
        light_from_deg=float(rng.uniform(-80, 80)),
        light_fall=float(rng.uniform(0.15, 0.45)),
        blur_px=float(rng.uniform(0, 0.8)),
        noise=noise,
    )


def _puppet(
    sitter: Sitter,
    framing: Framing,
    size: tuple[int, int],
    backdrop: RgbImage,
    look: Look | None = None,
) -> Puppet:
    return Puppet(
        sitter.photo,
        size=size,
        face_share=framing.face_share,
        centre=framing.centre,
        backdrop=None if sitter.own_background else backdrop,
        look=look,
    )
