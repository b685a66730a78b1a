"""A training run: what is trained and how fast, written down so that it can go on from any moment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.recogniser import Recogniser

CHECKPOINT_NAME, WEIGHTS_NAME = "checkpoint.pt", "recogniser.pt"

# The head learns new rows, the attention their context, the trunk only finer marks.
_HEAD_RATE, _NECK_RATE, _TRUNK_RATE = 2.0, 1.0, 0.7
# Edges and strokes are learnt; not training the layers that see them saves a quarter of the time.
_FIXED_BLOCKS = 3
_WEIGHT_DECAY = 0.01


@dataclass(slots=True, kw_only=True)
class Run:
    """Everything that a checkpoint keeps; the nets lie where `device` says."""

    net: Recogniser
    average: Recogniser
    optimiser: torch.optim.AdamW
    device: str = "cpu"
    steps: int = 0
    lines_seen: int = 0
    trained_s: float = 0.0
    next_pool: int = 0


def new_run(net: Recogniser, device: str = "cpu") -> Run:
    """Start a run: stem and first blocks fixed, batch norm statistics as they are, everything else free."""
    for layer in (net.stem, *net.blocks[:_FIXED_BLOCKS]):
        layer.requires_grad_(requires_grad=False)
    net = net.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    average = Recogniser().to(device).eval()
    average.load_state_dict(net.state_dict())
    groups = [
        {"params": list(net.head.parameters()), "share": _HEAD_RATE},
        {
            "params": _parameters(net, ("skip", "enter", "local", "attention", "norm.")),
            "share": _NECK_RATE,
        },
        {"params": _parameters(net, ("blocks",)), "share": _TRUNK_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, lr=0.0, weight_decay=_WEIGHT_DECAY)
    return Run(net=net, average=average, optimiser=optimiser, device=device)


def save_checkpoint(run: Run, folder: Path) -> None:
    """Write the whole run and, beside it, the averaged weights alone; never half a file."""
    state = {
        "net": run.net.state_dict(),
        "average": run.average.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "torch_rng": torch.get_rng_state(),
        "counts": [run.steps, run.lines_seen, run.next_pool],
        "trained_s": run.trained_s,
    }
    _save(state, folder / CHECKPOINT_NAME)
    _save(run.average.state_dict(), folder / WEIGHTS_NAME)


def load_checkpoint(run: Run, path: Path) -> None:
    """Continue where a checkpoint stopped."""
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    run.net.load_state_dict(state["net"])
    run.average.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["torch_rng"])
    run.steps, run.lines_seen, run.next_pool = state["counts"]
    run.trained_s = state["trained_s"]


def _parameters(net: Recogniser, prefixes: tuple[str, ...]) -> list[torch.nn.Parameter]:
    return [
        value
        for name, value in net.named_parameters()
        if name.startswith(prefixes) and value.requires_grad
    ]


def _save(state: object, path: Path) -> None:
    half = path.with_suffix(".half")
    torch.save(state, half)
    half.replace(path)
