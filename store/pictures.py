"""Derived pictures: what a stage cut out of the evidence, sealed by the key of the case, gone with its evidence.

The bytes are written before the statement that makes them count (`store/sql/complete.sql`); whatever that statement
did not take is deleted again. A process that is killed in between leaves noise that erasure sweeps up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text

from pipeline.findings import Band
from pipeline.stages import Stage
from store.audit import note
from store.blobs import delete_blob, get_blob, new_object_key, put_blob
from store.database import Store
from store.errors import EvidenceUnknown
from store.keyring import key_of
from store.queue import Claim, claim_key

#: How all of them are encoded.
MEDIA_TYPE = "image/jpeg"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPicture:
    """An encoded picture on its way in; see `pipeline.pictures.Picture` for what the parts mean.

    Width and height are those of the engine's picture, in whose pixels boxes are; the JPEG may be smaller.
    """

    name: str
    jpeg: bytes
    width_px: int
    height_px: int
    time_s: float | None = None
    shows: str | None = None
    selfie_similarity: float | None = None
    card_similarity: float | None = None
    band: Band | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture that is current, without its content."""

    name: str
    stage: Stage
    sha256: str
    width_px: int
    height_px: int
    time_s: float | None
    shows: str | None
    selfie_similarity: float | None
    card_similarity: float | None
    band: Band | None


def keep_pictures(
    store: Store, claim: Claim, pictures: Iterable[NewPicture]
) -> tuple[dict[str, Any], ...]:
    """Seal and write pictures; return the rows that `queue.complete` makes count.

    Raises:
        Erased: the key of the case was destroyed.
    """
    return tuple(_keep(store, claim, picture) for picture in pictures)


def _keep(store: Store, claim: Claim, picture: NewPicture) -> dict[str, Any]:
    sha256 = hashlib.sha256(picture.jpeg).hexdigest()
    object_key = new_object_key(claim.case_id)
    sealed = claim_key(store, claim).seal(
        picture.jpeg, claim.case_id, "picture", picture.name, sha256
    )
    put_blob(store.blobs, object_key, sealed)
    return {
        "name": picture.name, "object_key": object_key, "sha256": sha256,
        "width_px": picture.width_px, "height_px": picture.height_px, "time_s": picture.time_s,
        "shows": picture.shows, "selfie_similarity": picture.selfie_similarity,
        "card_similarity": picture.card_similarity, "band": str(picture.band) if picture.band else None,
    }  # fmt: skip


_TAKEN = text("SELECT object_key FROM pictures WHERE case_id = :case_id")


def drop_untaken(store: Store, case_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Delete what `keep_pictures` wrote for a result that did not count.

    What does count is asked first: the answer to a completion can get lost, and its repetition looks like a late one.
    """
    if not rows:
        return
    taken = {row.object_key for row in store.run(_TAKEN, {"case_id": case_id})}
    for row in rows:
        if row["object_key"] not in taken:
            delete_blob(store.blobs, row["object_key"])


_LIST = text(
    "SELECT name, stage, sha256, width_px, height_px, time_s, shows, selfie_similarity, card_similarity, band"
    " FROM pictures WHERE case_id = :case_id ORDER BY name"
)
_ONE = text("SELECT object_key, sha256 FROM pictures WHERE case_id = :case_id AND name = :name")


def list_pictures(store: Store, case_id: UUID) -> tuple[PictureView, ...]:
    """Return the pictures of a case by name."""
    with store.hot() as connection:
        rows = connection.execute(_LIST, {"case_id": case_id}).mappings()
        return tuple(_view(row) for row in rows)


def _view(row: RowMapping) -> PictureView:
    band = Band(row["band"]) if row["band"] else None
    return PictureView(**{**row, "stage": Stage(row["stage"]), "band": band})


def view_picture(store: Store, case_id: UUID, name: str, *, actor: str, noted: bool) -> bytes:
    """Return a picture, JPEG, for a person: who looks is written down first.

    Args:
        store: the open store.
        case_id: the case.
        name: which picture.
        actor: who looks.
        noted: the look is in the record already, as part of a larger one.

    Raises:
        EvidenceUnknown: there is no such picture.
        Erased: the key of the case was destroyed.
        SealBroken: the blob was altered.
    """
    with store.hot() as connection:
        row = connection.execute(_ONE, {"case_id": case_id, "name": name}).one_or_none()
        if row is None:
            raise EvidenceUnknown("no such picture")
        key = key_of(connection, store.keyring, case_id)
        if not noted:
            note(
                connection, actor=actor, case_id=case_id, kind="picture_viewed",
                payload={"name": name, "sha256": row.sha256},
            )  # fmt: skip
    return key.open(get_blob(store.blobs, row.object_key), case_id, "picture", name, row.sha256)
