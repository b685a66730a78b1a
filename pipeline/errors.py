"""Every error of the domain.

EkycError                      stable `code`, a message that names no person and no value
├── CannotJudge                the evidence does not allow a judgement; carries the reason, the customer can retake
├── IllegalTransition          the event cannot happen in this status
└── EngineError                our fault, not the customer's: the stage is tried again, then the case goes to review
    ├── WeightsError           a weights file is missing, altered or does not fit
    ├── AuthorityError         the configured signing authorities of chips cannot be loaded
    └── CharsetError           the recogniser cannot write every Vietnamese letter

"Judged no" is not here: a face that does not match is a value (`FaceFinding.band`), not an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.reasons import ReasonCode


class EkycError(Exception):
    """Something in the eKYC domain went wrong."""

    code = "ekyc_error"


class CannotJudge(EkycError):
    """The evidence does not allow a judgement; `reason` says why and what to retake."""

    code = "cannot_judge"

    def __init__(self, reason: ReasonCode, **facts: float | int | str | bool) -> None:
        """Keep the reason and its facts (numbers and codes only, never a value read from the card)."""
        super().__init__(f"{reason}: {facts}" if facts else str(reason))
        self.reason = reason
        self.facts = facts


class IllegalTransition(EkycError):
    """The event cannot happen in this status."""

    code = "illegal_transition"

    def __init__(self, status: str, event: str) -> None:
        """Name both, so that the caller can be told what was tried."""
        super().__init__(f"{event} cannot happen to a case that is {status}")
        self.status, self.event = status, event


class EngineError(EkycError):
    """An engine failed for a reason that is ours; the stage will be tried again."""

    code = "engine_error"


class WeightsError(EngineError):
    """A weights file is missing, altered or does not fit."""

    code = "weights_error"


class AuthorityError(EngineError):
    """The configured signing authorities of chips cannot be loaded."""

    code = "authority_error"


class CharsetError(EngineError):
    """The recogniser's character set lacks Vietnamese letters, so it would silently drop tone marks."""

    code = "charset_error"
