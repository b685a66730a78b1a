"""What auditors see: the views, the record of policies, and every query of their cookbook."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from pipeline.case import CaseEvent
from pipeline.policy import POLICY_V1
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome, Reason
from store import api_keys, cases, evidence, policies, queue
from store.api_keys import Scope
from store.database import Store
from store.errors import FourEyes
from store.policies import canonical_policy, policy_sha256, record_policy
from store.settings import StoreSettings
from tests.integration.store import cases_made as made

COOKBOOK = (Path(__file__).parents[3] / "docs" / "auditors.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"([^\n]+):\n\n```sql\n(.+?)```", COOKBOOK, re.DOTALL)
NOBODY = "00000000-0000-0000-0000-000000000000"
HARD = Reason(code=ReasonCode.FACE_NO_MATCH, stage=Stage.MATCH_FACE, weight=Severity.HARD)

#: What each query must find after `lived`; one that must find nothing is 0.
ROWS = {
    "What happened to one case": "many", "On what a verdict rests, and by which models it was found": 2,
    "Who looked at a person's data, and at what": 1, "Who looked at the most cases in the last thirty days": 1,
    "Who tried what they may not": 1, "Who signed in to the console, and from where": 1,
    "Who was made to wait after too many wrong passwords": 1,
    "Looks at evidence by somebody who did not decide the case": 1,
    "Approvals against a hard reason, and the two people who agreed": 1,
    "The same person on both sides, which must be empty": 0, "Which policies decided, since when, and how often": 1,
    "One version with two contents, which must be empty": 0, "Which value a threshold had": 1,
    "Which models spoke in a period, and in how many cases": 1,
    "Verdicts a day, by outcome and by machine or person": 2, "Why cases were not approved": 1,
    "Changes of status that nobody of the system made (somebody with a connection to the database)": 1,
    "Keys: who was given what, and until when": 1, "Erased cases, and that their evidence is gone": 1,
    "Changes of the key-encryption key and of webhooks": 1, "Whether a verdict reached the bank's systems": 3,
    "The chain itself, and the heads that the database knows to be anchored": 1,
}  # fmt: skip


@pytest.fixture
def auditor(settings: StoreSettings) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    dsn = settings.database_url.replace("+psycopg", "")
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as db:
        db.execute("SET ROLE ekyc_auditor")
        db.execute("SET default_transaction_read_only = on")
        yield db


def superuser(settings: StoreSettings, statement: str) -> None:
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as db:
        db.execute(statement)


@pytest.fixture
def lived(store: Store, settings: StoreSettings) -> UUID:
    """A system with a history of everything; the case went through review by two, and was erased."""
    from store import audit, webhooks

    webhooks.add_endpoint(
        store,
        url="https://bank.example/x",
        kinds=list(webhooks.EventKind),
        allow_http=False,
        actor="cli",
    )
    api_keys.create_key(store, name="Ann", scopes={Scope.REVIEWER}, branch=None, actor="cli")
    case_id = made.submitted_case(store)
    made.judge(store, case_id)
    drawn = dataclasses.replace(
        made.verdict(Outcome.REVIEW, HARD), policy_version=POLICY_V1.version
    )
    claim = made.claim(store, case_id, Stage.DECIDE)
    assert queue.complete_decision(store, claim, drawn, policy=POLICY_V1)
    evidence.view_evidence(store, case_id, EvidenceKind.SELFIE, actor="user:eve")
    for actor in ("user:ann", "user:bob"):
        try:
            cases.record_review(
                store,
                case_id,
                event=CaseEvent.REVIEWER_APPROVES,
                reason="ok",
                retake=(),
                actor=actor,
            )
        except FourEyes:
            assert actor == "user:ann"
    audit.append(
        store, actor="key:x", case_id=None, kind="access_refused", payload={"operation": "export"}
    )
    _sign_in_and_guess(store)
    by_hand = made.submitted_case(store)
    superuser(settings, f"UPDATE cases SET status = 'review' WHERE id = '{by_hand}'")
    cases.erase_case(store, case_id, actor="key:admin")
    audit.anchor(store)
    return case_id


def _sign_in_and_guess(store: Store) -> None:
    """The events of one sign-in and one wait, as `store.sign_in` writes them."""
    from store import audit, users

    user = users.create_user(
        store, name="nv-0001", role=users.Role.AUDITOR, branch=None,
        password="trời hôm nay đẹp", actor="cli",
    )  # fmt: skip
    audit.append(
        store, actor=user.actor, case_id=None, kind="signed_in", payload={"address": "10.0.0.7"}
    )
    blocked = {"blocked": ["account"], "user": user.handle, "address": "10.0.0.8"}
    audit.append(store, actor="nobody", case_id=None, kind="sign_in_blocked", payload=blocked)


def test_the_cookbook_has_a_test_for_every_query() -> None:
    assert len(QUERIES) >= 18
    assert {title for title, _ in QUERIES} == set(ROWS)
    assert (
        COOKBOOK.count("```sql") == len(QUERIES) + 1
    )  # the anchors follow the chain without a title


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=[title for title, _ in QUERIES])
def test_every_query_of_the_cookbook_finds_what_it_says(  # type: ignore[no-untyped-def]
    lived: UUID, auditor, title: str, query: str
) -> None:
    rows = auditor.execute(query.replace(NOBODY, str(lived))).fetchall()
    expected = ROWS[title]
    assert len(rows) > 2 if expected == "many" else len(rows) == expected
    for row in rows:
        assert any(value is not None for value in row.values())


def test_the_last_query_of_the_cookbook_too(lived: UUID, auditor) -> None:  # type: ignore[no-untyped-def]
    last = re.findall(r"```sql\n(.+?)```", COOKBOOK, re.DOTALL)[-1]
    assert len(auditor.execute(last).fetchall()) == 1


def test_a_verdict_shows_all_it_rests_on_also_after_erasure(
    lived: UUID, auditor, store: Store
) -> None:  # type: ignore[no-untyped-def]
    machine, person = auditor.execute(
        "SELECT * FROM audit.decision_evidence WHERE case_id = %s ORDER BY seq", (lived,)
    ).fetchall()
    assert (machine["outcome"], machine["by_a_person"], machine["reasons"]) == (
        "review", False, ["face_no_match"],
    )  # fmt: skip
    assert (person["outcome"], person["by_a_person"], person["decided_by"]) == (
        "approved", True, "user:bob",
    )  # fmt: skip
    assert machine["policy_sha256"] == policy_sha256(POLICY_V1)
    for row in (machine, person):
        assert set(row["evidence"]) == {"card_front", "card_back", "selfie", "clip"}
        assert all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in row["evidence"].values())
        assert set(row["stages"]) == {"read_card", "match_face", "score_liveness"}
        assert row["stages"]["match_face"]["similarity"] is not None


def test_evidence_that_was_replaced_is_not_what_a_verdict_rests_on(store: Store, auditor) -> None:  # type: ignore[no-untyped-def]
    case_id = made.filled_case(store)
    made.put(store, case_id, EvidenceKind.SELFIE, b"another")
    made.put(store, case_id, EvidenceKind.CLIP, nonce=made.challenge(store, case_id))
    cases.submit_case(store, case_id, actor=made.ACTOR)
    made.judge(store, case_id)
    assert made.decide(store, case_id, made.verdict(Outcome.APPROVED))
    made_of = auditor.execute("SELECT evidence FROM audit.decision_evidence").fetchone()["evidence"]
    current = {str(k): view.sha256 for k, view in cases.get_case(store, case_id).evidence.items()}
    assert made_of == current


def test_a_policy_is_recorded_once_and_a_change_under_an_old_version_shows(
    store: Store, auditor
) -> None:  # type: ignore[no-untyped-def]
    for _ in range(3):
        policies._kept.clear()
        assert record_policy(store, POLICY_V1, actor="worker:a") == policy_sha256(POLICY_V1)
    loose = dataclasses.replace(POLICY_V1, min_field_confidence=0.1)
    assert record_policy(store, loose, actor="worker:b") != policy_sha256(POLICY_V1)
    history = auditor.execute("SELECT * FROM audit.policy_history ORDER BY seq").fetchall()
    assert [row["first_used_by"] for row in history] == ["worker:a", "worker:b"]
    assert len({row["version"] for row in history}) == 1
    assert [row["policy"]["min_field_confidence"] for row in history] == [
        POLICY_V1.min_field_confidence, 0.1,
    ]  # fmt: skip
    query = next(query for title, query in QUERIES if title.startswith("One version"))
    assert auditor.execute(query).fetchall() == [{"version": POLICY_V1.version, "contents": 2}]


def test_the_text_of_a_policy_is_the_same_for_the_same_policy() -> None:
    again = dataclasses.replace(
        POLICY_V1,
        required_cues=frozenset(sorted(POLICY_V1.required_cues, reverse=True)),
        required_fields=dict(reversed(POLICY_V1.required_fields.items())),
    )
    assert canonical_policy(again) == canonical_policy(POLICY_V1)
    assert "frozenset" not in canonical_policy(POLICY_V1)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit.anchor (seq, hash) VALUES (1, 'x')",
        "SELECT audit.keep_anchor()",
        "INSERT INTO audit.policy (sha256, version, canonical) VALUES ('x', 'x', 'x')",
        "SELECT sealed FROM webhook_secrets",
        "SELECT url FROM webhook_endpoints",
        "SELECT wrapped FROM case_keys",
        "DELETE FROM audit.policy",
        "CREATE TABLE mine (n int)",
    ],
)
def test_the_auditor_writes_nothing_and_sees_no_secret(  # type: ignore[no-untyped-def]
    store: Store, settings: StoreSettings, statement: str
) -> None:
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("SET ROLE ekyc_auditor")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


def test_the_application_cannot_keep_a_policy_under_another_hash(  # type: ignore[no-untyped-def]
    store: Store, settings: StoreSettings
) -> None:
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("SET ROLE ekyc_app")
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute(
                "INSERT INTO audit.policy (sha256, version, canonical) VALUES ('x', 'v', '{}')"
            )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("UPDATE audit.policy SET version = 'x'")
