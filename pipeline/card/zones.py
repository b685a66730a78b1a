"""Where values stand on a card, in millimetres: used only where a label could not be read.

The 2021 front follows two public region sets that agree within 2 mm; the rest are estimates from the order in which
Circulars 61/2015, 06/2021 and 16/2024 list their texts. That is why such a value carries a mark and counts less.
"""

from __future__ import annotations

from pipeline.card.geometry import CARD_MM
from pipeline.card.pieces import Page, Piece
from pipeline.findings import CardVersion, FieldName

_F, _V = FieldName, CardVersion
#: (left, top, right, bottom) of where the middle of a value's row may lie, and where it may begin.
_Zone = tuple[float, float, float, float]
_ZONES: dict[tuple[CardVersion, str], dict[FieldName, _Zone]] = {
    (_V.CHIP_2021, "front"): {
        _F.FULL_NAME: (22.0, 28.0, 50.0, 33.0),
        _F.DATE_OF_BIRTH: (38.0, 32.5, 66.0, 37.0),
        _F.SEX: (36.0, 35.5, 48.0, 39.8),
        _F.NATIONALITY: (60.0, 35.5, 80.0, 39.8),
        _F.DATE_OF_EXPIRY: (2.0, 46.0, 18.0, 53.0),
    },
    (_V.CHIP_2021, "back"): {_F.DATE_OF_ISSUE: (18.0, 10.0, 56.0, 17.0)},
    (_V.CAN_CUOC_2024, "front"): {
        _F.FULL_NAME: (22.0, 31.0, 50.0, 37.5),
        _F.DATE_OF_BIRTH: (36.0, 36.0, 76.0, 42.0),
        _F.SEX: (36.0, 40.5, 50.0, 46.5),
        _F.NATIONALITY: (60.0, 40.5, 80.0, 46.5),
    },
    (_V.BARCODE_2016, "front"): {
        _F.FULL_NAME: (22.0, 24.0, 50.0, 33.0),
        _F.DATE_OF_EXPIRY: (2.0, 46.0, 24.0, 53.0),
    },
}


def in_zone(
    page: Page, version: CardVersion, side: str, field: FieldName, card_width_px: float
) -> list[Piece]:
    """Return the pieces that begin where a field's value usually does, from left to right."""
    zone = _ZONES.get((version, side), {}).get(field)
    if zone is None:
        return []
    left, top, right, bottom = (edge * card_width_px / CARD_MM[0] for edge in zone)
    found = [
        piece
        for piece in page.pieces
        if left <= piece.box[0] <= right and top <= piece.middle <= bottom
    ]
    return sorted(found, key=lambda piece: piece.box[0])
