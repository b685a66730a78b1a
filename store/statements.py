"""The hot statements: one file of SQL each in store/sql, whose first line says its name and what it is for.

Each is one statement and so one transaction and one round trip; an ORM unit of work costs two to three times the CPU.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    Integer,
    LargeBinary,
    Text,
    TextClause,
    Uuid,
    bindparam,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

#: Every parameter of every statement has one type; the server is told, so that it need not guess.
_TYPES: dict[str, Any] = {
    **dict.fromkeys(("case_id", "blob_id", "challenge_id"), Uuid()),
    **dict.fromkeys(
        (
            "actor", "target", "stage", "worker", "error_code", "summary", "reasons", "policy_version", "outcome",
            "kind", "object_key", "sha256", "mime", "branch", "reference", "idempotency_scope", "idempotency_key",
            "request_sha256", "kek_id", "policy_sha256", "pictures",
        ),
        Text(),
    ),
    **dict.fromkeys(("sources", "retake", "ready", "voided"), ARRAY(Text())),
    **dict.fromkeys(("version", "generation", "attempt", "max_attempts", "limit"), Integer()),
    **dict.fromkeys(("lease_s", "duration_ms", "pause_s", "grace_s", "retake_ttl_s", "open_ttl_s"), Float()),
    "size": BigInteger(),
    **dict.fromkeys(("finding", "wrapped"), LargeBinary()),
    "takeover": Boolean(),
}  # fmt: skip


def _load(name: str) -> TextClause:
    statement = text((files("store") / "sql" / f"{name}.sql").read_text(encoding="utf-8"))
    names = statement._bindparams
    return statement.bindparams(*(bindparam(name, type_=_TYPES[name]) for name in names))


CREATE = _load("create")
SUBMIT = _load("submit")
CLAIM = _load("claim")
COMPLETE = _load("complete")
FAIL = _load("fail")
SWEEP = _load("sweep")
DECIDE = _load("decide")
RECEIVE = _load("receive")
