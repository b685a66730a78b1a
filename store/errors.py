"""Every refusal of the store, each with a stable code.

StoreError
├── CaseUnknown, Erased, WrongStatus, AttemptsExhausted            the case
├── EvidenceUnknown, EvidenceMissing, UploadOffset, DigestMismatch evidence
├── ChallengeMissing, ChallengeSuperseded, ChallengeExpired        the challenge of a clip
├── FieldsNotReady, StaleVersion, FieldRequired, FieldUnknown      fields of the card
├── FourEyes, ReviewClaimed, CaseChanged                           review
├── ConsentUnknown                                                 consents
├── OnHold, HoldUnknown                                            legal holds
├── IdempotencyConflict, CursorInvalid                             the request
├── KeyUnknown                                                     API keys
├── UserUnknown, UserNameInvalid, UserNameTaken,
│   UserBranchRefused, PasswordRefused                             people
├── SignInRefused, SignInBlocked                                   signing in
├── StageNotDead                                                   queue
├── WebhookUnknown, WebhookUrlRefused                              webhooks
├── AnchorBroken, AnchorMissing                                    anchors of the audit chain
├── KekMissing                                                     rotation of the key-encryption key
└── SealBroken                                                     a sealed value was altered or its key is gone
"""

from __future__ import annotations

from collections.abc import Collection

from pipeline.errors import EkycError


class StoreError(EkycError):
    """The store refuses."""

    code = "store_error"


class CaseUnknown(StoreError):
    """There is no such case, or not for this branch: which of both is not revealed."""

    code = "case_unknown"


class Erased(StoreError):
    """The case was erased."""

    code = "case_erased"


class WrongStatus(StoreError):
    """The case is in a status that does not allow this."""

    code = "case_wrong_status"

    def __init__(self, status: str) -> None:
        super().__init__(f"the case is {status}")
        self.status = status


class AttemptsExhausted(StoreError):
    """The number of attempts is used up."""

    code = "attempts_exhausted"


class EvidenceUnknown(StoreError):
    """The case has no such evidence."""

    code = "evidence_unknown"


class EvidenceMissing(StoreError):
    """Evidence must be sent (again) before the case can be submitted."""

    code = "evidence_missing"

    def __init__(self, kinds: Collection[str]) -> None:
        super().__init__(f"missing: {', '.join(sorted(kinds))}")
        self.kinds = tuple(kinds)


class UploadOffset(StoreError):
    """The upload stands at another offset."""

    code = "upload_offset_mismatch"

    def __init__(self, expected: int) -> None:
        super().__init__(f"the upload stands at {expected}")
        self.expected = expected


class DigestMismatch(StoreError):
    """What arrived in chunks does not have the digest that was named."""

    code = "digest_mismatch"


class ChallengeMissing(StoreError):
    """No challenge was issued for this case."""

    code = "challenge_missing"


class ChallengeSuperseded(StoreError):
    """The clip answers a challenge that is no longer the current one."""

    code = "challenge_superseded"


class ChallengeExpired(StoreError):
    """The challenge has expired."""

    code = "challenge_expired"


class FieldsNotReady(StoreError):
    """The card has not been read yet."""

    code = "fields_not_ready"


class StaleVersion(StoreError):
    """The fields were changed meanwhile."""

    code = "fields_version_stale"


class FieldRequired(StoreError):
    """Fields are missing that nobody read or entered."""

    code = "field_required"

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(f"missing: {', '.join(sorted(fields))}")
        self.fields = tuple(fields)


class FourEyes(StoreError):
    """The approval is noted; a second, different reviewer must agree."""

    code = "four_eyes_required"


class ReviewClaimed(StoreError):
    """Somebody else is deciding the case."""

    code = "review_claimed"


class CaseChanged(StoreError):
    """The case is no longer the one that the caller looked at."""

    code = "case_version_stale"


class ConsentUnknown(StoreError):
    """No consent for this purpose is in force."""

    code = "consent_unknown"


class OnHold(StoreError):
    """The case is on legal hold: nothing of it may be erased."""

    code = "case_on_hold"


class HoldUnknown(StoreError):
    """The case is not on hold."""

    code = "hold_unknown"


class IdempotencyConflict(StoreError):
    """The idempotency key was used with another body."""

    code = "idempotency_key_reused"


class CursorInvalid(StoreError):
    """The cursor is not one that a list gave out."""

    code = "cursor_invalid"


class KeyUnknown(StoreError):
    """There is no such API key."""

    code = "api_key_unknown"


class UserUnknown(StoreError):
    """There is no such user."""

    code = "user_unknown"


class UserNameInvalid(StoreError):
    """Not a name that a user can have."""

    code = "user_name_invalid"


class UserNameTaken(StoreError):
    """Somebody has or had this name: what the record says must stay attributable."""

    code = "user_name_taken"


class UserBranchRefused(StoreError):
    """Administrators work for all branches: who gives out keys and roles is bound by no branch."""

    code = "user_branch_refused"


class PasswordRefused(StoreError):
    """The new password is too easily guessed; `why` is too_short, too_long, too_uniform or holds_the_name."""

    code = "password_refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"the password is {why.replace('_', ' ')}")
        self.why = why


class SignInRefused(StoreError):
    """Name or password is wrong: which of both is not revealed."""

    code = "sign_in_refused"


class SignInBlocked(StoreError):
    """Too many failures from here or on this name."""

    code = "sign_in_blocked"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"too many failed attempts; try again in {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class StageNotDead(StoreError):
    """Only a dead stage of a case in review can be started again."""

    code = "stage_not_dead"


class WebhookUnknown(StoreError):
    """There is no such webhook endpoint."""

    code = "webhook_unknown"


class WebhookUrlRefused(StoreError):
    """The URL is not one to which events may be sent."""

    code = "webhook_url_refused"


class AnchorBroken(StoreError):
    """An anchor does not hold, or the chain does not fit it."""

    code = "anchor_broken"


class AnchorMissing(StoreError):
    """No anchor covers an event that must be proved."""

    code = "anchor_missing"


class KekMissing(StoreError):
    """Keys are wrapped by key-encryption keys that were not given."""

    code = "kek_missing"

    def __init__(self, kek_ids: Collection[str]) -> None:
        super().__init__(f"not given: {', '.join(sorted(kek_ids))} (EKYC_KEK_OLD)")
        self.kek_ids = tuple(kek_ids)


class SealBroken(StoreError):
    """A sealed value was altered, moved to another place, or its key is not the one that sealed it."""

    code = "seal_broken"
