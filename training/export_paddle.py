"""The same net in paddle, saved as a native PaddleOCR recognition folder; needs paddlepaddle.

No `F.pad`: paddle2onnx 2.1.0 writes an uninitialised fill value for it and ships a wrong model in
silence. The SAME padding of the layers does the same without it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import paddle
import paddle.nn.functional as F
import torch
from paddle import nn

from training.charset import CLASSES
from training.export import MAX_DIFFERENCE, ExportDiffers, write_paddle_description
from training.recogniser import (
    ATTENTION_WIDTH,
    BLOCK_PLANS,
    GATE_SLOPE,
    LOCAL_DILATION,
    LOCAL_REACH,
    POOL_PX,
    POOL_STRIDE_PX,
    BlockPlan,
    Recogniser,
)

_HEADS = 8


def export_paddle(net: Recogniser, folder: Path) -> float:
    """Write inference.json, inference.pdiparams and inference.yml; return the greatest difference.

    Raises:
        ExportDiffers: the paddle net does not compute what the torch net computes.
    """
    twin = _PaddleRecogniser()
    _copy_weights(net, twin)
    twin.eval()
    difference = _difference(net, twin)
    if difference > MAX_DIFFERENCE:
        raise ExportDiffers(f"probabilities differ by {difference:.1e}")
    folder.mkdir(parents=True, exist_ok=True)
    spec = paddle.static.InputSpec([None, 3, 48, None], "float32", name="x")
    paddle.jit.save(twin, str(folder / "inference"), input_spec=[spec])
    write_paddle_description(folder / "inference.yml")
    return difference


def _copy_weights(net: Recogniser, twin: Any) -> None:
    weights = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    state = {}
    for name, tensor in twin.state_dict().items():
        source = name.replace("._mean", ".running_mean").replace("._variance", ".running_var")
        value = weights[source]
        is_linear = name.endswith("weight") and value.ndim == 2
        state[name] = paddle.to_tensor((value.T if is_linear else value).copy())
        if list(state[name].shape) != list(tensor.shape):
            raise ExportDiffers(f"{name}: {state[name].shape} does not fit {tensor.shape}")
    twin.set_state_dict(state)


def _difference(net: Recogniser, twin: Any) -> float:
    images = np.random.default_rng(0).uniform(-1, 1, (2, 3, 48, 333)).astype(np.float32)
    with torch.inference_mode():
        ours = net(torch.from_numpy(images)).softmax(-1).numpy()
    return float(np.abs(ours - twin(paddle.to_tensor(images)).numpy()).max())


class _Block(nn.Layer):  # type: ignore[misc]
    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        width = plan.channels_in
        self.depthwise = nn.Conv2D(width, width, 3, plan.stride, 1, groups=width)
        self.squeeze = nn.LayerList()
        if plan.gate_width:
            self.squeeze.append(nn.Conv2D(width, plan.gate_width, 1))
            self.squeeze.append(nn.Conv2D(plan.gate_width, width, 1))
        self.expand = nn.Conv2D(width, plan.hidden, 1)
        self.reduce = nn.Conv2D(plan.hidden, plan.channels_out, 1)
        self.is_residual = width == plan.channels_out

    def forward(self, x: Any) -> Any:
        x = self.depthwise(x)
        if len(self.squeeze):
            gate = self.squeeze[1](F.relu(self.squeeze[0](x.mean([2, 3], keepdim=True))))
            x = x * F.hardsigmoid(gate, slope=GATE_SLOPE, offset=0.5)
        y = self.reduce(F.gelu(self.expand(x)))
        return x + y if self.is_residual else y


class _ConvNormSilu(nn.Layer):  # type: ignore[misc]
    def __init__(self, channels_in: int, reach: int = 0, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2D(
            channels_in,
            ATTENTION_WIDTH,
            (1, 2 * reach + 1),
            padding=(0, LOCAL_DILATION * reach),
            dilation=(1, LOCAL_DILATION),
            groups=groups,
            bias_attr=False,
        )
        self.norm = nn.BatchNorm2D(ATTENTION_WIDTH, epsilon=1e-5)

    def forward(self, x: Any) -> Any:
        return F.silu(self.norm(self.conv(x)))


class _Attention(nn.Layer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        width = ATTENTION_WIDTH
        self.norm1, self.norm2 = (
            nn.LayerNorm(width, epsilon=1e-5),
            nn.LayerNorm(width, epsilon=1e-5),
        )
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Any) -> Any:
        size = ATTENTION_WIDTH // _HEADS
        split = self.qkv(self.norm1(x)).reshape([0, -1, 3, _HEADS, size])
        query, key, value = split.transpose([2, 0, 3, 1, 4])
        weights = F.softmax(paddle.matmul(query * size**-0.5, key, transpose_y=True), -1)
        attended = paddle.matmul(weights, value).transpose([0, 2, 1, 3])
        x = x + self.out(attended.reshape([0, -1, ATTENTION_WIDTH]))
        return x + self.down(F.silu(self.up(self.norm2(x))))


class _PaddleRecogniser(nn.Layer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.LayerList(
            [
                nn.Conv2D(3, 48, 3, 2, 1),
                nn.Conv2D(48, 24, 2, padding="SAME"),
                nn.Conv2D(24, 48, 2, padding="SAME"),
                nn.Conv2D(96, 48, 3, 2, 1),
                nn.Conv2D(48, 96, 1),
            ]
        )
        self.blocks = nn.LayerList([_Block(plan) for plan in BLOCK_PLANS])
        self.skip = _ConvNormSilu(BLOCK_PLANS[-1].channels_out)
        self.enter = _ConvNormSilu(BLOCK_PLANS[-1].channels_out)
        self.local = _ConvNormSilu(ATTENTION_WIDTH, LOCAL_REACH, ATTENTION_WIDTH)
        self.attention = nn.LayerList([_Attention(), _Attention()])
        self.norm = nn.LayerNorm(ATTENTION_WIDTH, epsilon=1e-6)
        self.head = nn.Linear(ATTENTION_WIDTH, len(CLASSES))

    def forward(self, x: Any) -> Any:
        stem = self.stem
        x = F.relu(stem[0](x))
        pooled = F.max_pool2d(x, 2, 1, padding="SAME")
        y = F.relu(stem[2](F.relu(stem[1](x))))
        x = F.relu(stem[4](F.relu(stem[3](paddle.concat([pooled, y], 1)))))
        for block in self.blocks:
            x = block(x)
        x = F.avg_pool2d(x, POOL_PX, POOL_STRIDE_PX)
        skip, y = self.skip(x), self.enter(x)
        y = (y + self.local(y)).squeeze(2).transpose([0, 2, 1])
        for layer in self.attention:
            y = layer(y)
        logits = self.head(self.norm(y) + skip.squeeze(2).transpose([0, 2, 1]))
        return F.softmax(logits, -1)
