"""Bring the schema up (or down). The configuration is made here, so that no alembic.ini is looked for."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from store.settings import StoreSettings

SCRIPTS = Path(__file__).resolve().parents[1] / "migrations"


def migrate(settings: StoreSettings) -> None:
    """Bring the database of the settings to the newest schema; several at once are harmless."""
    upgrade(settings.database_url)


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring a database up to a revision. The login role must own the database or be superuser."""
    command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str = "base") -> None:
    """Take a database down to a revision."""
    command.downgrade(_config(database_url), revision)


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["database_url"] = database_url
    return config
