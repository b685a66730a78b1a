"""Read a citizen card: both photos in, one finding out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from pipeline.card.assurance import assurance_of
from pipeline.card.confidence import load_profile
from pipeline.card.fuse import fuse
from pipeline.card.gates import explain_unread, judge_sides
from pipeline.card.gather import read_sources
from pipeline.card.gazetteer import load_gazetteer
from pipeline.card.look import CardRead, SideLook, look_at
from pipeline.card.rules import check_rules
from pipeline.card.side import SideReading, Stopwatch, read_side
from pipeline.card.side_checks import expected_checks, same_card_checks, side_checks
from pipeline.card.sides import Sides
from pipeline.card.source_checks import check_sources
from pipeline.card.sources import Sources, compare_sources
from pipeline.card.text import TextEngine, TextReader, load_text_reader
from pipeline.card.version import NO_LONGER_VALID, agree_on_version
from pipeline.chip.certificate import Certificate
from pipeline.chip.judged import JudgedChip, chip_checks, judge_chip
from pipeline.errors import CannotJudge
from pipeline.findings import (
    CardFinding,
    CardVersion,
    Fact,
    FieldName,
    FieldReading,
    ModelRef,
    Rejection,
)
from pipeline.image import RgbImage
from pipeline.pictures import CARD_BACK, CARD_FRONT, Picture
from pipeline.reasons import ReasonCode

_F = FieldName
#: Without these, read well enough to be worth a look, a front counts as unreadable.
_CORE = (_F.ID_NUMBER, _F.FULL_NAME, _F.DATE_OF_BIRTH)
_LEAST_CORE_CONFIDENCE = 0.30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardReading:
    """A finding and what it was made from.

    `sides` holds, by "front" and "back", the sides that were read, also where the card was refused afterwards: boxes of
    the fields are in pixels of their `card.image`. `printed` is the finding's fields as print alone gives them, without
    QR code and MRZ.
    """

    finding: CardFinding
    sides: Mapping[str, SideReading]
    printed: Mapping[FieldName, FieldReading]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The rectified sides, for people."""
        names = {"front": CARD_FRONT, "back": CARD_BACK}
        return tuple(
            Picture(name=names[name], rgb=side.card.image) for name, side in self.sides.items()
        )


class CardReader:
    """Reads cards with models that were loaded once."""

    def __init__(self, text: TextReader, authorities: tuple[Certificate, ...] = ()) -> None:
        """Keep the models, and the authorities whose chips are trusted."""
        self._text = text
        self._authorities = authorities
        self.models: tuple[ModelRef, ...] = text.models

    def warm_up(self) -> None:
        """Run every model once, so that the first card is no slower than the next."""
        load_gazetteer()
        load_profile()
        blank = RgbImage(np.full((96, 320, 3), 200, np.uint8))
        self._text.detect(blank, 320)
        self._text.recognise([blank])

    def read(
        self,
        front: RgbImage,
        back: RgbImage | None,
        *,
        today: date | None,
        chip: bytes | None = None,
    ) -> CardFinding:
        """Read a card.

        Args:
            front: photo of the front, H x W x 3, uint8, RGB, any rotation.
            back: photo of the back, or None.
            today: for rules about age; None leaves them unjudged.
            chip: the upload of an NFC reader (`pipeline.chip.document`), or None.

        Returns:
            The fields and checks, or `rejected` with the reason. What is wrong with the back alone is a failed check,
            so that the fields of the front are not lost.
        """
        return self.look(front, back, today=today, chip=chip).finding

    def look(
        self,
        front: RgbImage,
        back: RgbImage | None,
        *,
        today: date | None,
        chip: bytes | None = None,
    ) -> CardReading:
        """Read a card as `read` does, and keep the pictures it was read from."""
        watch = Stopwatch()
        sides: Sides | None = None
        try:
            sides = self._read_sides(front, back, watch)
            judged = watch.run("chip", lambda: judge_chip(chip, self._authorities, today=today))
            sources = read_sources(sides, judged, self._text, watch)
            finding = self._finding(sides, sources, judged, today, watch)
        except CannotJudge as problem:
            rejected = self._rejected(problem, watch)
            return CardReading(finding=rejected, sides=sides.by_name if sides else {}, printed={})
        printed = fuse(compare_sources(sources.printed, None, None, sources.qr_side))
        return CardReading(finding=finding, sides=sides.by_name, printed=printed)

    # ------------------------------------------------------------ sides

    def _read_sides(self, front: RgbImage, back: RgbImage | None, watch: Stopwatch) -> Sides:
        """Read both photos, put swapped ones right, and settle on one version where the words of a side allow it."""
        first, first_problem = self._try_side(front, watch)
        second, second_problem = self._try_side(back, watch) if back is not None else (None, None)
        _refuse_dead_version(first, second)
        swapped = (_is(first, "back") or first is None) and _is(second, "front")
        if _is(first, "back") and back is None:
            return Sides(front=None, back=first, back_problem=None, swapped=False)
        if swapped:
            first, first_problem, second, second_problem = (
                second, second_problem, first, first_problem,
            )  # fmt: skip
        if first is None or not _is(first, "front"):
            raise _refusal_of_front(first_problem or second_problem)
        if second is not None and not _is(second, "back"):
            cause: dict[str, Fact] = {"cause": "shows_the_front"}
            second_problem = Rejection(code=ReasonCode.CARD_BACK_UNREADABLE, facts=cause)
            second = None
        first, second = _agree(first, second)
        return Sides(front=first, back=second, back_problem=second_problem, swapped=swapped)

    def _try_side(
        self, photo: RgbImage, watch: Stopwatch
    ) -> tuple[SideReading | None, Rejection | None]:
        try:
            return read_side(photo, self._text, watch), None
        except CannotJudge as problem:
            return None, Rejection(code=problem.reason, facts=problem.facts)

    # ------------------------------------------------------------ finding

    def _finding(
        self,
        sides: Sides,
        sources: Sources,
        chip: JudgedChip,
        today: date | None,
        watch: Stopwatch,
    ) -> CardFinding:
        version = sides.any.kind.version
        fields = watch.run("fields", lambda: fuse(sources))
        looks = _looks(sides, sources, fields, version)
        if sides.front is not None:
            _refuse_unreadable_front(looks[0], fields)
        values = {name: reading.value for name, reading in fields.items()}
        checks = (
            *side_checks(sides, fields),
            *expected_checks(check_sources(sources), sides, version),
            *same_card_checks(sides, sources),
            *chip_checks(chip),
            *check_rules(values, version, today),
            *watch.run("gates", lambda: judge_sides(looks)),
        )
        given = {"front": sides.front, "back": sides.back or sides.back_problem}
        return CardFinding(
            version=version,
            sides=tuple(name for name, side in given.items() if side is not None),
            fields=fields,
            checks=checks,
            rejected=None,
            models=self.models,
            timing_ms=watch.timing_ms,
            chip=chip.finding,
            assurance=assurance_of(checks, chip.finding),
        )

    def _rejected(self, problem: CannotJudge, watch: Stopwatch) -> CardFinding:
        # A dead version is told even if its fields cannot be read: that is what the customer needs to hear.
        return CardFinding(
            version=problem.version if isinstance(problem, _Unreadable) else CardVersion.UNKNOWN,
            sides=(),
            fields={},
            checks=(),
            rejected=Rejection(code=problem.reason, facts=problem.facts),
            models=self.models,
            timing_ms=watch.timing_ms,
        )


