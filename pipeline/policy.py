"""The policy: every threshold of the decision, versioned; the version is stored with each verdict.

Thresholds of a model (its similarity bands, its quality gates) live in the model's profile, beside its sha256.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.consent import Purpose
from pipeline.findings import Assurance, CardVersion, FieldName


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a bank decides, not what a model measures."""

    version: str
    #: Below this a field is shown to a person.
    min_field_confidence: float
    #: Fields without which nobody is approved, per card version.
    required_fields: dict[CardVersion, frozenset[FieldName]]
    #: Versions of which the back is needed.
    needs_back: frozenset[CardVersion]
    #: Versions that are no longer valid documents.
    dead_versions: frozenset[CardVersion]
    #: Below this nobody is approved without a person: print alone can be forged with any printer, and a covered code
    #: must not be the easier way.
    least_assurance: Assurance
    #: Cues of an attack that must have been evaluated for an approval.
    required_cues: frozenset[str]
    #: Purposes to which the customer must agree; without one of them nobody is approved without a person. Empty where
    #: the bank keeps its consents elsewhere.
    required_consents: frozenset[Purpose]
    #: Whether other cases of the same person hold up an approval.
    duplicates_hold_up: bool
    min_age_years: int
    max_attempts: int
    #: An open case without a submit is closed after this.
    open_ttl_s: int
    #: A challenge must be answered within this.
    challenge_ttl_s: int


_BOTH = frozenset(
    {
        FieldName.ID_NUMBER,
        FieldName.FULL_NAME,
        FieldName.DATE_OF_BIRTH,
        FieldName.SEX,
        FieldName.PLACE_OF_RESIDENCE,
        FieldName.DATE_OF_EXPIRY,
    }
)

POLICY_V1 = Policy(
    version="2026-11-v1",
    min_field_confidence=0.80,
    required_fields={
        CardVersion.CHIP_2021: _BOTH,
        CardVersion.CAN_CUOC_2024: _BOTH,
        CardVersion.BARCODE_2016: _BOTH,
    },
    # The chip card's back carries the MRZ and the date of issue; a 2024 front has neither address nor dates.
    needs_back=frozenset({CardVersion.CHIP_2021, CardVersion.CAN_CUOC_2024}),
    # Decree: CMND is invalid since 1 January 2025 (docs/glossary.md, document_no_longer_valid).
    dead_versions=frozenset({CardVersion.CMND_9}),
    least_assurance=Assurance.CODE_AGREES,
    required_cues=frozenset({"flat_turn", "squashed_blink", "frozen", "cut", "several_faces"}),
    required_consents=frozenset(),
    duplicates_hold_up=False,
    min_age_years=15,
    max_attempts=5,
    open_ttl_s=24 * 3600,
    challenge_ttl_s=180,
)

#: Nobody is approved twice without a person.
POLICY_V2 = replace(POLICY_V1, version="2026-11-v2", duplicates_hold_up=True)

#: The policy that decides when nothing else is said: a clip in which a cue could not be evaluated, because the head
#: never rested or the picture is small, must not be the easier way (docs/decisions/0028-every-cue-is-required.md).
POLICY_V3 = replace(
    POLICY_V2,
    version="2026-11-v3",
    required_cues=POLICY_V2.required_cues | {"spliced", "paper_turn", "screen", "screen_rim"},
)


def _with_consent(policy: Policy) -> Policy:
    """The same for banks that keep the receipts of consents here."""
    both = frozenset({Purpose.IDENTITY_VERIFICATION, Purpose.BIOMETRIC_PROCESSING})
    return replace(policy, version=f"{policy.version}-consent", required_consents=both)


POLICY_V2_CONSENT, POLICY_V3_CONSENT = _with_consent(POLICY_V2), _with_consent(POLICY_V3)

#: Policies that a deployment may choose from, by version.
POLICIES = {
    policy.version: policy
    for policy in (POLICY_V1, POLICY_V2, POLICY_V2_CONSENT, POLICY_V3, POLICY_V3_CONSENT)
}
