"""Data sets of cards: a folder of photos with `cards.jsonl`, a card a line, in the form of `ekyc card read --json`."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

LIST_NAME = "cards.jsonl"


class DatasetError(ValueError):
    """The folder is no data set of cards."""


class CardTruth(BaseModel):
    """One card and what is printed on it.

    `readable` says that a person can read every field. `expect` are the codes any of which is a right refusal or failed
    check, or None where the card is to be read. `fields` holds ISO dates, `Nam` / `Nữ` and NFC text.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    front: str | None = None
    back: str | None = None
    version: str
    severity: str = "unknown"
    condition: str = "clean"
    readable: bool = True
    expect: tuple[str, ...] | None = None
    fields: dict[str, str]

    @field_validator("fields")
    @classmethod
    def _composed(cls, fields: dict[str, str]) -> dict[str, str]:
        return {name: unicodedata.normalize("NFC", value) for name, value in fields.items()}

    @model_validator(mode="after")
    def _has_a_photo(self) -> CardTruth:
        if not self.front and not self.back:
            raise ValueError("neither front nor back")
        return self

    @property
    def photos(self) -> tuple[str, ...]:
        """The file names, front first."""
        return tuple(name for name in (self.front, self.back) if name)


def load_dataset(folder: Path) -> tuple[CardTruth, ...]:
    """Return the cards of a data set in the order of its list.

    Raises:
        DatasetError: the list is absent, empty or malformed, names a card twice, or a photo is absent.
    """
    path = folder / LIST_NAME
    if not path.is_file():
        raise DatasetError(f"no {LIST_NAME} in {folder}")
    cards = tuple(
        _card(line, f"{path}:{number}")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
    )
    if not cards:
        raise DatasetError(f"{path} names no card")
    if len({card.id for card in cards}) < len(cards):
        raise DatasetError(f"{path} names a card twice")
    absent = [name for card in cards for name in card.photos if not (folder / name).is_file()]
    if absent:
        raise DatasetError(f"{folder} lacks {absent[0]} and {len(absent) - 1} more")
    return cards


def _card(line: str, place: str) -> CardTruth:
    try:
        return CardTruth.model_validate_json(line)
    except ValidationError as error:
        raise DatasetError(f"{place}: {error.errors()[0]['msg']}") from error