class _Unreadable(CannotJudge):
    """A recognised card whose fields cannot or need not be read."""

    def __init__(self, reason: ReasonCode, version: CardVersion, **facts: Fact) -> None:
        super().__init__(reason, **facts)
        self.version = version


def load_card_reader(
    weights_root: Path,
    *,
    device: str = "cpu",
    authorities: tuple[Certificate, ...] = (),
    engine: TextEngine = TextEngine.DIRECT,
) -> CardReader:
    """Load the models of the card reader.

    Args:
        weights_root: folder of manifest.toml.
        device: "cpu" or "cuda".
        authorities: see `pipeline.chip.authorities`; without any the origin of a chip is unknown.
        engine: what runs the text models.

    Raises:
        WeightsError: a file is missing or altered.
        CharsetError: the recogniser cannot write Vietnamese.
    """
    text = load_text_reader(weights_root, device=device, engine=engine)
    return CardReader(text, authorities)


# ---------------------------------------------------------------- sides


def _is(side: SideReading | None, name: str) -> bool:
    return side is not None and side.kind.side == name


def _refuse_dead_version(*sides: SideReading | None) -> None:
    """Raise if a side is of a version that is no longer valid: nothing else about it matters to the customer."""
    for side in sides:
        if side is not None and side.kind.version in NO_LONGER_VALID:
            raise _Unreadable(ReasonCode.DOCUMENT_NO_LONGER_VALID, side.kind.version)


def _agree(front: SideReading, back: SideReading | None) -> tuple[SideReading, SideReading | None]:
    if back is None:
        return front, None
    of_front, of_back = agree_on_version(front.kind, back.kind)
    return replace(front, kind=of_front), replace(back, kind=of_back)


def _refusal_of_front(problem: Rejection | None) -> CannotJudge:
    if problem is not None:
        return CannotJudge(problem.code, **problem.facts)
    return CannotJudge(ReasonCode.CARD_UNREADABLE, cause="both_show_the_back")


def _looks(
    sides: Sides, sources: Sources, fields: Mapping[FieldName, FieldReading], version: CardVersion
) -> tuple[SideLook, ...]:
    """The sides that were read, the front first, for the quality gates."""
    codes = {"qr": sources.qr, "mrz": sources.mrz}
    read = CardRead(
        version=version,
        fields=fields,
        codes=frozenset(name for name, content in codes.items() if content is not None),
    )
    return tuple(
        look_at(
            name,
            read,
            photo=side.photo,
            card=side.card,
            picture=side.picture,
            quality=side.quality,
            bordered=side.bordered,
        )
        for name, side in sides.by_name.items()
    )


def _refuse_unreadable_front(front: SideLook, fields: Mapping[FieldName, FieldReading]) -> None:
    """Raise if what makes the card worth reading is missing or guessed; say which version it was all the same."""
    weak = [
        name
        for name in _CORE
        if name not in fields or fields[name].confidence < _LEAST_CORE_CONFIDENCE
    ]
    if weak:
        reason = explain_unread(front, weak) or ReasonCode.CARD_UNREADABLE
        named = ",".join(weak)
        raise _Unreadable(reason, front.version, fields=named, front=named)
