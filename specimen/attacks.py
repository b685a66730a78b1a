"""Clips that must not pass: waved and squashed prints, stills, switches of person, replays.

Each attack is told the challenge's windows and tries to fool the server with them.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.challenge import Action, ChallengeStep
from pipeline.image import RgbImage
from specimen.backdrops import room
from specimen.camera import GrainReel
from specimen.cast import CLIP_SIZE, PARTS, clip_puppet, selfie
from specimen.clips import FPS, Frame, Performance, clip_times, perform, rehearse
from specimen.photos import Subject
from specimen.puppet import Pose

_NOISE = 1.8
#: A print is squashed to this share of its height to shut its eyes.
_SQUASHED = 0.62


class ClipKind(StrEnum):
    """Ways a clip can come about."""

    LIVE = "live"
    WAVED_PHOTO = "waved_photo"
    SQUASHED_PHOTO = "squashed_photo"
    STILL = "still"
    FROZEN = "frozen"
    IDENTITY_SWITCH = "identity_switch"
    REPLAY = "replay"


Steps = Sequence[ChallengeStep]


def live(cast: Sequence[Subject], steps: Steps, rng: np.random.Generator) -> Iterator[Frame]:
    """The first of the cast performs the challenge."""
    subject = cast[0]
    puppet = clip_puppet(subject, rng)
    return perform(puppet, rehearse(steps, PARTS[subject].mouth, rng), rng)


def waved_photo(cast: Sequence[Subject], steps: Steps, rng: np.random.Generator) -> Iterator[Frame]:
    """A print held before the camera, turned about its vertical axis wherever a turn is asked."""
    return _held_print(cast[0], steps, rng, squash=0.0)


def squashed_photo(
    cast: Sequence[Subject], steps: Steps, rng: np.random.Generator
) -> Iterator[Frame]:
    """As `waved_photo`, and tilted until the eyes look shut wherever a blink is asked."""
    return _held_print(cast[0], steps, rng, squash=1 - _SQUASHED)


def still(cast: Sequence[Subject], steps: Steps, rng: np.random.Generator) -> Iterator[Frame]:
    """One picture for the whole clip, under fresh camera noise."""
    part = PARTS[cast[0]]
    picture = clip_puppet(cast[0], rng).render(Pose(smile=part.mouth.relaxed))
    grain = GrainReel(CLIP_SIZE, _NOISE, rng)
    return (Frame(image=grain.over(picture), time_s=t) for t in clip_times(steps))


def frozen(cast: Sequence[Subject], steps: Steps, rng: np.random.Generator) -> Iterator[Frame]:
    """A live clip whose picture stands still, bit for bit, after its first third."""
    times = clip_times(steps)
    held: Frame | None = None
    for frame in live(cast, steps, rng):
        held = frame if held is None or frame.time_s < times[-1] / 3 else held
        yield Frame(image=held.image, time_s=frame.time_s)


def identity_switch(
    cast: Sequence[Subject], steps: Steps, rng: np.random.Generator
) -> Iterator[Frame]:
    """The first of the cast starts, the second takes over half way, in the same room and the same pose."""
    middle = clip_times(steps)[-1] / 2
    seed = int(rng.integers(2**32))
    first_half, second_half = (
        live((subject,), steps, np.random.default_rng(seed)) for subject in cast[:2]
    )
    halves = zip(first_half, second_half, strict=True)
    return (first if first.time_s < middle else second for first, second in halves)


def replay(cast: Sequence[Subject], steps: Steps, rng: np.random.Generator) -> Iterator[Frame]:
    """A genuine clip recorded for another challenge: the same windows, the actions in another order."""
    actions = [(step.action, step.count) for step in steps]
    turned = actions[1:] + actions[:1]
    older = [
        ChallengeStep(action=action, count=count, start_s=step.start_s, end_s=step.end_s)
        for (action, count), step in zip(turned, steps, strict=True)
    ]
    return live(cast, older, rng)


CLIP_MAKERS: dict[
    ClipKind, Callable[[Sequence[Subject], Steps, np.random.Generator], Iterator[Frame]]
] = {
    ClipKind.LIVE: live,
    ClipKind.WAVED_PHOTO: waved_photo,
    ClipKind.SQUASHED_PHOTO: squashed_photo,
    ClipKind.STILL: still,
    ClipKind.FROZEN: frozen,
    ClipKind.IDENTITY_SWITCH: identity_switch,
    ClipKind.REPLAY: replay,
}


def _held_print(
    subject: Subject, steps: Steps, rng: np.random.Generator, squash: float
) -> Iterator[Frame]:
    print_ = _with_white_border(selfie(subject, rng)[150:1110])
    background = room(rng, CLIP_SIZE)
    hand = rehearse(steps, PARTS[subject].mouth, rng)
    grain = GrainReel(CLIP_SIZE, _NOISE, rng)
    for t in clip_times(steps, FPS):
        corners = _print_corners(print_.shape, hand, t, squash)
        yield Frame(image=grain.over(_hold_up(print_, corners, background)), time_s=t)


def _with_white_border(picture: NDArray[np.uint8]) -> RgbImage:
    white = (238, 238, 234)
    return RgbImage(
        np.asarray(cv2.copyMakeBorder(picture, 24, 24, 24, 24, cv2.BORDER_CONSTANT, value=white))
    )


def _print_corners(
    shape: tuple[int, ...], hand: Performance, t: float, squash: float
) -> NDArray[np.float32]:
    """Corners of the print in the frame, from a camera 1.6 frame widths away."""
    width, height = CLIP_SIZE
    half_h = 0.46 * height
    half_w = half_h * shape[1] / shape[0]
    pose = hand.pose(t)
    turn = np.radians(pose.yaw_deg)
    x = np.array([-half_w, half_w, half_w, -half_w])
    y = np.array([-half_h, -half_h, half_h, half_h]) * (1 - squash * hand.amount(Action.BLINK, t))
    near = 1.6 * width / (1.6 * width - x * np.sin(turn))
    seen = np.stack([x * np.cos(turn) * near, y * near], axis=1)
    sway = np.array([12 * np.sin(1.3 * t), 6 * np.sin(2.1 * t)])
    return np.asarray(seen + sway + np.array([width / 2, height / 2]), np.float32)


def _hold_up(print_: RgbImage, corners: NDArray[np.float32], background: RgbImage) -> RgbImage:
    h, w = print_.shape[:2]
    warp = cv2.getPerspectiveTransform(
        np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32), corners
    )
    soft = cv2.GaussianBlur(print_, (0, 0), 0.7)
    seen = cv2.warpPerspective(soft, warp, CLIP_SIZE, borderMode=cv2.BORDER_REPLICATE)
    cover = np.zeros(background.shape[:2], np.uint8)
    cv2.fillConvexPoly(cover, np.round(corners * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    alpha = cover[..., None].astype(np.uint16)
    return RgbImage(((seen * alpha + background * (255 - alpha)) // 255).astype(np.uint8))
