"""API keys that were seen valid a moment ago: a poll does not ask the database who polls each time.

A revoked key is refused at the latest after `keep_s`. Keys that are not valid are never kept.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from store.api_keys import ApiKeyView, authenticate
from store.database import Store

#: More keys than a bank has branches; beyond, all are asked for anew.
_MOST = 10_000


class KnownKeys:
    """Finds the key of a request."""

    def __init__(
        self, store: Store, *, keep_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._keep_s, self._clock = store, keep_s, clock
        self._seen: dict[bytes, tuple[float, ApiKeyView]] = {}

    def find(self, presented: str) -> ApiKeyView | None:
        """Return the key that was presented, or None when it is not valid."""
        digest, now = hashlib.sha256(presented.encode()).digest(), self._clock()
        until, key = self._seen.get(digest, (0.0, None))
        if key is not None and now < until:
            return key
        found = authenticate(self._store, presented)
        if found is not None and self._keep_s > 0:
            if len(self._seen) >= _MOST:
                self._seen.clear()
            self._seen[digest] = (now + self._keep_s, found)
        return found
