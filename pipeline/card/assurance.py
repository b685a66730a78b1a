"""How far a card's reading is confirmed: the one place where the levels of `Assurance` are drawn.

A level says how much agrees, not that nothing disagrees: a contradiction is a failed check with a reason of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.findings import Assurance, Check, ChipFinding, Integrity, Origin
from pipeline.reasons import ReasonCode

_CODE = ReasonCode
_CHIP_LEVEL = {
    Origin.TRUSTED: Assurance.CHIP_VERIFIED,
    Origin.TRUST_UNKNOWN: Assurance.CHIP_INTEGRITY,
}


def assurance_of(checks: Iterable[Check], chip: ChipFinding | None) -> Assurance:
    """Return the level that the checks of a card and its chip reach.

    Args:
        checks: the checks of a finding. A code counts when it was compared with the print and agreed; an MRZ only
            if its check digits fit too.
        chip: what passive authentication said, or None without chip data. An altered chip, one of an untrusted
            signer, or one that was not compared with the print adds nothing.
    """
    passed = {check.code for check in checks if check.passed}
    failed = {check.code for check in checks if check.passed is False}
    agreeing = [
        _CODE.QR_MISMATCH in passed,
        _CODE.MRZ_MISMATCH in passed and _CODE.MRZ_CHECK_DIGIT not in failed,
    ]
    if chip is not None and chip.integrity is Integrity.OK and _CODE.CHIP_MISMATCH in passed:
        level = _CHIP_LEVEL.get(chip.origin)
        if level is not None:
            return level
    return (Assurance.PRINT_ONLY, Assurance.CODE_AGREES, Assurance.CODES_AGREE)[sum(agreeing)]
