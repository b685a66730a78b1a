"""CPU time of one match: card, selfie and five frames of a clip, beside what others do with the same seven pictures.

python -m bench.face_speed

Process time of one thread; the best of three, because the machine is shared. facenet's network runs with random
numbers here: its weights are not ours to ship, and speed does not depend on them.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence

import av
import cv2
import dlib
import numpy as np
from rich.console import Console

from pipeline.face.clip_faces import pick_faces
from pipeline.face.matcher import load_face_matcher
from pipeline.face.models import load_face_models
from pipeline.face.torchvision_standin import install_standin
from pipeline.image import RgbImage
from pipeline.weights import DEFAULT_ROOT, open_weights
from specimen.card_photo import card_photo
from specimen.cast import CLIP_SIZE, clip_puppet, selfie
from specimen.photos import Subject
from specimen.puppet import Pose

console = Console(width=110)
_RATE_HZ, _SECONDS = 25, 10
Pictures = Sequence[RgbImage]


def made() -> tuple[RgbImage, RgbImage, bytes, Pictures]:
    """A photographed card, a selfie, a clip of ten seconds, and five of its frames."""
    rng = np.random.default_rng(5)
    card = card_photo(Subject.ASTRONAUT, rng)
    puppet = clip_puppet(Subject.ASTRONAUT, rng)
    frames = [puppet.render(Pose(yaw_deg=float(yaw))) for yaw in (-4, -2, 0, 2, 4)]
    return card, selfie(Subject.ASTRONAUT, rng), _clip(frames), frames


def _clip(frames: Pictures) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=_RATE_HZ)
        stream.width, stream.height = CLIP_SIZE
        stream.pix_fmt, stream.bit_rate = "yuv420p", 4_000_000
        for number in range(_RATE_HZ * _SECONDS):
            picture = frames[number * len(frames) // (_RATE_HZ * _SECONDS)]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()


def cpu_s(work: Callable[[], object]) -> float:
    """Return the least process time of three runs, after one that warms up."""
    work()
    spent = []
    for _ in range(3):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def hog_and_68(pictures: Pictures, upsample: int) -> Callable[[], object]:
    """Dlib's HOG, 68 points and network per picture; `upsample` 1 and 68 points are face_recognition's defaults."""
    detector = dlib.get_frontal_face_detector()
    points = dlib.shape_predictor(str(open_weights("dlib_points68").path))
    network = dlib.face_recognition_model_v1(str(open_weights("dlib_resnet_dat").path))

    def work() -> None:
        for picture in pictures:
            for box in detector(picture, upsample):
                network.compute_face_descriptor(picture, points(picture, box))

    return work


def mtcnn_and_facenet(pictures: Pictures) -> Callable[[], object]:
    """facenet-pytorch's detector with its defaults, and its network, per picture."""
    import torch

    install_standin()
    from facenet_pytorch import MTCNN, InceptionResnetV1

    torch.set_num_threads(1)
    detector, network = MTCNN(keep_all=True), InceptionResnetV1(pretrained=None).eval()

    def work() -> None:
        for picture in pictures:
            detector.detect(picture)
            with torch.inference_mode():
                network(torch.zeros(1, 3, 160, 160))

    return work


def main() -> None:
    """Measure all on the same pictures."""
    cv2.setNumThreads(1)
    card, face, clip, frames = made()
    pictures = [card, face, *frames]
    matcher, finder = load_face_matcher(DEFAULT_ROOT), load_face_models(DEFAULT_ROOT).finder()
    finding = matcher.compare(card, face, clip=clip).finding
    console.print(f"joined frames: {finding.quality['clip_frames']:.0f}, band {finding.band}")
    rows = {
        "ours: card, selfie, clip of 10 s (decoding and choosing included)": lambda: (
            matcher.compare(card, face, clip=clip)
        ),
        "ours: card and selfie": lambda: matcher.compare(card, face),
        "ours: decoding the clip and choosing its frames": lambda: pick_faces(clip, finder),
        "HOG without up-sampling + 68 points + dlib's network": hog_and_68(pictures, 0),
        "face_recognition's defaults: HOG up-sampled once": hog_and_68(pictures, 1),
        "MTCNN + InceptionResnetV1": mtcnn_and_facenet(pictures),
    }
    for name, work in rows.items():
        console.print(f"{cpu_s(work):6.2f} CPU-s  {name}")


if __name__ == "__main__":
    main()
