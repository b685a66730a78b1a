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
#: Only an earlier clip is the original: whoever copies a clip must not get its owner refused.
_SEEN = text(
    "WITH mine AS ("
    "  SELECT sha256, received_at, CAST('x' || replace(:perceptual, '-', '') AS varbit) AS bits"
    "  FROM blobs WHERE case_id = :case_id AND kind = 'clip' AND replaced_at IS NULL),"
    # Materialized: the hashes are looked through once, not once for each clip.
    " alike AS MATERIALIZED ("
    "  SELECT hash.case_id FROM mine, clip_hashes hash"
    "  WHERE hash.case_id <> :case_id AND length(hash.perceptual) = length(:perceptual)"
    "    AND bit_count(CAST('x' || replace(hash.perceptual, '-', '') AS varbit) # mine.bits)"
    "      <= :same_share * length(mine.bits))"
    " SELECT EXISTS ("
    "  SELECT FROM mine JOIN blobs theirs USING (sha256)"
    "  WHERE theirs.kind = 'clip' AND theirs.case_id <> :case_id AND theirs.received_at < mine.received_at)"
    " OR EXISTS ("
    "  SELECT FROM mine, alike JOIN blobs theirs USING (case_id)"
    "  WHERE theirs.kind = 'clip' AND theirs.received_at < mine.received_at) AS seen"
)


def clip_seen_elsewhere(store: Store, case_id: UUID, perceptual: str) -> bool:
    """Whether the current clip of a case was another case's before: byte for byte, or encoded again.

    A clip that was cut to another length is not recognised; its challenge will not fit either.

    Args:
        store: the open store.
        case_id: whose clip.
        perceptual: its perceptual hash, hex groups joined by "-"; kept, so that later cases are compared with it.
    """
    values = {"case_id": case_id, "perceptual": perceptual, "same_share": _SAME_SHARE}
    # Kept before looking: of two cases at the same moment the later one sees the other.
    store.run(_REMEMBER, values)
    return any(row.seen for row in store.run(_SEEN, values))
