"""What a card gives to object to: its checks, fields that are missing, unsure or edited, its dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from pipeline.card.regions import REGIONS_MM
from pipeline.findings import NO_EXPIRY, CardFinding, Check, FieldName, Source
from pipeline.policy import Policy
from pipeline.reasons import REASONS, ReasonCode
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Reason, reason, refusal


def card_reasons(
    card: CardFinding, edits: Mapping[FieldName, str], today: date, policy: Policy
) -> Iterator[Reason]:
    """Yield what a card gives to object to.

    Args:
        card: what was read.
        edits: per field, the value the operator put in place of the one that was read.
        today: the date of the submit in Viet Nam.
        policy: what is asked of a card.
    """
    if card.version in policy.dead_versions:
        yield reason(ReasonCode.DOCUMENT_NO_LONGER_VALID)
        return
    if card.rejected is not None:
        yield refusal(card.rejected, Stage.READ_CARD, EvidenceKind.CARD_FRONT)
        return
    if card.version not in policy.required_fields:
        yield reason(ReasonCode.CARD_VERSION_UNKNOWN)
        return
    if card.version in policy.needs_back and "back" not in card.sides:
        yield reason(ReasonCode.CARD_BACK_MISSING)
    for check in card.checks:
        if check.passed is False:
            yield _checked(check)
    if card.assurance is None or not card.assurance.reaches(policy.least_assurance):
        yield reason(ReasonCode.PRINT_UNCONFIRMED)
    yield from _field_reasons(card, edits, policy)
    yield from _date_reasons(card, edits, today, policy)


def _checked(check: Check) -> Reason:
    """The reason of a failed check; one that names the card's sides asks for those sides again."""
    spec = REASONS[check.code]
    facts = {**check.facts, "fields": ",".join(check.fields)}
    named = tuple(kind for side, kind in _SIDES if side in check.facts)
    retake = named if spec.retake and named else spec.retake
    return Reason(
        code=check.code, stage=spec.stage, weight=spec.severity, retake=retake, facts=facts
    )


_SIDES = (("front", EvidenceKind.CARD_FRONT), ("back", EvidenceKind.CARD_BACK))


def _field_reasons(
    card: CardFinding, edits: Mapping[FieldName, str], policy: Policy
) -> Iterator[Reason]:
    for name in sorted(policy.required_fields[card.version]):
        reading, edit = card.fields.get(name), edits.get(name)
        if reading is None and edit is None:
            yield _missing(card, name)
        elif (
            reading is not None
            and edit is None
            and reading.confidence < policy.min_field_confidence
        ):
            confidence = round(reading.confidence, 3)
            yield reason(ReasonCode.FIELD_UNCERTAIN, field=str(name), confidence=confidence)
    for name, edit in sorted(edits.items()):
        reading = card.fields.get(name)
        if reading is None or reading.value != edit:
            machine_read = reading is not None and reading.source is not Source.OCR
            yield reason(ReasonCode.FIELD_EDITED, field=str(name), machine_read=machine_read)


def _missing(card: CardFinding, name: FieldName) -> Reason:
    """A field that was not read: asks again for the side on which it stands."""
    found = reason(ReasonCode.FIELD_MISSING, field=str(name))
    on_back = name in REGIONS_MM.get((card.version, "back"), {})
    return replace(found, retake=(EvidenceKind.CARD_BACK,)) if on_back else found


def id_number_of(card: CardFinding | None, edits: Mapping[FieldName, str]) -> str | None:
    """Return the identity number that a case is taken to have: as edited, else as read."""
    return _value(card, edits, FieldName.ID_NUMBER)


def _value(card: CardFinding | None, edits: Mapping[FieldName, str], name: FieldName) -> str | None:
    reading = card.fields.get(name) if card else None
    return edits.get(name) or (reading.value if reading else None)


def _iso(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None


def _date_reasons(
    card: CardFinding, edits: Mapping[FieldName, str], today: date, policy: Policy
) -> Iterator[Reason]:
    """Expiry and age; a date that cannot be read is a missing field, never a pass."""
    printed = card.fields.get(FieldName.DATE_OF_EXPIRY)
    expiry = _iso(printed.value) if printed else None
    if printed and printed.value != NO_EXPIRY:
        if expiry is None:
            yield _missing(card, FieldName.DATE_OF_EXPIRY)
        elif expiry < today:
            yield reason(ReasonCode.DOCUMENT_EXPIRED, days_ago=(today - expiry).days)
    birth = _iso(_value(card, edits, FieldName.DATE_OF_BIRTH))
    if birth is not None and _age_years(birth, today) < policy.min_age_years:
        yield reason(ReasonCode.HOLDER_UNDER_AGE)


def _age_years(birth: date, today: date) -> int:
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
