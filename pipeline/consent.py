"""What a customer can agree to: one purpose, one consent, one receipt."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What data is processed for. A consent is given, and withdrawn, for one purpose alone (Law 91/2025/QH15)."""

    #: Photographing and reading the identity card, and keeping what it says.
    IDENTITY_VERIFICATION = "identity_verification"
    #: Comparing faces and judging liveness: biometric, hence sensitive, data (Decree 356/2025).
    BIOMETRIC_PROCESSING = "biometric_processing"
    #: Comparing number and face with those of other customers of the bank.
    DUPLICATE_SEARCH = "duplicate_search"


#: Languages in which the text of a consent is shown.
LANGUAGES = ("vi", "en")
