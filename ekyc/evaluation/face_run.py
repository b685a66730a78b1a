"""Looks at every photo of a data set once per condition, and compares the pairs."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import cv2
import numpy as np

from ekyc.evaluation.face_pairs import FacePairs, Pair
from ekyc.evaluation.face_print import print_portrait
from ekyc.evaluation.face_rates import Scores
from pipeline.errors import CannotJudge
from pipeline.face.backend import Embedding, FaceBackend
from pipeline.face.find import FaceFinder, LocatedFace
from pipeline.face.fusion import mean_similarity
from pipeline.face.portrait import find_portrait
from pipeline.face.quality import measure, require_portrait, require_selfie
from pipeline.face.selfie import find_selfie
from pipeline.image import decode_image

_THUMB_PX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the two pictures of a pair look.

    `card_px`: the first is a card's portrait with a face of that height, None: a photo. `fused`: so many more photos
    of the second's person join it, as the frames of a clip do.
    """

    card_px: int | None = None
    fused: int = 0

    @property
    def name(self) -> str:
        """In words."""
        first = "photo" if self.card_px is None else f"card portrait of {self.card_px} px"
        return f"{first} – photo" + (
            f" and up to {self.fused} more of the person" if self.fused else ""
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What was seen of a picture, or of several of one person: embeddings, or the reason why there is none."""

    embeddings: tuple[Embedding, ...]
    reason: str | None
    thumb: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A pair that was judged."""

    pair: Pair
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One condition: pairs that were judged, and reasons of those that were not, genuine and impostor."""

    condition: Condition
    judged: tuple[Compared, ...]
    refused_genuine: dict[str, int]
    refused_impostor: dict[str, int]


@dataclass(slots=True)
class Reader:
    """Embeds each picture once per look."""

    data: FacePairs
    finder: FaceFinder
    backend: FaceBackend
    _known: dict[tuple[str, int | None], Seen] = field(default_factory=dict)

    def look(self, name: str, card_px: int | None) -> Seen:
        """Return what is seen of a photo, or of the card that is printed with it."""
        key = (name, card_px)
        if key not in self._known:
            self._known[key] = self._look(name, card_px)
        return self._known[key]

    def _look(self, name: str, card_px: int | None) -> Seen:
        thumb = ""
        try:
            face = self._face(name, card_px)
            thumb = _thumb(face)
            (require_selfie if card_px is None else require_portrait)(measure(face))
        except CannotJudge as error:
            return Seen(embeddings=(), reason=str(error.reason), thumb=thumb)
        return Seen(embeddings=(self.backend.embed(face),), reason=None, thumb=thumb)

    def _face(self, name: str, card_px: int | None) -> LocatedFace:
        data = (self.data.folder / name).read_bytes()
        face = find_selfie(decode_image(data, evidence="selfie"), self.finder)
        if card_px is None:
            return face
        seed = zlib.crc32(f"{name}:{card_px}".encode())
        return find_portrait(print_portrait(face, card_px, seed=seed), self.finder)


def run(reader: Reader, conditions: Sequence[Condition]) -> Iterator[Outcome]:
    """Yield the outcome of each condition."""
    for condition in conditions:
        yield _Run(reader, condition).outcome()


@dataclass(slots=True)
class _Run:
    reader: Reader
    condition: Condition
    judged: list[Compared] = field(default_factory=list)
    refused: dict[bool, dict[str, int]] = field(default_factory=lambda: {True: {}, False: {}})

    def outcome(self) -> Outcome:
        for pair in self._pairs():
            self._judge(pair)
        return Outcome(
            condition=self.condition, judged=tuple(self.judged),
            refused_genuine=self.refused[True], refused_impostor=self.refused[False],
        )  # fmt: skip

    def _pairs(self) -> Iterator[Pair]:
        """With a card on one side, either photo is the card once."""
        pairs = self.reader.data.pairs
        if self.condition == Condition():
            return iter(pairs)
        swapped = (Pair(a=pair.b, b=pair.a, same=pair.same) for pair in pairs)
        return chain(pairs, swapped)

    def _judge(self, pair: Pair) -> None:
        a = self.reader.look(pair.a, self.condition.card_px)
        b = self._probe(pair)
        if not a.embeddings or not b.embeddings:
            reason = a.reason or b.reason or "?"
            refused = self.refused[pair.same]
            refused[reason] = refused.get(reason, 0) + 1
            return
        similarity = mean_similarity(a.embeddings[0], b.embeddings, self.reader.backend.compare)
        self.judged.append(Compared(pair=pair, similarity=similarity))

    def _probe(self, pair: Pair) -> Seen:
        one = self.reader.look(pair.b, None)
        if not self.condition.fused or not one.embeddings:
            return one
        people = self.reader.data.people
        others = sorted(
            f for f, who in people.items() if who == people[pair.b] and f not in (pair.a, pair.b)
        )
        found = tuple(chain.from_iterable(self.reader.look(o, None).embeddings for o in others))
        if not found:
            return Seen(embeddings=(), reason="no_other_photo_of_the_person")
        joined = found[: self.condition.fused]
        return Seen(embeddings=(*one.embeddings, *joined), reason=None)


def scores_of(outcome: Outcome, data: FacePairs) -> Scores:
    """Return similarities with the numbers of the people."""
    number = {who: i for i, who in enumerate(sorted(set(data.people.values())))}
    rows = [(number[data.people[c.pair.a]], number[data.people[c.pair.b]]) for c in outcome.judged]
    ids = np.array(rows, np.intp).reshape(-1, 2)
    return Scores(
        similarity=np.array([c.similarity for c in outcome.judged]),
        same=np.array([c.pair.same for c in outcome.judged], bool),
        a=ids[:, 0], b=ids[:, 1], people=len(number),
    )  # fmt: skip


def _thumb(face: LocatedFace) -> str:
    """A small JPEG of the face, base64."""
    height, width = face.patch.shape[:2]
    size = (_THUMB_PX, max(1, _THUMB_PX * height // width))
    small = cv2.resize(face.patch, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
    return base64.b64encode(data.tobytes()).decode()
