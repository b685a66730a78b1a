"""The two public-domain people behind all specimen pictures, and pictures made of them: portraits and selfies."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage, decode_image

_KNOWLEDGE = Path(__file__).parent / "points"


class Subject(StrEnum):
    """People whose photographs ship inside installed packages."""

    ASTRONAUT = "astronaut"
    GRACE_HOPPER = "grace_hopper"


_FILES = {
    Subject.ASTRONAUT: ("skimage", "data/astronaut.png"),
    Subject.GRACE_HOPPER: ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}


class PhotoMissing(Exception):
    """A photograph that the generator needs is not installed, or is not the expected file."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Photo:
    """A photograph of one face with everything the puppet needs."""

    #: H x W x 3, uint8, RGB.
    image: RgbImage
    #: H x W, float32, 0 = background, 1 = person, soft at the rim.
    matte: NDArray[np.float32]
    #: 468 x 3, float32: x, y in pixels, z in the same scale, smaller = nearer.
    mesh: NDArray[np.float32]


@lru_cache(maxsize=4)
def load_photo(subject: Subject) -> Photo:
    """Read a subject's photograph out of the installed package.

    Raises:
        PhotoMissing: the package is absent or holds another picture.
    """
    data = _photo_path(subject).read_bytes()
    with np.load(_KNOWLEDGE / f"{subject}.npz", allow_pickle=False) as known:
        if hashlib.sha256(data).hexdigest() != str(known["sha256"]):
            raise PhotoMissing(
                f"{subject}: the installed photograph differs from the one its points belong to"
            )
        image = decode_image(data, evidence=str(subject))
        shape = tuple(int(n) for n in known["shape"])
        person = np.unpackbits(known["person"])[: shape[0] * shape[1]].reshape(shape)
        return Photo(image=image, matte=_soften(person), mesh=known["mesh"].astype(np.float32))


def _photo_path(subject: Subject) -> Path:
    package, inside = _FILES[subject]
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder, inside)).is_file():
            return path
    raise PhotoMissing(f"{inside} not found: install the package {package} (extra `specimen`)")


def _soften(person: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pull the rim one pixel in, so that no background shines through, and feather it."""
    inner = cv2.erode(person, np.ones((3, 3), np.uint8)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(inner, (0, 0), 1.1), np.float32)
