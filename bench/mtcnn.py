"""facenet-pytorch's MTCNN as a peer to measure against; the product does not use it.

The two functions it takes from torchvision are given to it here, so that no torchvision is needed (a plain install of
it replaces the CPU build of torch).
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch

from pipeline.face.torchvision_standin import install_standin


def load_mtcnn(**options: Any) -> Any:
    """Return an MTCNN on the CPU, one thread; `options` as in facenet-pytorch."""
    torch.set_num_threads(1)
    if install_standin():
        sys.modules["torchvision.transforms.functional"].__dict__["to_tensor"] = _to_tensor
        sys.modules["torchvision.ops.boxes"].__dict__["batched_nms"] = _batched_nms
    from facenet_pytorch import MTCNN

    return MTCNN(**options)


def _to_tensor(picture: Any) -> torch.Tensor:
    array = np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))
    tensor = torch.from_numpy(array)
    return tensor.float().div(255) if tensor.dtype == torch.uint8 else tensor


def _batched_nms(
    boxes: torch.Tensor, scores: torch.Tensor, groups: torch.Tensor, threshold: float
) -> torch.Tensor:
    """Non-maximum suppression; boxes of different groups are moved so far apart that they never overlap."""
    if boxes.numel() == 0:
        return torch.empty((0,), dtype=torch.int64)
    apart = (boxes + groups.to(boxes)[:, None] * (boxes.max() + 1)).numpy().astype(np.float64)
    size = (apart[:, 2:4] - apart[:, :2]).prod(1)
    order, kept = np.argsort(-scores.numpy(), kind="stable"), []
    while order.size:
        first, others = order[0], order[1:]
        kept.append(int(first))
        low = np.maximum(apart[first, :2], apart[others, :2])
        high = np.minimum(apart[first, 2:4], apart[others, 2:4])
        shared = np.clip(high - low, 0, None).prod(1)
        order = others[shared <= threshold * (size[first] + size[others] - shared)]
    return torch.as_tensor(kept, dtype=torch.int64)
