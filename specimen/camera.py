"""What a cheap camera adds to a picture: light, colour, blur, noise, JPEG."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Light and sensor of one picture or clip."""

    #: Gain of red, green and blue.
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    #: Direction the light comes from, clockwise from the top of the picture.
    light_from_deg: float = 0.0
    #: Brightness between the two ends of the light's direction, as a share.
    light_fall: float = 0.0
    blur_px: float = 0.0
    #: Standard deviation of the noise in grey levels.
    noise: float = 2.0


PLAIN_LOOK = Look()
#: Pictures above this size get tiled noise, in tiles of this width and height.
_LARGE_PX, _NOISE_TILE_PX = 2_800_000, 768
#: Light is applied to this many rows at a time: their intermediate values stay in the processor's cache.
_STRIP_PX = 64


def illuminate(image: RgbImage, look: Look) -> RgbImage:
    """Apply the light of a look: fall-off across the picture, colour balance, gamma, blur."""
    height, width = image.shape[:2]
    angle = np.radians(look.light_from_deg)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    curve = _gamma_curve(look.gamma)
    seen: NDArray[np.uint8] = np.empty_like(image)
    for top in range(0, height, _STRIP_PX):
        rows = slice(top, top + _STRIP_PX)
        gain = 1 + look.light_fall / 2 * (x * np.sin(angle) - y[rows] * np.cos(angle))
        gains = cv2.merge([gain * np.float32(share) for share in look.balance])
        seen[rows] = cv2.LUT(cv2.multiply(image[rows], gains, dtype=cv2.CV_8U), curve)
    if look.blur_px > 0:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), look.blur_px), np.uint8)
    return RgbImage(seen)


def _gamma_curve(gamma: float) -> NDArray[np.uint8]:
    return np.round((np.arange(256) / 255) ** (1 / gamma) * 255).astype(np.uint8)


def add_noise(image: RgbImage, sigma: float, rng: np.random.Generator) -> RgbImage:
    """Add sensor noise: mostly brightness, a little colour, correlated over neighbouring pixels.

    Noise of a large picture repeats itself every `_NOISE_TILE_PX` pixels: nobody sees it, and it costs a tenth.
    """
    height, width = image.shape[:2]
    large = height * width > _LARGE_PX
    side = (_NOISE_TILE_PX, _NOISE_TILE_PX) if large else (height, width)
    tile = sigma * (_grain(rng, (*side, 1)) + 0.5 * _grain(rng, (*side, 3)))
    noisy = np.empty_like(image)
    for top in range(0, height, side[0]):
        for left in range(0, width, side[1]):
            place = slice(top, top + side[0]), slice(left, left + side[1])
            piece = image[place]
            noise = tile[: piece.shape[0], : piece.shape[1]]
            noisy[place] = cv2.add(piece, noise, dtype=cv2.CV_8U)
    return RgbImage(noisy)


def _grain(rng: np.random.Generator, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    raw = rng.standard_normal(shape, dtype=np.float32)
    return np.asarray(cv2.GaussianBlur(raw, (0, 0), 0.6), np.float32).reshape(shape) * np.float32(
        1.8
    )


class GrainReel:
    """Noise for clips: large tiles drawn once, laid down at random offsets; far cheaper than fresh noise."""

    def __init__(self, size: tuple[int, int], sigma: float, rng: np.random.Generator) -> None:
        self._size, self._rng = size, rng
        shape = (size[1] + 64, size[0] + 64, 1)
        tiles = (
            sigma * (_grain(rng, shape) + 0.5 * _grain(rng, (*shape[:2], 3))) for _ in range(3)
        )
        self._tiles = [np.round(tile).astype(np.int16) for tile in tiles]

    def over(self, image: RgbImage) -> RgbImage:
        """The picture with the next piece of grain."""
        tile = self._tiles[int(self._rng.integers(3))]
        x, y = (int(n) for n in self._rng.integers(0, 64, 2))
        piece = tile[y : y + self._size[1], x : x + self._size[0]]
        return RgbImage(np.asarray(cv2.add(image, piece, dtype=cv2.CV_8U), np.uint8))


def encode_jpeg(image: RgbImage, quality: int) -> bytes:
    """The picture as a JPEG file."""
    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise ValueError(f"cannot encode a picture of shape {image.shape}")
    return data.tobytes()
