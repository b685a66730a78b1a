"""Receipts of consents: what the customer agreed to, for which purpose, and that it was withdrawn."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from api.answers import ConsentList, ConsentShown
from api.endpoint import Answers, Resource
from api.gateway import Call
from api.requests import NewConsent, Withdrawal
from store import consents as store_consents
from store.api_keys import Scope
from store.consents import Consent, ConsentText

consents = Resource("consents")

TAKERS = frozenset({Scope.CAPTURE, Scope.BACKOFFICE})


@consents.endpoint(
    "POST",
    "/cases/{case_id}/consents",
    answers=Answers(models=(ConsentShown,), status=HTTPStatus.CREATED),
    scopes=frozenset({Scope.CAPTURE}),
    problems=("case_erased",),
)
def give_consent(call: Call, case_id: UUID, body: NewConsent) -> ConsentShown:
    """Record a consent. The same text again answers the receipt that is there; another text replaces it."""
    given = store_consents.give_consent(
        call.store,
        case_id,
        purpose=body.purpose,
        shown=ConsentText(
            version=body.text_version, sha256=body.text_sha256, language=body.language
        ),
        given_at=body.given_at,
        actor=call.caller.actor,
    )
    return _shown(given)


@consents.endpoint(
    "POST",
    "/cases/{case_id}/consents/withdrawal",
    answers=Answers(status=HTTPStatus.NO_CONTENT),
    scopes=TAKERS,
    problems=("case_erased", "consent_unknown"),
)
def withdraw_consent(call: Call, case_id: UUID, body: Withdrawal) -> None:
    """Record that the customer no longer agrees to one purpose."""
    store_consents.withdraw_consent(
        call.store, case_id, purpose=body.purpose, actor=call.caller.actor
    )


@consents.endpoint(
    "GET",
    "/cases/{case_id}/consents",
    answers=Answers(models=(ConsentList,)),
    scopes=TAKERS | {Scope.REVIEWER, Scope.AUDITOR},
)
def list_consents(call: Call, case_id: UUID) -> ConsentList:
    """Every receipt of the case, those that were replaced or withdrawn too."""
    return ConsentList(consents=consents_shown(call, case_id))


def consents_shown(call: Call, case_id: UUID) -> tuple[ConsentShown, ...]:
    """Return the receipts of a case as they are told."""
    return tuple(_shown(row) for row in store_consents.list_consents(call.store, case_id))


def _shown(consent: Consent) -> ConsentShown:
    return ConsentShown(
        id=consent.id,
        purpose=consent.purpose,
        text_version=consent.text.version,
        text_sha256=consent.text.sha256,
        language=consent.text.language,
        given_at=consent.given_at,
        recorded_at=consent.recorded_at,
        recorded_by=consent.recorded_by,
        ended_at=consent.ended_at,
        ended_as=consent.ended_as,
    )
