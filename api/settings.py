"""What the gateway reads from the environment, beside the settings of the store."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from store.settings import StoreSettings


class ServerSettings(BaseSettings):
    """How the gateway's server listens; every name has the prefix EKYC_."""

    model_config = SettingsConfigDict(env_prefix="EKYC_", frozen=True)

    bind: str = "127.0.0.1:8080"
    gateway_processes: int = Field(default=2, ge=1)
    gateway_threads: int = Field(default=8, ge=2)


class GatewaySettings(StoreSettings):
    """Settings of the gateway; every name has the prefix EKYC_."""

    #: Per API key. A capture client makes about 15 calls a case; a back office polls.
    rate_limit: str = "1200/minute"
    #: Per address, for requests whose key is not known.
    stranger_rate_limit: str = "60/minute"
    #: Where the limits are counted; default: the broker's server.
    rate_limit_url: str | None = None
    #: How long a valid key is remembered, and so how late a revoked one may be refused at the latest.
    key_memory_s: float = Field(default=5.0, ge=0, le=60)
    long_poll_max_s: float = Field(default=30.0, ge=0, le=60)
    #: How many threads of a process may wait in long polls; the others stay free for work.
    long_poll_slots: int = Field(default=5, ge=0)
    #: When set, /metrics asks for it as a bearer token.
    metrics_token: SecretStr | None = None
    log_level: str = "INFO"
    #: As the sweeper's: receivers of webhooks without TLS are allowed.
    webhook_allow_http: bool = False
    #: How many proxies stand before the gateway and are believed what they say in X-Forwarded-For, -Proto and -Host.
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    #: PCI DSS 4.0, 8.2.8: a person who did nothing for 15 minutes signs in again.
    console_idle_s: float = Field(default=900.0, ge=60)
    #: NIST SP 800-63B, AAL2 (4.2.3): at the latest after 12 hours.
    console_session_s: float = Field(default=43_200.0, ge=60)
    #: Age in its status at which a case that waits for staff turns yellow and red in the queue. No standard names them:
    #: the customer sits at the counter, so these are our own assumption, to be replaced by the bank's service level.
    console_sla_soon_s: float = Field(default=600.0, gt=0)
    console_sla_late_s: float = Field(default=1800.0, gt=0)


def limit_storage_url(settings: GatewaySettings) -> str:
    """Return the URL of the limit counters in the words of the `limits` package."""
    url = settings.rate_limit_url or settings.broker_url
    # Celery writes a Unix socket as redis+socket://, limits as redis+unix://.
    return url.replace("redis+socket://", "redis+unix://", 1)
