"""The parts of the store that need no server: sealing, settings, transitions, statements, findings."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from pipeline.case import TRANSITIONS, CaseEvent
from pipeline.findings import Check, Finding, Rejection
from pipeline.reasons import ReasonCode
from pipeline.stages import Stage
from store import findings, statements
from store.doorbell import task_name
from store.errors import SealBroken, StoreError
from store.keyring import CaseKey, Keyring
from store.settings import StoreSettings
from store.transitions import sources_and_target
from tests.unit.pipeline import factories

RING = Keyring(current="a", keks={"a": bytes(32), "b": bytes(31) + b"1"})


@given(plaintext=st.binary(max_size=200))
def test_what_is_sealed_opens_only_in_its_place(plaintext: bytes) -> None:
    key, wrapped = RING.new_key()
    sealed = key.seal(plaintext, "case", "selfie")
    assert RING.unwrap(wrapped, "a").open(sealed, "case", "selfie") == plaintext
    assert key.seal(plaintext, "case", "selfie") != sealed
    other, _ = RING.new_key()
    for wrong_key, where in (
        (key, ("case", "clip")),
        (key, ("case",)),
        (other, ("case", "selfie")),
    ):
        with pytest.raises(SealBroken):
            wrong_key.open(sealed, *where)
    for damaged in (b"", sealed[:-1], sealed[:20], bytes([sealed[0] ^ 1]) + sealed[1:]):
        with pytest.raises(SealBroken):
            key.open(damaged, "case", "selfie")


def test_a_wrapped_key_opens_with_its_own_kek_alone() -> None:
    _, wrapped = RING.new_key()
    for kek_id in ("b", "c"):
        with pytest.raises(SealBroken):
            RING.unwrap(wrapped, kek_id)


def test_keys_are_not_shown() -> None:
    key, _ = RING.new_key()
    assert repr(key) == "CaseKey()"
    assert "keks" not in repr(RING)
    assert "secret" not in repr(CaseKey(secret=b"secret"))


@pytest.mark.parametrize("kek", ["", "x", base64.b64encode(bytes(16)).decode(), "ä" * 44])
def test_a_bad_kek_is_refused_at_start_without_being_quoted(kek: str) -> None:
    with pytest.raises(ValidationError) as refused:
        StoreSettings(database_url="d", broker_url="b", blob_url="file:///x", kek=SecretStr(kek))
    assert not kek or kek == "x" or kek not in str(refused.value)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    kek = base64.b64encode(bytes(32)).decode()
    for name, value in {
        "DATABASE_URL": "d", "BROKER_URL": "b", "BLOB_URL": "file:///x", "KEK": kek, "KEK_ID": "k7",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"EKYC_{name}", value)
    settings = StoreSettings()
    assert (settings.database_url, settings.kek_id) == ("d", "k7")
    assert kek not in repr(settings)


@pytest.mark.parametrize("event", CaseEvent)
def test_the_sql_parameters_are_the_table(event: CaseEvent) -> None:
    sources, target = sources_and_target(event)
    assert {(s, target) for s in sources} == {
        (str(source), str(t)) for (source, e), t in TRANSITIONS.items() if e is event
    }


def test_hot_statements_say_their_name_and_purpose() -> None:
    for name in ("create", "submit", "claim", "complete", "fail", "sweep", "decide", "receive"):
        first = str(getattr(statements, name.upper())).splitlines()[0]
        assert first.startswith(f"-- {name}, ")
        assert first.endswith((".", ".)", ")"))


@pytest.mark.parametrize(
    ("finding", "load"),
    [
        (factories.card(), findings.load_card),
        (
            factories.card(
                checks=(Check(code=ReasonCode.QR_MISMATCH, passed=False, fields=("a",), facts={"n": 1, "r": 0.5}),)
            ),
            findings.load_card,
        ),
        (factories.face(), findings.load_face),
        (factories.liveness(), findings.load_liveness),
    ],
)  # fmt: skip
def test_findings_survive_the_way_through_json(finding: Finding, load) -> None:  # type: ignore[no-untyped-def]
    assert load(findings.dump(finding)) == finding
    rejection = Rejection(code=ReasonCode.FACE_NOT_FOUND, facts={"evidence": "selfie", "n": 2})
    rejected = replace(finding, rejected=rejection)
    assert load(findings.dump(rejected)) == rejected


def test_every_refusal_has_its_own_code() -> None:
    refusals = StoreError.__subclasses__()
    assert len({refusal.code for refusal in refusals}) == len(refusals) > 15


def test_task_names() -> None:
    assert task_name(Stage.READ_CARD) == "ekyc.read_card"
