"""The two sides of one card, put right."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.card.side import SideReading
from pipeline.findings import Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The two sides after putting them right, at least one; `back_problem` says why a given back was not read."""

    front: SideReading | None
    back: SideReading | None
    back_problem: Rejection | None
    swapped: bool

    @property
    def any(self) -> SideReading:
        """The front if there is one, else the back."""
        side = self.front or self.back
        if side is None:
            raise ValueError("neither side was read")
        return side

    @property
    def by_name(self) -> dict[str, SideReading]:
        """The sides that were read, by "front" and "back"."""
        given = {"front": self.front, "back": self.back}
        return {name: side for name, side in given.items() if side is not None}
