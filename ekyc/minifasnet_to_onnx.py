"""Turn the two published MiniFASNet weights into one ONNX file, held to torch. Needs torch and onnx, at set-up only."""

from __future__ import annotations

import io
import pickle
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from ekyc.minifasnet import SIZE_PX, V1SE, V2, Architecture, MiniFasNet, Pair
from pipeline.errors import WeightsError
from pipeline.onnx_model import OnnxModel

#: The greatest difference between torch and the export that is still rounding: of probabilities.
MAX_DIFFERENCE = 1e-4
#: How the two networks are built, in the order of their crops: 2.7 and 4 times the face.
ARCHITECTURES = (V2, V1SE)
INPUT, OUTPUT = "crops", "classes"
_OPSET, _TRIED = 17, 8
#: Keys of weights that were trained on several GPUs.
_PARALLEL = "module."


def convert(checkpoints: Sequence[bytes]) -> bytes:
    """Return both networks as one ONNX model.

    Its input `crops` is 1 x 2 x 3 x 80 x 80, float32, BGR, 0..255; its output `classes` 1 x 3 probabilities, averaged
    over the two, of which 1 is living.

    Args:
        checkpoints: the .pth files, the one for 2.7 times the face first.

    Raises:
        WeightsError: a file is no such checkpoint, or the export computes something else.
    """
    networks = [
        _network(data, architecture)
        for data, architecture in zip(checkpoints, ARCHITECTURES, strict=True)
    ]
    pair = Pair(networks).eval()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "minifasnet.onnx"
        _export(pair, path)
        difference = greatest_difference(pair, OnnxModel(path))
        if not difference <= MAX_DIFFERENCE:
            raise WeightsError(f"made minifasnet differs from torch by {difference:.1e}")
        onnx.checker.check_model(str(path))
        return path.read_bytes()


def greatest_difference(pair: nn.Module, model: OnnxModel) -> float:
    """Return how far probabilities of the export are from torch's, at most, over random crops."""
    shape = (_TRIED, len(ARCHITECTURES), 3, SIZE_PX, SIZE_PX)
    crops = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    with torch.inference_mode():
        wanted = pair(torch.from_numpy(crops)).numpy()
    found = np.concatenate([model(crop)[OUTPUT] for crop in crops])
    return float(np.abs(found - wanted).max())


def _network(data: bytes, architecture: Architecture) -> MiniFasNet:
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
        named = {key.removeprefix(_PARALLEL): value for key, value in state.items()}
        network = MiniFasNet(architecture)
        network.load_state_dict(named)
    except (RuntimeError, AttributeError, TypeError, pickle.UnpicklingError, EOFError) as error:
        raise WeightsError(f"these are no weights of MiniFASNet: {type(error).__name__}") from error
    return network.eval()


def _export(pair: nn.Module, path: Path) -> None:
    crops = torch.zeros(1, len(ARCHITECTURES), 3, SIZE_PX, SIZE_PX)
    with warnings.catch_warnings():
        # The newer exporter needs packages that are not ours; this one is deprecated, not gone.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            pair, (crops,), str(path), dynamo=False, opset_version=_OPSET,
            input_names=[INPUT], output_names=[OUTPUT],
        )  # fmt: skip
