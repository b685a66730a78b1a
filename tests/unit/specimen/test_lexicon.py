from __future__ import annotations

import unicodedata

import pytest

from pipeline.card.provinces import PROVINCES
from specimen import lexicon


@pytest.mark.parametrize("province", lexicon.PROVINCES, ids=lambda p: p.code)
def test_provinces_have_their_official_code(province: lexicon.Province) -> None:
    assert PROVINCES[province.code] == province.name


def test_words_are_composed_characters() -> None:
    words = [*lexicon.SURNAMES, *lexicon.GIVEN_NAMES_FEMALE, *lexicon.HAMLETS, *lexicon.MARKS]
    assert all(unicodedata.is_normalized("NFC", word) for word in words)
