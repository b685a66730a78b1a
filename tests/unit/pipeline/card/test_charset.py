import pytest

from pipeline.card.charset import ACCENTED_LETTERS, missing_letters, require_vietnamese
from pipeline.card.recognise import characters_of
from pipeline.errors import CharsetError
from pipeline.weights import DEFAULT_ROOT


def test_there_are_134_accented_letters() -> None:
    assert len(ACCENTED_LETTERS) == len(set(ACCENTED_LETTERS)) == 134


def test_a_missing_letter_is_named() -> None:
    assert missing_letters(set(ACCENTED_LETTERS) - {"ặ", "Ỹ"}) == ("ặ", "Ỹ")
    with pytest.raises(CharsetError, match="cannot write 1 of 134 Vietnamese letters: ợ"):
        require_vietnamese(set(ACCENTED_LETTERS) - {"ợ"})


def test_our_recogniser_can_write_vietnamese() -> None:
    require_vietnamese(characters_of(DEFAULT_ROOT))
