"""Clips of other cases: a clip that was used before is a replay, whoever it shows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from store.database import Store

_REMEMBER = text(
    "INSERT INTO clip_hashes (case_id, perceptual) VALUES (:case_id, :perceptual) ON CONFLICT DO NOTHING"
)
_SEEN = text(
    "SELECT EXISTS (SELECT FROM clip_hashes WHERE perceptual = :perceptual AND case_id <> :case_id)"
    " OR EXISTS (SELECT FROM blobs mine JOIN blobs theirs USING (sha256)"
    "   WHERE mine.case_id = :case_id AND mine.kind = 'clip' AND mine.replaced_at IS NULL"
    "   AND theirs.kind = 'clip' AND theirs.case_id <> :case_id)"
)


def clip_seen_elsewhere(store: Store, case_id: UUID, perceptual: str) -> bool:
    """Whether the current clip of a case is, byte for byte or to the eye, one of another case.

    Args:
        store: the open store.
        case_id: whose clip.
        perceptual: its perceptual hash; kept, so that later cases are compared with it.
    """
    values = {"case_id": case_id, "perceptual": perceptual}
    with store.hot() as connection:
        # Kept before looking: of two cases at the same moment at least the later one sees the other.
        connection.execute(_REMEMBER, values)
        return bool(connection.execute(_SEEN, values).scalar_one())
