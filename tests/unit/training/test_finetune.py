import math
from pathlib import Path

import pytest
import typer

torch = pytest.importorskip("torch")
pytest.importorskip("rapidfuzz")

from training.checkpoint import Run, load_checkpoint, new_run, save_checkpoint  # noqa: E402
from training.finetune import Budget, ctc_loss, main, rate_at, train_batch  # noqa: E402
from training.recogniser import Recogniser  # noqa: E402
from training.stream import StreamPlan, draw_pool  # noqa: E402

BUDGET = Budget(seconds=100, rate=1e-3, validate_every_s=10)


def _run() -> Run:
    torch.manual_seed(0)
    return new_run(Recogniser())


def _train(run: Run, plan: StreamPlan, pools: range) -> None:
    for number in pools:
        for batch in draw_pool(plan, number)[:2]:
            train_batch(run, batch, 1e-4)
        run.next_pool = number + 1


def test_the_rate_warms_up_and_falls_to_a_rest() -> None:
    assert rate_at(0, 0, BUDGET) < rate_at(30, 0, BUDGET) < rate_at(60, 0, BUDGET) == BUDGET.rate
    assert rate_at(500, 50, BUDGET) == pytest.approx(0.51 * BUDGET.rate)
    assert (
        rate_at(900, 100, BUDGET) == rate_at(900, 400, BUDGET) == pytest.approx(0.02 * BUDGET.rate)
    )


def test_a_line_longer_than_its_time_steps_does_not_break_the_loss() -> None:
    logits = torch.zeros(2, 8, 230, requires_grad=True)
    loss = ctc_loss(logits, ("Nguyễn Văn Đức Anh", "An"))
    loss.backward()
    assert math.isfinite(loss.item())
    assert torch.isfinite(logits.grad).all()


def test_everything_but_the_first_layers_is_trained() -> None:
    run = _run()
    trained = {id(value) for group in run.optimiser.param_groups for value in group["params"]}
    fixed = {name for name, value in run.net.named_parameters() if id(value) not in trained}
    assert {name.rsplit(".", 1)[0].split(".")[0] for name in fixed} == {"stem", "blocks"}
    assert {name.split(".")[1] for name in fixed if name.startswith("blocks")} == {"0", "1", "2"}


def test_a_line_without_text_teaches_silence() -> None:
    logits = torch.zeros(1, 8, 230, requires_grad=True)
    ctc_loss(logits, ("",)).backward()
    assert (logits.grad[..., 0] < 0).all()
    assert (logits.grad[..., 1:] > 0).all()


def test_training_lowers_the_loss_and_leaves_the_stem(plan: StreamPlan) -> None:
    run = _run()
    stem = run.net.stem[0].weight.clone()
    batch = draw_pool(plan, 0)[0]
    losses = [train_batch(run, batch, 1e-3) for _ in range(12)]
    assert losses[-1] < losses[0]
    assert torch.equal(run.net.stem[0].weight, stem)


def test_a_resumed_run_ends_where_an_unbroken_one_ends(plan: StreamPlan, tmp_path: Path) -> None:
    unbroken = _run()
    _train(unbroken, plan, range(2))

    first = _run()
    _train(first, plan, range(1))
    save_checkpoint(first, tmp_path)
    second = new_run(Recogniser())
    load_checkpoint(second, tmp_path / "checkpoint.pt")
    _train(second, plan, range(second.next_pool, 2))

    assert (second.steps, second.lines_seen) == (unbroken.steps, unbroken.lines_seen)
    for name in ("net", "average"):
        expected = getattr(unbroken, name).state_dict()
        for key, value in getattr(second, name).state_dict().items():
            assert torch.equal(value, expected[key]), (name, key)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_a_gpu_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match="no device cuda"):
        main(folder=tmp_path, seconds=1, device="cuda")
