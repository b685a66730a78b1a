"""Settings of webhooks, read once from EKYC_WEBHOOK_* at the command line and passed inward."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebhookSettings(BaseSettings):
    """How events are delivered; every name has the prefix EKYC_WEBHOOK_."""

    model_config = SettingsConfigDict(env_prefix="EKYC_WEBHOOK_", frozen=True)

    #: Receivers without TLS are allowed.
    allow_http: bool = False
    #: Networks that are not public and yet may be reached, JSON: a bank's own receivers.
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    #: PEM file of certificate authorities beside the public ones.
    ca_file: Path | None = None
    #: For one attempt from the first byte to the status line of the answer.
    timeout_s: float = Field(default=10, gt=0)
    lease_s: float = Field(default=30, gt=0)
    #: Then a delivery is dead. With the pauses below: after about half a day.
    max_attempts: int = Field(default=20, ge=1)
    #: Pause after the first failure; it doubles up to `retry_max_s`.
    retry_s: float = Field(default=5, gt=0)
    retry_max_s: float = Field(default=3600, gt=0)
    #: Deliveries at once, and how many of them to one endpoint.
    slots: int = Field(default=4, ge=1, le=64)
    slots_per_endpoint: int = Field(default=2, ge=1)
    #: How often each slot looks for work when there was none.
    poll_s: float = Field(default=1, gt=0)

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        # Name resolution has a time limit of its own in the system, so the lease has room for it.
        if self.lease_s < 2 * self.timeout_s:
            raise ValueError("the lease of a delivery must be at least twice its timeout")
        return self
