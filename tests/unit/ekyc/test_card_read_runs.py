"""`ekyc card read` as a person runs it: a process of its own, real models, real files."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.image import RgbImage
from pipeline.weights import DEFAULT_ROOT, read_manifest
from specimen.card import CardOrder, print_card
from specimen.people import CardVersion, Person, draw_person

TODAY = date(2026, 11, 23)


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """One card as two pictures in `tmp_path`, beside a file that is none."""
    if not read_manifest(DEFAULT_ROOT)["ppocrv6_det_small"].path.is_file():
        pytest.skip("the text detector is not here: run `ekyc weights fetch`")
    drawn = draw_person(np.random.default_rng(7), version=CardVersion.CHIP_2021, today=TODAY)
    portrait = RgbImage(np.full((300, 200, 3), (150, 130, 120), np.uint8))
    sides = print_card(CardOrder(person=drawn, version=CardVersion.CHIP_2021, portrait=portrait))
    for side, name in zip(sides, ("front", "back"), strict=True):
        Image.fromarray(np.asarray(side.image)).save(tmp_path / f"a-{name}.png")
    (tmp_path / "b.jpg").write_text("a note")
    return drawn


def test_a_folder_is_read_by_processes_into_results_and_pictures(
    person: Person, tmp_path: Path
) -> None:
    out = tmp_path / "results"
    command = [sys.executable, "-m", "ekyc", "card", "read", str(tmp_path)]
    options = ["--json", "--overlay", "--out", str(out), "--jobs", "2"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 1, done.stderr
    card, note = (json.loads(line) for line in done.stdout.splitlines())
    assert card["document"] == {"version": "chip_2021", "side": "both"}
    assert card["fields"]["id_number"]["value"] == person.id_number
    assert card["fields"]["full_name"]["value"] == person.full_name.upper()
    assert card["rejected"] is None
    assert note["rejected"]["code"] == "evidence_undecodable"
    assert {path.name for path in out.iterdir()} == {
        "a-front.json", "b.json", "a-front.front.overlay.jpg", "a-front.back.overlay.jpg",
    }  # fmt: skip
    with Image.open(out / "a-front.front.overlay.jpg") as picture:
        assert picture.width > 1000
    assert person.full_name not in done.stderr
