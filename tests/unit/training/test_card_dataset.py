"""Words and fonts of data sets: held back by part, spelt as cards spell them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.card.provinces import PROVINCES
from specimen.lexicon import Words
from training.card_dataset import load_faces, words_of
from training.fonts import FontsMissing
from training.lexicon import Lexicon, Part, Place, built_in_lexicon, is_held_out


def _words(part: Part) -> Words:
    return words_of(built_in_lexicon(), part, np.random.default_rng(1))


def _wards(words: Words) -> set[str]:
    provinces = (*words.provinces, *words.merged_provinces)
    return {commune for province in provinces for commune in province.communes}


def test_wards_of_the_test_are_in_no_other_part() -> None:
    test, validation = (_wards(_words(part)) for part in (Part.TEST, Part.VALIDATION))
    assert test
    assert not test & validation
    full = {ward for ward in test if ward.startswith(("Xã", "Phường"))}
    assert all(is_held_out(ward.split(", ")[0]) for ward in full)


def test_two_levels_are_kept_for_cards_issued_since_the_merger() -> None:
    words = _words(Part.VALIDATION)
    assert all("," not in commune for p in words.merged_provinces for commune in p.communes)
    assert all("," in commune for p in words.provinces for commune in p.communes)


def test_every_province_gets_the_code_of_its_numbers() -> None:
    words = _words(Part.VALIDATION)
    codes = {province.name: province.code for province in words.provinces}
    assert codes["Tỉnh Đắk Lắk"] == codes["Đắk Lắk"] == "066"
    assert set(codes.values()) <= set(PROVINCES)


def test_places_are_spelt_with_and_without_their_kind() -> None:
    lexicon = Lexicon(
        source="test",
        surnames=("Lê",),
        middles=("Văn", "Thị"),
        givens=("An",),
        places=(Place(units=("Phường 9", "Thành phố Đà Lạt", "Tỉnh Lâm Đồng")),),
        streets=("Lê Lợi",),
        marks=("Không có",),
    )
    part = Part.TEST if is_held_out("Phường 9") else Part.VALIDATION
    words = words_of(lexicon, part, np.random.default_rng(1))
    addresses = {f"{c}, {p.name}" for p in words.provinces for c in p.communes}
    assert addresses == {
        "Phường 9, Thành phố Đà Lạt, Tỉnh Lâm Đồng",
        "Phường 9, Đà Lạt, Lâm Đồng",
    }
    assert words.middles_male == ("Văn",)


def test_tone_marks_may_stand_either_way_in_a_provinces_name() -> None:
    lexicon = built_in_lexicon()
    place = Place(units=("Xã Mẫu", "Huyện Mẫu", "Tỉnh Thanh Hoá"))
    part = Part.TEST if is_held_out("Xã Mẫu") else Part.VALIDATION
    changed = Lexicon(
        source="test",
        surnames=lexicon.surnames,
        middles=lexicon.middles,
        givens=lexicon.givens,
        places=(place,),
        streets=lexicon.streets,
        marks=lexicon.marks,
    )
    words = words_of(changed, part, np.random.default_rng(1))
    assert {province.code for province in words.provinces} == {"038"}


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    with pytest.raises(FontsMissing, match="texgyreheros-regular"):
        load_faces(Part.VALIDATION, (tmp_path,))
