from pathlib import Path

import pytest
import yaml

pytest.importorskip("onnxruntime")
pytest.importorskip("torch")
pytest.importorskip("rapidfuzz")

from pipeline.card.charset import missing_letters
from pipeline.weights import DEFAULT_ROOT, open_weights
from training.charset import CHARACTERS, CLASSES
from training.export import paddle_description
from training.lexicon import Part
from training.score import Probabilities, onnx_reader, read_samples, score_texts
from training.stream import StreamPlan, draw_samples
from training.text import Kind


@pytest.fixture(scope="module")
def reader() -> tuple[Probabilities, tuple[str, ...]]:
    return onnx_reader(open_weights("vn_card_rec").path)


def test_the_committed_recogniser_writes_every_vietnamese_letter(
    reader: tuple[Probabilities, tuple[str, ...]],
) -> None:
    _, classes = reader
    assert missing_letters(classes) == ()
    assert classes[1:] == CLASSES[1:]


def test_the_description_beside_it_names_the_same_dictionary() -> None:
    path: Path = DEFAULT_ROOT / "vn_card_rec.inference.yml"
    description = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert description == paddle_description()
    assert tuple(description["PostProcess"]["character_dict"]) == CHARACTERS


# The font is one that training knows and the bounds are wide: they catch a wrong file, channel
# order or scaling. The honest scores stand in weights/README.md.
@pytest.mark.parametrize(
    ("kind", "bound"),
    [(Kind.NAME, 0.03), (Kind.ADDRESS, 0.03), (Kind.NUMBER, 0.02), (Kind.MRZ, 0.02)],
)
def test_the_committed_recogniser_reads_drawn_lines(
    kind: Kind, bound: float, plan: StreamPlan, reader: tuple[Probabilities, tuple[str, ...]]
) -> None:
    run, classes = reader
    samples = draw_samples(plan, Part.TRAIN, kind, 40)
    texts = read_samples(samples, run, classes)
    assert (
        score_texts(kind, texts, [sample.truth for sample in samples]).character_error_rate < bound
    )
