"""What may stand unencrypted of a finding; the whole finding is kept sealed (docs/decisions/0005)."""

from __future__ import annotations

from pipeline.findings import CardFinding, ChipFinding, FaceFinding, Finding, LivenessFinding


def public_summary(finding: Finding) -> dict[str, object]:
    """Return what may stand unencrypted in the record and the audit chain: codes, scores, models, times.

    Never a name, a number, an address or an image.
    """
    return {
        "rejected": str(finding.rejected.code) if finding.rejected else None,
        "models": [{"name": model.name, "sha256": model.sha256} for model in finding.models],
        "timing_ms": {key: round(value, 1) for key, value in finding.timing_ms.items()},
        **_judgement(finding),
    }


def _judgement(finding: Finding) -> dict[str, object]:
    match finding:
        case CardFinding():
            return _of_card(finding)
        case FaceFinding():
            return _of_face(finding)
        case LivenessFinding():
            return _of_liveness(finding)


def _of_card(finding: CardFinding) -> dict[str, object]:
    return {
        "version": str(finding.version),
        "sides": list(finding.sides),
        "fields": {
            str(name): {"source": str(r.source), "confidence": round(r.confidence, 4)}
            for name, r in finding.fields.items()
        },
        "checks": {str(check.code): check.passed for check in finding.checks},
        "conflicts": _conflicts(finding),
        "chip": _of_chip(finding.chip),
        "assurance": str(finding.assurance) if finding.assurance else None,
    }


def _conflicts(finding: CardFinding) -> dict[str, list[str]]:
    """Per field, the sources that contradict another, as codes; what they say stays in the sealed finding."""
    marks = {
        str(name): [mark for mark in reading.checks if mark.endswith("_different")]
        for name, reading in finding.fields.items()
    }
    return {name: found for name, found in marks.items() if found}


def _of_chip(chip: ChipFinding | None) -> dict[str, object] | None:
    if chip is None:
        return None
    return {
        "integrity": str(chip.integrity),
        "origin": str(chip.origin),
        "files": list(chip.files),
        "causes": list(chip.causes),
    }


def _of_face(finding: FaceFinding) -> dict[str, object]:
    return {
        "similarity": finding.similarity,
        "fmr": finding.fmr,
        "band": str(finding.band) if finding.band else None,
        "backend": finding.backend,
        "calibration": finding.calibration,
        "quality": dict(finding.quality),
    }


def _of_liveness(finding: LivenessFinding) -> dict[str, object]:
    return {
        "passed": finding.passed,
        "actions": {f"{index}:{a.action}": a.passed for index, a in enumerate(finding.actions)},
        "cues": {c.name: {"score": c.score, "suspicious": c.suspicious} for c in finding.cues},
        "identity": str(finding.identity.band) if finding.identity.band else None,
        "backend": finding.backend,
        "calibration": finding.identity.calibration,
        "fps": round(finding.fps, 2),
        "duration_s": round(finding.duration_s, 2),
    }
