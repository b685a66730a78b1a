"""The chip's files become a kind of evidence."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_BEFORE = "('card_front', 'card_back', 'selfie', 'clip')"
_AFTER = "('card_front', 'card_back', 'selfie', 'clip', 'chip')"


def upgrade() -> None:
    _allow(_AFTER)


def downgrade() -> None:
    # Going down with chip evidence in the table is refused by the constraint: evidence is never dropped in silence.
    _allow(_BEFORE)


def _allow(kinds: str) -> None:
    op.execute("SET LOCAL ROLE ekyc_owner")
    op.execute("ALTER TABLE blobs DROP CONSTRAINT blobs_kind_check")
    op.execute(f"ALTER TABLE blobs ADD CONSTRAINT blobs_kind_check CHECK (kind IN {kinds})")
    op.execute("RESET ROLE")
