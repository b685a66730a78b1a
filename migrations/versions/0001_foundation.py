"""Roles, audit chain, cases and everything that hangs on them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

SQL = Path(__file__).resolve().parents[1] / "sql"


def upgrade() -> None:
    _run("0001_roles.sql")
    op.execute("SET LOCAL ROLE ekyc_owner")
    _run("0001_audit.sql")
    _run("0001_tables.sql")
    op.execute("RESET ROLE")


def downgrade() -> None:
    _run("0001_down.sql")


def _run(name: str) -> None:
    # No parameters: the driver then takes a file of many statements, and a percent sign means itself.
    connection = op.get_bind().connection.driver_connection
    connection.execute((SQL / name).read_text(encoding="utf-8"))
