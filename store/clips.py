"""Clips of other cases: a clip that was used before is a replay, whoever it shows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from store.database import Store

_REMEMBER = text(
    "INSERT INTO clip_hashes (case_id, perceptual) VALUES (:case_id, :perceptual) ON CONFLICT DO NOTHING"
)
#: Share of bits in which two hashes of one recording may differ. Encoded again at half the size, darker and with noise:
#: up to 1.4 %; another recording of the same person before the same wall: 13.7 % and more (15 pairs of made clips).
_SAME_SHARE = 0.05
_SEEN = text(
    "WITH mine AS (SELECT CAST('x' || replace(:perceptual, '-', '') AS varbit) AS bits)"
    " SELECT EXISTS (SELECT FROM clip_hashes, mine"
    "   WHERE case_id <> :case_id AND length(perceptual) = length(:perceptual)"
    "   AND bit_count(CAST('x' || replace(perceptual, '-', '') AS varbit) # mine.bits)"
    "     <= :same_share * length(mine.bits))"
    " OR EXISTS (SELECT FROM blobs mine JOIN blobs theirs USING (sha256)"
    "   WHERE mine.case_id = :case_id AND mine.kind = 'clip' AND mine.replaced_at IS NULL"
    "   AND theirs.kind = 'clip' AND theirs.case_id <> :case_id)"
)


def clip_seen_elsewhere(store: Store, case_id: UUID, perceptual: str) -> bool:
    """Whether the current clip of a case is one of another case: byte for byte, or encoded again.

    A clip that was cut to another length is not recognised; its challenge will not fit either.

    Args:
        store: the open store.
        case_id: whose clip.
        perceptual: its perceptual hash, hex groups joined by "-"; kept, so that later cases are compared with it.
    """
    values = {"case_id": case_id, "perceptual": perceptual, "same_share": _SAME_SHARE}
    with store.hot() as connection:
        # Kept before looking: of two cases at the same moment at least the later one sees the other.
        connection.execute(_REMEMBER, values)
        return bool(connection.execute(_SEEN, values).scalar_one())
