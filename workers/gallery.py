"""The faces of approved cases in the memory of one process, for the search of the same face under another number."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from pipeline.face.profile import FaceProfile
from pipeline.face.template import Template, nearest_gaps
from store.database import Store
from store.templates import Enrolled, approved_since, still_enrolled

#: Templates fetched at a time.
_PAGE = 2000
#: An approval can be committed this much later than its time says; what came twice is known by its case.
_OVERLAP = timedelta(seconds=120)
#: How long an erased face may stay in memory. It is found no more at once: every hit is looked up.
_PRUNE_S = 600.0
#: Of the nearest faces, as many are looked up; a person needs no longer list.
_HITS = 10
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Faces:
    """The vectors of one model, growing by doubling."""

    cases: list[UUID] = field(default_factory=list)
    vectors: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def add(self, enrolled: Enrolled) -> None:
        vector, count = enrolled.template.vector, len(self.cases)
        if count == len(self.vectors):
            room = np.empty((max(64, 2 * count), len(vector)), np.float32)
            if count:
                room[:count] = self.vectors
            self.vectors = room
        self.vectors[count] = vector
        self.cases.append(enrolled.case_id)

    def keep_only(self, cases: set[UUID]) -> None:
        kept = [row for row, case_id in enumerate(self.cases) if case_id in cases]
        self.vectors = self.vectors[kept].copy()
        self.cases = [self.cases[row] for row in kept]


class FaceGallery:
    """All approved faces of a bank; one a process, not shared between threads."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._faces: dict[tuple[str, str], _Faces] = {}
        self._known: set[UUID] = set()
        self._seen_until, self._pruned_at_s = _BEGINNING, clock()

    def same_face(
        self, case_id: UUID, template: Template, profile: FaceProfile
    ) -> tuple[UUID, ...] | None:
        """Return other approved cases whose face is this one, the most similar first.

        Args:
            case_id: the case that asks.
            template: its face.
            profile: says from which similarity on two cases show one face.

        Returns:
            None when nobody measured that for this model: then nothing can be said.
        """
        if profile.duplicate_at is None or profile.name != template.backend:
            return None
        self._update()
        faces = self._faces.get((template.backend, template.model_sha256), _Faces())
        hits = nearest_gaps(
            faces.vectors[: len(faces.cases)], template.vector, at_most=_HITS + 1
        )  # fmt: skip
        alike = [
            faces.cases[row]
            for row, _ in hits
            if profile.compare(faces.vectors[row], template.vector) >= profile.duplicate_at
            and faces.cases[row] != case_id
        ]
        there = still_enrolled(self._store, alike) if alike else set()
        return tuple(other for other in alike if other in there)

    def _update(self) -> None:
        since = self._seen_until - _OVERLAP
        while page := approved_since(self._store, since, limit=_PAGE):
            for enrolled in page:
                if enrolled.case_id not in self._known:
                    self._add(enrolled)
            last = page[-1].approved_at
            self._seen_until = max(self._seen_until, last)
            if len(page) < _PAGE or last == since:
                break
            since = last
        if self._clock() - self._pruned_at_s > _PRUNE_S:
            self._prune()

    def _add(self, enrolled: Enrolled) -> None:
        model = (enrolled.template.backend, enrolled.template.model_sha256)
        self._faces.setdefault(model, _Faces()).add(enrolled)
        self._known.add(enrolled.case_id)

    def _prune(self) -> None:
        there = still_enrolled(self._store)
        for faces in self._faces.values():
            faces.keep_only(there)
        self._known &= there
        self._pruned_at_s = self._clock()
