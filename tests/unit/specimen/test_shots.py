from __future__ import annotations

import numpy as np
import pytest

from specimen.scene import Shot
from specimen.shots import LEAST_CARD_PX, Severity, card_width_px, draw_severity


def _draw(severity: Severity) -> list[Shot]:
    return [draw_severity(severity, np.random.default_rng(seed)) for seed in range(60)]


@pytest.mark.parametrize("severity", list(Severity))
def test_every_card_is_large_enough_to_be_read(severity: Severity) -> None:
    assert all(card_width_px(shot) > 0.99 * LEAST_CARD_PX for shot in _draw(severity))


def test_small_cards_fill_less_than_half_the_frame() -> None:
    shares = [shot.share for shot in _draw(Severity.SMALL)]
    assert min(shares) >= 0.3
    assert max(shares) <= 0.45


def test_tilted_cards_lean_up_to_thirty_degrees() -> None:
    leans = [np.hypot(shot.tilt_x_deg, shot.tilt_y_deg) for shot in _draw(Severity.TILTED)]
    assert max(leans) <= 30
    assert max(leans) > 25


def test_turned_cards_lie_every_way() -> None:
    quarters = {round(shot.rotation_deg / 90) % 4 for shot in _draw(Severity.TURNED)}
    assert quarters == {0, 1, 2, 3}


def test_blur_of_poor_photos_stays_below_what_hides_letters() -> None:
    """1.3 pixels on a card of 1200: a third of the stem of the smallest value."""
    for shot in _draw(Severity.POOR):
        assert shot.look.blur_px <= 1.3 * card_width_px(shot) / 1200 + 1e-6
        assert 50 <= shot.jpeg_quality <= 70


def test_frames_come_in_every_size_and_both_ways_up() -> None:
    shots = [shot for severity in Severity for shot in _draw(severity)]
    areas = [shot.size[0] * shot.size[1] / 1e6 for shot in shots]
    assert min(areas) < 2.2
    assert max(areas) > 12
    assert {shot.size[0] > shot.size[1] for shot in shots} == {True, False}
