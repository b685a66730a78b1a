import pytest

from training.charset import (
    CHARACTERS,
    CLASSES,
    LETTERS,
    decode,
    encode,
    missing_letters,
    without_tone,
)


def test_the_alphabet_holds_the_134_accented_letters_once() -> None:
    assert len(LETTERS) == len(set(LETTERS)) == 134
    assert len(CLASSES) == len(set(CLASSES)) == 230


def test_a_dictionary_without_one_letter_is_told_which() -> None:
    assert missing_letters([letter for letter in CHARACTERS if letter != "Ỹ"]) == ("Ỹ",)
    assert missing_letters(CHARACTERS) == ()


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
