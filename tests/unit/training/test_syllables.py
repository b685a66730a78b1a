import random
import unicodedata

import pytest

from training import syllables
from training.charset import TONE_MARKS, encode
from training.syllables import other_tone_placement, syllable


def _drawn(count: int = 4000) -> list[str]:
    rng = random.Random(5)
    return [syllable(rng) for _ in range(count)]


def test_syllables_are_composed_and_writable() -> None:
    for text in _drawn():
        assert encode(text)


def test_all_tones_and_both_spellings_of_open_glides_occur() -> None:
    drawn = _drawn()
    marks = {mark for text in drawn for mark in unicodedata.normalize("NFD", text)}
    assert set(TONE_MARKS) <= marks
    assert any(text.endswith("òa") for text in drawn)
    assert any(text.endswith("oà") for text in drawn)


@pytest.mark.parametrize(
    ("text", "other"),
    [("Hòa Bình", "Hoà Bình"), ("THUỶ", "THỦY"), ("Quý, Lũy", "Quý, Luỹ"), ("hoàng toán", None)],
)
def test_a_tone_moves_only_where_two_places_are_customary(text: str, other: str | None) -> None:
    assert other_tone_placement(text) == (other or text)
    assert other_tone_placement(other_tone_placement(text)) == text


def test_spelling_rules_hold_outside_the_highlands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syllables, "_HIGHLAND_SHARE", 0.0)
    for text in _drawn():
        plain = unicodedata.normalize("NFD", text.lower())
        assert not plain.startswith(("ce", "ci", "ge", "nge", "ngi", "ka", "ko", "gha"))
