import pytest

from pipeline.card.syllables import is_syllable, odd_words


@pytest.mark.parametrize(
    "word", ["NGUYỆT", "Đặng", "hoà", "hòa", "Giêng", "gìn", "Quý", "Huỳnh", "Ỷ", "khuya", "QUỐC"]
)
def test_spellings_of_the_language(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["NGUYÊT", "Quoc", "BLĂK", "Ngúyễn", "thjx", "quơng", "B"])
def test_what_no_syllable_can_be(word: str) -> None:
    assert not is_syllable(word)


def test_only_words_of_letters_are_judged() -> None:
    assert odd_words("TRẦN THỊ H'HEN NGUYÊT 5") == ("NGUYÊT",)
