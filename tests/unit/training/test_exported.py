from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from training.export import export_onnx  # noqa: E402
from training.exported import NotOurExport, start_from_export  # noqa: E402
from training.recogniser import Recogniser  # noqa: E402

# The exporter that PyTorch replaced is the one whose files run everywhere; it says so each time.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Constant folding")


@pytest.fixture
def net() -> Recogniser:
    """Batch norms that do something, so that a fold that got lost would show."""
    torch.manual_seed(0)
    net = Recogniser().eval()
    with torch.no_grad():
        for layer in (net.skip, net.enter, net.local):
            state = layer.norm.state_dict()
            for name in ("weight", "running_var"):
                state[name].uniform_(0.5, 2)
            for name in ("bias", "running_mean"):
                state[name].normal_()
    return net


@pytest.fixture
def exported(net: Recogniser, tmp_path: Path) -> Path:
    path = tmp_path / "net.onnx"
    export_onnx(net, path)
    return path


def test_an_export_comes_back_as_the_net_it_was(net: Recogniser, exported: Path) -> None:
    back = start_from_export(exported)
    images = np.random.default_rng(2).uniform(-1, 1, (2, 3, 48, 200)).astype(np.float32)
    with torch.inference_mode():
        expected, found = (each(torch.from_numpy(images)) for each in (net, back))
    assert not back.training
    assert torch.abs(expected - found).max() < 1e-4


def test_a_file_of_another_alphabet_is_refused(exported: Path) -> None:
    model = onnx.load(str(exported))
    next(entry for entry in model.metadata_props if entry.key == "character").value = "a\nb"
    onnx.save(model, str(exported))
    with pytest.raises(NotOurExport, match="dictionary"):
        start_from_export(exported)


def test_a_file_that_lacks_a_weight_is_refused(exported: Path) -> None:
    model = onnx.load(str(exported))
    lost = next(node for node in model.graph.node if node.name == "/net/head/Add")
    model.graph.node.remove(lost)
    onnx.save(model, str(exported))
    with pytest.raises(NotOurExport, match=r"head\.bias"):
        start_from_export(exported)
