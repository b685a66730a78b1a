"""One value out of print and codes."""

from pipeline.card.fuse import fuse
from pipeline.card.mrz import MrzContent
from pipeline.card.printed import Mark, PrintedField
from pipeline.card.qr import QrContent
from pipeline.card.sources import Printed, compare_sources
from pipeline.findings import FieldName as F
from pipeline.findings import Source


def printed(value: str, confidence: float = 0.9, raw: str | None = None) -> Printed:
    marks = (Mark.ADDRESS_CORRECTED,) if raw else ()
    field = PrintedField(
        value=value, confidence=confidence, weakest=0.9, box=(0, 0, 1, 1), raw=raw, marks=marks
    )
    return Printed(field=field, side="front")


def mrz(**fields: str) -> MrzContent:
    named = {F(name): value for name, value in fields.items()}
    return MrzContent(fields=named, failed=(), name_is_cut=False, trusted=True, box=(0, 0, 1, 1))


def test_an_mrz_without_marks_does_not_confirm_a_name_but_a_qr_code_does() -> None:
    fields = {F.FULL_NAME: printed("ĐẶNG THỊ ANH")}
    by_mrz = fuse(compare_sources(fields, None, mrz(full_name="DANG THI ANH"), "front"))
    assert by_mrz[F.FULL_NAME].confidence == 0.9
    assert by_mrz[F.FULL_NAME].checks == ("mrz_same",)
    qr = QrContent(fields={F.FULL_NAME: "ĐẶNG THỊ ANH"}, field_count=7)
    by_qr = fuse(compare_sources(fields, qr, None, "front"))
    assert by_qr[F.FULL_NAME].confidence >= 0.98


def test_an_mrz_confirms_dates() -> None:
    fields = {F.DATE_OF_BIRTH: printed("1995-08-15")}
    fused = fuse(compare_sources(fields, None, mrz(date_of_birth="1995-08-15"), "front"))
    assert fused[F.DATE_OF_BIRTH].confidence >= 0.98


def test_what_was_read_is_kept_beside_what_was_put_right() -> None:
    fields = {F.PLACE_OF_ORIGIN: printed("Vỹ Dạ, Huế", raw="Vỹ Da, Huế")}
    reading = fuse(compare_sources(fields, None, None, "front"))[F.PLACE_OF_ORIGIN]
    assert (reading.value, reading.readings["ocr"]) == ("Vỹ Dạ, Huế", "Vỹ Da, Huế")
    assert (reading.source, reading.checks) == (Source.OCR, ("address_corrected",))
