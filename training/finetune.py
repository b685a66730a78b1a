"""Fine-tunes the recogniser on drawn lines; stops and resumes at any time.

The drawn lines depend on seed and pool number alone. The learning rate follows the time budget,
so a repeated run sees the same lines but does not end in the same bits.
"""

import functools
import math
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import structlog
import torch
import torch.nn.functional as F
import typer
from numpy.typing import NDArray
from torch import Tensor

from training.charset import CLASSES, encode
from training.checkpoint import CHECKPOINT_NAME, Run, load_checkpoint, new_run, save_checkpoint
from training.exported import start_from_export
from training.fonts import font_folder
from training.lexicon import Part, load_lexicon
from training.lines import Sample
from training.recogniser import Recogniser, load_recogniser
from training.runlog import Progress, append_progress, draw_curve, rewind
from training.score import draw_kinds, score_kinds, total
from training.stock import start_from_stock
from training.stream import Batch, StreamPlan, pool_stream
from training.text import Kind

log = structlog.get_logger(__name__)

LOG_NAME, CURVE_NAME = "progress.jsonl", "curve.png"

_VALIDATION_SEED = 99
_VALIDATION_LINES_PER_KIND = 50
_WARM_UP_STEPS = 60
_LAST_RATE_SHARE = 0.02
_CLIP_NORM = 5.0
# Scores and exports use an average over about the last 1 / (1 - decay) steps.
_AVERAGE_DECAY = 0.997


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long and how fast to train."""

    seconds: float
    rate: float
    validate_every_s: float


def rate_at(step: int, trained_s: float, budget: Budget) -> float:
    """Learning rate: a short warm-up, then a cosine over the time budget."""
    done = min(trained_s / budget.seconds, 1.0)
    cosine = _LAST_RATE_SHARE + (1 - _LAST_RATE_SHARE) * 0.5 * (1 + math.cos(math.pi * done))
    return budget.rate * min(1.0, (step + 1) / _WARM_UP_STEPS) * cosine


def train_batch(run: Run, batch: Batch, rate: float) -> float:
    """Take one optimiser step; return the CTC loss."""
    for group in run.optimiser.param_groups:
        group["lr"] = rate * group["share"]
    images = torch.from_numpy(batch.images).contiguous(memory_format=torch.channels_last)
    with torch.autocast(run.device, torch.bfloat16, enabled=has_bfloat16(run.device)):
        logits = run.net(images.to(run.device, non_blocking=True))
    loss = ctc_loss(logits.float(), batch.truths)
    run.optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(run.net.parameters(), _CLIP_NORM)
    run.optimiser.step()
    run.steps += 1
    run.lines_seen += len(batch.truths)
    _follow(run)
    return float(loss.item())


@functools.cache
def has_bfloat16(device: str) -> bool:
    """Whether a device computes bfloat16 itself; a CPU that emulates it is some fifty times slower."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))


def ctc_loss(logits: Tensor, truths: tuple[str, ...]) -> Tensor:
    """CTC loss of B x T x classes logits; lines with more letters than time steps count as nothing."""
    log_probs = logits.log_softmax(-1).transpose(0, 1)
    labels = [encode(truth) for truth in truths]
    return F.ctc_loss(
        log_probs,
        torch.tensor([label for row in labels for label in row], device=logits.device),
        torch.full((len(labels),), log_probs.shape[0]),
        torch.tensor([len(row) for row in labels]),
        zero_infinity=True,
    )


def validated(run: Run, progress: Progress, samples: dict[Kind, list[Sample]]) -> Progress:
    """Judge the averaged weights and add the result to a moment of the run."""
    with torch.inference_mode():
        scores = score_kinds(lambda images: _logits(run, images), CLASSES, samples)
    upper = next(score for score in scores if score.kind == Kind.SYLLABLES_UPPER)
    whole = total(scores)
    judged = replace(
        progress,
        character_error_rate=whole.character_error_rate,
        exact_rate=whole.exact_rate,
        upper_error_rate=upper.character_error_rate,
    )
    log.info("validated", **asdict(judged))
    return judged


