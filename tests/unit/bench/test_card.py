"""The comparison of engines counts all of them over the same fields."""

import pytest

from bench.card import OURS, PADDLE, TESSERACT, compare
from bench.card_peers import tesseract_lines
from ekyc.evaluation.records import Peer
from tests.unit.ekyc.evaluation.cases import TRUTH, reads, record, truth

_HEAD = (
    "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext"
)


def _word(line: int, left: int, text: str, conf: float = 90) -> str:
    return f"5\t1\t1\t1\t{line}\t1\t{left}\t{20 * line}\t40\t16\t{conf}\t{text}"


def test_words_of_tesseract_are_joined_into_lines() -> None:
    rows = [
        _HEAD,
        "4\t1\t1\t1\t1\t0\t0\t0\t9\t9\t-1\t",
        _word(1, 10, "Họ"),
        _word(1, 60, '"tên', 50),
        _word(2, 10, " "),
        _word(3, 10, "NAM"),
    ]
    first, second = tesseract_lines("\n".join(rows))
    assert (first.text, second.text) == ('Họ "tên', "NAM")
    assert first.char_scores == (0.9, 0.9, 1.0, 0.5, 0.5, 0.5, 0.5)
    assert first.box == (10, 20, 100, 36)
    assert list(first.char_x) == sorted(first.char_x)


def test_engines_are_compared_over_the_same_fields() -> None:
    peers = {
        PADDLE: Peer(fields={**TRUTH, "full_name": "DNG TH HOA"}, cpu_s=4.0),
        TESSERACT: Peer(fields={"id_number": "001099000008"}, cpu_s=1.0),
    }
    cards = [truth("1"), truth("2"), truth("3", expect=["card_several"])]
    records = [
        record("1", reads(0.9, source="qr"), printed=reads(id_number=None), peers=peers),
        record("2", {}, rejected="card_blurred"),
        record("3"),
    ]
    columns = compare(cards, records)
    numbers = {name: column.groups["ID number"].strict for name, column in columns.items()}
    assert {name: (share.part, share.whole) for name, share in numbers.items()} == {
        OURS: (0, 1),  # print alone: what the QR code knew does not count
        PADDLE: (1, 1),
        TESSERACT: (0, 1),
    }
    assert columns[PADDLE].groups["full name"].strict.part == 0
    assert columns[TESSERACT].text.missing == 2
    assert [column.cpu_median_s for column in columns.values()] == pytest.approx([0.5, 2.0, 0.5])
