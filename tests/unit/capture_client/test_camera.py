"""Files as a camera, and clips of a camera's frames."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest

from capture_client.camera.devices import is_virtual, list_cameras
from capture_client.camera.files import FileCamera
from capture_client.camera.frames import Frame, encode_still
from capture_client.camera.live import LiveCamera
from capture_client.camera.recording import Recorder, RecordingFault
from capture_client.camera.source import CameraFault, CameraName
from pipeline.image import RgbImage, decode_image
from pipeline.liveness.clip import read_clip

RED = RgbImage(np.full((240, 320, 3), (200, 30, 30), np.uint8))


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def camera(path: Path) -> FileCamera:
    clock = Clock()
    return FileCamera(path, clock=clock, sleep=clock.sleep)


def film(times_s: list[float]) -> bytes:
    recorder = Recorder()
    for number, time_s in enumerate(times_s):
        recorder.add(Frame(rgb=RED, time_s=time_s, number=number))
    return recorder.finish().data


# ---------------------------------------------------------------- recording


def test_frames_keep_their_own_times() -> None:
    uneven = [5.0, 5.033, 5.10, 5.14, 5.30, 5.301, 5.5, 6.0]
    times = [frame.time_s for frame in read_clip(film(uneven))]
    # read_clip passes over frames nearer than its rate; those kept have the times they were given
    assert times == pytest.approx([0.0, 0.033, 0.1, 0.14, 0.3, 0.5, 1.0], abs=2e-4)


def test_a_recording_knows_its_rate_and_first_time() -> None:
    recorder = Recorder()
    for i in range(16):
        recorder.add(Frame(rgb=RED, time_s=3 + i / 15, number=i))
    done = recorder.finish()
    assert recorder.first_s == 3.0
    assert done.rate_hz == pytest.approx(15.0)
    assert done.missed == 0


def test_a_large_frame_is_shrunk_and_an_odd_one_made_even() -> None:
    large = RgbImage(np.zeros((1081, 1921, 3), np.uint8))
    recorder = Recorder()
    for i in range(3):
        recorder.add(Frame(rgb=large, time_s=i / 2, number=i))
    capture = recorder.finish()
    import av

    with av.open(io.BytesIO(capture.data)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (1280, 720)


def test_nothing_recorded_is_no_clip() -> None:
    with pytest.raises(RecordingFault, match="clip_empty"):
        Recorder().finish()


def test_what_the_encoder_cannot_take_is_told() -> None:
    recorder = Recorder()
    recorder.add(Frame(rgb=RgbImage(np.zeros((4, 4, 2), np.uint8)), time_s=0.0, number=0))
    recorder.add(Frame(rgb=RED, time_s=0.1, number=1))
    with pytest.raises(RecordingFault, match="clip_encoder"):
        recorder.finish()


# ---------------------------------------------------------------- files


def test_a_picture_is_shown_inside_a_cameras_frame(tmp_path: Path) -> None:
    file = tmp_path / "card.jpg"
    file.write_bytes(encode_still(RED))
    frame = camera(file).read()
    assert frame.rgb.shape == (720, 1280, 3)
    assert frame.rgb[360, 640].tolist() == pytest.approx([200, 30, 30], abs=4)


def test_a_folder_shows_the_file_of_the_scene_and_grey_without_one(tmp_path: Path) -> None:
    (tmp_path / "selfie.png").write_bytes(cv2.imencode(".png", RED[..., ::-1])[1].tobytes())
    shown = camera(tmp_path)
    shown.show("selfie")
    assert shown.read().rgb[360, 640].tolist() == [200, 30, 30]
    shown.show("card_front")
    assert len(np.unique(shown.read().rgb)) == 1


def test_a_film_is_played_in_its_own_time_and_stands_still_at_its_end(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(film([0.0, 0.1, 0.25, 0.3]))
    shown = camera(file)
    frames = [shown.read() for _ in range(6)]
    times = [frame.time_s for frame in frames]
    assert times == pytest.approx([0.0, 0.1, 0.25, 0.3, 0.34, 0.38], abs=2e-3)
    assert frames[5].rgb is frames[3].rgb


def test_a_busy_machine_gets_fewer_frames_of_a_picture_not_older_ones(tmp_path: Path) -> None:
    file = tmp_path / "card.jpg"
    file.write_bytes(encode_still(RED))
    clock = Clock()
    shown = FileCamera(file, clock=clock, sleep=clock.sleep)
    shown.read()
    clock.now_s = 3.0
    assert shown.read().time_s == pytest.approx(3.0)


def test_a_file_that_is_nothing_is_named(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"no film at all")
    with pytest.raises(CameraFault, match="source_unreadable"):
        camera(file).read()
    with pytest.raises(CameraFault, match="source_unreadable"):
        camera(tmp_path / "missing.mp4")


# ---------------------------------------------------------------- live


def test_a_live_camera_records_from_the_start_of_the_scene(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(film([i / 20 for i in range(12)]))
    live = LiveCamera(lambda: FileCamera(tmp_path))
    frame = live.next_after(-1)
    assert frame is not None
    live.record("clip")
    number = frame.number
    while (live.recorded_s or 0.0) < 0.5:
        latest = live.next_after(number)
        number = latest.number if latest else number
    done = live.finish()
    live.stop()
    assert done is not None
    assert done.times_s[1] - done.times_s[0] == pytest.approx(0.05, abs=2e-3)
    assert decode_image(encode_still(next(iter(read_clip(done.data))).rgb), evidence="clip")[
        100, 100
    ].tolist() == pytest.approx([200, 30, 30], abs=12)


def test_a_camera_that_cannot_be_opened_says_why() -> None:
    def refuse() -> FileCamera:
        raise CameraFault("camera_busy", "Webcam")

    live = LiveCamera(refuse)
    assert live.next_after(-1) is None
    assert live.fault is not None
    assert live.fault.code == "camera_busy"
    live.stop()


# ---------------------------------------------------------------- devices


@pytest.mark.parametrize(
    ("device", "driver", "is_one"),
    [
        ("OBS Virtual Camera", "", True),
        ("Dummy video device (0x0000)", "v4l2loopback", True),
        ("DroidCam Source 3", "usbvideo", True),
        ("Integrated Webcam", "uvcvideo", False),
        ("HD Pro Webcam C920", "uvcvideo", False),
    ],
)
def test_a_virtual_camera_is_told_by_its_name(device: str, driver: str, is_one: bool) -> None:
    assert is_virtual(device, driver) is is_one


def test_the_kernel_names_the_cameras(tmp_path: Path) -> None:
    for number, name, index in ((0, "Integrated Webcam", "0"), (1, "Integrated Webcam", "1")):
        device = tmp_path / f"video{number}"
        device.mkdir()
        (device / "name").write_text(f"{name}\n")
        (device / "index").write_text(index)
    named = list_cameras(tmp_path)
    assert named == {0: CameraName(device="Integrated Webcam", driver="v4l2", is_virtual=False)}
