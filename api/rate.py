"""Rate limits per API key, counted in Valkey. When Valkey is away, requests pass and the log says so."""

from __future__ import annotations

import time

import structlog
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from api.problems import ApiError
from api.settings import GatewaySettings, limit_storage_url

log = structlog.get_logger(__name__)

#: A gateway never waits for its counters longer than this.
_TIMEOUT_S = 0.25


class RateLimiter:
    """Counts requests of keys and of strangers in fixed windows."""

    def __init__(self, settings: GatewaySettings) -> None:
        """Connect lazily: nothing happens before the first count."""
        storage = storage_from_string(
            limit_storage_url(settings),
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
        )
        self._counter = FixedWindowRateLimiter(storage)
        self._of_key = parse(settings.rate_limit)
        self._of_stranger = parse(settings.stranger_rate_limit)

    def count_key(self, prefix: str) -> None:
        """Count one request of a key.

        Raises:
            ApiError: `rate_limited`.
        """
        self._count(self._of_key, "key", prefix)

    def count_user(self, handle: str) -> None:
        """Count one request of a person who signed in to the console.

        Raises:
            ApiError: `rate_limited`.
        """
        self._count(self._of_key, "user", handle)

    def count_stranger(self, address: str) -> None:
        """Count one request without a valid key.

        Raises:
            ApiError: `rate_limited`.
        """
        self._count(self._of_stranger, "address", address)

    def _count(self, limit: RateLimitItem, *who: str) -> None:
        try:
            allowed = self._counter.hit(limit, *who)
            reset_at = 0.0 if allowed else self._counter.get_window_stats(limit, *who).reset_time
        except (
            Exception
        ) as error:  # any failure of the counter: the service matters more than the limit
            log.warning("rate_limit_not_counted", error=type(error).__name__)
            return
        if not allowed:
            raise ApiError("rate_limited", retry_after_s=max(1, round(reset_at - time.time())))
