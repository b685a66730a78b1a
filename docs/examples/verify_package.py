"""Verify an evidence package without trusting who made it: needs Python 3.11, the package `cryptography`, no network.

    python verify_package.py CASE.zip --public-key BASE64 [--public-key ANOTHER]

The public key must have reached you on another way than the package. Exit 0: everything below holds. Exit 1 says what
does not.

1. The manifest is signed by the key, and the files are the ones that it names, with their sizes and hashes.
2. Every anchor is signed by the key.
3. Every event has the hash that follows from its content, and a path from that hash to the root of a signed anchor: it
   was in the audit chain when the anchor was signed. They are in order, all of the one case.
4. What the case file says (status, outcome, results and models of the stages) is what the events say.
5. Every verdict names a policy whose text is here.
6. Every image here has the hash under which it was received.

It cannot show that no event was left out: ask for `ekyc audit verify` and the timeline beside it.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "ekyc-evidence-package/1"
#: No clip is larger; a ZIP may claim anything.
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_FILES = 64


class Refused(Exception):
    """The package does not prove what it says."""


def require(holds: object, what: str) -> None:
    """Refuse unless something holds."""
    if not holds:
        raise Refused(what)


def sha256_hex(data: bytes) -> str:
    """Return the sha256, hex."""
    return hashlib.sha256(data).hexdigest()


def read_files(path: Path) -> dict[str, bytes]:
    """Return the files of the ZIP, each bounded, whatever it claims."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        require(len(entries) <= MAX_FILES, "too many files")
        require(len({entry.filename for entry in entries}) == len(entries), "a file twice")
        files = {}
        for entry in entries:
            with archive.open(entry) as file:
                files[entry.filename] = file.read(MAX_FILE_BYTES + 1)
            require(len(files[entry.filename]) <= MAX_FILE_BYTES, f"{entry.filename} is too large")
    return files


def signed_by(
    keys: dict[str, Ed25519PublicKey], key_id: str, message: bytes, signature: str
) -> bool:
    """Whether the trusted key of this name signed the message."""
    try:
        keys[key_id].verify(base64.b64decode(signature, validate=True), message)
    except (KeyError, InvalidSignature, binascii.Error):
        return False
    return True


def canonical(value: Any) -> bytes:
    """Return the JSON that is under a signature."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def check_manifest(files: dict[str, bytes], keys: dict[str, Ed25519PublicKey]) -> dict[str, Any]:
    """Point 1; return the manifest."""
    manifest_bytes, signature = files.pop("manifest.json"), files.pop("manifest.sig").decode()
    manifest: dict[str, Any] = json.loads(manifest_bytes)
    signed = signed_by(keys, manifest["key_id"], b"ekyc-package-v1\n" + manifest_bytes, signature)
    require(signed, "the manifest is not signed by a key you trust")
    require(manifest["format"] == FORMAT, "another format")
    require(files.keys() == manifest["files"].keys(), "not the files of the manifest")
    for name, data in files.items():
        named = manifest["files"][name]
        right = (len(data), sha256_hex(data)) == (named["size"], named["sha256"])
        require(right, f"{name} is not what the manifest names")
    return manifest


def check_anchors(anchors: list[Any], keys: dict[str, Ed25519PublicKey]) -> dict[int, Any]:
    """Point 2; return the anchors by the last event that they cover."""
    for signed in anchors:
        anchor, message = signed["anchor"], b"ekyc-anchor-v1\n" + canonical(signed["anchor"])
        genuine = signed_by(keys, anchor["key_id"], message, signed["signature"])
        require(genuine, f"anchor {anchor['seq']} is not signed by a key you trust")
    return {signed["anchor"]["seq"]: signed["anchor"] for signed in anchors}


def event_hash(event: dict[str, Any]) -> str:
    """Return the hash that follows from an event's content: sha256 of a JSON array as Postgres writes it."""

    def quoted(value: str | None) -> str:
        return json.dumps(value, ensure_ascii=False)

    words = [
        str(event["seq"]), str(event["at_us"]), quoted(event["actor"]), quoted(event["db_user"]),
        quoted(event["case_id"]), quoted(event["kind"]), event["payload"], quoted(event["prev_hash"]),
    ]  # fmt: skip
    return sha256_hex(f"[{', '.join(words)}]".encode())


def root_from_path(entry: bytes, index: int, size: int, siblings: Sequence[bytes]) -> bytes | None:
    """Return the Merkle root to which a path leads (RFC 9162, section 2.1.3.2); None when it does not fit."""
    place, last, digest = index, size - 1, hashlib.sha256(b"\x00" + entry).digest()
    for sibling in siblings:
        if last == 0:
            return None
        left = bool(place & 1) or place == last
        pair = sibling + digest if left else digest + sibling
        digest = hashlib.sha256(b"\x01" + pair).digest()
        while left and place and not place & 1:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    return digest if last == 0 else None


