import random
from pathlib import Path

import pytest

from pipeline.card.charset import ACCENTED_LETTERS
from training.fonts import (
    CARD_LIKE_FAMILIES,
    TEST_FAMILIES,
    VALIDATION_FAMILIES,
    FontShelf,
    FontsMissing,
    covers,
    family_of,
    is_bold_or_narrow,
    load_shelf,
)
from training.lexicon import Part


def test_condensed_roboto_is_another_family_than_roboto() -> None:
    assert family_of(Path("Roboto-Bold.ttf")) == "roboto"
    assert family_of(Path("RobotoCondensed-Bold.ttf")) == "robotocondensed"


def test_a_cut_is_known_by_the_name_of_its_file() -> None:
    assert is_bold_or_narrow(Path("Arimo-Bold.ttf"))
    assert is_bold_or_narrow(Path("NotoSans-CondensedLight.ttf"))
    assert not is_bold_or_narrow(Path("Lato-Italic.ttf"))


def test_no_family_serves_two_parts() -> None:
    parts = (TEST_FAMILIES, VALIDATION_FAMILIES, CARD_LIKE_FAMILIES)
    families = [family for part in parts for family in part]
    assert len(families) == len(set(families))


def test_a_font_without_vietnamese_letters_serves_machine_lines_only(shelf: FontShelf) -> None:
    rng = random.Random(0)
    assert {family_of(shelf.pick(rng)) for _ in range(50)} == {"liberationsans"}
    assert {family_of(shelf.pick_machine(rng)) for _ in range(50)} == {"ocrb"}


def test_a_file_that_is_no_font_covers_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a font")
    assert not covers(broken, "".join(ACCENTED_LETTERS))


def test_a_folder_without_fonts_of_the_part_is_refused(font_folder: Path) -> None:
    with pytest.raises(FontsMissing):
        load_shelf(font_folder, Part.TEST)
