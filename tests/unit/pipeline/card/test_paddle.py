"""Our thin steps around ONNX Runtime give what PaddleOCR gives with the same weights."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from pipeline.card.geometry import Quad
from pipeline.card.text import TextEngine, TextReader, crop_line, load_text_reader
from pipeline.image import RgbImage
from pipeline.weights import DEFAULT_ROOT, read_manifest
from specimen.people import CardVersion
from tests.unit.pipeline.card.conftest import Print

#: A size that neither side resizes, so that only the steps around the net differ.
SIZE = (960, 608)
#: PaddleOCR cuts corners to whole pixels, twice.
ROUNDING_PX = 2.5
_VERSIONS = (CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024)


@pytest.fixture(scope="module")
def engines() -> tuple[TextReader, TextReader]:
    if not read_manifest(DEFAULT_ROOT)["ppocrv6_det_small"].path.is_file():
        pytest.skip("the text detector is not here: run `ekyc weights fetch`")
    direct = load_text_reader(DEFAULT_ROOT)
    return direct, load_text_reader(DEFAULT_ROOT, engine=TextEngine.PADDLEOCR)


@pytest.fixture(scope="module")
def sides(print_person: Print) -> list[RgbImage]:
    printed = [print_person(version)[1][turn] for turn, version in enumerate(_VERSIONS)]
    return [RgbImage(cv2.resize(side.image, SIZE)) for side in printed]


def largest_offset(boxes: Sequence[Quad], others: Sequence[Quad]) -> float:
    return max(min(float(np.abs(box - other).max()) for other in others) for box in boxes)


def test_the_detector_finds_the_lines_that_paddleocr_finds(
    engines: tuple[TextReader, TextReader], sides: list[RgbImage]
) -> None:
    direct, paddle = engines
    for side in sides:
        ours, theirs = direct.detect(side, SIZE[0]), paddle.detect(side, SIZE[0])
        assert len(ours) == len(theirs) >= 10
        assert largest_offset(ours, theirs) <= ROUNDING_PX


def test_the_recogniser_reads_the_text_that_paddleocr_reads(
    engines: tuple[TextReader, TextReader], sides: list[RgbImage]
) -> None:
    direct, paddle = engines
    crops = [crop_line(side, quad) for side in sides for quad in direct.detect(side, SIZE[0])]
    pairs = list(zip(direct.recognise(crops), paddle.recognise(crops), strict=True))
    # A mark that runs across its crop (SPECIMEN, upright) is a guess in both.
    legible = [(a, b) for a, b in pairs if a.scores and float(np.mean(a.scores)) >= 0.9]
    assert len(legible) >= 0.8 * len(pairs)
    # PaddleOCR pads narrow crops to 320 pixels, which moves a blank at the end.
    assert [
        (a.text.strip(), b.text.strip()) for a, b in legible if a.text.strip() != b.text.strip()
    ] == []
    for ours, theirs in legible:
        if ours.text == theirs.text:
            assert np.allclose(ours.positions, theirs.positions, atol=0.03)