def check_events(events: list[Any], anchors: dict[int, Any], case_id: str) -> None:
    """Point 3."""
    before = 0
    for event in events:
        seq = event["seq"]
        require(seq > before, "the events are not in order")
        require(event["case_id"] == case_id, f"event {seq} is of another case")
        require(event_hash(event) == event["hash"], f"event {seq} was altered")
        anchor = anchors.get(event["proof"]["anchor"])
        require(anchor and anchor["since"] < seq <= anchor["seq"], f"event {seq} has no anchor")
        path = [bytes.fromhex(sibling) for sibling in event["proof"]["path"]]
        index, size = seq - anchor["since"] - 1, anchor["seq"] - anchor["since"]
        root = root_from_path(bytes.fromhex(event["hash"]), index, size, path)
        require(root and root.hex() == anchor["root"], f"event {seq} is not in the signed chain")
        before = seq


def check_case(files: dict[str, bytes], events: list[Any], case_id: str) -> None:
    """Point 4."""
    case = json.loads(files["case.json"])
    require(case["id"] == case_id, "the case file is of another case")
    told = [(event["kind"], json.loads(event["payload"])) for event in events]
    require(told and told[0][0] == "case_opened", "the events do not begin with the case")
    statuses = [payload["to"] for kind, payload in told if kind == "case_status"]
    require(case["status"] == (statuses[-1] if statuses else "open"), "the status is another")
    require(case["outcome"] in (None, *statuses), "the outcome was never reached")
    results = {
        (payload["stage"], payload["generation"]): payload["summary"]
        for kind, payload in told
        if kind == "stage_done"
    }
    for stage in case["stages"]:
        if stage["status"] == "done" and stage["stage"] != "decide":
            same = results.get((stage["stage"], stage["generation"])) == stage["summary"]
            require(same, f"the result of {stage['stage']} is another")
    models = {
        s["stage"]: s["summary"]["models"]
        for s in case["stages"]
        if "models" in (s["summary"] or {})
    }
    require(json.loads(files["models.json"]) == models, "the models are others")
    received = [payload for kind, payload in told if kind == "evidence_received"]
    require(json.loads(files["evidence.json"]) == received, "the evidence is other")


def check_policies(policies: list[Any], events: list[Any]) -> None:
    """Point 5."""
    known = {}
    for policy in policies:
        right = sha256_hex(policy["canonical"].encode()) == policy["sha256"]
        require(right, f"policy {policy['version']} was altered")
        known[policy["sha256"]] = policy["version"]
    for event in events:
        payload = json.loads(event["payload"])
        if event["kind"] == "case_decided" and payload.get("policy_sha256"):
            version = known.get(payload["policy_sha256"])
            require(
                version == payload["policy_version"],
                f"the policy of event {event['seq']} is not here",
            )


def check_images(files: dict[str, bytes], events: list[Any]) -> int:
    """Point 6; return how many images there are."""
    received = [json.loads(e["payload"]) for e in events if e["kind"] == "evidence_received"]
    hashes = {(payload["kind"], payload["sha256"]) for payload in received}
    images = [name for name in files if name.startswith("evidence/")]
    for name in images:
        kind = name.removeprefix("evidence/").partition(".")[0]
        require((kind, sha256_hex(files[name])) in hashes, f"{name} was never received")
    return len(images)


def verify(path: Path, public_keys: Sequence[str]) -> str:
    """Return what was verified, in words.

    Raises:
        Refused: something does not hold.
    """
    trusted = [Ed25519PublicKey.from_public_bytes(base64.b64decode(text)) for text in public_keys]
    keys = {sha256_hex(key.public_bytes_raw())[:16]: key for key in trusted}
    try:
        files = read_files(path)
        manifest = check_manifest(files, keys)
        case_id, events = manifest["case_id"], json.loads(files["events.json"])
        check_events(events, check_anchors(json.loads(files["anchors.json"]), keys), case_id)
        check_case(files, events, case_id)
        check_policies(json.loads(files["policies.json"]), events)
        images = check_images(files, events)
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise Refused(f"not a package: {type(error).__name__}") from error
    return (
        f"case {case_id}: {len(events)} events proved, {images} images,"
        f" made {manifest['made_at']} by {manifest['made_by']}, signed by {manifest['key_id']}"
    )


def main() -> int:
    """Read the command line, verify, say so."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path)
    parser.add_argument(
        "--public-key", action="append", required=True, help="base64; may be repeated"
    )
    given = parser.parse_args()
    try:
        sys.stdout.write(verify(given.package, given.public_key) + "\n")
    except Refused as error:
        sys.stderr.write(f"REFUSED: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
