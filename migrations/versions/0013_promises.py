"""The digest of a clip, promised while its challenge holds."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"

SQL = Path(__file__).resolve().parents[1] / "sql"


def upgrade() -> None:
    op.execute("SET LOCAL ROLE ekyc_owner")
    _run("0013_promises.sql")
    op.execute("RESET ROLE")


def downgrade() -> None:
    _run("0013_down.sql")


def _run(name: str) -> None:
    # No parameters: the driver then takes a file of many statements, and a percent sign means itself.
    connection = op.get_bind().connection.driver_connection
    connection.execute((SQL / name).read_text(encoding="utf-8"))
