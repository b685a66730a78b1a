import pytest

from pipeline.card.charset import ACCENTED_LETTERS
from training.charset import CLASSES, decode, encode, without_tone


def test_every_class_is_there_once_and_all_accented_letters_among_them() -> None:
    assert set(ACCENTED_LETTERS) < set(CLASSES)
    assert len(CLASSES) == len(set(CLASSES)) == 230


@pytest.mark.parametrize(
    ("letter", "bare"), [("Ệ", "Ê"), ("ỷ", "y"), ("ừ", "ư"), ("đ", "đ"), ("A", "A")]
)
def test_without_tone_keeps_hat_and_stroke(letter: str, bare: str) -> None:
    assert without_tone(letter) == bare


def test_decode_drops_repeats_then_blanks() -> None:
    a, b = encode("ab")
    assert decode([0, a, a, 0, a, b, b, 0]) == "aab"


def test_encode_refuses_what_no_class_writes() -> None:
    with pytest.raises(KeyError):
        encode("€")
