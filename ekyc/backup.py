"""Backup and restore: the database as Postgres' own dump, then the sealed blobs; the KEK stays out of both.

The dump comes first: blobs are written once and named by their rows, so a blob that arrives later is one too many,
which is harmless, and never one too few. What an erasure deletes while the backup runs is counted, not missed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import obstore
import psycopg

from ekyc.embedded_binaries import find_postgres_client
from pipeline.errors import EkycError
from store.database import Store
from store.kek_rotation import kek_usage

if TYPE_CHECKING:
    from obstore.store import ObjectStore

FORMAT = "ekyc-backup/1"
DUMP, BLOBS, MANIFEST = "database.dump", "blobs", "manifest.json"
#: Roles that the schema grants to; they belong to the cluster and are in no dump.
ROLES = ("ekyc_owner", "ekyc_app", "ekyc_auditor")


class BackupError(EkycError):
    """The backup could not be made or restored; the message says why."""

    code = "backup_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: ISO time, UTC.
        schema: the revision of the database.
        dump_sha256: of the dump, hex.
        keks: keys wrapped by each key-encryption key, by its id: which KEKs a restore needs.
        last_event: the newest event of the audit chain in the dump.
        blobs: how many were copied.
        gone: named by a row of the dump, and erased before they were copied.
    """

    format: str
    made_at: str
    schema: str
    dump_sha256: str
    keks: dict[str, int]
    last_event: int
    blobs: int
    gone: int


_HEAD = "SELECT seq FROM audit.chain_head WHERE chain = 'main'"
_SCHEMA = "SELECT version_num FROM alembic_version"
_NAMED = (
    "SELECT object_key FROM blobs UNION ALL SELECT object_key FROM upload_chunks"
    " UNION ALL SELECT object_key FROM pictures"
)
_EMPTY = "SELECT to_regclass('public.cases') IS NULL"


def make_backup(store: Store, out: Path) -> Manifest:
    """Write a backup into a folder that is not there yet; its manifest comes last, so half a backup is none.

    Args:
        store: the open store; its login role must be allowed to read everything.
        out: the folder.

    Raises:
        BackupError: `pg_dump` failed, or the folder is there.
    """
    if out.exists():
        raise BackupError(f"{out} is there already")
    (out / BLOBS).mkdir(parents=True)
    (last_event,) = _ask(store, _HEAD)
    _client("pg_dump", "--format=custom", f"--file={out / DUMP}", f"--dbname={_dsn(store)}")
    copied = set(_copy(store.blobs, _folder(out / BLOBS)))
    (schema,), named = _ask(store, _SCHEMA), set(_ask(store, _NAMED))
    manifest = Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(),
        schema=str(schema),
        dump_sha256=_sha256(out / DUMP),
        keks=kek_usage(store),
        last_event=int(last_event),
        blobs=len(copied),
        gone=len(named - copied),
    )
    (out / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    return manifest


def restore_backup(store: Store, backup: Path) -> Manifest:
    """Put a backup into an empty database and an empty place for blobs.

    Raises:
        BackupError: the backup is damaged or incomplete, the database is not empty, a KEK it needs was not given, or
            `pg_restore` failed.
    """
    manifest = read_manifest(backup)
    missing = sorted(manifest.keks.keys() - store.keyring.keks.keys())
    if missing:
        raise BackupError(
            f"the backup needs the key-encryption keys {', '.join(missing)} (EKYC_KEK, EKYC_KEK_OLD)"
        )
    if _ask(store, _EMPTY) != [True]:
        raise BackupError("the database is not empty")
    _client(
        "psql", f"--dbname={_dsn(store)}", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={_make_roles()}"
    )  # fmt: skip
    _client(
        "pg_restore",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={_dsn(store)}",
        str(backup / DUMP),
    )
    copied = sum(1 for _ in _copy(_folder(backup / BLOBS), store.blobs))
    if copied != manifest.blobs:
        raise BackupError(f"the backup has {copied} blobs and should have {manifest.blobs}")
    return manifest


def read_manifest(backup: Path) -> Manifest:
    """Return the manifest of a backup whose dump is whole.

    Raises:
        BackupError: it is not a backup, it was never finished, or its dump was altered.
    """
    try:
        found: dict[str, Any] = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(**found)
    except FileNotFoundError:
        raise BackupError(f"{backup} holds no finished backup") from None
    except (ValueError, TypeError):
        raise BackupError(f"{backup / MANIFEST} cannot be read") from None
    if manifest.format != FORMAT:
        raise BackupError(f"the backup is of format {manifest.format}, not {FORMAT}")
    if _sha256(backup / DUMP) != manifest.dump_sha256:
        raise BackupError(f"{backup / DUMP} was altered")
    return manifest


def _client(name: str, *arguments: str) -> None:
    done = subprocess.run(
        [find_postgres_client(name), "--no-password", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BackupError(f"{name}: {done.stderr.strip().splitlines()[-1] if done.stderr else ''}")


def _ask(store: Store, query: LiteralString) -> list[Any]:
    """Ask as the login role: an empty cluster has no ekyc_app yet, and that role may not read everything."""
    with psycopg.connect(_dsn(store)) as connection:
        return [row[0] for row in connection.execute(query)]


def _dsn(store: Store) -> str:
    url = store.single.url.set(drivername="postgresql")
    return url.render_as_string(hide_password=False)


def _make_roles() -> str:
    wanted = ", ".join(f"'{role}'" for role in ROLES)
    return (
        f"DO $$ DECLARE wanted text; BEGIN FOREACH wanted IN ARRAY ARRAY[{wanted}] LOOP BEGIN"
        " EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END; END LOOP; END $$"
    )


def _folder(path: Path) -> ObjectStore:
    from obstore.store import LocalStore

    return LocalStore(prefix=path, mkdir=True)


def _copy(source: ObjectStore, target: ObjectStore) -> Iterator[str]:
    """Copy every blob; one that vanishes meanwhile was erased, and is not missed."""
    for page in obstore.list(source):
        for entry in page:
            key = str(entry["path"])
            try:
                data = obstore.get(source, key).bytes()
            except FileNotFoundError:
                continue
            obstore.put(target, key, data)
            yield key


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def discard(backup: Path) -> None:
    """Delete what an interrupted backup left: a folder without a manifest, and nothing else."""
    if backup.is_dir() and not (backup / MANIFEST).exists() and (backup / BLOBS).is_dir():
        shutil.rmtree(backup)
