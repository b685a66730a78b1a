import base64
import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ekyc.card_desk import refused
from ekyc.evaluation.records import look, lost, to_record
from pipeline.card.reader import CardReading
from pipeline.findings import CardFinding, CardVersion, FieldName, FieldReading, Source
from pipeline.reasons import ReasonCode
from tests.unit.ekyc.evaluation.cases import truth

TODAY = date(2026, 11, 23)


class _Card:
    def __init__(self) -> None:
        image = np.full((630, 1000, 3), 200, np.uint8)
        image[100:140, 100:400] = (255, 0, 0)
        self.image = image


class _Side:
    card = _Card()


def reading(value: str, box: tuple[float, float, float, float] | None) -> CardReading:
    field = FieldReading(value=value, confidence=0.7, source=Source.OCR, side="front", box=box)
    finding = CardFinding(
        version=CardVersion.CHIP_2021, sides=("front",), fields={FieldName.FULL_NAME: field},
        checks=(), rejected=None, models=(), timing_ms={},
    )  # fmt: skip
    return CardReading(
        finding=finding,
        sides={"front": _Side()},  # type: ignore[dict-item]
        printed=finding.fields,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (200, 130)).save(tmp_path / "1-front.jpg")
    return tmp_path


def test_what_is_wrong_is_pictured_and_what_is_right_is_not(folder: Path) -> None:
    card = truth(fields={"full_name": "ĐẶNG"})
    right = to_record(card, folder, reading("ĐẶNG", (100, 100, 400, 140)), 0.5)
    assert right.pictures == {}
    wrong = to_record(card, folder, reading("ĐĂNG", (100, 100, 400, 140)), 0.5)
    picture = Image.open(io.BytesIO(base64.b64decode(wrong.pictures["full_name"])))
    assert picture.getpixel((picture.width // 2, picture.height // 2))[0] > 200
    assert picture.height < 100
    assert (wrong.sides, wrong.cpu_s, wrong.fused["full_name"].value) == (1, 0.5, "ĐĂNG")


def test_a_field_that_was_not_read_is_pictured_by_its_side(folder: Path) -> None:
    card = truth(fields={"sex": "Nam"})
    record = to_record(card, folder, reading("ĐẶNG", None), 0.5)
    picture = Image.open(io.BytesIO(base64.b64decode(record.pictures["sex"])))
    assert picture.width == 420


class _Broken:
    def look(self, *_: object, **__: object) -> None:
        raise ZeroDivisionError


def test_a_file_that_is_no_picture_and_an_engine_that_fails_are_refusals(folder: Path) -> None:
    card = truth()
    failed, _ = look(_Broken(), card, folder, TODAY)  # type: ignore[arg-type]
    assert failed.finding.rejected is not None
    assert failed.finding.rejected.code is ReasonCode.ENGINE_UNAVAILABLE
    (folder / "1-front.jpg").write_text("a note")
    bad, spent_s = look(_Broken(), card, folder, TODAY)  # type: ignore[arg-type]
    assert bad.finding.rejected is not None
    assert bad.finding.rejected.code is ReasonCode.EVIDENCE_UNDECODABLE
    assert spent_s == 0.0


def test_a_card_that_killed_its_process_is_a_refusal(folder: Path) -> None:
    assert lost(truth()).rejected == "engine_unavailable"
    kept = to_record(truth(), folder, refused(ReasonCode.CARD_NOT_FOUND), 0.1)
    assert (kept.rejected, kept.fused, kept.pictures) == ("card_not_found", {}, {})
