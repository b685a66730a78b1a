import random

from training.charset import TONE_MARKS, encode
from training.syllables import syllable


def _drawn(count: int = 4000) -> list[str]:
    rng = random.Random(5)
    return [syllable(rng) for _ in range(count)]


def test_syllables_are_composed_and_writable() -> None:
    for text in _drawn():
        assert encode(text)


def test_all_tones_and_both_spellings_of_open_glides_occur() -> None:
    import unicodedata

    drawn = _drawn()
    marks = {mark for text in drawn for mark in unicodedata.normalize("NFD", text)}
    assert set(TONE_MARKS) <= marks
    assert any(text.endswith("òa") for text in drawn)
    assert any(text.endswith("oà") for text in drawn)


def test_spelling_rules_hold() -> None:
    import unicodedata

    for text in _drawn():
        plain = unicodedata.normalize("NFD", text.lower())
        assert not plain.startswith(("ce", "ci", "ge", "nge", "ngi", "ka", "ko", "gha"))
