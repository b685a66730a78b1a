"""The courier: delivers events to webhook endpoints, from threads of the sweeper's process.

Not from the control worker, whose next task is a customer's verdict: a receiver that takes ten seconds to answer must
not make a branch wait. Any number of couriers may run; each delivery is held by one at a time.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from pipeline.errors import EkycError
from store.database import Store
from store.deliveries import Delivery, claim_delivery, mark_delivered, mark_failed
from store.webhooks import live_secrets
from workers import outbound
from workers.webhook_settings import WebhookSettings

log = structlog.get_logger(__name__)

SIGNATURE = "ekyc-signature"
SUCCESS = range(200, 300)
#: Longest pause while the database is away.
MAX_PAUSE_S = 30.0


def start_courier(
    store: Store, settings: WebhookSettings, stop: threading.Event
) -> Callable[[], None]:
    """Deliver in threads until `stop` is set; return a function that then waits for what is under way."""
    threads = [
        threading.Thread(
            target=_run_slot, args=(store, settings, stop), name=f"courier-{slot}", daemon=True
        )
        for slot in range(settings.slots)
    ]
    for thread in threads:
        thread.start()

    def join() -> None:
        for thread in threads:
            thread.join(timeout=settings.timeout_s)

    return join


def _run_slot(store: Store, settings: WebhookSettings, stop: threading.Event) -> None:
    pause_s = 0.0
    while not stop.wait(pause_s):
        try:
            pause_s = 0.0 if deliver_next(store, settings) else settings.poll_s
        except Exception as error:
            pause_s = min(max(pause_s, settings.poll_s) * 2, MAX_PAUSE_S)
            log.warning("delivering_failed", error=type(error).__name__, again_in_s=pause_s)


def deliver_next(
    store: Store, settings: WebhookSettings, *, chance: Callable[[], float] = random.random
) -> bool:
    """Make one attempt at the delivery that has been due longest; False when nothing is due."""
    delivery = claim_delivery(
        store, lease_s=settings.lease_s, per_endpoint=settings.slots_per_endpoint
    )
    if delivery is None:
        return False
    status, error_code = _attempt(store, delivery, settings)
    told = partial(
        log.info,
        event_id=str(delivery.event_id),
        case_id=str(delivery.case_id),
        attempt=delivery.attempt,
    )
    if status is not None and error_code is None:
        mark_delivered(store, delivery, http_status=status)
        told("webhook_delivered")
        return True
    dead = mark_failed(
        store, delivery, http_status=status, error_code=error_code or "webhook_failed",
        again_in_s=pause_after(delivery.attempt, settings, chance()),
        max_attempts=settings.max_attempts,
    )  # fmt: skip
    told("webhook_failed", code=error_code, dead=dead)
    return True


def _attempt(
    store: Store, delivery: Delivery, settings: WebhookSettings
) -> tuple[int | None, str | None]:
    """Return the status of the answer, and a code when it was not taken."""
    try:
        secrets = live_secrets(store, delivery.endpoint_id)
        headers = {
            "content-type": "application/json",
            "user-agent": "ekyc-webhook/1",
            "ekyc-event-id": str(delivery.event_id),
            SIGNATURE: signature(secrets, int(time.time()), delivery.body),
        }
        status = outbound.post(delivery.url, delivery.body, headers, settings)
    except EkycError as error:
        return None, error.code
    return status, None if status in SUCCESS else "webhook_answer_refused"


def signature(secrets: Sequence[bytes], at_s: int, body: bytes) -> str:
    """Return `t=<unix seconds>,v1=<hex>[,v1=<hex>]`: HMAC-SHA256 over `<t>.<body>`, one for each live secret.

    The time is under the signature, so that a receiver can refuse a message that somebody kept and sends again.
    """
    signed = str(at_s).encode() + b"." + body
    digests = (hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={at_s}", *(f"v1={digest}" for digest in digests)])


def pause_after(attempt: int, settings: WebhookSettings, chance: float) -> float:
    """Return seconds until the next attempt: doubled each time, half of it random, so that many do not come at once.

    Args:
        attempt: which one has failed, from 1.
        settings: first and longest pause.
        chance: in [0, 1).
    """
    # the exponent is bounded, for a float is not
    pause_s = min(settings.retry_max_s, settings.retry_s * 2.0 ** min(attempt - 1, 30))
    return pause_s * (0.5 + 0.5 * chance)
