"""Whether a card's codes could be read, and whether they agree with the print and with each other."""

from __future__ import annotations

from pipeline.card.codes import differing_codes
from pipeline.card.crosscheck import Agreement
from pipeline.card.sources import Sources
from pipeline.findings import Check, FieldName, Source
from pipeline.reasons import ReasonCode


def check_sources(sources: Sources) -> tuple[Check, ...]:
    """Return whether the codes could be read and agree with the print."""
    return (
        *_qr_checks(sources),
        *_mrz_checks(sources),
        *_chip_checks(sources),
        *_codes_check(sources),
    )


def _qr_checks(sources: Sources) -> tuple[Check, ...]:
    if sources.qr is None:
        scan = sources.qr_scan
        unread = Check(code=ReasonCode.QR_UNREADABLE, passed=False, facts={"seen": scan.seen})
        if scan.odd_parts is None:
            return (unread,)
        odd = {"parts": scan.odd_parts}
        return unread, Check(code=ReasonCode.QR_UNKNOWN_FORMAT, passed=False, facts=odd)
    return (
        Check(code=ReasonCode.QR_UNREADABLE, passed=True),
        _agreement_check(ReasonCode.QR_MISMATCH, Source.QR, sources),
    )


def _mrz_checks(sources: Sources) -> tuple[Check, ...]:
    mrz = sources.mrz
    if mrz is None:
        return (Check(code=ReasonCode.MRZ_UNREADABLE, passed=False),)
    if not mrz.sound and not mrz.trusted:
        return (Check(code=ReasonCode.MRZ_UNREADABLE, passed=False, facts={"unclear": True}),)
    return (
        Check(
            code=ReasonCode.MRZ_UNREADABLE,
            passed=True,
            facts={"repaired": ",".join(mrz.repaired)} if mrz.repaired else {},
        ),
        Check(
            code=ReasonCode.MRZ_CHECK_DIGIT,
            passed=mrz.sound,
            facts={"failed": ",".join(mrz.failed)},
        ),
        _agreement_check(ReasonCode.MRZ_MISMATCH, Source.MRZ, sources),
    )


def _chip_checks(sources: Sources) -> tuple[Check, ...]:
    if sources.chip is None:
        return ()
    return (_agreement_check(ReasonCode.CHIP_MISMATCH, Source.CHIP, sources),)


def _codes_check(sources: Sources) -> tuple[Check, ...]:
    """Rule N7: what is machine-read is the same in every code, whatever the print says."""
    if sum(code is not None for code in (sources.qr, sources.mrz, sources.chip)) < 2:
        return ()
    within = sources.chip.differing if sources.chip else ()
    differing = [
        *(name for name, _, _ in differing_codes(sources.qr, sources.mrz, sources.chip)),
        *within,
    ]
    return (
        Check(
            code=ReasonCode.CODES_DISAGREE,
            passed=not differing,
            fields=tuple(str(name) for name in FieldName if name in differing),
            facts={"within_chip": True} if within else {},
        ),
    )


def _agreement_check(code: ReasonCode, source: Source, sources: Sources) -> Check:
    """Failed if any field differs, passed if some could be compared and none differs."""
    of_source = {name: a for (name, s), a in sources.agreements.items() if s is source}
    differing = [str(name) for name, a in of_source.items() if a is Agreement.DIFFERENT]
    judged = [a for a in of_source.values() if a is not Agreement.UNSURE]
    return Check(
        code=code,
        passed=not differing if judged else None,
        fields=tuple(differing or (str(name) for name in of_source)),
    )
