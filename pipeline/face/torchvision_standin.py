"""Lets facenet-pytorch 2.6 run without torchvision.

It uses two functions of torchvision: `batched_nms` in its detector, and `to_tensor` where it cuts faces out, which we
do not let it do. A plain install of torchvision replaces the CPU build of torch by a CUDA one, so the two are stood in
for.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any, NoReturn

import numpy as np

from pipeline.face.region import overlap

_USED = ("torchvision.ops.boxes", "torchvision.transforms.functional")


def _not_here(*_arguments: object) -> NoReturn:
    raise NotImplementedError(
        "facenet-pytorch does not cut faces here; torchvision is not installed"
    )


def _batched_nms(boxes: Any, scores: Any, groups: Any, threshold: float) -> Any:
    """Non-maximum suppression within each group, best first, as torchvision documents it; torch tensors."""
    import torch

    corners = boxes.detach().cpu().numpy().astype(np.float64)
    group = groups.detach().cpu().numpy()
    left = np.argsort(-scores.detach().cpu().numpy(), kind="stable")
    kept = []
    while left.size:
        first, left = left[0], left[1:]
        kept.append(first)
        near = overlap(corners[first], corners[left]) > threshold
        left = left[~(near & (group[left] == group[first]))]
    return torch.as_tensor(np.array(kept, np.int64), device=boxes.device)


def install_standin() -> bool:
    """Put the stand-in in place of torchvision unless a working one is there.

    Call it before `facenet_pytorch` is imported.

    Returns:
        True when the stand-in was installed.
    """
    try:
        for name in _USED:
            importlib.import_module(name)
    except (ImportError, RuntimeError):  # RuntimeError: a CUDA build beside a CPU torch
        for name in [n for n in sys.modules if n.partition(".")[0] == "torchvision"]:
            del sys.modules[name]  # a half-imported package would be found again
        sys.modules.update(_standin())
        return True
    return False


def _standin() -> dict[str, types.ModuleType]:
    names = ("torchvision", "torchvision.ops", "torchvision.transforms", *_USED)
    modules = {name: types.ModuleType(name) for name in names}
    for name, module in modules.items():
        module.__dict__["__path__"] = []
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, module)
    modules["torchvision.transforms.functional"].__dict__["to_tensor"] = _not_here
    for name in ("torchvision.ops", "torchvision.ops.boxes"):
        modules[name].__dict__.update(nms=_not_here, batched_nms=_batched_nms)
    return modules
