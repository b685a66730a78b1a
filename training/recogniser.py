"""The trainable recogniser: PP-OCRv6 small (PPLCNetV4 trunk, two attention blocks, CTC head) in torch.

Ported from the inference graph of PP-OCRv6_rec_small.onnx (PaddleOCR, Apache-2.0, copyright Baidu);
`training/stock.py` fills it from that file. It differs in one thing: it reads twice as many time steps.
"""

from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.charset import CLASSES

ATTENTION_WIDTH = 120
# Stock pools 3 x 2 at a stride of 3 x 2: one time step per 8 columns, too coarse for condensed print.
# A stride of 3 x 1 doubles the steps; the dilation lets the local convolution see as far as it learnt to.
POOL_PX, POOL_STRIDE_PX = (3, 2), (3, 1)
LOCAL_REACH, LOCAL_DILATION = 3, 2
# The slope of Paddle's hard sigmoid as written in the graph; not exactly 1/6.
GATE_SLOPE = 0.16666670143604279


class BlockPlan(NamedTuple):
    """One inverted-bottleneck block of the trunk; a gate of width 0 is none."""

    channels_in: int
    stride: tuple[int, int]
    gate_width: int
    hidden: int
    channels_out: int


BLOCK_PLANS = (
    BlockPlan(96, (1, 1), 24, 192, 96),
    BlockPlan(96, (1, 1), 0, 192, 96),
    BlockPlan(96, (1, 1), 0, 192, 96),
    BlockPlan(96, (2, 1), 0, 192, 192),
    BlockPlan(192, (1, 1), 48, 384, 192),
    BlockPlan(192, (1, 1), 0, 384, 192),
    BlockPlan(192, (1, 1), 48, 384, 192),
    BlockPlan(192, (1, 1), 0, 384, 192),
    BlockPlan(192, (1, 1), 48, 384, 192),
    BlockPlan(192, (1, 1), 0, 384, 192),
    BlockPlan(192, (2, 1), 0, 384, 384),
    BlockPlan(384, (1, 1), 96, 768, 384),
    BlockPlan(384, (1, 1), 0, 768, 384),
)


class Block(nn.Module):
    """Depthwise convolution, optional channel gate, expansion and reduction."""

    def __init__(self, plan: BlockPlan) -> None:
        super().__init__()
        width = plan.channels_in
        self.depthwise = nn.Conv2d(width, width, 3, plan.stride, 1, groups=width)
        self.squeeze = nn.ModuleList()
        if plan.gate_width:
            gate = nn.Conv2d(width, plan.gate_width, 1), nn.Conv2d(plan.gate_width, width, 1)
            self.squeeze.extend(gate)
        self.expand = nn.Conv2d(width, plan.hidden, 1)
        self.reduce = nn.Conv2d(plan.hidden, plan.channels_out, 1)
        self.is_residual = width == plan.channels_out

    def forward(self, x: Tensor) -> Tensor:
        """B x C x H x W to B x C' x H' x W."""
        x = self.depthwise(x)
        if len(self.squeeze):
            gate = self.squeeze[1](F.relu(self.squeeze[0](x.mean((2, 3), keepdim=True))))
            x = x * F.hardtanh(gate * GATE_SLOPE + 0.5, 0.0, 1.0)
        y: Tensor = self.reduce(F.gelu(self.expand(x)))
        return x + y if self.is_residual else y


class ConvNormSilu(nn.Module):
    """Convolution, batch norm, SiLU."""

    def __init__(self, channels_in: int, reach: int = 0, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels_in,
            ATTENTION_WIDTH,
            (1, 2 * reach + 1),
            padding=(0, LOCAL_DILATION * reach),
            dilation=(1, LOCAL_DILATION),
            groups=groups,
            bias=False,
        )
        self.norm = nn.BatchNorm2d(ATTENTION_WIDTH, eps=1e-5)

    def forward(self, x: Tensor) -> Tensor:
        """B x C x H x W to B x 120 x H x W."""
        return F.silu(self.norm(self.conv(x)))


class Attention(nn.Module):
    """One pre-norm transformer block over the time steps."""

    def __init__(self, width: int = ATTENTION_WIDTH, heads: int = 8) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-5), nn.LayerNorm(width, eps=1e-5)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """B x T x 120, attended and mixed."""
        batch, steps, width = x.shape
        head_width = width // self.heads
        split = self.qkv(self.norm1(x)).reshape(batch, steps, 3, self.heads, head_width)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)
        weights = ((query * head_width**-0.5) @ key.transpose(-1, -2)).softmax(-1)
        x = x + self.out((weights @ value).transpose(1, 2).reshape(batch, steps, width))
        mixed: Tensor = x + self.down(F.silu(self.up(self.norm2(x))))
        return mixed


class Recogniser(nn.Module):
    """B x 3 x 48 x W, BGR in -1..1, to B x (W/4 - 1) x classes (logits)."""

    def __init__(self, class_count: int = len(CLASSES)) -> None:
        super().__init__()
        self.stem = nn.ModuleList(
            (
                nn.Conv2d(3, 48, 3, 2, 1),
                nn.Conv2d(48, 24, 2),
                nn.Conv2d(24, 48, 2),
                nn.Conv2d(96, 48, 3, 2, 1),
                nn.Conv2d(48, 96, 1),
            )
        )
        self.blocks = nn.ModuleList(Block(plan) for plan in BLOCK_PLANS)
        self.skip = ConvNormSilu(BLOCK_PLANS[-1].channels_out)
        self.enter = ConvNormSilu(BLOCK_PLANS[-1].channels_out)
        self.local = ConvNormSilu(ATTENTION_WIDTH, LOCAL_REACH, ATTENTION_WIDTH)
        self.attention = nn.ModuleList((Attention(), Attention()))
        self.norm = nn.LayerNorm(ATTENTION_WIDTH, eps=1e-6)
        self.head = nn.Linear(ATTENTION_WIDTH, class_count)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of every class at every time step."""
        x = self._stem(x)
        for block in self.blocks:
            x = block(x)
        x = F.avg_pool2d(x, POOL_PX, POOL_STRIDE_PX)
        skip, y = self.skip(x), self.enter(x)
        y = (y + self.local(y)).squeeze(2).transpose(1, 2)
        for layer in self.attention:
            y = layer(y)
        logits: Tensor = self.head(self.norm(y) + skip.squeeze(2).transpose(1, 2))
        return logits

    def _stem(self, x: Tensor) -> Tensor:
        stem = self.stem
        x = F.relu(stem[0](x))
        pooled = F.max_pool2d(_pad_end(x), 2, 1)
        y = F.relu(stem[2](_pad_end(F.relu(stem[1](_pad_end(x))))))
        x = F.relu(stem[4](F.relu(stem[3](torch.cat([pooled, y], 1)))))
        return x


def load_recogniser(path: Path) -> Recogniser:
    """Load a state dict (torch.save, tensors only) into a fresh net in evaluation mode."""
    net = Recogniser()
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return net.eval()


def _pad_end(x: Tensor) -> Tensor:
    """One column right and one row below, as Paddle's SAME padding of an even kernel does."""
    return F.pad(x, (0, 1, 0, 1))
