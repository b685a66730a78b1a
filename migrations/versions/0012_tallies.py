"""Running totals for operations, counted from the audit chain."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"

SQL = Path(__file__).resolve().parents[1] / "sql"


def upgrade() -> None:
    op.execute("SET LOCAL ROLE ekyc_owner")
    _run("0012_tallies.sql")
    op.execute("RESET ROLE")


def downgrade() -> None:
    _run("0012_down.sql")


def _run(name: str) -> None:
    # No parameters: the driver then takes a file of many statements, and a percent sign means itself.
    connection = op.get_bind().connection.driver_connection
    connection.execute((SQL / name).read_text(encoding="utf-8"))
