"""Match the selfie with the portrait on the card: the face stage's engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.chip.certificate import Certificate
from pipeline.chip.judged import judge_chip, verified_portrait
from pipeline.errors import CannotJudge
from pipeline.face.backend import FaceBackend, load_backend
from pipeline.face.find import FaceFinder, LocatedFace
from pipeline.face.models import FaceModels, load_face_models
from pipeline.face.portrait import find_portrait
from pipeline.face.quality import measure, require_portrait, require_selfie
from pipeline.face.selfie import find_selfie
from pipeline.findings import FaceFinding, ModelRef, Rejection
from pipeline.image import RgbImage
from pipeline.pictures import FACE, PORTRAIT, Judged, Picture


def load_face_matcher(
    weights_root: Path,
    *,
    backend: str = "dlib",
    device: str = "cpu",
    authorities: tuple[Certificate, ...] = (),
) -> FaceMatcher:
    """Load everything that a match needs.

    Args:
        weights_root: the weights folder.
        backend: "dlib" (default) or "facenet".
        device: where the embedder runs, "cpu" or "cuda".
        authorities: whose chips are trusted (`pipeline.chip.authorities`).

    Raises:
        WeightsError: a file is missing or altered, or there is no such backend.
    """
    return FaceMatcher(
        load_face_models(weights_root),
        load_backend(backend, weights_root, device=device),
        authorities=authorities,
    )


class FaceMatcher:
    """Compares two pictures of a face; one per process, not shared between threads."""

    def __init__(
        self,
        models: FaceModels,
        backend: FaceBackend,
        *,
        authorities: tuple[Certificate, ...] = (),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._authorities = authorities
        self._finder = FaceFinder(models.detector, models.mesh)
        self._backend = backend
        self._clock = clock
        self.backend = backend.profile.name
        self.models: tuple[ModelRef, ...] = (*models.refs, *backend.refs)

    def warm_up(self) -> None:
        """Run each model once, so that the first case is as quick as the others."""
        self._finder.find(RgbImage(np.full((480, 640, 3), 127, np.uint8)))

    def match(
        self, card_front: RgbImage, selfie: RgbImage, *, chip: bytes | None = None
    ) -> FaceFinding:
        """Compare as `compare` does, and keep no picture."""
        return self.compare(card_front, selfie, chip=chip).finding

    def compare(
        self, card_front: RgbImage, selfie: RgbImage, *, chip: bytes | None = None
    ) -> Judged[FaceFinding]:
        """Compare the portrait on a card with a selfie.

        Args:
            card_front: photo of the card's front, H x W x 3, uint8, RGB, in any direction.
            selfie: photo of the person, upright.
            chip: the upload of an NFC reader, or None. The portrait of a chip whose issuer is verified takes the place
                of the printed one, and `quality` says so.

        Returns:
            Similarity, false match rate and band, or `rejected` with what to retake. "Another person" is a band,
            not a rejection. The pictures are the faces that were found, also those that were not good enough.
        """
        started, quality = self._clock(), dict[str, float]()
        timing: dict[str, float] = {}
        seen: list[Picture] = []
        similarity, rejected = None, None
        try:
            shown = self._portrait_of(chip, quality)
            card = card_front if shown is None else shown
            similarity = self._similarity(card, selfie, quality, timing, seen)
            timing["total"] = (self._clock() - started) * 1000
        except CannotJudge as error:
            rejected = Rejection(code=error.reason, facts=error.facts)
        finding = self._finding(similarity, rejected, quality, timing)
        return Judged(finding=finding, pictures=tuple(seen))

    def _similarity(
        self, card: RgbImage, selfie: RgbImage,
        quality: dict[str, float], timing: dict[str, float], seen: list[Picture],
    ) -> float:  # fmt: skip
        start = self._clock()
        portrait = find_portrait(card, self._finder)
        seen.append(Picture(name=PORTRAIT, rgb=portrait.patch))
        self._judged(portrait, "portrait", quality)
        found = self._clock()
        face = find_selfie(selfie, self._finder)
        seen.append(Picture(name=FACE, rgb=face.patch))
        self._judged(face, "selfie", quality)
        located = self._clock()
        similarity = self._backend.compare(self._backend.embed(portrait), self._backend.embed(face))
        timing["find_portrait"] = (found - start) * 1000
        timing["find_selfie"] = (located - found) * 1000
        timing["embed"] = (self._clock() - located) * 1000
        return similarity

    def _portrait_of(self, chip: bytes | None, quality: dict[str, float]) -> RgbImage | None:
        if chip is None:
            return None
        shown = verified_portrait(judge_chip(chip, self._authorities, today=None))
        quality["portrait_is_of_chip"] = float(shown is not None)
        return shown

    def _judged(self, face: LocatedFace, kind: str, quality: dict[str, float]) -> None:
        measured = measure(face)
        quality.update({f"{kind}_{name}": value for name, value in measured.as_facts().items()})
        (require_portrait if kind == "portrait" else require_selfie)(measured)

    def _finding(
        self,
        similarity: float | None,
        rejected: Rejection | None,
        quality: dict[str, float],
        timing: dict[str, float],
    ) -> FaceFinding:
        profile = self._backend.profile
        return FaceFinding(
            similarity=similarity,
            fmr=None if similarity is None else profile.fmr(similarity),
            band=None if similarity is None else profile.band(similarity),
            rejected=rejected,
            backend=profile.name,
            quality=quality,
            models=self.models,
            timing_ms=timing,
        )
