"""Checks of the sides: whether all were given and read, what they had to carry, and whether they are of one card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.card.crosscheck import Agreement
from pipeline.card.quality import reason_unreadable
from pipeline.card.sides import Sides
from pipeline.card.sources import Sources
from pipeline.card.version import HAS_MRZ, QR_SIDE
from pipeline.findings import CardVersion, Check, Fact, FieldName, FieldReading, Source
from pipeline.reasons import ReasonCode

_F = FieldName

#: What a back must yield to count as read.
_BACK_CORE: dict[CardVersion, tuple[FieldName, ...]] = {
    CardVersion.CHIP_2021: (_F.DATE_OF_ISSUE,),
    CardVersion.CAN_CUOC_2024: (_F.DATE_OF_EXPIRY, _F.PLACE_OF_RESIDENCE),
}
_QR_CODES = {
    ReasonCode.QR_UNREADABLE,
    ReasonCode.QR_UNKNOWN_FORMAT,
    ReasonCode.QR_MISMATCH,
}
_MRZ_CODES = {ReasonCode.MRZ_UNREADABLE, ReasonCode.MRZ_MISMATCH, ReasonCode.MRZ_CHECK_DIGIT}
_IDENTIFYING = (_F.ID_NUMBER, _F.FULL_NAME, _F.DATE_OF_BIRTH)


def side_checks(sides: Sides, fields: Mapping[FieldName, FieldReading]) -> tuple[Check, ...]:
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


def expected_checks(
    checks: Sequence[Check], sides: Sides, version: CardVersion
) -> tuple[Check, ...]:
    """Leave out checks of a code that is not on the sides that were given."""
    qr_side = QR_SIDE.get(version)
    given = {"front": sides.front, "back": sides.back}
    qr_seen = qr_side is not None and given[qr_side] is not None
    mrz_seen = version in HAS_MRZ and sides.back is not None
    absent = (set() if qr_seen else _QR_CODES) | (set() if mrz_seen else _MRZ_CODES)
    return tuple(check for check in checks if check.code not in absent)


def same_card_checks(sides: Sides, sources: Sources) -> tuple[Check, ...]:
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
