"""Clips of other cases: a clip that was used before is a replay, whoever it shows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from store.database import Store

_REMEMBER = text(
    "INSERT INTO clip_hashes (case_id, perceptual) VALUES (:case_id, :perceptual) ON CONFLICT DO NOTHING"
)
#: Share of bits in which two hashes of one recording may differ. Encoded again at half the size, darker and with noise,
#: or without its first .4 or its last second: up to 5.6 %; 3 % of each side cropped: up to 9.8 %, which is not found.
#: Another recording of the same person before the same wall: 13.7 % and more (docs/reports/attacks-2026-11-30.md).
_SAME_SHARE = 0.08
#: Clips of different lengths are compared over what both have, at least this many seconds of it; a clip that is this
#: much shorter or longer does not fit the same challenge. A second is 16 hexadecimal digits.
_LEAST_S, _SPARE_S, _DIGITS = 6, 3, 16
#: Only an earlier clip is the original: whoever copies a clip must not get its owner refused.
_SEEN = text(
    "WITH mine AS ("
    "  SELECT sha256, received_at, replace(:perceptual, '-', '') AS digits"
    "  FROM blobs WHERE case_id = :case_id AND kind = 'clip' AND replaced_at IS NULL),"
    # Materialized: the hashes are looked through once, not once for each clip.
    " alike AS MATERIALIZED ("
    "  SELECT hash.case_id FROM mine, clip_hashes hash,"
    "    LATERAL (SELECT replace(hash.perceptual, '-', '') AS digits) theirs,"
    "    LATERAL (SELECT least(length(theirs.digits), length(mine.digits)) AS common,"
    "       abs(length(theirs.digits) - length(mine.digits)) AS spare) span"
    "  WHERE hash.case_id <> :case_id AND span.spare <= :most_spare"
    "    AND (span.spare = 0 OR span.common >= :least_common)"
    "    AND bit_count(CAST('x' || left(theirs.digits, span.common) AS varbit)"
    "      # CAST('x' || left(mine.digits, span.common) AS varbit)) <= :same_share * 4 * span.common)"
    " SELECT EXISTS ("
    "  SELECT FROM mine JOIN blobs theirs USING (sha256)"
    "  WHERE theirs.kind = 'clip' AND theirs.case_id <> :case_id AND theirs.received_at < mine.received_at)"
    " OR EXISTS ("
    "  SELECT FROM mine, alike JOIN blobs theirs USING (case_id)"
    "  WHERE theirs.kind = 'clip' AND theirs.received_at < mine.received_at) AS seen"
)


def clip_seen_elsewhere(store: Store, case_id: UUID, perceptual: str) -> bool:
    """Whether the current clip of a case was another case's before: byte for byte, or encoded again.

    A clip of which a part is missing at the end, or less than a second at the start, is recognised; one that was
    cropped is not. All hashes are looked through, which takes about ten microseconds each.

    Args:
        store: the open store.
        case_id: whose clip.
        perceptual: its perceptual hash, hex groups joined by "-"; kept, so that later cases are compared with it.
    """
    values = {
        "case_id": case_id, "perceptual": perceptual, "same_share": _SAME_SHARE,
        "least_common": _LEAST_S * _DIGITS, "most_spare": _SPARE_S * _DIGITS,
    }  # fmt: skip
    # Kept before looking: of two cases at the same moment the later one sees the other.
    store.run(_REMEMBER, values)
    return any(row.seen for row in store.run(_SEEN, values))
