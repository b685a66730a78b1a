"""Texts in two languages, switched while the window is open."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """What the window speaks. Vietnamese comes first."""

    VI = "vi"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Vietnamese and in English; `{name}` is filled in when they are said."""

    vi: str
    en: str

    def said(self, language: Language, **facts: object) -> str:
        """Return the words in one language, NFC."""
        words = self.vi if language is Language.VI else self.en
        return unicodedata.normalize("NFC", words.format(**facts) if facts else words)
