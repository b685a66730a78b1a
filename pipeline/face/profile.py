"""A profile keeps together what must never be mixed: a backend's name, its calibration and its bands.

`similarity` is in [-1, 1], higher is closer; what it means is the backend's own affair, so a similarity is only ever
compared with the profile it came with. The calibration turns it into a false match rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pipeline.face.metric import Metric, from_dlib, from_l2
from pipeline.findings import Band

#: A match is said where strangers pass at most this often; a person looks down to `REVIEW_FMR` (issue of the bands:
#: docs/thresholds.md).
MATCH_FMR, REVIEW_FMR = 1e-4, 1e-2
#: The calibration's id where nobody has measured a backend.
UNCALIBRATED = "uncalibrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceProfile:
    """What a similarity of one backend means.

    Attributes:
        name: the backend's name, kept with every result.
        calibration_id: names this calibration in every result; another table or other bands need another id.
        calibration: (similarity, false match rate) in rising similarity; None when nobody has measured it.
        review_at: least similarity that a person should look at, for a backend without calibration.
        same_clip: frontal frames of one person's clip are at least this similar to each other.
        source: the data behind the calibration.
    """

    name: str
    calibration_id: str
    calibration: tuple[tuple[float, float], ...] | None
    review_at: float
    same_clip: float
    source: str
    #: What a similarity is made by.
    metric: Metric
    #: From this similarity on two customers under two numbers are shown to a person; None: nobody measured it.
    duplicate_at: float | None

    def __post_init__(self) -> None:
        """Refuse a profile that would promise what nobody measured.

        Raises:
            ValueError: a calibration without a name, or duplicates without a calibration or by a metric in which
                faces cannot be searched.
        """
        if (self.calibration is None) is not (self.calibration_id == UNCALIBRATED):
            raise ValueError(f"profile {self.name}: a calibration and its id belong together")
        searchable = self.calibration is not None and self.metric.ranks_as_l2
        if self.duplicate_at is not None and not searchable:
            raise ValueError(f"profile {self.name} cannot know duplicates")

    def compare(self, a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
        """Return the similarity of two embeddings of this profile's backend."""
        return self.metric.similarity(a, b)

    def fmr(self, similarity: float) -> float:
        """Return the rate at which strangers are this similar or more: interpolated in log10, constant outside.

        Without a calibration the only honest bound is 1.
        """
        if self.calibration is None:
            return 1.0
        similarities, rates = zip(*self.calibration, strict=True)
        return float(10 ** np.interp(similarity, similarities, np.log10(rates)))

    def similarity_at(self, fmr: float) -> float:
        """Return the least similarity at which strangers pass no more often than a rate: `fmr` backwards.

        Raises:
            ValueError: nobody measured this backend, or not at that rate.
        """
        similarities, rates = zip(*(self.calibration or ((0.0, math.inf),)), strict=True)
        if not rates[-1] <= fmr <= rates[0]:
            raise ValueError(
                f"profile {self.name} is not calibrated at a false match rate of {fmr:g}"
            )
        return float(np.interp(-np.log10(fmr), -np.log10(rates), similarities))

    def band(self, similarity: float) -> Band:
        """Return how sure the comparison is; a backend without calibration never says match."""
        if self.calibration is None:
            return Band.REVIEW if similarity >= self.review_at else Band.NO_MATCH
        rate = self.fmr(similarity)
        if rate <= MATCH_FMR * (1 + 1e-9):
            return Band.MATCH
        return Band.REVIEW if rate <= REVIEW_FMR * (1 + 1e-9) else Band.NO_MATCH


DLIB = FaceProfile(
    name="dlib",
    calibration_id="dlib-2026-11-22",
    # Gaps .88 .67 .60 .55 .50: 254,307 pairs of strangers out of 870 photos of 232 people (.50-.60), the first
    # percentile of 1,042 pairs (.67) and their mean (.88). Below 1e-5 nothing was resolved.
    calibration=tuple(
        (from_dlib(gap), rate)
        for gap, rate in ((1.10, 1.0), (0.88, 0.5), (0.67, 1e-2), (0.60, 7.8e-4), (0.55, 1e-4), (0.50, 1e-5))
    ),
    review_at=from_dlib(0.67),
    # Gaps to the clip's own frontal mean: frontal p95 .38, strong expressions up to .51; a passer-by .87.
    same_clip=from_dlib(0.60),
    source="870 public photos, 232 people, 254,307 impostor pairs, 22 Nov 2026: photos of public figures that the "
    "net may have seen in training, few Asian faces, no real card; look-alikes of one sex pass several times as often. "
    "The set is no longer at hand: that none of its people is among those of a later report is not proved, so error "
    "rates reported on public figures may be flattered by it",
    metric=Metric.DLIB,
    # One against many: none of the 254,307 pairs of strangers came as close as .45 (below 1.2e-5 at 95 %), so a bank of
    # 100,000 customers sees at most about one false hit a case. The price: of genuine pairs 17.5 % are farther than .50
    # apart, and more than .45; not every second account is seen by the face.
    duplicate_at=from_dlib(0.45),
)  # fmt: skip

#: As facenet-pytorch is most used: the Euclidean gap of unit vectors.
FACENET = FaceProfile(
    name="facenet",
    calibration_id=UNCALIBRATED,
    calibration=None,
    # The .70 Euclidean threshold of the reference project, from its author's 24 pairs; as a similarity .755.
    review_at=from_l2(0.70),
    same_clip=0.5,
    source="not measured: the weights were not at hand",
    metric=Metric.L2,
    duplicate_at=None,
)

#: The same network by the reference project's other two metrics.
FACENET_COSINE = replace(
    FACENET,
    name="facenet_cosine",
    metric=Metric.COSINE,
    # Its cosine distance of .40; the project compared that number with an angle.
    review_at=1.0 - 0.40,
)

FACENET_L1 = replace(
    FACENET,
    name="facenet_l1",
    metric=Metric.L1,
    # Its threshold, 1.4 for a sum over 512 numbers, is about a Euclidean gap of .08, which hardly two photos of one
    # person reach; here the sum that a gap of .70 gives, and of 1.0 for frames of one clip.
    review_at=1.0 - 0.70 * math.sqrt(2 / math.pi),
    same_clip=1.0 - 1.0 * math.sqrt(2 / math.pi),
)

#: Every profile that comes with the code, by name; the manifest of weights can describe more (`onnx_entry.py`).
PROFILES: Mapping[str, FaceProfile] = MappingProxyType(
    {p.name: p for p in (DLIB, FACENET, FACENET_COSINE, FACENET_L1)}
)
