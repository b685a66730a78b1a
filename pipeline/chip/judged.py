"""Chip data as the readers of card and face see it: a content, or the reason why there is none, and its checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipeline.chip.certificate import Certificate
from pipeline.chip.content import ChipContent
from pipeline.chip.read import read_chip
from pipeline.errors import CannotJudge
from pipeline.findings import Check, ChipFinding, Integrity, Origin, Rejection
from pipeline.image import RgbImage, decode_portrait
from pipeline.reasons import ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedChip:
    """What became of an upload: exactly one of the two is there if there was one, neither if there was none."""

    content: ChipContent | None = None
    problem: Rejection | None = None

    @property
    def finding(self) -> ChipFinding | None:
        """What passive authentication said, None if the chip could not be judged."""
        return self.content.finding if self.content else None


def judge_chip(
    document: bytes | None, authorities: tuple[Certificate, ...], *, today: date | None
) -> JudgedChip:
    """Read a chip's upload as `read_chip` does; None is no upload."""
    if document is None:
        return JudgedChip()
    try:
        return JudgedChip(content=read_chip(document, authorities, today=today))
    except CannotJudge as problem:
        return JudgedChip(problem=Rejection(code=problem.reason, facts=problem.facts))


def chip_checks(chip: JudgedChip) -> tuple[Check, ...]:
    """Return whether the chip could be read, is unaltered, and comes from the issuer; nothing without an upload."""
    if chip.problem is not None:
        return (Check(code=ReasonCode.CHIP_UNREADABLE, passed=False, facts=chip.problem.facts),)
    if chip.content is None:
        return ()
    finding = chip.content.finding
    is_whole = finding.integrity is Integrity.OK
    causes = {"causes": ",".join(finding.causes)}
    trusted = {Origin.TRUSTED: True, Origin.UNTRUSTED: False, Origin.TRUST_UNKNOWN: None}
    return (
        Check(code=ReasonCode.CHIP_UNREADABLE, passed=True),
        Check(code=ReasonCode.CHIP_TAMPERED, passed=is_whole, facts={} if is_whole else causes),
        *(
            (Check(code=ReasonCode.CHIP_UNTRUSTED, passed=trusted[finding.origin], facts=causes),)
            if is_whole
            else ()
        ),
    )


def verified_portrait(chip: JudgedChip) -> RgbImage | None:
    """Return the portrait of a chip whose issuer is verified, H x W x 3, uint8, RGB.

    Anybody can sign a chip of their own with their own face in it, so integrity alone is not enough to put a chip's
    portrait in the place of the printed one.
    """
    if chip.content is None or chip.content.portrait is None:
        return None
    finding = chip.content.finding
    if (finding.integrity, finding.origin) != (Integrity.OK, Origin.TRUSTED):
        return None
    try:
        return decode_portrait(chip.content.portrait)
    except CannotJudge:
        return None
