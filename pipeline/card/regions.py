"""Where the parts that a decision needs stand on a card: what the quality gates look at when one was not read.

Boxes are x1, y1, x2, y2 in millimetres from the side's top left, wide enough for the layouts that are known. The
2021 front follows two public region sets that agree within 2 mm, sizes of portrait and code Circulars 06/2021 and
16/2024; all else is an estimate from the order of the texts. So a region may only explain why a part was not read,
it never says that a part is missing. A value's region includes its label: with the label covered, a value that is
plain to see cannot be told from another.
"""

from __future__ import annotations

from types import MappingProxyType

from pipeline.findings import Box, CardVersion, FieldName

PORTRAIT, QR, MRZ = "portrait", "qr", "mrz"

_F, _V = FieldName, CardVersion
_PORTRAIT: Box = (3.5, 17.0, 23.5, 47.0)
_MRZ: Box = (4.0, 36.5, 81.6, 51.5)

#: The parts of each side without which no case is approved, and the codes.
REGIONS_MM: MappingProxyType[tuple[CardVersion, str], dict[str, Box]] = MappingProxyType(
    {
        (_V.CHIP_2021, "front"): {
            _F.ID_NUMBER: (31.0, 21.2, 66.0, 26.6),
            _F.FULL_NAME: (23.5, 28.6, 66.0, 33.4),
            _F.DATE_OF_BIRTH: (24.0, 33.0, 66.0, 36.8),
            _F.SEX: (24.0, 36.2, 47.0, 40.0),
            _F.PLACE_OF_RESIDENCE: (24.0, 46.0, 82.0, 53.0),
            _F.DATE_OF_EXPIRY: (3.0, 47.4, 24.0, 51.0),
            PORTRAIT: _PORTRAIT,
            QR: (67.0, 4.0, 80.5, 17.5),
        },
        (_V.CHIP_2021, "back"): {
            _F.DATE_OF_ISSUE: (4.0, 12.4, 58.0, 16.2),
            MRZ: _MRZ,
        },
        (_V.CAN_CUOC_2024, "front"): {
            _F.ID_NUMBER: (25.5, 24.4, 66.0, 29.6),
            _F.FULL_NAME: (25.5, 33.0, 66.0, 37.2),
            _F.DATE_OF_BIRTH: (25.5, 37.2, 80.0, 41.2),
            _F.SEX: (25.5, 41.2, 48.0, 45.2),
            PORTRAIT: _PORTRAIT,
        },
        (_V.CAN_CUOC_2024, "back"): {
            _F.PLACE_OF_RESIDENCE: (4.0, 6.4, 62.0, 13.2),
            _F.DATE_OF_ISSUE: (22.0, 23.0, 76.0, 26.8),
            _F.DATE_OF_EXPIRY: (22.0, 26.6, 76.0, 30.4),
            QR: (63.5, 3.5, 82.5, 22.5),
            MRZ: _MRZ,
        },
    }
)  # fmt: skip