def train(run: Run, plan: StreamPlan, budget: Budget, folder: Path, renderers: int = 1) -> None:
    """Train until the budget is spent; validate and write a checkpoint every few minutes."""
    samples = _validation_samples(plan)
    judged_at_s = run.trained_s
    with pool_stream(plan, run.next_pool, renderers) as pools:
        for number, batches in pools:
            losses = _train_pool(run, batches, budget)
            run.next_pool = number + 1
            rate = rate_at(run.steps, run.trained_s, budget)
            progress = _progress(run, sum(losses) / len(losses), rate)
            is_over = run.trained_s >= budget.seconds
            if is_over or run.trained_s - judged_at_s >= budget.validate_every_s:
                judged_at_s = run.trained_s
                progress = validated(run, progress, samples)
                save_checkpoint(run, folder)
            append_progress(folder / LOG_NAME, progress)
            if is_over:
                return


def _train_pool(run: Run, batches: list[Batch], budget: Budget) -> list[float]:
    losses = []
    for batch in batches:
        began_s = time.monotonic()
        losses.append(train_batch(run, batch, rate_at(run.steps, run.trained_s, budget)))
        run.trained_s += time.monotonic() - began_s
    return losses


def _progress(run: Run, loss: float | None, rate: float) -> Progress:
    return Progress(
        trained_s=round(run.trained_s, 1), lines_seen=run.lines_seen, loss=loss, rate=rate
    )


def _validation_samples(plan: StreamPlan) -> dict[Kind, list[Sample]]:
    own_seed = replace(plan, seed=_VALIDATION_SEED)
    return draw_kinds(own_seed, Part.VALIDATION, _VALIDATION_LINES_PER_KIND)


def _logits(run: Run, images: NDArray[np.float32]) -> NDArray[np.float32]:
    logits: NDArray[np.float32] = run.average(torch.from_numpy(images).to(run.device)).cpu().numpy()
    return logits


def _follow(run: Run) -> None:
    """Move the averaged weights a little towards the trained ones; faster while the run is young."""
    decay = min(_AVERAGE_DECAY, (1 + run.steps) / (10 + run.steps))
    with torch.no_grad():
        for slow, fast in zip(run.average.parameters(), run.net.parameters(), strict=True):
            slow.lerp_(fast, 1 - decay)


def _first_net(start: Path | None, stock: Path | None) -> Recogniser:
    if start is not None:
        return start_from_export(start) if start.suffix == ".onnx" else load_recogniser(start)
    if stock is not None:
        return start_from_stock(stock)
    raise typer.BadParameter("name --start (our ONNX or a state dict) or --stock (Baidu's ONNX)")


def main(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    folder: Annotated[Path, typer.Argument(help="Where checkpoint, weights, log and curve go.")],
    seconds: Annotated[float, typer.Option(help="Training time in all, validations not counted.")],
    start: Annotated[
        Path | None, typer.Option(help="Our exported ONNX, or a state dict, to start from.")
    ] = None,
    stock: Annotated[
        Path | None, typer.Option(help="PP-OCRv6_rec_small.onnx to start from.")
    ] = None,
    rate: float = 4e-4,
    seed: int = 1,
    batch_lines: int = 16,
    validate_every_s: float = 300.0,
    device: Annotated[
        str, typer.Option(help="cpu or cuda; cuda wants more lines a batch.")
    ] = "cpu",
    renderers: Annotated[int, typer.Option(help="Processes that draw; one feeds a CPU.")] = 1,
) -> None:
    """Fine-tune the recogniser; continue from the folder's checkpoint when there is one."""
    if device not in ("cpu", "cuda") or (device == "cuda" and not torch.cuda.is_available()):
        raise typer.BadParameter(f"torch has no device {device} here")
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT_NAME
    plan = StreamPlan(
        lexicon=load_lexicon(os.environ),
        font_folder=font_folder(os.environ),
        seed=seed,
        batch_lines=batch_lines,
    )
    if checkpoint.is_file():
        run = new_run(Recogniser(), device)
        load_checkpoint(run, checkpoint)
        rewind(folder / LOG_NAME, run.lines_seen)
    else:
        run = new_run(_first_net(start, stock), device)
        first = validated(run, _progress(run, None, 0.0), _validation_samples(plan))
        append_progress(folder / LOG_NAME, first)
    log.info("training_starts", text=plan.lexicon.source, lines_seen=run.lines_seen)
    budget = Budget(seconds=seconds, rate=rate, validate_every_s=validate_every_s)
    train(run, plan, budget, folder, renderers)
    draw_curve(folder / LOG_NAME, folder / CURVE_NAME)


if __name__ == "__main__":
    typer.run(main)
