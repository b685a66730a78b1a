from pathlib import Path

import numpy as np
import pytest

from ekyc import card_desk
from ekyc.card_desk import CardTask, open_photo, read_cards
from ekyc.card_files import CardFiles
from ekyc.card_overlay import draw_overlay
from pipeline.errors import CannotJudge, WeightsError
from pipeline.findings import CardFinding, CardVersion, FieldName, FieldReading, Rejection, Source
from pipeline.image import RgbImage
from pipeline.picture_bytes import PictureFault
from pipeline.reasons import ReasonCode


def test_models_that_are_absent_stop_every_process() -> None:
    cards = [CardFiles(front=Path(name), back=None, name=name) for name in ("a", "b")]
    with pytest.raises(WeightsError):
        list(read_cards(cards, CardTask(weights=Path("none")), jobs=2))


def test_a_file_that_may_not_be_opened_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(CannotJudge) as error:
        open_photo(tmp_path / "a.jpg", "card_front")
    assert error.value.facts["cause"] == PictureFault.FILE_UNREADABLE


def test_a_folder_called_like_a_picture_is_a_reason(tmp_path: Path) -> None:
    with pytest.raises(CannotJudge) as error:
        open_photo(tmp_path, "card_front")
    assert error.value.facts["cause"] == PictureFault.FILE_UNREADABLE


def test_no_more_of_a_file_is_read_than_a_picture_can_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_desk, "MAX_FILE_BYTES", 1000)
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff" + bytes(1000))
    with pytest.raises(CannotJudge) as error:
        open_photo(tmp_path / "a.jpg", "card_front")
    assert error.value.facts["cause"] == PictureFault.TOO_MANY_BYTES


# ---------------------------------------------------------------- overlay


def finding(confidence: float, rejected: Rejection | None = None) -> CardFinding:
    reading = FieldReading(
        value="ĐẶNG THỊ NGỮ", confidence=confidence, source=Source.OCR, side="front",
        box=(100, 100, 400, 140),
    )  # fmt: skip
    return CardFinding(
        version=CardVersion.CHIP_2021, sides=("front",), checks=(), models=(), timing_ms={},
        fields={} if rejected else {FieldName.FULL_NAME: reading}, rejected=rejected,
    )  # fmt: skip


def has_colour(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(picture.astype(int) - colour).max(axis=2) <= 2).any())


@pytest.mark.parametrize(
    ("confidence", "colour"),
    [(0.99, (0, 122, 61)), (0.9, (178, 98, 0)), (0.4, (190, 20, 30))],
)
def test_the_colour_of_a_box_says_how_sure_it_is(
    confidence: float, colour: tuple[int, int, int]
) -> None:
    side = RgbImage(np.full((630, 1000, 3), 230, np.uint8))
    picture = np.asarray(draw_overlay(side, "front", finding(confidence)))
    others = {(0, 122, 61), (178, 98, 0), (190, 20, 30)} - {colour}
    assert has_colour(picture[:, :1000], colour)
    assert not any(has_colour(picture, other) for other in others)


@pytest.mark.parametrize("shape", [(630, 1000, 3), (64, 4000, 3), (3000, 70, 3)])
def test_a_refusal_is_drawn_beside_any_photo(shape: tuple[int, int, int]) -> None:
    rejected = Rejection(code=ReasonCode.CARD_BLURRED)
    photo = RgbImage(np.full(shape, 230, np.uint8))
    picture = draw_overlay(photo, "front", finding(1, rejected))
    assert has_colour(np.asarray(picture), (190, 20, 30))
    assert max(picture.size) < 2500
