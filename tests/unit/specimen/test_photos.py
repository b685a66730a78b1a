from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from specimen import photos
from specimen.cast import card_portrait, selfie
from specimen.photos import PhotoMissing, Subject, load_photo
from specimen.sitters import PARTS


@pytest.fixture(params=list(Subject))
def subject(request: pytest.FixtureRequest) -> Subject:
    return Subject(request.param)


def test_points_lie_on_the_person(subject: Subject) -> None:
    photo = load_photo(subject)
    x, y = photo.mesh[:, 0].round().astype(int), photo.mesh[:, 1].round().astype(int)
    assert photo.mesh.shape == (468, 3)
    assert photo.matte.shape == photo.image.shape[:2]
    assert (photo.matte[y, x] > 0.5).mean() > 0.97
    assert (photo.matte[:20, :20] == 0).all()


def test_points_belong_to_the_installed_photograph(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    cv2.imwrite(str(other), np.zeros((100, 100, 3), np.uint8))
    monkeypatch.setattr(photos, "_photo_path", lambda _: other)
    load_photo.cache_clear()
    with pytest.raises(PhotoMissing, match="differs"):
        load_photo(subject)
    monkeypatch.undo()
    load_photo.cache_clear()


def test_absent_package_is_named(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "find_spec", lambda _: None)
    load_photo.cache_clear()
    with pytest.raises(PhotoMissing, match="install the package"):
        load_photo(subject)
    load_photo.cache_clear()


def test_portrait_is_two_by_three_before_light_blue(subject: Subject) -> None:
    portrait = card_portrait(subject)
    assert portrait.shape == (600, 400, 3)
    red, _, blue = portrait[5, 5].astype(int)
    assert blue > red + 20


def test_selfies_differ_from_each_other_and_repeat_with_their_seed(subject: Subject) -> None:
    one, same, other = (selfie(subject, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.shape == (1280, 960, 3)
    assert np.array_equal(one, same)
    assert np.abs(one.astype(int) - other).mean() > 8


def test_faces_in_selfies_are_tall_enough(subject: Subject) -> None:
    assert PARTS[subject].selfie.face_share * 1280 >= 200
