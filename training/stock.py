"""Fills the trainable net from the stock PP-OCRv6_rec_small.onnx and cuts its head to our alphabet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from training.charset import BLANK, CLASSES, without_tone
from training.recogniser import ATTENTION_WIDTH, Recogniser

_LAYER_NORM_SUFFIXES = tuple(f".reshape.{digit}" for digit in range(10))
# A new letter starts near its toneless sibling, a little less likely, with noise to tell them apart.
_SIBLING_SCALE, _SIBLING_NOISE, _SIBLING_BIAS = 0.9, 0.02, -0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StockHead:
    """The stock CTC head: weight is classes x 120, bias is classes."""

    weight: Tensor
    bias: Tensor
    characters: tuple[str, ...]


def start_from_stock(path: Path) -> Recogniser:
    """Turn the stock ONNX file into our net: same body, head cut from 18,710 to our classes."""
    net = Recogniser()
    cut_head(net, fill_body(net, path))
    return net.eval()


def fill_body(net: Recogniser, path: Path) -> StockHead:
    """Copy every weight but the head's by order in the graph; return the stock head.

    Raises:
        ValueError: the graph has not the layers of PP-OCRv6 small.
    """
    model = onnx.load(str(path))
    values = _float_values(model.graph)
    with torch.no_grad():
        _fill_convolutions(net, model.graph, values)
        _fill_linears(net, model.graph, values)
        _fill_layer_norms(net, values)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    return StockHead(
        weight=values["linear_8.w_0"].T,
        bias=values["linear_8.b_0"],
        characters=tuple(metadata["character"].splitlines()),
    )


def cut_head(net: Recogniser, stock: StockHead) -> tuple[str, ...]:
    """Copy the rows of our classes into the head; return the letters that started from a sibling."""
    rows = {character: row for row, character in enumerate(stock.characters, start=1)}
    rows |= {BLANK: 0, " ": len(stock.characters) + 1}
    fresh = tuple(character for character in CLASSES if character not in rows)
    with torch.no_grad():
        for index, character in enumerate(CLASSES):
            row = rows[character] if character in rows else rows[without_tone(character)]
            net.head.weight[index] = stock.weight[row]
            net.head.bias[index] = stock.bias[row]
            if character not in rows:
                noise = torch.randn(ATTENTION_WIDTH) * _SIBLING_NOISE
                net.head.weight[index] = net.head.weight[index] * _SIBLING_SCALE + noise
                net.head.bias[index] += _SIBLING_BIAS
    return fresh


def _float_values(graph: Any) -> dict[str, Tensor]:
    return {
        tensor.name: torch.from_numpy(
            np.frombuffer(tensor.raw_data, np.float32).reshape(tensor.dims).copy()
        )
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    }


def _nodes(graph: Any, kind: str) -> list[Any]:
    return [node for node in graph.node if node.op_type == kind]


def _fill_convolutions(net: Recogniser, graph: Any, values: dict[str, Tensor]) -> None:
    nodes, norms = _nodes(graph, "Conv"), _nodes(graph, "BatchNormalization")
    adds = [node for node in _nodes(graph, "Add") if node.input[1] in values]
    biases = {node.input[0]: values[node.input[1]] for node in adds}
    plain: list[Any] = list(net.stem)
    for block in net.blocks:
        plain += [block.depthwise, *block.squeeze, block.expand, block.reduce]  # type: ignore[misc]
    normed = (net.skip, net.enter, net.local)
    if len(nodes) != len(plain) + len(normed):
        raise ValueError(f"expected {len(plain) + len(normed)} convolutions, found {len(nodes)}")
    for module, node in zip(plain, nodes[: len(plain)], strict=True):
        module.weight.copy_(values[node.input[1]])
        module.bias.copy_(biases[node.output[0]].reshape(-1))
    for layer, node, norm in zip(normed, nodes[len(plain) :], norms, strict=True):
        layer.conv.weight.copy_(values[node.input[1]])
        _fill_batch_norm(layer.norm, [values[name] for name in norm.input[1:]])


def _fill_batch_norm(norm: nn.BatchNorm2d, values: list[Tensor]) -> None:
    targets = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    for target, value in zip(targets, values, strict=True):
        if target is not None:
            target.copy_(value)


def _fill_linears(net: Recogniser, graph: Any, values: dict[str, Tensor]) -> None:
    keys = [node.input[1] for node in _nodes(graph, "MatMul")]
    names = [key for key in keys if key.startswith("linear_") and key != "linear_8.w_0"]
    modules = [
        linear for layer in net.attention for linear in (layer.qkv, layer.out, layer.up, layer.down)
    ]
    for module, name in zip(modules, names, strict=True):
        module.weight.copy_(values[name].T)  # type: ignore[operator,union-attr]
        module.bias.copy_(values[name.replace("w_0", "b_0")])  # type: ignore[operator,union-attr]


def _fill_layer_norms(net: Recogniser, values: dict[str, Tensor]) -> None:
    names = [
        name
        for name, value in values.items()
        if name.endswith(_LAYER_NORM_SUFFIXES) and value.numel() == ATTENTION_WIDTH
    ]
    names.sort(key=lambda name: int(name.rsplit(".", 1)[1]))
    layers: list[Any] = [norm for layer in net.attention for norm in (layer.norm1, layer.norm2)]
    layers.append(net.norm)
    for index, module in enumerate(layers):
        module.weight.copy_(values[names[2 * index]].reshape(-1))
        module.bias.copy_(values[names[2 * index + 1]].reshape(-1))
