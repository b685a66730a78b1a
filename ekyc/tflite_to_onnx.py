"""Turn MediaPipe's three float face models (.tflite) into ONNX, so that one runtime serves card and face.

Our own, because tf2onnx imports tensorflow and tflite2onnx fails on these graphs. They use few operators, so the
converter is short. One onnx release always writes the same bytes, so the manifest pins the sha256 of what
it makes. Needed at set-up only (`ekyc weights fetch`), never when a case is judged.

Activations are NCHW inside; NHWC at the input, in front of RESHAPE and at the outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import tflite
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]

_OPSET, _IR_VERSION = 17, 8
_SAME_PADDING, _NO_ACTIVATION, _RELU = 0, 0, 1
_KIND = {value: name for name, value in vars(tflite.BuiltinOperator).items() if type(value) is int}
_DTYPE: dict[int, type[np.generic]] = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
}


def convert(data: bytes, name: str) -> bytes:
    """Return the ONNX model of a TFLite model.

    Args:
        data: a .tflite file with float weights (float16 or float32), one subgraph, 4-d image input.
        name: the name of the ONNX graph; part of the output's bytes.

    Raises:
        NotImplementedError: the graph uses an operator or option that these face models do not.
    """
    model = _Converter(data).run(name)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _same_pads(size: list[int], kernel: list[int], stride: list[int]) -> list[int]:
    """TensorFlow's SAME padding: the odd pixel goes to the end."""
    total = [
        max((-(-n // s) - 1) * s + k - n, 0) for n, k, s in zip(size, kernel, stride, strict=True)
    ]
    return [t // 2 for t in total] + [t - t // 2 for t in total]


def _options(operator: Any, kind: type[Any]) -> Any:
    table, options = operator.BuiltinOptions(), kind()
    options.Init(table.Bytes, table.Pos)
    return options


class _Converter:
    """One walk over the operators; `flat` holds the tensors that are no longer NCHW images."""

    def __init__(self, data: bytes) -> None:
        self.model = tflite.Model.GetRootAs(data, 0)
        self.graph = self.model.Subgraphs(0)
        self.nodes: list[Any] = []
        self.initialisers: list[Any] = []
        self.constants: dict[int, Array] = {}
        self.flat: set[int] = set()

    def run(self, name: str) -> Any:
        inputs = [self.graph.Inputs(i) for i in range(self.graph.InputsLength())]
        for tensor in inputs:
            self.emit("Transpose", [self.label(tensor)], f"t{tensor}", perm=[0, 3, 1, 2])
        for index in range(self.graph.OperatorsLength()):
            self.operator(self.graph.Operators(index))
        outputs = [self.output(self.graph.Outputs(i)) for i in range(self.graph.OutputsLength())]
        described = [self.described(tensor) for tensor in inputs]
        graph = helper.make_graph(self.nodes, name, described, outputs, self.initialisers)
        opset = [helper.make_opsetid("", _OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=_IR_VERSION)

    # ---- tensors

    def label(self, tensor: int) -> str:
        return str(self.graph.Tensors(tensor).Name().decode())

    def shape(self, tensor: int) -> list[int]:
        return [int(n) for n in self.graph.Tensors(tensor).ShapeAsNumpy()]

    def described(self, tensor: int) -> Any:
        label, shape = self.label(tensor), self.shape(tensor)
        return helper.make_tensor_value_info(label, TensorProto.FLOAT, shape)

    def constant(self, tensor: int) -> Array:
        if tensor in self.constants:
            return self.constants[tensor]
        info = self.graph.Tensors(tensor)
        raw = self.model.Buffers(info.Buffer()).DataAsNumpy().tobytes()
        return np.frombuffer(raw, _DTYPE[info.Type()]).reshape(self.shape(tensor))

    def weight(self, array: Array, label: str) -> str:
        """Store weights as they are: float16 with a Cast, which the runtime folds, or float32."""
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(array), label))
        if array.dtype != np.float16:
            return label
        self.emit("Cast", [label], f"{label}_f", to=TensorProto.FLOAT)
        return f"{label}_f"

    def output(self, tensor: int) -> Any:
        if tensor in self.flat:
            self.emit("Identity", [f"t{tensor}"], self.label(tensor))
        else:
            self.emit("Transpose", [f"t{tensor}"], self.label(tensor), perm=[0, 2, 3, 1])
        return self.described(tensor)

    # ---- operators

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def operator(self, operator: Any) -> None:
        code = self.model.OperatorCodes(operator.OpcodeIndex())
        kind = _KIND[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        if kind not in _RULES:
            raise NotImplementedError(f"operator {kind}")
        sources = [int(i) for i in operator.InputsAsNumpy()]
        _RULES[kind](self, operator, sources, int(operator.OutputsAsNumpy()[0]))

    def activated(
        self, options: Any, kind: str, inputs: list[str], target: int, **attrs: Any
    ) -> None:
        """Emit a node and the activation that TFLite fused into it."""
        activation = options.FusedActivationFunction()
        if activation == _NO_ACTIVATION:
            self.emit(kind, inputs, f"t{target}", **attrs)
        elif activation == _RELU:
            self.emit(kind, inputs, f"t{target}_pre", **attrs)
            self.emit("Relu", [f"t{target}_pre"], f"t{target}")
        else:
            raise NotImplementedError(f"fused activation {activation}")

    def dequantize(self, _operator: Any, sources: list[int], target: int) -> None:
        self.constants[target] = self.constant(sources[0])  # stays float16, see weight()

    def convolution(self, operator: Any, sources: list[int], target: int) -> None:
        options = _options(operator, tflite.Conv2DOptions)
        self.convolve(options, self.constant(sources[1]).transpose(0, 3, 1, 2), sources, target)

    def depthwise(self, operator: Any, sources: list[int], target: int) -> None:
        options = _options(operator, tflite.DepthwiseConv2DOptions)
        kernel = self.constant(sources[1]).transpose(3, 0, 1, 2)
        self.convolve(options, kernel, sources, target, group=len(kernel))

    def convolve(
        self, options: Any, kernel: Array, sources: list[int], target: int, group: int = 1
    ) -> None:
        if options.DilationHFactor() != 1 or options.DilationWFactor() != 1:
            raise NotImplementedError("dilated convolution")
        size, stride = list(kernel.shape[2:]), [options.StrideH(), options.StrideW()]
        inputs = [
            f"t{sources[0]}",
            self.weight(kernel, f"w{target}"),
            self.weight(self.constant(sources[2]), f"b{target}"),
        ]
        pads = self.pads(options, sources[0], size, stride)
        self.activated(
            options, "Conv", inputs, target, kernel_shape=size, strides=stride, pads=pads, group=group
        )  # fmt: skip

    def pads(self, options: Any, source: int, kernel: list[int], stride: list[int]) -> list[int]:
        if options.Padding() != _SAME_PADDING:
            return [0] * 4
        return _same_pads(self.shape(source)[1:3], kernel, stride)

    def add(self, operator: Any, sources: list[int], target: int) -> None:
        options = _options(operator, tflite.AddOptions)
        self.activated(options, "Add", [f"t{source}" for source in sources], target)

    def relu(self, _operator: Any, sources: list[int], target: int) -> None:
        self.emit("Relu", [f"t{sources[0]}"], f"t{target}")

    def prelu(self, _operator: Any, sources: list[int], target: int) -> None:
        """relu(x) * (1 - a) + x * a as two 1 x 1 depthwise convolutions.

        ONNX Runtime keeps its blocked layout through them; a PRelu node costs a reorder on each side (the mesh
        model is 2.8 times slower with it).
        """
        slope = self.constant(sources[1]).astype(np.float32).reshape(-1, 1, 1, 1)
        source, out = f"t{sources[0]}", f"t{target}"
        shape = {"group": len(slope), "kernel_shape": [1, 1]}
        self.emit("Relu", [source], f"{out}_r")
        self.emit(
            "Conv", [f"{out}_r", self.weight(1 - slope, f"s{target}_pos")], f"{out}_p", **shape
        )
        self.emit("Conv", [source, self.weight(slope, f"s{target}_lin")], f"{out}_l", **shape)
        self.emit("Add", [f"{out}_p", f"{out}_l"], out)

    def max_pool(self, operator: Any, sources: list[int], target: int) -> None:
        options = _options(operator, tflite.Pool2DOptions)
        window = [options.FilterHeight(), options.FilterWidth()]
        stride = [options.StrideH(), options.StrideW()]
        pads = self.pads(options, sources[0], window, stride)
        self.emit(
            "MaxPool", [f"t{sources[0]}"], f"t{target}", kernel_shape=window, strides=stride, pads=pads
        )  # fmt: skip

    def pad(self, _operator: Any, sources: list[int], target: int) -> None:
        rows = self.constant(sources[1])[[0, 3, 1, 2]].T.reshape(-1).astype(np.int64)
        self.initialisers.append(numpy_helper.from_array(rows, f"p{target}"))
        self.emit("Pad", [f"t{sources[0]}", f"p{target}"], f"t{target}")

    def reshape(self, _operator: Any, sources: list[int], target: int) -> None:
        source = f"t{sources[0]}"
        if sources[0] not in self.flat:
            self.emit("Transpose", [source], f"t{target}_nhwc", perm=[0, 2, 3, 1])
            source = f"t{target}_nhwc"
        shape = np.array(self.shape(target), np.int64)
        self.initialisers.append(numpy_helper.from_array(shape, f"r{target}"))
        self.emit("Reshape", [source, f"r{target}"], f"t{target}")
        self.flat.add(target)

    def concatenate(self, operator: Any, sources: list[int], target: int) -> None:
        if not self.flat.issuperset(sources):
            raise NotImplementedError("concatenation of images")
        axis = _options(operator, tflite.ConcatenationOptions).Axis()
        self.emit("Concat", [f"t{source}" for source in sources], f"t{target}", axis=axis)
        self.flat.add(target)


_Rule = Callable[[_Converter, Any, list[int], int], None]
_RULES: dict[str, _Rule] = {
    "ADD": _Converter.add,
    "CONCATENATION": _Converter.concatenate,
    "CONV_2D": _Converter.convolution,
    "DEPTHWISE_CONV_2D": _Converter.depthwise,
    "DEQUANTIZE": _Converter.dequantize,
    "MAX_POOL_2D": _Converter.max_pool,
    "PAD": _Converter.pad,
    "PRELU": _Converter.prelu,
    "RELU": _Converter.relu,
    "RESHAPE": _Converter.reshape,
}
