from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ekyc.fetch_vggface2 import fetch_vggface2
from pipeline.errors import WeightsError
from pipeline.face.backend import load_backend
from pipeline.face.facenet_backend import FacenetEmbedder, load_network
from pipeline.face.find import LocatedFace
from pipeline.face.mesh import MeshFace
from pipeline.face.profile import PROFILES
from pipeline.image import RgbImage

torch = pytest.importorskip("torch", reason="the extra ekyc[facenet] is not installed")


def test_without_weights_it_says_what_to_do(tmp_path: Path):
    (tmp_path / "manifest.toml").write_text("")
    with pytest.raises(WeightsError, match="dlib backend"):
        load_backend("facenet", tmp_path)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkpoint of the right shape, with random numbers and the classifier that has to be dropped."""
    from pipeline.face.torchvision_standin import install_standin

    install_standin()
    facenet_pytorch = pytest.importorskip("facenet_pytorch")
    torch.manual_seed(0)
    network = facenet_pytorch.InceptionResnetV1(pretrained=None, classify=False)
    state = network.state_dict() | {
        "logits.weight": torch.zeros(8631, 512), "logits.bias": torch.zeros(8631),
    }  # fmt: skip
    path = tmp_path_factory.mktemp("facenet") / "vggface2.pt"
    torch.save(state, path)
    yield path
    path.unlink()


def located(seed: int) -> LocatedFace:
    rng = np.random.default_rng(seed)
    patch = RgbImage(rng.integers(0, 255, (300, 300, 3), np.uint8))
    points = rng.uniform(60, 240, (468, 3))
    mesh = MeshFace(points=points, mesh=points, presence=1.0)
    return LocatedFace(
        box=np.array([60.0, 60, 240, 240]), patch=patch, mesh=mesh, score=1.0, scale=1.0,
        centre=np.array([150.0, 150]),
    )  # fmt: skip


def test_a_checkpoint_of_the_right_shape_gives_unit_vectors(checkpoint):
    embed = FacenetEmbedder(load_network(checkpoint, device="cpu"), device="cpu")
    a, b = embed(located(1)), embed(located(2))
    assert a.shape == (512,)
    assert np.linalg.norm(a) == pytest.approx(1, abs=1e-5)
    for name in ("facenet", "facenet_cosine", "facenet_l1"):
        assert PROFILES[name].compare(a, a) == pytest.approx(1, abs=1e-5)
        assert PROFILES[name].compare(a, b) < 1


def test_what_was_fetched_serves_every_profile_of_facenet(checkpoint, tmp_path):
    (tmp_path / "manifest.toml").write_text("")
    fetched = fetch_vggface2(tmp_path, local=checkpoint)
    for name in ("facenet", "facenet_l1"):
        backend = load_backend(name, tmp_path)
        assert backend.profile is PROFILES[name]
        assert [ref.sha256 for ref in backend.refs] == [fetched.sha256]
    fetched.path.unlink()


def test_a_checkpoint_that_does_not_fit_is_refused(checkpoint, tmp_path):
    state = torch.load(checkpoint, weights_only=True)
    state.pop("last_linear.weight")
    torch.save(state, tmp_path / "short.pt")
    with pytest.raises(WeightsError, match="does not fit"):
        load_network(tmp_path / "short.pt", device="cpu")


def test_a_file_that_runs_code_is_refused(tmp_path):
    torch.save({"x": Path("not a tensor")}, tmp_path / "pickled.pt")
    with pytest.raises(WeightsError, match="does not fit"):
        load_network(tmp_path / "pickled.pt", device="cpu")
