"""Match the selfie with the portrait on the card: the face stage's engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.chip.certificate import Certificate
from pipeline.chip.judged import judge_chip, verified_portrait
from pipeline.errors import CannotJudge
from pipeline.face.backend import Embedding, FaceBackend, load_backend
from pipeline.face.clip_faces import pick_faces
from pipeline.face.find import LocatedFace, Step
from pipeline.face.fusion import mean_similarity
from pipeline.face.models import FaceModels, load_face_models
from pipeline.face.portrait import find_portrait, find_printed_face, find_shown_portrait
from pipeline.face.quality import measure, require_portrait, require_selfie
from pipeline.face.selfie import find_selfie
from pipeline.face.template import Template
from pipeline.findings import FaceFinding, ModelRef, Rejection
from pipeline.image import RgbImage
from pipeline.pictures import FACE, PORTRAIT, Judged, Picture

#: Not the last resort: it is loaded only when a picture comes to it.
_WARM = tuple(step for step in Step if step is not Step.MTCNN)


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
        backend: the name of a profile, "dlib" (default), "facenet" or one of your own.
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


@dataclass(slots=True)
class _Trace:
    """What one comparison leaves behind beside its similarity."""

    clock: Callable[[], float]
    quality: dict[str, float] = field(default_factory=dict)
    timing: dict[str, float] = field(default_factory=dict)
    faces: dict[str, LocatedFace] = field(default_factory=dict)
    #: Of the selfie.
    embedding: Embedding | None = None

    @contextmanager
    def lap(self, name: str) -> Iterator[None]:
        start = self.clock()
        yield
        self.timing[name] = (self.clock() - start) * 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """A finding with the faces it is about, by `PORTRAIT` and `FACE`: those found, also when they were not judged."""

    finding: FaceFinding
    faces: dict[str, LocatedFace]
    template: Template | None


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
        self._finder = models.finder()
        self._backend = backend
        self._clock = clock
        self._last_resort = models.last_resort.refs if models.last_resort else ()
        self.profile = backend.profile
        self.backend = backend.profile.name
        self.models: tuple[ModelRef, ...] = (*models.refs, *backend.refs)

    def warm_up(self) -> None:
        """Run each model once, so that the first case is as quick as the others."""
        self._finder.find(RgbImage(np.full((480, 640, 3), 127, np.uint8)), steps=_WARM)

    def match(
        self, card_front: RgbImage, selfie: RgbImage, *, chip: bytes | None = None
    ) -> FaceFinding:
        """Compare as `compare` does, and keep no picture."""
        return self.compare(card_front, selfie, chip=chip).finding

    def compare(
        self,
        card_front: RgbImage,
        selfie: RgbImage,
        *,
        chip: bytes | None = None,
        clip: bytes | None = None,
    ) -> Judged[FaceFinding]:
        """Compare the portrait on a card with a selfie, and with the frames of a clip that show the same person.

        Args:
            card_front: photo of the card's front, H x W x 3, uint8, RGB, in any direction.
            selfie: photo of the person, upright.
            chip: the upload of an NFC reader, or None. The portrait of a chip whose issuer is verified takes the place
                of the printed one, and `quality` says so.
            clip: the challenge's clip, or None. What it cannot add is no fault here: the liveness stage judges it.

        Returns:
            Similarity, false match rate and band, or `rejected` with what to retake. "Another person" is a band,
            not a rejection. The pictures are the faces that were found, also those that were not good enough.
        """
        made = self._compared(lambda trace: self._portrait(card_front, chip, trace), selfie, clip)
        pictures = [Picture(name=name, rgb=face.patch) for name, face in made.faces.items()]
        return Judged(
            finding=made.finding, pictures=tuple(pictures), template=made.template
        )  # fmt: skip

    def compare_photos(self, a: RgbImage, b: RgbImage) -> Comparison:
        """Compare any picture of one person, a photographed card or a photo, with a selfie.

        Args:
            a: H x W x 3, uint8, RGB: a card's front in any direction, or one person, upright.
            b: photo of one person, upright.
        """
        return self._compared(lambda _: find_printed_face(a, self._finder), b, None)

    def _compared(
        self, find_first: Callable[[_Trace], LocatedFace], selfie: RgbImage, clip: bytes | None
    ) -> Comparison:
        trace = _Trace(clock=self._clock)
        similarity, rejected = None, None
        try:
            with trace.lap("total"):
                similarity = self._similarity(trace, find_first, selfie, clip)
        except CannotJudge as error:
            rejected = Rejection(code=error.reason, facts=error.facts)
        return Comparison(
            finding=self._finding(similarity, rejected, trace),
            faces=trace.faces,
            template=self._template(trace.embedding),
        )

    def _similarity(
        self,
        trace: _Trace,
        find_first: Callable[[_Trace], LocatedFace],
        selfie: RgbImage,
        clip: bytes | None,
    ) -> float:
        with trace.lap("find_portrait"):
            portrait = trace.faces[PORTRAIT] = find_first(trace)
            self._gate(portrait, "portrait", trace)
        with trace.lap("find_selfie"):
            face = trace.faces[FACE] = find_selfie(selfie, self._finder)
            self._gate(face, "selfie", trace)
        with trace.lap("embed"):
            known, seen = self._backend.embed(portrait), [self._backend.embed(face)]
        if clip is not None:
            with trace.lap("clip"):
                seen += self._frames_of(seen[0], clip, trace)
        trace.embedding = seen[0]
        return mean_similarity(known, seen, self._backend.compare)

    def _template(self, embedding: Embedding | None) -> Template | None:
        if embedding is None:
            return None
        network = self._backend.refs[-1]
        return Template(
            backend=self._backend.profile.name, model_sha256=network.sha256, vector=embedding
        )  # fmt: skip

    def _portrait(self, card: RgbImage, chip: bytes | None, trace: _Trace) -> LocatedFace:
        shown = None
        if chip is not None:
            shown = verified_portrait(judge_chip(chip, self._authorities, today=None))
            trace.quality["portrait_is_of_chip"] = float(shown is not None)
        if shown is not None:
            return find_shown_portrait(shown, self._finder)
        return find_portrait(card, self._finder)

    def _frames_of(self, selfie: Embedding, clip: bytes, trace: _Trace) -> list[Embedding]:
        """The clip's frames that surely show the selfie's person."""
        try:
            frames = [self._backend.embed(face) for face in pick_faces(clip, self._finder)]
        except CannotJudge:
            frames = []
        least = self._backend.profile.same_clip
        same = [frame for frame in frames if self._backend.compare(frame, selfie) >= least]
        trace.quality["clip_frames"] = len(same)
        trace.quality["clip_frames_unlike"] = len(frames) - len(same)
        return same

    def _gate(self, face: LocatedFace, kind: str, trace: _Trace) -> None:
        measured = measure(face)
        facts = {f"{kind}_{name}": value for name, value in measured.as_facts().items()}
        trace.quality.update(facts)
        (require_portrait if kind == "portrait" else require_selfie)(measured)

    def _finding(
        self, similarity: float | None, rejected: Rejection | None, trace: _Trace
    ) -> FaceFinding:
        profile = self._backend.profile
        resorted = any(face.found_by is Step.MTCNN for face in trace.faces.values())
        return FaceFinding(
            similarity=similarity,
            fmr=None if similarity is None else profile.fmr(similarity),
            band=None if similarity is None else profile.band(similarity),
            rejected=rejected,
            backend=profile.name,
            quality=trace.quality,
            models=(*self.models, *(self._last_resort if resorted else ())),
            timing_ms=trace.timing,
            calibration=profile.calibration_id,
        )
