"""Photos of what is not the card itself: copies, prints and screens."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.image import RgbImage, decode_image
from specimen.camera import encode_jpeg
from specimen.exposure import Scene, develop, expose, px_per_mm, take_clean
from specimen.layout import CARD_MM
from specimen.recapture import (
    Display,
    Printer,
    paper_sheet,
    photocopy,
    print_photo,
    shown,
    through_grid,
)
from specimen.scene import CardPhoto


def take_photocopy(scene: Scene) -> CardPhoto:
    """A copy on paper: halftone of 5.6 to 2.8 lines a mm, or black and white."""
    kind = int(scene.rng.integers(3))
    lines_per_mm = None if kind == 0 else 5.6 - 2.8 * scene.strength
    copy = photocopy(
        scene.side.image, lines_per_mm=lines_per_mm, contrast=float(scene.rng.uniform(1.0, 1.7))
    )
    return _of_paper(scene, copy)


def take_grey_scan(scene: Scene) -> CardPhoto:
    """A photo without colour; strength 0 leaves a tenth of it."""
    light = expose(scene, scene.side.image)
    developed = develop(scene, light).image
    grey = cv2.cvtColor(cv2.cvtColor(developed, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    kept = 0.1 * (1 - scene.strength)
    faded = RgbImage(np.asarray(cv2.addWeighted(developed, kept, grey, 1 - kept, 0), np.uint8))
    return replace(light, image=faded, jpeg=encode_jpeg(faded, scene.shot.jpeg_quality))


def take_print(scene: Scene) -> CardPhoto:
    """A colour print of a photo of the card: an ink jet at strength 0, else 7 down to 3.3 lines a mm."""
    flat = _first_capture(scene)
    lines = None if scene.strength < 0.05 else 7.0 - 3.7 * scene.strength
    printer = Printer(lines_per_mm=lines, dot_gain=float(scene.rng.uniform(0.06, 0.16)))
    return _of_paper(scene, print_photo(flat, printer))


def _first_capture(scene: Scene) -> RgbImage:
    """The card cut out of an ordinary photo of it, as a forger would."""
    photo = take_clean(scene)
    height, width = scene.side.image.shape[:2]
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    back = cv2.getPerspectiveTransform(photo.corners, flat)
    image = decode_image(photo.jpeg, evidence="first capture")
    warped = cv2.warpPerspective(image, back, (width, height), flags=cv2.INTER_CUBIC)
    return RgbImage(np.asarray(warped, np.uint8))


def _of_paper(scene: Scene, print_: RgbImage) -> CardPhoto:
    """Photograph a print: cut out, with a margin, or on a sheet that fills the frame."""
    margin = (1.0, 1.12, 1.6)[int(scene.rng.integers(3))]
    sheet = paper_sheet(print_, margin, scene.rng)
    share = min(scene.shot.share, 0.88) * margin
    light = expose(scene, sheet, replace(scene.shot, share=share, glare=0.0))
    left, top = (sheet.shape[1] - print_.shape[1]) / 2, (sheet.shape[0] - print_.shape[0]) / 2
    into = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
    return develop(scene, _with_card(light, light.homography @ into, print_))


def _with_card(light: CardPhoto, homography: NDArray[np.float64], card: RgbImage) -> CardPhoto:
    height, width = card.shape[:2]
    flat = np.array([[[0, 0]], [[width, 0]], [[width, height]], [[0, height]]], np.float32)
    corners = cv2.perspectiveTransform(flat, homography).reshape(4, 2)
    return replace(light, corners=corners.astype(np.float32), homography=homography)


def take_screen(scene: Scene) -> CardPhoto:
    """A photo of a screen with a photo: the card 1500 to 500 of its pixels wide, the lens sharper with strength."""
    first = replace(scene.shot, jpeg_quality=int(scene.rng.integers(45, 85)))
    photo = take_clean(replace(scene, shot=first))
    display = Display(
        card_px=round(1500 - 1000 * scene.strength),
        gamma=float(scene.rng.uniform(0.9, 1.3)),
        glow=float(scene.rng.uniform(6, 26)),
        gaps=float(scene.rng.uniform(0.6, 1.0)),
    )
    scale = display.card_px / (px_per_mm(photo) * CARD_MM[0])
    image = shown(decode_image(photo.jpeg, evidence="first capture"), display)
    return _of_screen(scene, photo, image, display, scale)


def _of_screen(
    scene: Scene, photo: CardPhoto, image: RgbImage, display: Display, scale: float
) -> CardPhoto:
    """Photograph the screen with the shown picture filling most of the frame, its bezel at the rim."""
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rim = round(0.05 * small.shape[1])
    bezel = cv2.copyMakeBorder(small, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(22, 22, 24))
    turn, lean = np.radians(scene.rng.uniform(-3, 3)), scene.rng.uniform(-0.03, 0.03, 2)
    zoom = scene.shot.size[0] / small.shape[1] * scene.rng.uniform(0.94, 1.1)
    middle = np.array(bezel.shape[1::-1]) / 2
    to_frame = np.array(
        [
            [zoom * np.cos(turn), -zoom * np.sin(turn), 0],
            [zoom * np.sin(turn), zoom * np.cos(turn), 0],
            [lean[0] / small.shape[1], lean[1] / small.shape[1], 1],
        ]
    )
    centred = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
    frame = np.array([[1, 0, scene.shot.size[0] / 2], [0, 1, scene.shot.size[1] / 2], [0, 0, 1]])
    matrix = frame @ to_frame @ centred
    blur = 0.75 - 0.4 * scene.strength
    seen = cv2.warpPerspective(bezel, matrix, scene.shot.size, flags=cv2.INTER_LINEAR)
    soft = RgbImage(np.asarray(cv2.GaussianBlur(seen, (0, 0), max(blur * zoom, 0.6)), np.uint8))
    gridded = through_grid(soft, _places(matrix, scene.shot.size), display, blur)
    into = np.array([[scale, 0, rim], [0, scale, rim], [0, 0, 1]])
    light = replace(photo, image=_reflected(gridded, scene.rng))
    return develop(scene, _with_card(light, matrix @ into @ photo.homography, scene.side.image))


def _places(matrix: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float32]:
    """The display pixel at each camera pixel."""
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float64), np.arange(size[1], dtype=np.float64))
    a = np.linalg.inv(matrix)
    w = a[2, 0] * x + a[2, 1] * y + a[2, 2]
    u = (a[0, 0] * x + a[0, 1] * y + a[0, 2]) / w
    v = (a[1, 0] * x + a[1, 1] * y + a[1, 2]) / w
    return np.dstack([u, v]).astype(np.float32)


def _reflected(image: RgbImage, rng: np.random.Generator) -> RgbImage:
    """A faint window reflected in the glass."""
    height, width = image.shape[:2]
    window = np.zeros((height // 8, width // 8), np.float32)
    x, y = rng.integers(0, width // 12), rng.integers(0, height // 12)
    window[y : y + height // 24, x : x + width // 20] = rng.uniform(0, 34)
    soft = cv2.resize(cv2.GaussianBlur(window, (0, 0), 6), (width, height))
    return RgbImage(np.asarray(cv2.add(image, cv2.merge([soft] * 3), dtype=cv2.CV_8U), np.uint8))
