"""The committed recogniser in its two formats, held to each other and to the net in torch; `make parity` runs this."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.card.session import open_session
from pipeline.weights import open_weights
from training.fonts import FontShelf

paddle = pytest.importorskip(
    "paddle", reason="paddlepaddle is not installed; `make parity` runs this where it is"
)
torch = pytest.importorskip("torch", reason="torch is not installed")

from training.charset import nfc  # noqa: E402
from training.export import MAX_DIFFERENCE, paddle_description  # noqa: E402
from training.exported import start_from_export  # noqa: E402
from training.lines import Sample, draw_sample  # noqa: E402
from training.stream import to_batch  # noqa: E402
from training.text import Kind, Role, Span, TextLine  # noqa: E402

# The paddle runtime and its own dependencies warn at import and at load.
pytestmark = pytest.mark.filterwarnings("ignore")

_SHAPES = ((1, 3, 48, 64), (3, 3, 48, 333), (2, 3, 48, 1024))
_TEXTS = (
    "NGUYỄN THỊ HỒNG NHUNG",
    "TRẦN VĂN ĐỨC",
    "Phường Trúc Bạch, Quận Ba Đình,",
    "Xã Krông Á, Huyện M'Drắk, Đắk Lắk",
    "001090000000",
    "Không thời hạn",
    "Quê quán / Place of origin:",
    "15/08/1995",
)

Probabilities = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@pytest.fixture(scope="module")
def onnx_file() -> Path:
    return open_weights("vn_card_rec").path


@pytest.fixture(scope="module")
def paddle_folder() -> Path:
    names = ("graph", "weights", "description")
    paths = [open_weights(f"vn_card_rec_paddle_{name}").path for name in names]
    assert len({path.parent for path in paths}) == 1
    return paths[0].parent


@pytest.fixture(scope="module")
def by_torch(onnx_file: Path) -> Probabilities:
    net = start_from_export(onnx_file)

    def run(images: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return np.asarray(net(torch.from_numpy(images)).softmax(-1))

    return run


@pytest.fixture(scope="module")
def by_onnx(onnx_file: Path) -> Probabilities:
    session = open_session(onnx_file, device="cpu", threads=1)
    return lambda images: np.asarray(session.run(None, {"x": images})[0])


@pytest.fixture(scope="module")
def by_paddle(paddle_folder: Path) -> Probabilities:
    net = paddle.jit.load(str(paddle_folder / "inference"))
    return lambda images: np.asarray(net(paddle.to_tensor(images)))


@pytest.fixture(scope="module")
def crops(shelf: FontShelf) -> list[Sample]:
    rng = random.Random(12)
    spans = [Span(text=nfc(text), role=Role.VALUE) for text in _TEXTS]
    lines = [TextLine(kind=Kind.FIELD, spans=(span,)) for span in spans]
    return [draw_sample(line, shelf, rng) for line in lines]


@pytest.mark.parametrize("shape", _SHAPES)
def test_torch_onnx_and_paddle_compute_the_same(
    shape: tuple[int, ...],
    by_torch: Probabilities,
    by_onnx: Probabilities,
    by_paddle: Probabilities,
) -> None:
    images = np.random.default_rng(3).uniform(-1, 1, shape).astype(np.float32)
    expected = by_torch(images)
    assert np.abs(by_onnx(images) - expected).max() < MAX_DIFFERENCE
    assert np.abs(by_paddle(images) - expected).max() < MAX_DIFFERENCE


def test_they_compute_the_same_on_print(
    crops: list[Sample],
    by_torch: Probabilities,
    by_onnx: Probabilities,
    by_paddle: Probabilities,
) -> None:
    images = to_batch(crops).images
    expected = by_torch(images)
    assert expected[..., 1:].max() > 0.9
    assert np.abs(by_onnx(images) - expected).max() < MAX_DIFFERENCE
    assert np.abs(by_paddle(images) - expected).max() < MAX_DIFFERENCE


def test_paddleocr_reads_the_same_text_in_both_formats(
    onnx_file: Path, paddle_folder: Path, crops: list[Sample], tmp_path: Path
) -> None:
    (tmp_path / "inference.onnx").symlink_to(onnx_file)
    (tmp_path / "inference.yml").write_bytes((paddle_folder / "inference.yml").read_bytes())
    on_onnx = _read(crops, tmp_path, engine="onnxruntime")
    on_paddle = _read(
        crops,
        paddle_folder,
        engine="paddle_static",
        # PaddleOCR's default, oneDNN on the new IR, fails in paddlepaddle 3.3.1.
        engine_config={"enable_new_ir": False, "run_mode": "mkldnn", "cpu_threads": 1},
    )
    assert on_paddle == on_onnx
    wrong = sum(text != crop.truth for text, crop in zip(on_onnx, crops, strict=True))
    assert wrong <= 1


def _read(crops: list[Sample], folder: Path, **engine: Any) -> list[str]:
    from paddleocr import TextRecognition

    name = paddle_description()["Global"]["model_name"]
    model = TextRecognition(model_name=name, model_dir=str(folder), **engine)
    bgr = [np.ascontiguousarray(crop.pixels[..., ::-1]) for crop in crops]
    return [result["rec_text"] for result in model.predict(bgr, batch_size=1)]
