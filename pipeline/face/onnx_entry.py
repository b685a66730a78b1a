"""A face embedder described in the manifest of weights: how a face is shown to it and how its vectors are compared.

The entry of the weights has a table `face` beside sha256, licence and source; see weights/README.md. Such a network is
another profile, not other code.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import WeightsError
from pipeline.face.metric import Metric
from pipeline.face.profile import REVIEW_FMR, UNCALIBRATED, FaceProfile
from pipeline.face.region import Points
from pipeline.weights import WeightsEntry

Point = tuple[float, float]
Similarity = Annotated[float, Field(ge=-1, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Three = tuple[float, float, float]

#: Where ArcFace networks expect right eye, left eye (the subject's), nose tip, right and left corner of the mouth in
#: 112 x 112 pixels: `arcface_src` of insightface's face_align.py.
ARCFACE: tuple[Point, ...] = (
    (38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041),
)  # fmt: skip
_ARCFACE_PX = 112


class OnnxFaceEntry(BaseModel):
    """The table `face` of an embedder's entry.

    Attributes:
        size_px: side of the square picture that goes in.
        points: "arcface", scaled to `size_px`, or the five points in pixels of that picture.
        colours: order of the channels.
        layout: order of the axes.
        mean: subtracted from values of 0..255, in the order of `colours`.
        deviation: what is left is divided by this.
        output: name of the output that is the embedding; the first one if it is not said.
        metric: what unit vectors are compared by.
        review_at: least similarity that a person looks at while there is no calibration.
        same_clip: frontal frames of one person's clip are at least this similar.
        origin: the data behind these two and behind the calibration.
        calibration: (similarity, false match rate) in rising similarity, measured on strangers; without it the backend
            never says match.
        calibration_id: the calibration's name, kept with every result.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_px: Annotated[int, Field(ge=16, le=1024)]
    points: Literal["arcface"] | tuple[Point, Point, Point, Point, Point] = "arcface"
    colours: Literal["RGB", "BGR"] = "RGB"
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    mean: Three
    deviation: tuple[
        Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]
    ]
    output: str | None = None
    metric: Literal[Metric.COSINE, Metric.L2, Metric.L1] = Metric.COSINE
    review_at: Similarity
    same_clip: Similarity
    origin: Annotated[str, Field(min_length=10)]
    calibration: tuple[tuple[Similarity, Rate], ...] | None = Field(default=None, min_length=2)
    calibration_id: Annotated[str, Field(min_length=3, max_length=60)] | None = None

    @model_validator(mode="after")
    def _calibration_is_whole(self) -> Self:
        if (self.calibration is None) is not (self.calibration_id in (None, UNCALIBRATED)):
            raise ValueError("calibration and calibration_id belong together")
        rows = self.calibration or ()
        if any(after[0] <= before[0] or after[1] > before[1] for before, after in pairwise(rows)):
            raise ValueError("a calibration has rising similarities and falling rates")
        if rows and rows[0][1] <= REVIEW_FMR:  # below its first row a rate is that row's
            raise ValueError(f"a calibration starts at a rate above {REVIEW_FMR}")
        return self

    def template(self) -> Points:
        """Return the five points, (5, 2), in pixels of the network's picture."""
        if self.points == "arcface":
            return np.array(ARCFACE, np.float64) * (self.size_px / _ARCFACE_PX)
        return np.array(self.points, np.float64)

    def profile(self, name: str) -> FaceProfile:
        """Return the profile of this entry; it never knows duplicates, which nobody measures in a manifest."""
        return FaceProfile(
            name=name,
            calibration_id=self.calibration_id or UNCALIBRATED,
            calibration=self.calibration,
            review_at=self.review_at,
            same_clip=self.same_clip,
            source=self.origin,
            metric=Metric(self.metric),
            duplicate_at=None,
        )


def read_face_entry(entry: WeightsEntry) -> OnnxFaceEntry:
    """Return how an embedder wants to be used.

    Raises:
        WeightsError: the entry is of no embedder, or its table is not right; the message says what.
    """
    if entry.face is None:
        raise WeightsError(f"weights {entry.name} have no table [{entry.name}.face]")
    try:
        return OnnxFaceEntry.model_validate(entry.face)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join((entry.name, "face", *map(str, first["loc"])))
        raise WeightsError(f"manifest of weights, {where}: {first['msg']}") from error
