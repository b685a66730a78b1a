"""Cards and records for tests of the counting."""

from ekyc.evaluation.dataset import CardTruth
from ekyc.evaluation.records import CardRecord, FieldRead

TRUTH = {
    "id_number": "001099000000",
    "full_name": "ĐẶNG THỊ HOÀ",
    "place_of_origin": "Xã Mẫu Sơn, Lạng Sơn",
    "date_of_birth": "1999-01-31",
}


def truth(name: str = "1", **changes: object) -> CardTruth:
    values = {
        "id": name, "front": f"{name}-front.jpg", "version": "chip_2021", "severity": "careful",
        "fields": TRUTH,
    }  # fmt: skip
    return CardTruth.model_validate({**values, **changes})


def reads(confidence: float = 0.99, source: str = "ocr", **values: str | None) -> dict:
    """The truth as read, with some values changed or (None) left out."""
    return {
        name: FieldRead(value=value, confidence=confidence, source=source)
        for name, value in {**TRUTH, **values}.items()
        if value is not None
    }


def record(name: str = "1", fused: dict | None = None, **changes: object) -> CardRecord:
    fields = reads() if fused is None else fused
    values = {
        "id": name, "photos_sha256": "", "version": "chip_2021", "rejected": None,
        "failed_checks": (), "fused": fields, "printed": fields, "pictures": {}, "sides": 2,
        "cpu_s": 1.0,
    }  # fmt: skip
    return CardRecord.model_validate({**values, **changes})
