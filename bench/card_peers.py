"""Two other engines on the same rectified sides: stock PaddleOCR (PP-OCRv6 small) and Tesseract with `vie`.

Both get what is ours for free: the card found, put upright and rectified, its version and side, and our parser of
labels and geometry on their lines. What is compared is reading alone.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np

from ekyc.evaluation.records import Peer
from ekyc.fetch_ocr import WHEEL
from ekyc.pinned_wheel import is_right, read_member, write_atomically
from pipeline.card import detect
from pipeline.card.fields import read_fields
from pipeline.card.geometry import Quad, bounding_box, order_corners
from pipeline.card.reader import CardReading
from pipeline.card.text import TextLine
from pipeline.image import RgbImage
from pipeline.weights import open_weights

_STOCK_MEMBER = "rapidocr/models/PP-OCRv6_rec_small.onnx"
_STOCK_SHA256 = "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"
#: The detector's long side: PaddleOCR's inference.yml for that model.
_DETECT_PX = 960
#: Sparse text. On four flat validation cards it had 39 of 43 fields right; page modes 4 and 6 had 34 and 26.
_PAGE_MODE = "11"
_TESSERACT_TIMEOUT_S = 300

Engine = Callable[[RgbImage], list[TextLine]]


def fetch_stock(folder: Path, wheel: Path | None = None) -> Path:
    """Put the stock recogniser into a folder, unless it is there; returns the file.

    Args:
        folder: weights/fetched.
        wheel: the rapidocr wheel when it is already on this machine; downloaded with pip otherwise.
    """
    path = folder / Path(_STOCK_MEMBER).name
    if not is_right(path, _STOCK_SHA256):
        with WHEEL.opened(wheel) as archive:
            write_atomically(path, read_member(archive, _STOCK_MEMBER, _STOCK_SHA256))
    return path


def ask(engine: Engine, reading: CardReading) -> Peer:
    """Let an engine read the sides of a card and parse its lines with our parser; CPU time is that of both."""
    fields: dict[str, str] = {}
    start_s = _cpu_s()
    for name in ("back", "front"):  # as in the reader, the front has the last word
        side = reading.sides.get(name)
        if side is not None:
            lines = engine(side.card.image)
            width_px = float(side.card.image.shape[1]) if side.bordered else None
            found = read_fields(lines, side.kind.version, name, width_px)
            fields |= {str(field): printed.value for field, printed in found.items()}
    return Peer(fields=fields, cpu_s=round(_cpu_s() - start_s, 4))


def _cpu_s() -> float:
    """CPU time of this process and of the children it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _line(text: str, scores: Sequence[float], centres: Sequence[float], corners: Quad) -> TextLine:
    return TextLine(
        text=text,
        char_scores=tuple(scores),
        char_x=tuple(centres),
        corners=corners,
        box=bounding_box(corners),
    )


def _spread(left: float, right: float, count: int) -> list[float]:
    """Centres of letters as if all were equally wide."""
    return [left + (right - left) * (i + 0.5) / max(1, count) for i in range(count)]


# ---------------------------------------------------------------- PaddleOCR


@cache
def stock_paddleocr(recogniser: Path, weights: Path) -> Engine:
    """Load PaddleOCR with the stock models, on ONNX Runtime with one thread."""
    import onnxruntime
    from paddleocr import PaddleOCR

    session = onnxruntime.InferenceSession(str(recogniser), providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    with tempfile.TemporaryDirectory() as folder:
        model = PaddleOCR(
            engine="onnxruntime",
            engine_config={"intra_op_num_threads": 1, "inter_op_num_threads": 1},
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            text_detection_model_name="PP-OCRv6_small_det",
            text_detection_model_dir=_folder(
                Path(folder, "det"), open_weights(detect.WEIGHTS, weights).path, _DETECTOR
            ),
            text_recognition_model_name="PP-OCRv6_small_rec",
            text_recognition_model_dir=_folder(
                Path(folder, "rec"), recogniser, _recogniser(characters)
            ),
            text_det_limit_side_len=_DETECT_PX,
            text_det_limit_type="max",
        )

    def read(image: RgbImage) -> list[TextLine]:
        result = model.predict(np.ascontiguousarray(image[..., ::-1]))[0]
        found = zip(result["rec_texts"], result["rec_scores"], result["rec_polys"], strict=True)
        return [_paddle_line(text, float(score), polygon) for text, score, polygon in found if text]

    return read


def _paddle_line(text: str, score: float, polygon: np.ndarray) -> TextLine:
    corners = order_corners(np.asarray(polygon, np.float32))
    left, right = float(corners[:, 0].min()), float(corners[:, 0].max())
    return _line(text, [score] * len(text), _spread(left, right, len(text)), corners)


def _folder(folder: Path, model: Path, description: dict[str, object]) -> str:
    folder.mkdir()
    (folder / "inference.onnx").symlink_to(model.resolve())
    # JSON is YAML, too
    (folder / "inference.yml").write_text(json.dumps(description), encoding="utf-8")
    return str(folder)


#: PaddleOCR's own inference.yml of PP-OCRv6 small detection and recognition.
_DETECTOR: dict[str, object] = {
    "Global": {"model_name": "PP-OCRv6_small_det"},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {"resize_long": _DETECT_PX}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
            {"KeepKeys": {"keep_keys": ["image", "shape"]}},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.6,
        "max_candidates": 1000,
        "unclip_ratio": 1.5,
    },
}


def _recogniser(characters: Sequence[str]) -> dict[str, object]:
    return {
        "Global": {"model_name": "PP-OCRv6_small_rec"},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
                {"KeepKeys": {"keep_keys": ["image"]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": list(characters)},
    }


# ---------------------------------------------------------------- Tesseract


def tesseract(image: RgbImage) -> list[TextLine]:
    """Read a side with the system's Tesseract, language `vie`, one thread."""
    done, picture = cv2.imencode(".bmp", image[..., ::-1])
    if not done:
        raise RuntimeError("OpenCV could not encode a BMP")
    command = ["tesseract", "stdin", "stdout", "-l", "vie", "--psm", _PAGE_MODE, "tsv"]
    told = subprocess.run(
        command,
        input=picture.tobytes(),
        capture_output=True,
        check=True,
        timeout=_TESSERACT_TIMEOUT_S,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return tesseract_lines(told.stdout.decode("utf-8"))


def tesseract_lines(tsv: str) -> list[TextLine]:
    """Join Tesseract's words into the lines it put them in."""
    rows = csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row["level"] == "5" and row["text"].strip()]
    by_line = groupby(words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"]))
    return [_tesseract_line(list(line)) for _, line in by_line]


def _tesseract_line(words: Sequence[dict[str, str]]) -> TextLine:
    text, scores, centres = "", [], []
    corners: list[tuple[float, float]] = []
    for word in words:
        left, top, width, height = (float(word[key]) for key in ("left", "top", "width", "height"))
        if text:
            text, scores, centres = f"{text} ", [*scores, 1.0], [*centres, left]
        shown = word["text"].strip()
        text += shown
        scores += [max(0.0, float(word["conf"]) / 100)] * len(shown)
        centres += _spread(left, left + width, len(shown))
        corners += [(left, top), (left + width, top + height)]
    (x1, y1), (x2, y2) = np.min(corners, axis=0), np.max(corners, axis=0)
    quad = Quad(np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], np.float32))
    return _line(text, scores, centres, quad)
