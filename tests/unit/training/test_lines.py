import random

import numpy as np
import pytest

from training.blank import draw_blank
from training.damage import damage
from training.fonts import FontShelf
from training.lexicon import Part, built_in_lexicon
from training.lines import draw_sample, net_input
from training.paper import draw_paper, light, rule_under, stamp_over
from training.text import Kind, Role, Span, TextLine, draw_line_of, text_source


def _line(text: str, role: Role = Role.VALUE) -> TextLine:
    return TextLine(kind=Kind.NAME, spans=(Span(text=text, role=role),))


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_drawn(kind: Kind, shelf: FontShelf) -> None:
    rng = random.Random(8)
    source = text_source(built_in_lexicon(), Part.TRAIN)
    for _ in range(10):
        sample = draw_sample(draw_line_of(kind, source, rng), shelf, rng)
        assert sample.pixels.dtype == np.uint8
        assert sample.pixels.shape[2] == 3
        assert bool(sample.truth) is (kind is not Kind.EMPTY)


def test_the_same_seed_draws_the_same_pixels(shelf: FontShelf) -> None:
    first, second = (draw_sample(_line("VĨ"), shelf, random.Random(7)) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)


def test_ink_is_printed_on_the_paper(shelf: FontShelf) -> None:
    for seed in range(20):
        sample = draw_sample(_line("NGUYỄN VĂN ĐỨC"), shelf, random.Random(seed))
        grey = sample.pixels.mean(axis=2)
        assert np.percentile(grey, 80) - np.percentile(grey, 2) > 25


def test_a_longer_text_makes_a_wider_line(shelf: FontShelf) -> None:
    short = [draw_sample(_line("An"), shelf, random.Random(seed)).aspect for seed in range(20)]
    wide = [draw_sample(_line("Anh " * 9), shelf, random.Random(seed)).aspect for seed in range(20)]
    assert min(wide) > max(short)


def test_net_input_is_bgr_between_minus_one_and_one() -> None:
    red = np.zeros((24, 50, 3), np.uint8)
    red[..., 0] = 255
    image = net_input(red)
    assert image.shape == (3, 48, 100)
    assert image.dtype == np.float32
    assert image[0].max() == -1.0
    assert image[2].min() == 1.0


def test_damage_keeps_a_line_a_line() -> None:
    pixels = np.full((40, 200, 3), 180, np.uint8)
    for seed in range(60):
        damaged = damage(pixels, 24, random.Random(seed))
        assert damaged.dtype == np.uint8
        assert damaged.shape[0] == 40
        assert 120 < damaged.shape[1] < 260


def test_blank_crops_are_pictures_of_many_kinds() -> None:
    rng = random.Random(4)
    crops = [draw_blank(rng) for _ in range(60)]
    assert all(crop.ndim == 3 and crop.shape[2] == 3 for crop in crops)
    assert all(np.isfinite(crop).all() and crop.shape[1] >= 10 for crop in crops)
    contrasts = [float(crop.std()) for crop in crops]
    assert min(contrasts) < 12
    assert max(contrasts) > 40


def test_paper_stamp_and_light_keep_the_size() -> None:
    rng = random.Random(3)
    paper = draw_paper(48, 300, rng)
    assert paper.shape == stamp_over(paper, rng).shape == light(paper, rng).shape == (48, 300, 3)


def test_a_rule_stands_below_the_baseline_alone() -> None:
    for seed in range(20):
        paper = np.full((60, 300, 3), 220, np.float32)
        ruled = rule_under(paper, (10.0, 30.0), 24, random.Random(seed))
        changed = np.abs(ruled - paper).max(axis=(1, 2))
        assert changed.max() > 20
        assert changed[:27].max() == 0
