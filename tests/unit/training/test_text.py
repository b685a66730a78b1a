import random

import pytest

from training.charset import encode
from training.lexicon import Part, built_in_lexicon
from training.text import (
    MAX_CHARACTERS,
    TRAINING_MIX,
    Kind,
    Role,
    TextSource,
    draw_line,
    draw_line_of,
    text_source,
)


@pytest.fixture(scope="module")
def source() -> TextSource:
    return text_source(built_in_lexicon(), Part.TRAIN)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_written_and_fits(kind: Kind, source: TextSource) -> None:
    rng = random.Random(1)
    for _ in range(200):
        line = draw_line_of(kind, source, rng)
        assert len(encode(line.truth)) == len(line.truth)
        assert len(line.truth) <= MAX_CHARACTERS
        assert line.truth == line.truth.strip()


def test_random_syllables_hold_their_share_and_every_kind_is_trained() -> None:
    assert sum(TRAINING_MIX.values()) == 100
    assert set(TRAINING_MIX) == set(Kind)
    random_kinds = (Kind.SYLLABLES_LOWER, Kind.SYLLABLES_TITLE, Kind.SYLLABLES_UPPER)
    assert sum(TRAINING_MIX[kind] for kind in random_kinds) >= 28


def test_a_blank_line_says_nothing_and_no_other_kind_does(source: TextSource) -> None:
    rng = random.Random(9)
    for kind in Kind:
        for _ in range(100):
            assert (draw_line_of(kind, source, rng).truth == "") is (kind is Kind.EMPTY)


def test_captions_of_every_version_are_drawn(source: TextSource) -> None:
    rng = random.Random(6)
    drawn = {draw_line_of(Kind.CAPTION, source, rng).truth for _ in range(4000)}
    for text in (
        "Nơi ĐKHK thường trú:",
        "Dấu vết riêng và dị hình",
        "Quê quán:",
        "Quê quán / Place of origin:",
        "Quê quán/Place of origin:",
        "Nơi đăng ký khai sinh / Place of birth",
    ):
        assert text in drawn
    assert any(text.startswith("GIÁM ĐỐC CA ") for text in drawn)


def test_wrapped_addresses_often_end_at_a_comma(source: TextSource) -> None:
    rng = random.Random(7)
    lines = [draw_line_of(Kind.ADDRESS, source, rng).truth for _ in range(300)]
    assert 30 < sum(line.endswith(",") for line in lines) < 200


def test_the_same_seed_draws_the_same_lines(source: TextSource) -> None:
    first = [draw_line(source, random.Random(3)) for _ in range(20)]
    assert first == [draw_line(source, random.Random(3)) for _ in range(20)]


def test_machine_lines_stay_in_the_machine_alphabet(source: TextSource) -> None:
    rng = random.Random(2)
    for _ in range(300):
        line = draw_line_of(Kind.MRZ, source, rng)
        assert line.spans[0].role is Role.MACHINE
        assert set(line.truth) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<")


def test_a_field_joins_caption_and_value_with_one_space(source: TextSource) -> None:
    rng = random.Random(4)
    lines = [draw_line_of(Kind.FIELD, source, rng) for _ in range(100)]
    numbers = [line.truth for line in lines if line.truth.startswith("Số / No.: ")]
    assert numbers
    assert all(text.removeprefix("Số / No.: ").isdigit() for text in numbers)
