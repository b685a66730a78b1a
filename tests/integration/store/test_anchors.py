"""Anchors outside the database against one who owns the database, and against one who owns the anchors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from store import audit
from store.anchors import Notary, make_anchor, open_notary
from store.chain import verify_chain
from store.database import Store
from store.errors import AnchorBroken
from store.gauges import read_gauges
from store.settings import RecordSettings, StoreSettings
from store.signing import new_seed, open_signer, public_text
from tests.integration.store import cases_made as made

Record = Callable[..., RecordSettings]

#: What a superuser can do who has read our code: alter a row and compute every hash and the head anew.
REWRITE = """
DO $$
DECLARE
  place bigint;
  former bytea := '\\x00';
BEGIN
  FOR place IN SELECT seq FROM audit.event ORDER BY seq LOOP
    UPDATE audit.event SET prev_hash = former, hash = audit.digest(
      seq, at, actor, db_user, case_id, kind, payload, former) WHERE seq = place RETURNING hash INTO former;
  END LOOP;
  UPDATE audit.chain_head SET seq = (SELECT max(seq) FROM audit.event), hash = former;
  DELETE FROM audit.anchor;
END $$
"""


@pytest.fixture
def settings_of_record(tmp_path: Path) -> RecordSettings:
    return RecordSettings(
        anchor_url=(tmp_path / "outside").as_uri(), signing_key=SecretStr(new_seed())
    )


@pytest.fixture
def notary(settings_of_record: RecordSettings) -> Notary:
    opened = open_notary(settings_of_record)
    assert opened is not None
    return opened


@pytest.fixture
def superuser(settings: StoreSettings) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as db:
        db.execute("SET session_replication_role = replica")
        yield db


@pytest.fixture
def anchored(store: Store, notary: Notary) -> list[int]:
    """Three anchors over ten events, and two events that none covers yet."""
    places = []
    for number in (4, 1, 5):
        for _ in range(number):
            made.new_case(store)
        anchor = make_anchor(store, notary)
        assert anchor is not None
        places.append(anchor.seq)
    for _ in range(2):
        made.new_case(store)
    return places


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "outside" / "anchors").iterdir())


def test_a_chain_that_nobody_touched_holds(
    store: Store, notary: Notary, anchored: list[int]
) -> None:
    audit.append(
        store, actor='cli "é\\ Ễ\t', case_id=None, kind="note",
        payload={"ﬀ": [1.50, 1e30, -0.0, True, None, "\x01\x7f \\ \" 🙂"], "a": {"é": {}}},
    )  # fmt: skip
    report = verify_chain(store, notary)
    assert (report.checked, report.first_bad, report.anchors) == (13, None, 3)
    assert report.anchored is not None
    assert report.anchored.seq == 10
    assert verify_chain(store, None).anchors is None
    assert anchored == [4, 5, 10]
    assert make_anchor(store, notary) is not None
    assert make_anchor(store, notary) is None
    assert read_gauges(store).unanchored_s == 0


@pytest.mark.parametrize(
    ("tampering", "first_bad", "reason"),
    [
        ("UPDATE audit.event SET payload = '{}' WHERE seq = 3", 3, "row altered"),
        ("UPDATE audit.event SET actor = 'x' WHERE seq = 12", 12, "row altered"),
        ("UPDATE audit.event SET at = at + interval '1 us' WHERE seq = 1", 1, "row altered"),
        ("DELETE FROM audit.event WHERE seq = 2", 3, "gap"),
        ("DELETE FROM audit.event WHERE seq = 12", 12, "tail cut off"),
        # whoever cuts the head too is found by nothing inside the database
        (
            "DELETE FROM audit.event WHERE seq > 8; DELETE FROM audit.anchor WHERE seq > 8;"
            "UPDATE audit.chain_head SET seq = 8, hash = (SELECT hash FROM audit.event WHERE seq = 8)",
            10, "tail cut off, says an anchor outside the database",
        ),
        (
            "DELETE FROM audit.event; DELETE FROM audit.anchor; UPDATE audit.chain_head SET seq = 0, hash = '\\x00'",
            4, "tail cut off, says an anchor outside the database",
        ),
        (
            "UPDATE audit.event SET actor = 'somebody else' WHERE seq = 2;" + REWRITE,
            4, "differs from its anchor outside the database",
        ),
        (
            "UPDATE audit.event SET actor = 'somebody else' WHERE seq = 9;" + REWRITE,
            10, "differs from its anchor outside the database",
        ),
    ],
)  # fmt: skip
def test_what_the_owner_of_the_database_does_is_found(  # type: ignore[no-untyped-def]
    store: Store, notary: Notary, anchored: list[int], superuser,
    tampering: str, first_bad: int, reason: str,
) -> None:  # fmt: skip
    superuser.execute(tampering)
    report = verify_chain(store, notary)
    assert (report.first_bad, report.reason) == (first_bad, reason)


def test_the_database_s_own_functions_are_not_believed(  # type: ignore[no-untyped-def]
    store: Store, notary: Notary, anchored: list[int], superuser
) -> None:
    superuser.execute("UPDATE audit.event SET payload = '{}' WHERE seq = 3")
    superuser.execute(
        "CREATE OR REPLACE FUNCTION audit.verify() RETURNS TABLE (checked bigint, first_bad bigint, reason text)"
        " LANGUAGE sql AS $$ SELECT 12::bigint, NULL::bigint, NULL $$"
    )
    assert audit.verify(store).first_bad is None
    assert verify_chain(store, notary).first_bad == 3


def test_nothing_is_vouched_for_that_does_not_fit_the_last_anchor(  # type: ignore[no-untyped-def]
    store: Store, notary: Notary, anchored: list[int], superuser, tmp_path: Path
) -> None:
    superuser.execute("UPDATE audit.event SET actor = 'somebody else' WHERE seq = 9;" + REWRITE)
    with pytest.raises(AnchorBroken, match="differs"):
        make_anchor(store, notary)
    assert len(files(tmp_path)) == 3


def test_anchors_that_somebody_touched_are_found(
    store: Store, notary: Notary, anchored: list[int], tmp_path: Path
) -> None:
    first, second, third = files(tmp_path)
    kept = second.read_bytes()

    def reason() -> str | None:
        return verify_chain(store, notary).reason

    second.unlink()
    assert reason() == "an anchor outside the database is missing"
    second.write_bytes(first.read_bytes())
    assert "of another place" in str(reason())
    forged = json.loads(kept)
    forged["anchor"]["root"] = "00" * 32
    second.write_text(json.dumps(forged))
    assert "not signed by a trusted key" in str(reason())
    second.write_bytes(b"{}")
    assert "is not an anchor" in str(reason())
    second.write_bytes(kept)
    assert reason() is None
    for file in (first, second, third):
        file.unlink()
    assert reason() == "no anchor outside the database vouches for the chain"


def test_a_key_that_is_not_trusted_vouches_for_nothing(
    store: Store, notary: Notary, anchored: list[int], settings_of_record: RecordSettings
) -> None:
    stranger = settings_of_record.model_copy(update={"signing_key": SecretStr(new_seed())})
    strange = open_notary(stranger)
    assert strange is not None
    assert "not signed by a trusted key" in str(verify_chain(store, strange).reason)
    (public,) = notary.signer.trusted.values()
    verifying = open_notary(
        stranger.model_copy(update={"signing_key": None, "trusted_keys": (public_text(public),)})
    )
    assert verifying is not None
    assert verify_chain(store, verifying).reason is None
    with pytest.raises(ValueError, match="EKYC_SIGNING_KEY"):
        make_anchor(store, verifying)


def test_a_new_signing_key_goes_on_where_the_former_stopped(
    store: Store, notary: Notary, anchored: list[int], settings_of_record: RecordSettings
) -> None:
    (former,) = notary.signer.trusted.values()
    changed = open_notary(
        settings_of_record.model_copy(
            update={"signing_key": SecretStr(new_seed()), "trusted_keys": (public_text(former),)}
        )
    )
    assert changed is not None
    assert make_anchor(store, changed) is not None
    report = verify_chain(store, changed)
    assert (report.reason, report.anchors) == (None, 4)


def test_two_sweepers_make_one_anchor(store: Store, notary: Notary, tmp_path: Path) -> None:
    made.new_case(store)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: make_anchor(store, notary), range(8)))
    assert sum(anchor is not None for anchor in done) == 1
    assert len(files(tmp_path)) == 1


def test_an_empty_chain_is_not_anchored(store: Store, notary: Notary) -> None:
    assert make_anchor(store, notary) is None
    assert verify_chain(store, notary).reason is None


def test_keys_that_are_none_are_refused() -> None:
    for seed in ("", "x", "QUJD"):
        with pytest.raises(ValueError, match="Ed25519"):
            open_signer(None, (seed,))
