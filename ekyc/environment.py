"""Settings from the environment."""

from __future__ import annotations

from store.settings import RecordSettings, StoreSettings


def read_store_settings() -> StoreSettings:
    """Return where the store keeps things, as EKYC_DATABASE_URL and its companions say."""
    return StoreSettings()  # type: ignore[call-arg]  # pydantic-settings reads them from the environment


def read_record_settings() -> RecordSettings:
    """Return with which key the record is signed and where its anchors are kept."""
    return RecordSettings()
