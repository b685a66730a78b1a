import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")

from pipeline.card.charset import ACCENTED_LETTERS  # noqa: E402
from training import recogniser  # noqa: E402
from training.charset import CLASSES  # noqa: E402
from training.export import ExportDiffers, export_onnx, paddle_description  # noqa: E402
from training.recogniser import Recogniser, load_recogniser  # noqa: E402
from training.score import onnx_reader  # noqa: E402
from training.stock import cut_head, fill_body, start_from_stock  # noqa: E402

# The exporter that PyTorch replaced is the one whose files run everywhere; it says so each time.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Constant folding")

# Read before the fixtures clear every EKYC_ variable.
STOCK_REC = os.environ.get("EKYC_STOCK_REC")


def _stock_file() -> Path:
    """The recogniser inside the rapidocr wheel, or the file that EKYC_STOCK_REC names."""
    if STOCK_REC is not None:
        return Path(STOCK_REC)
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        pytest.skip("rapidocr is not installed and EKYC_STOCK_REC names no PP-OCRv6_rec_small.onnx")
    return Path(spec.origin).parent / "models" / "PP-OCRv6_rec_small.onnx"


@pytest.fixture
def net() -> Recogniser:
    torch.manual_seed(0)
    return Recogniser().eval()


def test_one_time_step_covers_four_columns(net: Recogniser) -> None:
    assert net(torch.zeros(2, 3, 48, 320)).shape == (2, 79, len(CLASSES))


def test_the_onnx_file_computes_what_the_net_computes(net: Recogniser, tmp_path: Path) -> None:
    target = tmp_path / "net.onnx"
    assert export_onnx(net, target) < 1e-4
    run, classes = onnx_reader(target)
    assert classes[1:] == CLASSES[1:]
    images = np.random.default_rng(1).uniform(-1, 1, (3, 3, 48, 200)).astype(np.float32)
    with torch.inference_mode():
        expected = net(torch.from_numpy(images)).softmax(-1).numpy()
    assert np.abs(run(images) - expected).max() < 1e-4


def test_an_export_that_computes_something_else_is_refused(
    net: Recogniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import export

    wrong = lambda _: (lambda images: np.zeros((1, 1, 1), np.float32), ())  # noqa: E731
    monkeypatch.setattr(export, "onnx_reader", wrong)
    with pytest.raises(ExportDiffers):
        export_onnx(net, tmp_path / "net.onnx")


def test_the_paddle_folder_names_every_letter() -> None:
    dictionary = paddle_description()["PostProcess"]["character_dict"]
    assert set(ACCENTED_LETTERS) <= set(dictionary)
    assert len(dictionary) == len(CLASSES) - 2


def test_the_paddle_net_computes_what_the_net_computes(net: Recogniser, tmp_path: Path) -> None:
    pytest.importorskip("paddle", reason="paddlepaddle is not installed")
    from training.export_paddle import export_paddle

    assert export_paddle(net, tmp_path / "folder") < 1e-4
    assert (tmp_path / "folder" / "inference.yml").is_file()


def test_a_saved_net_loads_again(net: Recogniser, tmp_path: Path) -> None:
    torch.save(net.state_dict(), tmp_path / "net.pt")
    images = torch.randn(1, 3, 48, 64)
    assert torch.equal(load_recogniser(tmp_path / "net.pt")(images), net(images))


def test_the_stock_file_fills_the_net_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    path = _stock_file()
    # In the stock arrangement, which reads half as many time steps.
    monkeypatch.setattr(recogniser, "POOL_STRIDE_PX", (3, 2))
    monkeypatch.setattr(recogniser, "LOCAL_DILATION", 1)
    net = Recogniser(18710).eval()
    head = fill_body(net, path)
    with torch.no_grad():
        net.head.weight.copy_(head.weight)
        net.head.bias.copy_(head.bias)
        images = np.random.default_rng(0).uniform(-1, 1, (1, 3, 48, 160)).astype(np.float32)
        ours = net(torch.from_numpy(images)).softmax(-1).numpy()
    session = onnxruntime.InferenceSession(str(path))
    theirs = session.run(None, {session.get_inputs()[0].name: images})[0]
    assert np.abs(ours - theirs).max() < 1e-4


def test_letters_that_the_stock_head_lacks_start_from_their_toneless_sibling() -> None:
    path = _stock_file()
    fresh = cut_head(Recogniser(), fill_body(Recogniser(), path))
    assert len(fresh) == 88
    assert set(fresh) < set(ACCENTED_LETTERS)
    assert start_from_stock(path)(torch.zeros(1, 3, 48, 64)).shape == (1, 15, len(CLASSES))
