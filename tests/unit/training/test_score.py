import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("rapidfuzz")

from training.charset import CLASSES, encode
from training.lines import Sample
from training.score import read_samples, score_texts, total


def test_errors_are_edits_over_the_truths_letters() -> None:
    score = score_texts("name", ["VĨ AN", "ABD"], ["VĨ AN", "ABC"])
    assert (score.lines, score.exact_lines, score.characters, score.character_errors) == (
        2,
        1,
        8,
        1,
    )
    assert score.character_error_rate == 1 / 8
    assert score.exact_rate == 0.5


def test_letters_read_where_there_are_none_count_per_line() -> None:
    assert score_texts("empty", ["", "", "ab", "c"], [""] * 4).character_error_rate == 3 / 4


def test_totals_add_up() -> None:
    whole = total([score_texts("a", ["x"], ["x"]), score_texts("b", [""], ["xyz"])])
    assert (whole.kind, whole.lines, whole.character_errors, whole.characters) == ("all", 2, 3, 4)


def test_texts_come_back_in_the_order_of_the_samples() -> None:
    widths = (300, 40, 120)
    samples = [Sample(pixels=np.zeros((48, width, 3), np.uint8), truth="") for width in widths]

    def run(images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Write as many letters as there are inked columns, in tens."""
        counts = [(image[0, 0] == -1).sum() // 10 for image in images]
        answer = np.zeros((len(images), 80, len(CLASSES)), np.float32)
        answer[:, :, 0] = 0.5
        for row, count in zip(answer, counts, strict=True):
            row[: 2 * int(count) : 2, encode("a")[0]] = 1
        return answer

    assert [len(text) for text in read_samples(samples, run)] == [30, 4, 12]
