"""What to print on a card, and a printed side with the truth about it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.image import RgbImage
from specimen.canvas import Box, TextLine, union
from specimen.layout import Side
from specimen.people import CardVersion, Person, format_date
from specimen.style import PrintStyle

CARD_WIDTH_PX = 1600


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOrder:
    """What to print. The optional people contradict the printed one, as forged cards do."""

    person: Person
    version: CardVersion
    #: Any size, RGB; printed as 20 x 30 mm.
    portrait: RgbImage
    qr_person: Person | None = None
    mrz_person: Person | None = None
    wrong_mrz_digit: bool = False
    width_px: int = CARD_WIDTH_PX
    #: A designer's own draft; None = the standard one.
    style: PrintStyle | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PrintedSide:
    """One side and the truth about it; boxes are xyxy in pixels of `image`."""

    side: Side
    #: H x W x 3, uint8, RGB, square corners.
    image: RgbImage
    #: Every printed line; `role` is a field's name or "caption".
    lines: tuple[TextLine, ...]
    #: portrait, qr, chip, mrz, emblem ... as far as the side has them.
    regions: dict[str, Box]

    def field_text(self, field: str) -> str:
        """The value printed for a field, its lines joined by spaces; empty if it is not on this side."""
        return " ".join(line.text for line in self.lines if line.role == field)

    def field_boxes(self) -> dict[str, Box]:
        """Box of each field's value, all its lines together."""
        roles = dict.fromkeys(line.role for line in self.lines if line.role != "caption")
        return {
            role: union([line.box for line in self.lines if line.role == role]) for role in roles
        }


def printed_values(person: Person) -> dict[str, str]:
    """A person's fields in the form cards print them."""
    return {
        "id_number": person.id_number,
        "full_name": person.full_name.upper(),
        "date_of_birth": format_date(person.date_of_birth),
        "sex": person.sex,
        "nationality": person.nationality,
        "place_of_origin": person.place_of_origin,
        "place_of_birth": person.place_of_birth,
        "place_of_residence": person.place_of_residence,
        "personal_identification": person.personal_identification,
        "date_of_issue": format_date(person.date_of_issue),
        "date_of_expiry": format_date(person.date_of_expiry),
    }
