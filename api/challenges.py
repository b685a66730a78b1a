"""Challenges: what the person in front of the camera is asked to do, drawn here and nowhere else."""

from __future__ import annotations

import random
import secrets
from http import HTTPStatus
from uuid import UUID

from api.answers import ChallengeIssued
from api.endpoint import Answers, Resource
from api.gateway import Call
from api.problems import ApiError
from api.requests import ClipPromise, NewChallenge
from api.views import steps_shown
from pipeline.challenge import ChallengeStep, draw_steps
from pipeline.policy import POLICY_V1
from store import challenges as store_challenges
from store.api_keys import Scope
from store.cases import issue_challenge

challenges = Resource("challenges")

NONCE_BYTES = 32


@challenges.endpoint(
    "POST",
    "/cases/{case_id}/challenge",
    answers=Answers(models=(ChallengeIssued,), status=HTTPStatus.CREATED),
    scopes=frozenset({Scope.CAPTURE}),
    problems=("challenge_impossible", "case_wrong_status", "case_erased", "attempts_exhausted"),
)
def request_challenge(call: Call, case_id: UUID, body: NewChallenge) -> ChallengeIssued:
    """Draw a challenge. It voids the one before it, and a clip that was recorded for that one."""
    challenge = issue_challenge(
        call.store,
        case_id,
        steps=_draw(body),
        excluded=tuple(body.exclude),
        nonce=secrets.token_urlsafe(NONCE_BYTES),
        ttl_s=POLICY_V1.challenge_ttl_s,
        actor=call.caller.actor,
    )
    return ChallengeIssued(
        id=str(challenge.id),
        nonce=challenge.nonce,
        steps=steps_shown(challenge.steps),
        excluded=tuple(challenge.excluded),
        issued_at=challenge.issued_at,
        expires_at=challenge.expires_at,
    )


@challenges.endpoint(
    "POST",
    "/cases/{case_id}/challenge/promise",
    answers=Answers(status=HTTPStatus.NO_CONTENT),
    scopes=frozenset({Scope.CAPTURE}),
    problems=(
        "challenge_missing", "challenge_superseded", "challenge_expired",
        "case_wrong_status", "case_erased", "attempts_exhausted",
    ),
)  # fmt: skip
def promise_clip(call: Call, case_id: UUID, body: ClipPromise) -> None:
    """Name the digest of the recorded clip. The clip itself may then arrive after the challenge has expired."""
    store_challenges.promise_clip(
        call.store, case_id, sha256=body.sha256, nonce=body.nonce, actor=call.caller.actor
    )


def _draw(body: NewChallenge) -> tuple[ChallengeStep, ...]:
    try:
        return draw_steps(random.SystemRandom(), excluded=body.exclude)
    except ValueError:
        raise ApiError("challenge_impossible") from None
