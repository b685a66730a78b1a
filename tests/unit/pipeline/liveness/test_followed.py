"""The faces that the identity is judged by are cut where the tracker saw them, not looked for again."""

from __future__ import annotations

import random

import numpy as np
import pytest

from pipeline.challenge import draw_steps
from pipeline.face.backend import load_backend
from pipeline.face.find import QUICK, FaceFinder, cut_patch, followed_face
from pipeline.face.models import FaceModels, load_face_models
from pipeline.liveness.facemesh import FaceMesh, load_facemesh_backend
from pipeline.liveness.observe import observe
from pipeline.weights import DEFAULT_ROOT
from specimen.cast import clip_puppet, selfie
from specimen.clips import encode_clip, perform, rehearse
from specimen.photos import Subject
from specimen.sitters import PARTS

STEPS, SUBJECT = draw_steps(random.Random(2)), Subject.GRACE_HOPPER


@pytest.fixture(scope="module")
def models(scorer) -> FaceModels:
    del scorer  # skips where there are no models
    return load_face_models(DEFAULT_ROOT)


@pytest.fixture(scope="module")
def finder(models) -> FaceFinder:
    return models.finder()


def test_a_followed_face_is_described_as_one_that_is_found(finder):
    rng = np.random.default_rng(8)
    clip = encode_clip(
        perform(clip_puppet(SUBJECT, rng), rehearse(STEPS, PARTS[SUBJECT].mouth, rng), rng)
    )
    seen = observe(clip, load_facemesh_backend(DEFAULT_ROOT))
    backend = load_backend("dlib", DEFAULT_ROOT)
    assert len(seen.candidates) >= 8
    for frame in seen.candidates:
        (found, *_) = finder.find(frame.patch, steps=QUICK, refine=False)
        assert frame.face is not None
        # Frames of one person in one real clip are .7 to 1 alike.
        assert backend.compare(backend.embed(found), backend.embed(frame.face)) > 0.98


def followed(models, rgb):
    mesh = FaceMesh(models).track(rgb).mesh
    box = np.concatenate([mesh[:, :2].min(0), mesh[:, :2].max(0)])
    return mesh, followed_face(mesh, *cut_patch(rgb, box))


def test_a_followed_face_lies_where_the_landmarks_are(models):
    rgb = selfie(SUBJECT, np.random.default_rng(3))
    mesh, face = followed(models, rgb)
    low, high = mesh[:, :2].min(0), mesh[:, :2].max(0)
    assert face.height_px == pytest.approx(high[1] - low[1])
    assert tuple(face.centre) == pytest.approx((low + high) / 2)
    assert (face.mesh.box[2:] <= face.patch.shape[1::-1]).all()
    assert (face.mesh.box[:2] >= 0).all()


def test_a_face_that_leans_must_be_looked_for_because_embedders_want_it_upright(models):
    upright = selfie(SUBJECT, np.random.default_rng(3))
    lying = np.ascontiguousarray(np.rot90(upright))
    mesh, _ = followed(models, upright)
    turned = np.column_stack([mesh[:, 1], upright.shape[1] - mesh[:, 0], mesh[:, 2]])
    box = np.concatenate([turned[:, :2].min(0), turned[:, :2].max(0)])
    assert followed_face(turned, *cut_patch(lying, box)) is None
