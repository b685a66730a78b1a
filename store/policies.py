"""The policies that decided cases, in the record: each once, under the hash of its text."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from pipeline.policy import Policy
from store.database import Store

_KEEP = text(
    "WITH fresh AS (INSERT INTO audit.policy (sha256, version, canonical)"
    "   VALUES (:sha256, :version, :canonical) ON CONFLICT DO NOTHING RETURNING sha256, version)"
    " INSERT INTO audit.event (actor, kind, payload)"
    " SELECT :actor, 'policy_first_used', jsonb_build_object('version', version, 'sha256', sha256) FROM fresh"
)
#: Databases in which a policy was seen to stand, so that a decision costs no further question. Whoever restores a
#: database restarts the workers.
_kept: set[tuple[str, str]] = set()


def canonical_policy(policy: Policy) -> str:
    """Return a policy as JSON, equal for equal policies: keys and sets sorted."""
    return json.dumps(
        _plain({field.name: getattr(policy, field.name) for field in dataclasses.fields(policy)}),
        sort_keys=True, separators=(",", ":"), ensure_ascii=False,
    )  # fmt: skip


def policy_sha256(policy: Policy) -> str:
    """Return the hash of `canonical_policy`, hex."""
    return hashlib.sha256(canonical_policy(policy).encode()).hexdigest()


def record_policy(store: Store, policy: Policy, *, actor: str) -> str:
    """See that a policy stands in the record before it decides; return its hash, which goes with every verdict."""
    canonical, sha256 = canonical_policy(policy), policy_sha256(policy)
    known = (str(store.single.url), sha256)
    if known not in _kept:
        values = {
            "sha256": sha256, "version": policy.version, "canonical": canonical, "actor": actor,
        }  # fmt: skip
        with store.hot() as connection:
            connection.execute(_KEEP, values)
        _kept.add(known)
    return sha256


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(_plain(item) for item in value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
