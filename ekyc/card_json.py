"""The form of `ekyc card read --json`: one object a card. Keys are a contract and are never renamed."""

from __future__ import annotations

from typing import Any

from ekyc.card_files import CardFiles
from ekyc.refusal import customer_words
from pipeline.findings import CardFinding, ChipFinding, FieldReading, Rejection


def result_json(photos: CardFiles, finding: CardFinding) -> dict[str, Any]:
    """Return what is printed about one card."""
    back = str(photos.back) if photos.back else None
    return {"file": str(photos.front), "back_file": back, **card_json(finding)}


def card_json(finding: CardFinding) -> dict[str, Any]:
    """Return a finding in the form of `ekyc card read --json`."""
    side = "both" if len(finding.sides) == 2 else next(iter(finding.sides), None)
    return {
        "document": {"version": str(finding.version), "side": side},
        "fields": {str(name): _field_json(reading) for name, reading in finding.fields.items()},
        "checks": [
            {
                "code": str(check.code),
                "passed": check.passed,
                "fields": list(check.fields),
                "facts": dict(check.facts),
            }
            for check in finding.checks
        ],
        "chip": _chip_json(finding.chip),
        "assurance": str(finding.assurance) if finding.assurance else None,
        "rejected": _rejected_json(finding.rejected),
        "models": [{"name": model.name, "sha256": model.sha256} for model in finding.models],
        "timing_ms": {step: round(spent, 1) for step, spent in finding.timing_ms.items()},
    }


def _field_json(reading: FieldReading) -> dict[str, Any]:
    return {
        "value": reading.value,
        "confidence": reading.confidence,
        "source": str(reading.source),
        "checks": list(reading.checks),
        "side": reading.side,
        "box": [round(v, 1) for v in reading.box] if reading.box else None,
        "readings": dict(reading.readings),
    }


def _chip_json(chip: ChipFinding | None) -> dict[str, Any] | None:
    if chip is None:
        return None
    return {
        "integrity": str(chip.integrity),
        "origin": str(chip.origin),
        "files": list(chip.files),
        "causes": list(chip.causes),
    }


def _rejected_json(rejected: Rejection | None) -> dict[str, Any] | None:
    if rejected is None:
        return None
    vi, en = customer_words(rejected.code, rejected.facts)
    reason = {"code": str(rejected.code), "facts": dict(rejected.facts), "vi": vi, "en": en}
    return {"code": str(rejected.code), "reasons": [reason]}
