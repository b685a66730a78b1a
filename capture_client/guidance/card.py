"""Guidance for a side of the card: found, whole, well lit, sharp, at rest. One instance a capture."""

from __future__ import annotations

from capture_client.camera.frames import Frame
from capture_client.guidance.hints import HOLD_STILL, READY, Hint
from capture_client.guidance.stillness import Rest
from pipeline.card.find import find_candidates, follow_card
from pipeline.card.gates import leaves_frame, why_no_card
from pipeline.card.geometry import CARD_ASPECT, Quad, quad_size, rectangle_quad
from pipeline.card.quality import SideQuality, measure_quality, reason_unreadable
from pipeline.card.rectify import rectify
from pipeline.image import RgbImage
from pipeline.reasons import ReasonCode

#: The frame that is drawn over the picture, as a share of its height.
GUIDE_SHARE = 0.70
#: The server believes a border with a support of 0.55 when there is text inside; guidance has no text. Whole cards on
#: drawn tables have 0.97 to 1, lines of the print of a card that is cut off up to 0.85.
_SURE_SUPPORT = 0.88
#: Looking everywhere costs as much as following eight times, so it is done this seldom: once in ten frames of 25 Hz.
_SEARCH_EVERY_S = 0.4
#: Light and sharpness change slowly; measuring them costs twice as much as following.
_MEASURE_EVERY = 4


def guide_quad(width_px: int, height_px: int) -> Quad:
    """Return where the card shall be: in the middle of a frame, upright."""
    height = GUIDE_SHARE * height_px
    width = min(height * CARD_ASPECT, 0.94 * width_px)
    height = width / CARD_ASPECT
    shift = ((width_px - width) / 2, (height_px - height) / 2)
    return Quad(rectangle_quad(width, height) + shift)


class CardGuide:
    """Follows a card through the frames of a camera."""

    def __init__(self) -> None:
        self._place: Quad | None = None
        self._quality: SideQuality | None = None
        self._rest = Rest()
        self._frames = 0
        self._searched_s: float | None = None
        self._why = ReasonCode.CARD_NOT_FOUND

    def look(self, frame: Frame) -> Hint:
        """Return what to do before the picture is taken."""
        self._frames += 1
        is_due = self._searched_s is None or frame.time_s - self._searched_s >= _SEARCH_EVERY_S
        self._place = self._found(frame, is_due=is_due)
        if self._place is None:
            self._rest.forget()
            self._quality = None
            if is_due:  # a dark room hides a card
                self._why = why_no_card(frame.rgb)
            return Hint(code=self._why, frame=frame)
        fault = self._fault(frame.rgb, self._place)
        if fault is not None:
            self._rest.forget()
            return Hint(code=fault, frame=frame, outline=_outline(self._place))
        return self._resting(frame, self._place)

    def _found(self, frame: Frame, *, is_due: bool) -> Quad | None:
        rgb = frame.rgb
        height, width = rgb.shape[:2]
        near = self._place if self._place is not None else guide_quad(width, height)
        followed = follow_card(rgb, near)
        if followed is not None and followed.support >= _SURE_SUPPORT:
            return followed.corners
        if not is_due:
            return None
        self._searched_s = frame.time_s
        found = [one for one in find_candidates(rgb) if one.support >= _SURE_SUPPORT]
        return found[0].corners if found else None

    def _fault(self, rgb: RgbImage, place: Quad) -> ReasonCode | None:
        height, width = rgb.shape[:2]
        if leaves_frame(place, (width, height)):
            return ReasonCode.CARD_CUT_OFF
        if self._quality is None or self._frames % _MEASURE_EVERY == 0:
            self._quality = measure_quality(rectify(rgb, place))
        return reason_unreadable(self._quality)

    def _resting(self, frame: Frame, place: Quad) -> Hint:
        assert self._quality is not None
        rest = self._rest.see(
            place, max(quad_size(place)), frame=frame, sharpness=self._quality.sharpness
        )
        is_over = rest >= 1.0
        return Hint(
            code=READY if is_over else HOLD_STILL,
            frame=frame, outline=_outline(place), rest=rest,
            best=self._rest.best if is_over else None,
        )  # fmt: skip


def _outline(place: Quad) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in place)
