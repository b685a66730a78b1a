"""Blobs: sealed bytes in a folder or an S3 bucket, named `<case>/<random>`: a name says nothing of the content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import obstore
from obstore.store import LocalStore, from_url

from store.errors import EvidenceUnknown

if TYPE_CHECKING:
    from obstore.store import ObjectStore


def open_blobs(url: str) -> ObjectStore:
    """Return the blob store of a URL; a local folder is made if it is missing."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(prefix=unquote(parts.path), mkdir=True)
    return from_url(url)


def new_object_key(case_id: UUID) -> str:
    """Return the name of a new blob of a case."""
    return f"{case_id}/{uuid4()}"


def put_blob(blobs: ObjectStore, object_key: str, sealed: bytes) -> None:
    """Write a blob; one of the same name is never overwritten."""
    obstore.put(blobs, object_key, sealed, mode="create")


def get_blob(blobs: ObjectStore, object_key: str) -> bytes:
    """Return a blob.

    Raises:
        EvidenceUnknown: it is not there.
    """
    try:
        return bytes(obstore.get(blobs, object_key).bytes())
    except FileNotFoundError:
        raise EvidenceUnknown("the blob is gone") from None


def delete_blob(blobs: ObjectStore, object_key: str) -> None:
    """Delete a blob; that it is gone already is no error."""
    try:
        obstore.delete(blobs, object_key)
    except FileNotFoundError:
        return


def delete_blobs_of(blobs: ObjectStore, case_id: UUID) -> int:
    """Delete every blob of a case, also those that no row names (a process died between writing and committing)."""
    keys = [str(entry["path"]) for page in _pages(blobs, case_id) for entry in page]
    for key in keys:
        delete_blob(blobs, key)
    return len(keys)


def _pages(blobs: ObjectStore, case_id: UUID) -> Any:
    return obstore.list(blobs, prefix=f"{case_id}/")
