"""Read a citizen card: both photos in, one finding out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from pipeline.card.assurance import assurance_of
from pipeline.card.authority import read_authority
from pipeline.card.confidence import load_profile, with_confidence
from pipeline.card.crosscheck import Agreement
from pipeline.card.fields import read_fields
from pipeline.card.fuse import Printed, Sources, check_sources, compare_sources, fuse
from pipeline.card.gates import CardRead, SideLook, explain_unread, judge_sides, look_at
from pipeline.card.gazetteer import load_gazetteer
from pipeline.card.mrz import MrzContent, read_mrz
from pipeline.card.printed import PrintedField
from pipeline.card.qr import QrScan
from pipeline.card.qr_scan import scan_qr
from pipeline.card.quality import reason_unreadable
from pipeline.card.recognise import TextRecogniser
from pipeline.card.rules import check_rules
from pipeline.card.second_look import look_again_for_issuer
from pipeline.card.side import SideReading, Stopwatch, read_side
from pipeline.card.text import TextEngine, TextReader, load_text_reader
from pipeline.card.version import NO_LONGER_VALID, agree_on_version
from pipeline.chip.certificate import Certificate
from pipeline.chip.judged import JudgedChip, chip_checks, judge_chip
from pipeline.errors import CannotJudge
from pipeline.findings import (
    CardFinding,
    CardVersion,
    Check,
    Fact,
    FieldName,
    FieldReading,
    ModelRef,
    Rejection,
    Source,
)
from pipeline.image import RgbImage
from pipeline.pictures import CARD_BACK, CARD_FRONT, Picture
from pipeline.reasons import ReasonCode

_F = FieldName
#: Without these, read well enough to be worth a look, a front counts as unreadable.
_CORE = (_F.ID_NUMBER, _F.FULL_NAME, _F.DATE_OF_BIRTH)
_LEAST_CORE_CONFIDENCE = 0.30
#: Side that carries the QR code; the versions before had none.
_QR_SIDE = {CardVersion.CHIP_2021: "front", CardVersion.CAN_CUOC_2024: "back"}
_HAS_MRZ = frozenset(_QR_SIDE)
#: What a back must yield to count as read.
_BACK_CORE: dict[CardVersion, tuple[FieldName, ...]] = {
    CardVersion.CHIP_2021: (_F.DATE_OF_ISSUE,),
    CardVersion.CAN_CUOC_2024: (_F.DATE_OF_EXPIRY, _F.PLACE_OF_RESIDENCE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sides:
    """The two sides after putting them right, at least one; `back_problem` says why a given back was not read."""

    front: SideReading | None
    back: SideReading | None
    back_problem: Rejection | None
    swapped: bool

    @property
    def any(self) -> SideReading:
        """The front if there is one, else the back."""
        side = self.front or self.back
        if side is None:
            raise ValueError("neither side was read")
        return side

    @property
    def by_name(self) -> dict[str, SideReading]:
        """The sides that were read, by "front" and "back"."""
        given = {"front": self.front, "back": self.back}
        return {name: side for name, side in given.items() if side is not None}


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
        sides: _Sides | None = None
        try:
            sides = self._read_sides(front, back, watch)
            judged = watch.run("chip", lambda: judge_chip(chip, self._authorities, today=today))
            sources = _read_sources(sides, judged, self._text, watch)
            finding = self._finding(sides, sources, judged, today, watch)
        except CannotJudge as problem:
            rejected = self._rejected(problem, watch)
            return CardReading(finding=rejected, sides=sides.by_name if sides else {}, printed={})
        printed = fuse(compare_sources(sources.printed, None, None, sources.qr_side))
        return CardReading(finding=finding, sides=sides.by_name, printed=printed)

    # ------------------------------------------------------------ sides

    def _read_sides(self, front: RgbImage, back: RgbImage | None, watch: Stopwatch) -> _Sides:
        """Read both photos, put swapped ones right, and settle on one version where the words of a side allow it."""
        first, first_problem = self._try_side(front, watch)
        second, second_problem = self._try_side(back, watch) if back is not None else (None, None)
        _refuse_dead_version(first, second)
        swapped = (_is(first, "back") or first is None) and _is(second, "front")
        if _is(first, "back") and back is None:
            return _Sides(front=None, back=first, back_problem=None, swapped=False)
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
        return _Sides(front=first, back=second, back_problem=second_problem, swapped=swapped)

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
        sides: _Sides,
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
            *_side_checks(sides, fields),
            *_expected_checks(check_sources(sources), sides, version),
            *_same_card_checks(sides, sources),
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
    sides: _Sides, sources: Sources, fields: Mapping[FieldName, FieldReading], version: CardVersion
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


def _read_sources(sides: _Sides, chip: JudgedChip, reader: TextReader, watch: Stopwatch) -> Sources:
    version = sides.any.kind.version
    printed = watch.run("fields", lambda: _printed(sides, version, reader))
    scan = watch.run("qr", lambda: _scan_qr(sides, version))
    mrz = watch.run("mrz", lambda: _read_mrz(sides.back, reader.recognise))
    qr_side = _QR_SIDE.get(version, "front")
    return compare_sources(printed, scan.content, mrz, qr_side, chip=chip.content, scan=scan)


def _read_mrz(back: SideReading | None, recognise: TextRecogniser) -> MrzContent | None:
    if back is None or back.kind.version not in _HAS_MRZ:
        return None
    return read_mrz(back.lines, back.card.image, recognise)


def _printed(sides: _Sides, version: CardVersion, reader: TextReader) -> dict[FieldName, Printed]:
    found: dict[FieldName, PrintedField] = {}
    side_of: dict[FieldName, str] = {}
    for side, name in ((sides.back, "back"), (sides.front, "front")):
        if side is None:
            continue
        width_px = float(side.card.image.shape[1]) if side.bordered else None
        fields = read_fields(side.lines, version, name, width_px)
        if name == "back" and _F.ISSUING_AUTHORITY not in fields:
            fields |= _issuer_again(side, version, reader)
        found |= fields
        side_of |= dict.fromkeys(fields, name)
    sure = with_confidence(found, version)
    return {name: Printed(field=field, side=side_of[name]) for name, field in sure.items()}


def _issuer_again(
    back: SideReading, version: CardVersion, reader: TextReader
) -> dict[FieldName, PrintedField]:
    lines = look_again_for_issuer(back.card.image, back.lines, reader)
    authority = read_authority(lines, version)
    return {_F.ISSUING_AUTHORITY: authority} if authority is not None else {}


def _scan_qr(sides: _Sides, version: CardVersion) -> QrScan:
    side = {"front": sides.front, "back": sides.back}.get(_QR_SIDE.get(version, ""))
    return scan_qr(side.photo, side.card.corners) if side is not None else QrScan()


# ---------------------------------------------------------------- checks


def _side_checks(sides: _Sides, fields: Mapping[FieldName, FieldReading]) -> tuple[Check, ...]:
    """A back in place of the front, swapped sides, and a back that was given but not read."""
    swapped = Check(code=ReasonCode.CARD_SIDES_SWAPPED, passed=not sides.swapped)
    facts: dict[str, Fact]
    if sides.front is None:
        facts = {"cause": "shows_the_back"}
        return swapped, Check(code=ReasonCode.CARD_UNREADABLE, passed=False, facts=facts)
    if sides.back_problem is not None:
        facts = {"cause": str(sides.back_problem.code), **sides.back_problem.facts}
        return swapped, Check(code=ReasonCode.CARD_BACK_UNREADABLE, passed=False, facts=facts)
    if sides.back is None:
        return (swapped,)
    missing = [
        str(name) for name in _BACK_CORE.get(sides.back.kind.version, ()) if name not in fields
    ]
    cause = reason_unreadable(sides.back.quality) or ReasonCode.CARD_UNREADABLE
    return swapped, Check(
        code=ReasonCode.CARD_BACK_UNREADABLE,
        passed=not missing,
        fields=tuple(missing),
        facts={"cause": str(cause)} if missing else {},
    )


def _expected_checks(
    checks: Sequence[Check], sides: _Sides, version: CardVersion
) -> tuple[Check, ...]:
    """Leave out checks of a code that is not on the sides that were given."""
    qr_side = _QR_SIDE.get(version)
    given = {"front": sides.front, "back": sides.back}
    qr_seen = qr_side is not None and given[qr_side] is not None
    mrz_seen = version in _HAS_MRZ and sides.back is not None
    absent = (set() if qr_seen else _QR_CODES) | (set() if mrz_seen else _MRZ_CODES)
    return tuple(check for check in checks if check.code not in absent)


_QR_CODES = {
    ReasonCode.QR_UNREADABLE,
    ReasonCode.QR_UNKNOWN_FORMAT,
    ReasonCode.QR_MISMATCH,
}
_MRZ_CODES = {ReasonCode.MRZ_UNREADABLE, ReasonCode.MRZ_MISMATCH, ReasonCode.MRZ_CHECK_DIGIT}
_IDENTIFYING = (_F.ID_NUMBER, _F.FULL_NAME, _F.DATE_OF_BIRTH)


def _same_card_checks(sides: _Sides, sources: Sources) -> tuple[Check, ...]:
    """Whether the back belongs to the front: same version, and not another person in all that identifies one."""
    if sides.back is None or sides.front is None:
        return ()
    said = [
        agreement
        for (name, source), agreement in sources.agreements.items()
        if name in _IDENTIFYING and _is_of_back(source, sources)
    ]
    differ = sum(agreement is Agreement.DIFFERENT for agreement in said)
    agree = sum(agreement is Agreement.SAME for agreement in said)
    other_version = sides.back.kind.version is not sides.front.kind.version
    other_person = differ >= 2 and agree == 0
    judged = other_version or bool(differ or agree)
    return (
        Check(
            code=ReasonCode.CARD_SIDES_DIFFER,
            passed=not (other_version or other_person) if judged else None,
            facts={"other_version": other_version},
        ),
    )


def _is_of_back(source: Source, sources: Sources) -> bool:
    return source is Source.MRZ or (source is Source.QR and sources.qr_side == "back")
