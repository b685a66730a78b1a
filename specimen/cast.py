"""The cast: how each subject is framed in card portraits, selfies and clips, and pictures of them."""

from dataclasses import dataclass

import numpy as np

from pipeline.image import RgbImage
from specimen.backdrops import plain, room
from specimen.camera import Look, add_noise, encode_jpeg, illuminate
from specimen.photos import Subject, load_photo
from specimen.puppet import Mouth, Pose, Puppet

PORTRAIT_SIZE = (400, 600)
SELFIE_SIZE = (960, 1280)
CLIP_SIZE = (640, 480)

_BACKDROP_BLUE = (176, 198, 222)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Height of the face over the frame's, and where its centre goes."""

    face_share: float
    centre: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is special about a subject: framings that stay inside the photograph, and the mouth at rest."""

    portrait: Framing
    selfie: Framing
    clip: Framing
    mouth: Mouth


PARTS = {
    Subject.ASTRONAUT: Part(
        portrait=Framing(face_share=0.44, centre=(0.5, 0.50)),
        selfie=Framing(face_share=0.32, centre=(0.5, 0.46)),
        clip=Framing(face_share=0.44, centre=(0.5, 0.53)),
        mouth=Mouth(relaxed=-0.4, smiling=0.6),
    ),
    Subject.GRACE_HOPPER: Part(
        portrait=Framing(face_share=0.46, centre=(0.5, 0.56)),
        selfie=Framing(face_share=0.33, centre=(0.51, 0.48)),
        clip=Framing(face_share=0.48, centre=(0.545, 0.55)),
        mouth=Mouth(relaxed=0.0, smiling=0.9),
    ),
}


def card_portrait(subject: Subject) -> RgbImage:
    """The subject as on a citizen card: frontal, relaxed, light blue behind; 600 x 400 x 3, uint8, RGB."""
    part = PARTS[subject]
    puppet = _puppet(subject, part.portrait, PORTRAIT_SIZE, plain(PORTRAIT_SIZE, _BACKDROP_BLUE))
    drawn = puppet.render(Pose(smile=part.mouth.relaxed))
    return illuminate(drawn, Look(balance=(0.97, 1.0, 1.02), gamma=1.05, light_fall=0.06))


def selfie(subject: Subject, rng: np.random.Generator) -> RgbImage:
    """A phone selfie that shares no pixel with the portrait: other pose, crop, room, light; 1280 x 960 x 3, RGB."""
    part = PARTS[subject]
    puppet = _puppet(subject, part.selfie, SELFIE_SIZE, room(rng, SELFIE_SIZE))
    pose = Pose(
        yaw_deg=float(rng.uniform(4, 9) * rng.choice([-1, 1])),
        pitch_deg=float(rng.uniform(-6, 3)),
        roll_deg=float(rng.uniform(-5, 5)),
        smile=part.mouth.relaxed + float(rng.uniform(0.1, 0.5)),
        blink=float(rng.uniform(0, 0.08)),
    )
    look = draw_look(rng, noise=float(rng.uniform(3, 5)))
    return add_noise(illuminate(puppet.render(pose), look), look.noise, rng)


def selfie_jpeg(subject: Subject, rng: np.random.Generator) -> bytes:
    """A selfie as the phone stores it."""
    return encode_jpeg(selfie(subject, rng), int(rng.integers(84, 93)))


def clip_puppet(subject: Subject, rng: np.random.Generator) -> Puppet:
    """A puppet framed for clips, before a room, under one light."""
    look = draw_look(rng, noise=0.0)
    backdrop = room(rng, CLIP_SIZE)
    return _puppet(subject, PARTS[subject].clip, CLIP_SIZE, backdrop, look)


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
    subject: Subject,
    framing: Framing,
    size: tuple[int, int],
    backdrop: RgbImage,
    look: Look | None = None,
) -> Puppet:
    return Puppet(
        load_photo(subject),
        size=size,
        face_share=framing.face_share,
        centre=framing.centre,
        backdrop=backdrop,
        look=look,
    )
