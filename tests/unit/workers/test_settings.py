"""The limits must hold their order, or one piece of work would be done twice at once."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from workers.settings import WorkerSettings


def test_soft_limit_hard_limit_lease_and_visibility_come_in_this_order() -> None:
    settings = WorkerSettings()
    limits = [
        settings.soft_limit_s,
        settings.hard_limit_s,
        settings.lease_s,
        settings.visibility_timeout_s,
    ]
    assert limits == sorted(limits)
    assert settings.lease_s - settings.hard_limit_s >= 30
    assert settings.visibility_timeout_s >= 3 * settings.lease_s


def test_limits_out_of_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="soft < hard < lease < visibility"):
        WorkerSettings(lease_s=30)


def test_names_of_two_processes_differ_by_default() -> None:
    import os

    assert str(os.getpid()) in WorkerSettings().worker_name


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKYC_SWEEP_S", "0.5")
    monkeypatch.setenv("EKYC_ENGINES", "quick_engines")
    settings = WorkerSettings()
    assert (settings.sweep_s, settings.engines) == (0.5, "quick_engines")
