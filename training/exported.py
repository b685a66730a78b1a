"""Reads our own exported ONNX file back into the trainable net, so that a run can build on what was shipped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from training.charset import CHARACTERS
from training.recogniser import Recogniser

# The exporter folds each of these batch norms into the convolution before it.
_FOLDED = ("skip", "enter", "local")


class NotOurExport(ValueError):
    """The file is not an export of this net with this alphabet."""


def start_from_export(path: Path) -> Recogniser:
    """Turn an exported ONNX file back into a net in evaluation mode that computes the same.

    A batch norm that was folded comes back as one that changes nothing but adds the folded bias.

    Raises:
        NotOurExport: the file has another alphabet, or a weight is missing or of another shape.
    """
    model = onnx.load(str(path))
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if tuple(metadata.get("character", "").splitlines()) != CHARACTERS:
        raise NotOurExport(f"{path}: its dictionary is not ours")
    net = Recogniser()
    state = net.state_dict()
    found = dict(_weights(model.graph))
    for name in _FOLDED:
        found |= _unfolded(name, found, net.get_submodule(f"{name}.norm").eps)  # type: ignore[arg-type]
    if set(found) != set(state):
        raise NotOurExport(f"{path}: weights differ: {sorted(set(found) ^ set(state))}")
    try:
        net.load_state_dict(found)
    except RuntimeError as error:
        raise NotOurExport(f"{path}: {error}") from error
    return net.eval()


def _weights(graph: Any) -> Iterator[tuple[str, Tensor]]:
    """Every weight under its name in the net, found by the layer that uses it.

    The tensors' own names do not serve: the exporter renames folded and transposed ones, and hands
    one tensor on (`Identity`) to every layer with equal values.
    """
    values = {
        tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
        for tensor in graph.initializer
    }
    for node in graph.node:
        used = [values[name] for name in node.input if name in values]
        if node.op_type == "Identity" and used:
            values[node.output[0]] = used[0]
        elif used:
            layer = ".".join(node.name.split("/")[2:-1])
            yield from _layer_weights(node.op_type, layer, used)


def _layer_weights(kind: str, layer: str, used: list[Tensor]) -> Iterator[tuple[str, Tensor]]:
    if kind == "MatMul":
        yield f"{layer}.weight", used[0].T.contiguous()
    elif kind == "Add":
        yield f"{layer}.bias", used[0]
    else:
        yield from zip((f"{layer}.weight", f"{layer}.bias"), used, strict=True)


def _unfolded(name: str, found: dict[str, Tensor], eps: float) -> dict[str, Tensor]:
    bias = found.pop(f"{name}.conv.bias", None)
    if bias is None:
        raise NotOurExport(f"no folded bias of {name}")
    still = torch.ones_like(bias)
    return {
        f"{name}.norm.weight": still * (1 + eps) ** 0.5,
        f"{name}.norm.bias": bias,
        f"{name}.norm.running_mean": torch.zeros_like(bias),
        f"{name}.norm.running_var": still,
        f"{name}.norm.num_batches_tracked": torch.tensor(0),
    }
