"""What requests may say: bodies and queries, with unknown members refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from pipeline.case import CaseStatus
from pipeline.challenge import Action
from pipeline.consent import Purpose
from pipeline.findings import FieldName
from pipeline.stages import EvidenceKind
from pipeline.verdict import Outcome

#: No control characters: Postgres refuses NUL, terminals and logs suffer from the others.
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]
FieldText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=_PRINTABLE)
]
Prose = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
]


class Asked(BaseModel):
    """A body or query of a request: unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewCase(Asked):
    """A case to open."""

    branch: Name | None = Field(None, description="Default: the branch of the API key.")
    reference: Name | None = Field(
        None,
        description="The bank's own number for this application; never a name or an ID number.",
    )


class NewChallenge(Asked):
    """A challenge to draw."""

    exclude: tuple[Action, ...] = Field(
        (), max_length=2, description="Actions that the person cannot perform; kept in the record."
    )


class ClipPromise(Asked):
    """The digest of a recorded clip."""

    nonce: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)] = (
        Field(description="Of the challenge that the clip answers.")
    )
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="Of the whole clip, hex."
    )


class FieldEdits(Asked):
    """Values that the operator puts in place of those read from the card. Dates are ISO, sex is Nam or Nữ."""

    fields: dict[FieldName, FieldText] = Field(min_length=1)


class ReviewerVerdict(Asked):
    """What a reviewer decides, and why."""

    outcome: Annotated[Outcome, Field(description="`approved`, `rejected` or `retake`.")]
    reason: Prose = Field(description="For the record; no name, no number, no address.")
    retake: tuple[EvidenceKind, ...] = Field((), description="What to retake; for `retake` alone.")


class NewConsent(Asked):
    """What the customer agreed to: one purpose, and which text was shown."""

    purpose: Purpose
    text_version: Name
    text_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256 of the very text that was shown, UTF-8, hex."
    )
    language: Literal["vi", "en"]
    given_at: AwareDatetime = Field(description="By the clock of the branch.")


class NewHold(Asked):
    """A legal hold."""

    reason: Prose = Field(description="Kept sealed; who ordered it, under which reference.")


class Withdrawal(Asked):
    """The purpose to which the customer no longer agrees."""

    purpose: Purpose


def _split(value: object) -> object:
    return tuple(value.split(",")) if isinstance(value, str) else value


class CaseQuery(Asked):
    """Which cases to list."""

    status: Annotated[tuple[CaseStatus, ...], BeforeValidator(_split)] = Field(
        (), description="Only these, separated by commas."
    )
    since: AwareDatetime | None = Field(
        None, description="Only cases created at or after this time."
    )
    branch: Name | None = None
    cursor: Annotated[str, StringConstraints(max_length=200, pattern=_PRINTABLE)] | None = Field(
        None, description="`next_cursor` of the page before."
    )
    limit: int = Field(50, ge=1, le=200)


class Done(Asked):
    """What was done a moment ago, told on the page that a browser was sent to."""

    done: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")] | None = None


class WaitQuery(Asked):
    """How long to wait for a change."""

    wait: float = Field(
        0,
        ge=0,
        le=60,
        description="Seconds. With If-None-Match, the answer is held back until the case changes.",
    )
