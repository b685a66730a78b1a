import json
from pathlib import Path

import numpy as np
import pytest
import typer

from pipeline.card.printed import Mark, PrintedField
from pipeline.findings import CardVersion
from pipeline.findings import FieldName as F
from tests.unit.pipeline.card.lines import line
from training.calibrate_fields import (
    Judged,
    calibrated,
    fit,
    held_out,
    judge,
    main,
    make_profile,
    report,
)
from training.readings import ReadCard, ReadSide
from training.reliability import bins_of


def judged(score: float, *, right: bool, card: int) -> Judged:
    field = PrintedField(
        value="LÊ AN", confidence=0, weakest=score, box=(0, 0, 1, 1), scores=(score,) * 5
    )
    return Judged(card=str(card), name=F.FULL_NAME, printed=field, right=right)


def overconfident(count: int) -> list[Judged]:
    """Letters that say 0.99 each, names that are right four times in five."""
    rng = np.random.default_rng(4)
    return [judged(0.99, right=bool(rng.random() < 0.8), card=i) for i in range(count)]


def test_the_fit_follows_the_data_and_without_data_the_prior() -> None:
    seen = overconfident(400)
    profile = make_profile(seen, {"cards": "drawn"})
    assert calibrated(F.FULL_NAME, seen[0].printed, profile) == pytest.approx(0.8, abs=0.05)
    prior = fit([])["name"]
    assert (prior.constant, prior.weights["whole"]) == (0.0, 0.5)


def test_no_value_is_judged_by_a_fit_that_saw_its_card() -> None:
    seen = overconfident(50)
    flipped = [*seen[:1], *seen[1:]]
    one = held_out(flipped)
    other = held_out([judged(0.99, right=not seen[0].right, card=0), *seen[1:]])
    confidence = {j.card: c for j, c in one}
    assert {j.card: c for j, c in other}["0"] == confidence["0"]


def test_a_report_counts_what_is_sure_and_wrong() -> None:
    said = [(True, 0.99), (False, 0.985), (False, 0.3)]
    pairs = [(judged(0.9, right=right, card=i), c) for i, (right, c) in enumerate(said)]
    counts = report(pairs)["all"]
    assert (counts["fields"], counts["wrong"]) == (3, 2)
    assert (counts["sure"], counts["sure_and_wrong"]) == (2, 1)


def test_a_field_that_the_card_does_not_have_was_read_wrongly() -> None:
    lines = (line("Họ và tên: LÊ AN", 24, 27), line("Quê quán: Vỹ Dạ, Huế", 24, 36))
    card = ReadCard(
        id="1",
        severity="flat",
        truth={F.FULL_NAME: "LÊ AN"},
        version=CardVersion.CHIP_2021,
        sides={"front": ReadSide(lines=lines, width_px=None)},
        qr={},
        rejected=None,
    )
    assert {j.name: j.right for j in judge([card])} == {F.FULL_NAME: True, F.PLACE_OF_ORIGIN: False}


def test_nothing_is_fitted_to_the_test_part(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").write_text(json.dumps({"part": "test"}), encoding="utf-8")
    with pytest.raises(typer.BadParameter):
        main(tmp_path, cache=tmp_path / "cache.jsonl")


def test_bins_hold_every_pair_once() -> None:
    bins = bins_of([(0.3, False), (0.999, True), (1.0, True), (0.96, False)])
    assert [count for _, _, count in bins] == [1, 1, 2]
    assert [share for _, share, _ in bins] == [0.0, 0.0, 1.0]


def test_every_mark_has_a_prior() -> None:
    assert set(fit([])["address"].weights) >= {str(mark) for mark in Mark}
