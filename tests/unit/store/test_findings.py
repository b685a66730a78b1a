"""Findings as they are sealed: what is written is read again, and what older versions wrote is still read."""

from __future__ import annotations

import json

from pipeline.summary import public_summary
from store import findings
from tests.unit.pipeline import factories


def test_the_calibration_travels_with_both_findings_of_a_face() -> None:
    face = factories.face(calibration="some-2026")
    assert findings.load_face(findings.dump(face)).calibration == "some-2026"
    assert public_summary(face)["calibration"] == "some-2026"
    live = factories.liveness()
    kept = findings.load_liveness(findings.dump(live))
    assert kept.identity.calibration == live.identity.calibration == "some-2026"
    assert public_summary(live)["calibration"] == "some-2026"


def test_findings_from_before_calibrations_were_told_are_still_read() -> None:
    face = json.loads(findings.dump(factories.face()))
    del face["calibration"]
    assert findings.load_face(json.dumps(face).encode()).calibration is None
    live = json.loads(findings.dump(factories.liveness()))
    del live["identity"]["calibration"]
    assert findings.load_liveness(json.dumps(live).encode()).identity.calibration is None
