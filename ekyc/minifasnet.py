"""MiniFASNet, the two networks of Silent-Face-Anti-Spoofing, as a torch module that takes their published weights.

The architecture is Minivision's (src/model_lib/MiniFASNet.py of minivision-ai/Silent-Face-Anti-Spoofing, Apache-2.0,
2020): a small MobileFaceNet whose blocks were pruned to odd widths. Names of modules are theirs, because the keys of
the weights are. Needed at set-up only (`ekyc weights fetch minifasnet`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

SIZE_PX, CLASSES = 80, 3
#: Squeeze-and-excitation narrows to a quarter.
_SE_REDUCTION = 4
_FIRST, _LAST, _EMBEDDING = 32, 512, 128
#: What is left of 80 pixels after four halvings; upstream's `get_kernel`.
_LAST_KERNEL = SIZE_PX // 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Halves the picture in a block of `down` channels, then adds one residual block for each width.

    `out` is the number of channels that leave the stage.
    """

    out: int
    down: int
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Three stages; `excited`: the last block of each weighs its channels."""

    stages: tuple[Stage, Stage, Stage]
    excited: bool


#: Upstream's `MiniFASNetV2` (`keep_dict["1.8M_"]`) and `MiniFASNetV1SE` (`keep_dict["1.8M"]`), told by stages.
V2 = Architecture(
    stages=(
        Stage(out=64, down=103, widths=(13, 13, 13, 13)),
        Stage(out=128, down=231, widths=(231, 52, 26, 77, 26, 26)),
        Stage(out=128, down=308, widths=(26, 26)),
    ),
    excited=False,
)
V1SE = Architecture(
    stages=(
        Stage(out=64, down=103, widths=(13, 26, 13, 52)),
        Stage(out=128, down=231, widths=(154, 52, 26, 52, 26, 26)),
        Stage(out=128, down=308, widths=(26, 26)),
    ),
    excited=True,
)


class _Convolution(nn.Module):
    """A convolution, its normalisation and, where it is not `linear`, PReLU."""

    def __init__(
        self, channels: int, out: int, *, size: int = 1, stride: int = 1, pad: int = 0,
        groups: int = 1, linear: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.conv = nn.Conv2d(channels, out, size, stride, pad, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(out)
        self.prelu = nn.Identity() if linear else nn.PReLU(out)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.prelu(self.bn(self.conv(x)))
        return y


class _Block(nn.Module):
    """Widens, looks at each channel alone, narrows; a residual block adds what came in."""

    def __init__(
        self, channels: int, width: int, out: int, *, residual: bool, excited: bool = False
    ) -> None:
        super().__init__()
        self.conv = _Convolution(channels, width)
        self.conv_dw = _Convolution(
            width, width, size=3, stride=1 if residual else 2, pad=1, groups=width
        )
        self.project = _Convolution(width, out, linear=True)
        self.se_module = _Excitation(out) if excited else nn.Identity()
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.se_module(self.project(self.conv_dw(self.conv(x))))
        return x + y if self.residual else y


class _Excitation(nn.Module):
    """Weighs channels by what the whole picture holds of them (squeeze and excitation)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = channels // _SE_REDUCTION
        self.fc1 = nn.Conv2d(channels, narrow, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(narrow)
        self.fc2 = nn.Conv2d(narrow, channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.bn1(self.fc1(x.mean((2, 3), keepdim=True))))
        weight: Tensor = torch.sigmoid(self.bn2(self.fc2(y)))
        return x * weight


class _Residuals(nn.Module):
    """Residual blocks one after the other; of an `excited` network the last one is."""

    def __init__(self, channels: int, widths: Sequence[int], *, excited: bool) -> None:
        super().__init__()
        last = len(widths) - 1
        self.model = nn.Sequential(*(
            _Block(channels, width, channels, residual=True, excited=excited and i == last)
            for i, width in enumerate(widths)
        ))  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.model(x)
        return y


class MiniFasNet(nn.Module):
    """One network: N x 3 x 80 x 80, float32, BGR, 0..255 in; N x 3 logits out, of which class 1 is living."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        first, second, third = architecture.stages
        excited = architecture.excited
        self.conv1 = _Convolution(3, _FIRST, size=3, stride=2, pad=1)
        self.conv2_dw = _Convolution(_FIRST, _FIRST, size=3, pad=1, groups=_FIRST)
        self.conv_23 = _Block(_FIRST, first.down, first.out, residual=False)
        self.conv_3 = _Residuals(first.out, first.widths, excited=excited)
        self.conv_34 = _Block(first.out, second.down, second.out, residual=False)
        self.conv_4 = _Residuals(second.out, second.widths, excited=excited)
        self.conv_45 = _Block(second.out, third.down, third.out, residual=False)
        self.conv_5 = _Residuals(third.out, third.widths, excited=excited)
        self.conv_6_sep = _Convolution(third.out, _LAST)
        self.conv_6_dw = _Convolution(_LAST, _LAST, size=_LAST_KERNEL, groups=_LAST, linear=True)
        self.linear = nn.Linear(_LAST, _EMBEDDING, bias=False)
        self.bn = nn.BatchNorm1d(_EMBEDDING)
        self.prob = nn.Linear(_EMBEDDING, CLASSES, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_3(self.conv_23(self.conv2_dw(self.conv1(x))))
        x = self.conv_5(self.conv_45(self.conv_4(self.conv_34(x))))
        x = self.conv_6_dw(self.conv_6_sep(x)).flatten(1)
        logits: Tensor = self.prob(self.bn(self.linear(x)))
        return logits


class Pair(nn.Module):
    """Networks on crops of their own, averaged: N x crops x 3 x 80 x 80 in, N x 3 probabilities out."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, crops: Tensor) -> Tensor:
        each = [net(crops[:, i]).softmax(1) for i, net in enumerate(self.networks)]
        return torch.stack(each).mean(0)
