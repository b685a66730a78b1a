from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.face.detector import Detection
from pipeline.face.find import FaceFinder, Step
from pipeline.face.models import load_face_models
from pipeline.face.mtcnn import LastResort, open_last_resort
from pipeline.image import RgbImage
from pipeline.weights import DEFAULT_ROOT
from specimen.cast import selfie
from specimen.photos import Subject


def test_without_torch_the_cascade_is_one_step_shorter(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else found(name)
    )
    assert open_last_resort(DEFAULT_ROOT) is None
    models = load_face_models(DEFAULT_ROOT)
    grey = RgbImage(np.full((200, 200, 3), 127, np.uint8))
    assert models.last_resort is None
    assert models.finder().find(grey, steps=(Step.MTCNN,)) == ()


class Network:
    """Stands for MTCNN: two boxes, one of them unsure."""

    loaded = 0

    def __init__(self) -> None:
        Network.loaded += 1

    def detect(self, rgb: RgbImage, *, landmarks: bool):
        points = np.arange(20.0).reshape(2, 5, 2)
        return np.array([[1, 2, 3, 4], [5, 6, 7, 8.0]]), [0.5, 0.97], points


def test_it_is_loaded_by_the_first_picture_that_needs_it():
    Network.loaded = 0
    last_resort = LastResort(Network, ())
    assert Network.loaded == 0
    grey = RgbImage(np.zeros((10, 10, 3), np.uint8))
    for _ in range(2):
        (face,) = last_resort(grey)
        assert Network.loaded == 1
    assert face.score == 0.97
    assert face.box.tolist() == [5, 6, 7, 8]
    assert face.keypoints[:3].tolist() == [[10, 11], [12, 13], [14, 15]]


def test_what_it_finds_must_bear_landmarks_like_any_other_face():
    box = Detection(score=0.99, box=np.array([20.0, 20, 80, 80]), keypoints=np.full((6, 2), 50.0))
    models = load_face_models(DEFAULT_ROOT)
    finder = FaceFinder(models.detector, models.mesh, lambda rgb: [box])
    grey = RgbImage(np.full((100, 100, 3), 127, np.uint8))
    assert finder.find(grey, steps=(Step.MTCNN,)) == ()


def test_the_real_one_finds_a_face_and_says_which_weights_spoke():
    pytest.importorskip("torch", reason="the extra ekyc[facenet] is not installed")
    try:
        models = load_face_models(DEFAULT_ROOT)
    except WeightsError as error:
        pytest.skip(f"the models are not here: {error}")
    if models.last_resort is None:
        pytest.skip("facenet-pytorch is not installed")
    picture = selfie(Subject.ASTRONAUT, np.random.default_rng(5))
    (face,) = models.finder().find(picture, steps=(Step.MTCNN,))
    (known,) = models.finder().find(picture, steps=(Step.WHOLE,))
    assert face.found_by is Step.MTCNN
    assert np.hypot(*(face.centre - known.centre)) < 0.1 * known.height_px
    assert [ref.name for ref in models.last_resort.refs] == [
        "mtcnn_pnet",
        "mtcnn_rnet",
        "mtcnn_onet",
    ]


def test_the_stand_in_suppresses_as_torchvision_does():
    torch = pytest.importorskip("torch", reason="the extra ekyc[facenet] is not installed")
    from pipeline.face.torchvision_standin import _batched_nms

    boxes = torch.tensor([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [30, 30, 40, 40.0]])
    scores, groups = torch.tensor([0.8, 0.9, 0.7, 0.6]), torch.tensor([0, 0, 1, 0])
    assert _batched_nms(boxes, scores, groups, 0.5).tolist() == [1, 2, 3]
    assert _batched_nms(boxes, scores, groups, 0.9).tolist() == [1, 0, 2, 3]
    assert _batched_nms(boxes[:0], scores[:0], groups[:0], 0.5).tolist() == []
