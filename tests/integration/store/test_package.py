"""Evidence packages: what a third party can verify, and what it finds when somebody changed a part."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from pipeline.case import CaseEvent
from pipeline.findings import FieldName
from pipeline.policy import POLICY_V1
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import EvidenceKind, Stage
from pipeline.verdict import Outcome, Reason
from store import audit, cases, queue
from store.anchors import Notary, make_anchor, open_notary
from store.database import Store
from store.errors import AnchorMissing, CaseUnknown
from store.package import Images, write_package
from store.settings import RecordSettings
from store.signing import PACKAGE, canonical, new_seed, public_text
from tests.integration.store import cases_made as made
from tests.integration.workers.receivers import ROOT, example
from tests.unit.pipeline import factories

VERIFY = example("verify_package")
SCRIPT = ROOT / "docs" / "examples" / "verify_package.py"
SOFT = Reason(code=ReasonCode.FACE_BORDERLINE, stage=Stage.MATCH_FACE, weight=Severity.SOFT)


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    settings = RecordSettings(
        anchor_url=(tmp_path / "outside").as_uri(), signing_key=SecretStr(new_seed())
    )
    opened = open_notary(settings)
    assert opened is not None
    return opened


@pytest.fixture
def public(notary: Notary) -> str:
    (key,) = notary.signer.trusted.values()
    return public_text(key)


@pytest.fixture
def case_id(store: Store, notary: Notary) -> UUID:
    """A case between others, with anchors in the middle of it, decided by a machine and then by a person."""
    made.new_case(store)
    case_id = made.submitted_case(store)
    make_anchor(store, notary)
    made.judge(store, case_id)
    made.new_case(store)
    verdict = made.verdict(Outcome.REVIEW, SOFT)
    claim = made.claim(store, case_id, Stage.DECIDE)
    assert queue.complete_decision(store, claim, verdict_of_policy(verdict), policy=POLICY_V1)
    make_anchor(store, notary)
    cases.record_review(
        store, case_id, event=CaseEvent.REVIEWER_APPROVES, reason="seen", retake=(), actor="user:a"
    )
    made.new_case(store)
    return case_id


def verdict_of_policy(verdict: Any) -> Any:
    import dataclasses

    return dataclasses.replace(verdict, policy_version=POLICY_V1.version)


@pytest.fixture
def package(store: Store, notary: Notary, case_id: UUID, tmp_path: Path) -> Path:
    out = tmp_path / "case.zip"
    write_package(store, notary, case_id, out, actor="cli")
    return out


def unzip(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_third_party_verifies_it_offline(
    package: Path, public: str, case_id: UUID, store: Store
) -> None:
    command = [sys.executable, "-I", str(SCRIPT), str(package), "--public-key", public]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    events = audit.events(store, case_id)
    assert f"case {case_id}: {len(events)} events proved, 0 images" in done.stdout
    assert [event.kind for event in events][-1] == "case_packaged"
    other = public_text(open_other())
    refused = subprocess.run([*command[:-1], other], capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "REFUSED: the manifest is not signed by a key you trust" in refused.stderr


def open_other() -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().public_key()


def test_it_says_all_that_a_verdict_rests_on_and_nothing_of_the_person(package: Path) -> None:
    files = unzip(package)
    assert not [name for name in files if name.startswith("evidence/")]
    case, policies = json.loads(files["case.json"]), json.loads(files["policies.json"])
    assert (case["status"], case["outcome"]) == ("approved", "approved")
    assert [policy["version"] for policy in policies] == [POLICY_V1.version]
    assert {evidence["kind"] for evidence in json.loads(files["evidence.json"])} >= {
        "selfie",
        "clip",
    }
    assert set(json.loads(files["models.json"])) == {"read_card", "match_face", "score_liveness"}
    whole = b"".join(files.values()).decode()
    for name in (FieldName.ID_NUMBER, FieldName.FULL_NAME, FieldName.PLACE_OF_RESIDENCE):
        assert factories.VALUES[name] not in whole
        assert json.dumps(factories.VALUES[name])[1:-1] not in whole
    assert "R-1" not in whole  # the bank's own reference


Change = Callable[[dict[str, bytes]], None]


def edit(name: str, change: Callable[[Any], Any]) -> Change:
    def apply(files: dict[str, bytes]) -> None:
        value = json.loads(files[name])
        changed = change(value)
        files[name] = json.dumps(value if changed is None else changed).encode()

    return apply


def put(key: str, value: Any) -> Callable[[Any], None]:
    return lambda held: held.__setitem__(key, value)


def swap_first_events(events: list[Any]) -> None:
    events[0], events[1] = events[1], events[0]


def alter_and_hash_anew(events: list[Any]) -> None:
    events[3]["actor"] = "key:innocent"
    events[3]["hash"] = VERIFY.event_hash(events[3])


CHANGES: list[tuple[str, Change, str]] = [
    ("status", edit("case.json", put("status", "rejected")), "the status is another"),
    ("outcome", edit("case.json", put("outcome", "rejected")), "the outcome was never reached"),
    ("other case", edit("case.json", put("id", "0")), "the case file is of another case"),
    (
        "score", edit("case.json", lambda c: c["stages"][1].update(generation=9)),
        "the result of match_face is another",
    ),
    ("models", edit("models.json", put("match_face", [])), "the models are others"),
    ("evidence", edit("evidence.json", lambda e: e.pop()), "the evidence is other"),
    ("event", edit("events.json", lambda e: e[2].update(actor="key:innocent")), "event 4 was altered"),
    ("event hashed anew", edit("events.json", alter_and_hash_anew), "is not in the signed chain"),
    ("order", edit("events.json", swap_first_events), "the events are not in order"),
    ("first event gone", edit("events.json", lambda e: e.pop(0) and None), "do not begin with the case"),
    ("path", edit("events.json", lambda e: e[2]["proof"]["path"].pop() and None), "is not in the signed chain"),
    ("anchor", edit("anchors.json", lambda a: a[0]["anchor"].update(root="00" * 32)), "is not signed by a key"),
    ("anchor gone", edit("anchors.json", lambda a: a.pop(0) and None), "has no anchor"),
    ("policy", edit("policies.json", lambda p: p[0].update(canonical="{}")), "was altered"),
    ("policy gone", edit("policies.json", lambda p: p.pop() and None), "is not here"),
    ("image", lambda f: f.update({"evidence/selfie.jpg": b"another face"}), "was never received"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_a_part_that_was_changed_is_found_even_when_the_whole_is_signed_anew(
    package: Path, public: str, notary: Notary, tmp_path: Path, change: Change, reason: str
) -> None:
    """By one who holds the signing key: the chain and the anchors still say otherwise."""
    files = unzip(package)
    change(files)
    manifest = json.loads(files.pop("manifest.json"))
    files.pop("manifest.sig")
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
    }
    files["manifest.json"] = canonical(manifest)
    files["manifest.sig"] = notary.signer.sign(PACKAGE, files["manifest.json"]).encode()
    with pytest.raises(VERIFY.Refused, match=reason):
        VERIFY.verify(zipped(files, tmp_path), [public])


def zipped(files: dict[str, bytes], folder: Path) -> Path:
    path = folder / "changed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_one_who_does_not_hold_the_key_can_change_nothing(
    package: Path, public: str, tmp_path: Path
) -> None:
    whole = unzip(package)
    assert VERIFY.verify(zipped(whole, tmp_path), [public])
    for name in whole:
        changed = {**whole, name: whole[name] + b" "}
        with pytest.raises(VERIFY.Refused):
            VERIFY.verify(zipped(changed, tmp_path), [public])
        without = {other: data for other, data in whole.items() if other != name}
        with pytest.raises(VERIFY.Refused):
            VERIFY.verify(zipped(without, tmp_path), [public])
    with pytest.raises(VERIFY.Refused, match="not the files"):
        VERIFY.verify(zipped({**whole, "more.json": b"{}"}, tmp_path), [public])
    (tmp_path / "none.zip").write_bytes(b"PK")
    with pytest.raises(VERIFY.Refused, match="not a package"):
        VERIFY.verify(tmp_path / "none.zip", [public])
    with pytest.raises(VERIFY.Refused):
        VERIFY.verify(package, [base64.b64encode(bytes(32)).decode()])


def test_images_come_along_for_one_who_may_see_them(
    store: Store, notary: Notary, case_id: UUID, public: str, tmp_path: Path
) -> None:
    out = tmp_path / "images.zip"
    write_package(
        store, notary, case_id, out, actor="cli", images=Images(actor="key:r", branch=None)
    )
    assert "4 images" in VERIFY.verify(out, [public])
    assert {name for name in unzip(out) if name.startswith("evidence/")} == {
        "evidence/card_front.jpg", "evidence/card_back.jpg", "evidence/selfie.jpg", "evidence/clip.jpg",
    }  # fmt: skip
    looks = [e for e in audit.events(store, case_id) if e.kind == "evidence_viewed"]
    assert [event.actor for event in looks] == ["key:r"] * 4
    assert {look.payload["kind"] for look in looks} == {
        str(kind) for kind in EvidenceKind if kind != "chip"
    }
    with pytest.raises(CaseUnknown):
        write_package(
            store, notary, case_id, tmp_path / "x.zip", actor="cli",
            images=Images(actor="key:r", branch="SG-09"),
        )  # fmt: skip


def test_an_erased_case_can_still_be_proved(
    store: Store, notary: Notary, case_id: UUID, public: str, tmp_path: Path
) -> None:
    cases.erase_case(store, case_id, actor="key:admin")
    out = tmp_path / "erased.zip"
    write_package(store, notary, case_id, out, actor="cli")
    assert VERIFY.verify(out, [public])
    assert json.loads(unzip(out)["case.json"])["status"] == "erased"


def test_no_package_without_all_anchors(
    store: Store, notary: Notary, case_id: UUID, tmp_path: Path
) -> None:
    sorted((tmp_path / "outside" / "anchors").iterdir())[0].unlink()
    with pytest.raises(AnchorMissing):
        write_package(store, notary, case_id, tmp_path / "case.zip", actor="cli")
    assert not (tmp_path / "case.zip").exists()
