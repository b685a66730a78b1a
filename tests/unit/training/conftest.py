from pathlib import Path

import pytest

import specimen
from training.fonts import FontShelf, load_shelf
from training.lexicon import Part, built_in_lexicon
from training.stream import StreamPlan


@pytest.fixture(scope="session")
def font_folder() -> Path:
    """Liberation Sans and OCR-B, which the specimen generator brings along."""
    return Path(specimen.__file__).parent / "fonts"


@pytest.fixture(scope="session")
def shelf(font_folder: Path) -> FontShelf:
    return load_shelf(font_folder, Part.TRAIN)


@pytest.fixture(scope="session")
def plan(font_folder: Path) -> StreamPlan:
    return StreamPlan(lexicon=built_in_lexicon(), font_folder=font_folder, seed=1, batch_lines=2)
