from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from specimen.backdrops import plain
from specimen.photos import Subject, load_photo
from specimen.puppet import Pose, Puppet

SIZE = (640, 480)
GREEN = plain(SIZE, (20, 200, 20))


@pytest.fixture(scope="module", params=list(Subject))
def puppet(request: pytest.FixtureRequest) -> Puppet:
    return Puppet(load_photo(Subject(request.param)), size=SIZE, face_share=0.48, backdrop=GREEN)


def test_neutral_pose_is_the_photograph_as_it_is() -> None:
    photo = load_photo(Subject.ASTRONAUT)
    low, high = photo.mesh[:, :2].min(0), photo.mesh[:, :2].max(0)
    middle = (low + high) / 2 / 512
    share = float(high[1] - low[1]) / 512
    whole = Puppet(
        photo, size=(512, 512), face_share=share, centre=(float(middle[0]), float(middle[1]))
    )
    assert np.abs(whole.render().astype(int) - photo.image).mean() < 1.5


def test_blink_changes_the_eyes_only(puppet: Puppet) -> None:
    changed = np.abs(puppet.render(Pose(blink=1)).astype(int) - puppet.render()).max(2) > 12
    rows, columns = np.nonzero(changed)
    assert 300 < changed.sum() < 0.05 * changed.size
    assert rows.min() > 100
    assert rows.max() < 260
    assert np.ptp(columns) < 220


def test_smile_changes_the_lower_face_only(puppet: Puppet) -> None:
    changed = np.abs(puppet.render(Pose(smile=0.8)).astype(int) - puppet.render()).max(2) > 12
    rows, _ = np.nonzero(changed)
    assert changed.sum() > 1000
    assert np.percentile(rows, 2) > 220


@pytest.mark.parametrize("yaw_deg", [30, -30])
def test_own_left_is_the_right_of_the_picture(puppet: Puppet, yaw_deg: float) -> None:
    posed = puppet._posed(Pose(yaw_deg=yaw_deg))
    nose, eyes = posed[1, 0], (posed[33, 0] + posed[263, 0]) / 2
    assert np.sign(nose - eyes) == np.sign(yaw_deg)


def test_the_backdrop_stands_still_while_the_head_turns(puppet: Puppet) -> None:
    for yaw_deg in (-32, 32):
        frame = puppet.render(Pose(yaw_deg=yaw_deg))
        assert np.abs(frame[:300, :40].astype(int) - GREEN[:300, :40]).max() <= 2


def test_nothing_of_the_backdrop_shines_through_a_turned_face(puppet: Puppet) -> None:
    for yaw_deg in (-32, -15, 15, 32):
        pose = Pose(yaw_deg=yaw_deg)
        hull = cv2.convexHull(puppet._posed(pose)[:468, :2].round().astype(np.int32))
        inside = cv2.fillConvexPoly(np.zeros((480, 640), np.uint8), hull, 1)
        face = puppet.render(pose)[cv2.erode(inside, np.ones((35, 35), np.uint8)) > 0].astype(int)
        assert len(face) > 15000
        assert not ((face[:, 1] > 150) & (face[:, 0] < 80) & (face[:, 2] < 80)).any()


def test_a_frame_is_fast_enough_for_clips(puppet: Puppet) -> None:
    """Measured 10 ms; the bound leaves room for slow machines and still refuses per-triangle warping (75 ms)."""
    start = time.thread_time()
    for yaw_deg in range(10):
        puppet.render(Pose(yaw_deg=yaw_deg))
    assert (time.thread_time() - start) / 10 < 0.045
