"""Turn dlib's face recognition ResNet (.dat) into ONNX: the same numbers, a tenth of the time, and no GIL held.

The file is dlib's own serialisation of `dlib_face_recognition_resnet_model_v1` (Davis King, CC0): layer after layer
from the input on, weights as little-endian float32 behind their shape. The architecture is fixed (dlib's example
dnn_face_recognition_ex.cpp), so only the tensors are read, in their order. Needed at set-up only (`ekyc weights
fetch`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from pipeline.errors import WeightsError

Array = NDArray[np.float32]

_OPSET, _IR_VERSION = 17, 8
_SIZE, _DIMENSIONS, _FIRST = 150, 128, 32
#: dlib's `input_rgb_image_sized<150>`: these means, then / 256.
_MEAN_RGB, _SCALE = (122.782, 117.001, 104.298), 256.0
#: (filters, how many residual blocks, whether the first halves the picture), from the input on.
_LEVELS = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))


def convert(data: bytes) -> bytes:
    """Return the network as an ONNX model.

    Its input `chip` is 1 x 150 x 150 x 3, float32, RGB, 0..255; its output `descriptor` 1 x 128, float32.

    Args:
        data: dlib_face_recognition_resnet_model_v1.dat.

    Raises:
        WeightsError: a tensor of the architecture is not in the file.
    """
    model = _Network(data).build()
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _integer(value: int) -> bytes:
    """A positive integer as dlib writes it: the number of bytes, then the bytes, lowest first."""
    length = max(1, (value.bit_length() + 7) // 8)
    return bytes([length]) + value.to_bytes(length, "little")


class _Tensors:
    """Reads tensors one after the other: version 2, four sizes, then the numbers."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, *shape: int) -> Array:
        sizes = (*shape, 1, 1, 1, 1)[:4]
        header = b"".join(_integer(size) for size in (2, *sizes))
        start = self._data.find(header, self._at)
        count = int(np.prod(shape))
        self._at = start + len(header) + 4 * count
        if start < 0 or self._at > len(self._data):
            raise WeightsError(f"no tensor of {count} numbers where dlib's ResNet has one")
        return np.frombuffer(self._data, "<f4", count, start + len(header)).reshape(shape)


class _Network:
    """One walk from the input to the descriptor; affine layers are folded into the convolutions before them."""

    def __init__(self, data: bytes) -> None:
        self._tensors = _Tensors(data)
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def build(self) -> Any:
        mean = self._constant("mean", np.array(_MEAN_RGB, np.float32))
        scale = self._constant("scale", np.array(_SCALE, np.float32))
        x = self._emit("Div", self._emit("Sub", "chip", mean), scale)
        x = self._emit("Transpose", x, perm=[0, 3, 1, 2])
        x = self._emit("Relu", self._convolution(x, 3, _FIRST, size=7, stride=2))
        x = self._emit("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
        side, channels = 35, _FIRST
        for filters, halves in self._blocks():
            x, side = self._block(x, channels, filters, side, halves=halves)
            channels = filters
        x = self._emit("Flatten", self._emit("GlobalAveragePool", x))
        last = self._constant("last", self._tensors.take(channels, _DIMENSIONS))
        self._nodes.append(helper.make_node("MatMul", [x, last], ["descriptor"]))
        return self._model()

    def _blocks(self) -> Iterator[tuple[int, bool]]:
        for filters, count, halves in _LEVELS:
            for index in range(count):
                yield filters, halves and index == 0

    def _block(
        self, x: str, channels: int, filters: int, side: int, *, halves: bool
    ) -> tuple[str, int]:
        """Two convolutions beside a short cut; dlib fills up with zeros what the two differ by."""
        stride = 2 if halves else 1
        inner = self._emit(
            "Relu", self._convolution(x, channels, filters, stride=stride, pad=not halves)
        )
        inner = self._convolution(inner, filters, filters, pad=True)
        if not halves:
            return self._emit("Relu", self._emit("Add", inner, x)), side
        cut = self._emit("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
        inner_side, cut_side = (side - 3) // 2 + 1, (side - 2) // 2 + 1
        inner = self._padded(inner, 0, cut_side - inner_side)
        cut = self._padded(cut, filters - channels, 0)
        return self._emit("Relu", self._emit("Add", inner, cut)), cut_side

    def _convolution(
        self, x: str, channels: int, filters: int, *, size: int = 3, stride: int = 1, pad: bool = False
    ) -> str:  # fmt: skip
        count = filters * channels * size * size
        both, affine = self._tensors.take(count + filters), self._tensors.take(2 * filters)
        gain, shift = affine[:filters], affine[filters:]
        weights = both[:count].reshape(filters, channels, size, size) * gain[:, None, None, None]
        name = f"c{len(self._constants)}"
        inputs = (
            self._constant(f"{name}w", weights),
            self._constant(f"{name}b", both[count:] * gain + shift),
        )
        around = size // 2 if pad else 0
        return self._emit("Conv", x, *inputs, strides=[stride] * 2, pads=[around] * 4)

    def _padded(self, x: str, channels: int, side: int) -> str:
        if not channels and not side:
            return x
        ends = np.array([0, 0, 0, 0, 0, channels, side, side], np.int64)
        return self._emit("Pad", x, self._constant(f"p{len(self._constants)}", ends))

    def _emit(self, kind: str, *inputs: str, **options: Any) -> str:
        name = f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **options))
        return name

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _model(self) -> Any:
        shapes = {"chip": [1, _SIZE, _SIZE, 3], "descriptor": [1, _DIMENSIONS]}
        chip, descriptor = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        )
        graph = helper.make_graph(
            self._nodes, "dlib_face_recognition_resnet_model_v1", [chip], [descriptor],
            self._constants,
        )  # fmt: skip
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION,
            producer_name="ekyc.dlib_to_onnx",
        )  # fmt: skip
