"""From capture to the bank's own system: a verdict is delivered, signed, and proved by the record."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from ekyc.home import signing_key_of
from ekyc.up import System
from store import deliveries, webhooks
from store.anchors import open_notary
from store.chain import verify_chain
from store.package import write_package
from store.settings import RecordSettings
from store.signing import public_text
from tests.e2e.capturing import submit_case
from tests.e2e.conftest import wait_for
from tests.integration.workers.receivers import always, example, receiver


def test_a_verdict_reaches_the_receiver_and_can_be_proved(
    start_system: Callable[..., System], broker: object, tmp_path: Path
) -> None:
    system = start_system(
        EKYC_WEBHOOK_ALLOW_HTTP="1", EKYC_WEBHOOK_ALLOW_NETWORKS='["127.0.0.0/8"]',
        EKYC_ANCHOR_S="1",
    )  # fmt: skip
    with receiver(always(200)) as (url, came):
        _, secret = webhooks.add_endpoint(
            system.store, url=url, kinds=list(webhooks.EventKind), allow_http=True, actor="cli"
        )
        case_id = submit_case(system)
        wait_for(lambda: bool(came), 60, tend=system.supervisor.tend)
        wait_for(
            lambda: not deliveries.list_deliveries(system.store, status="pending"), 30,
            tend=system.supervisor.tend,
        )  # fmt: skip
    (message,) = came
    told = message.told
    assert (told["case_id"], told["status"]) == (str(case_id), "approved")
    receiving = example("webhook_receiver")
    assert receiving.is_genuine(
        message.headers["ekyc-signature"], message.body, receiving.read_secrets(secret), time.time()
    )
    notary = open_notary(
        RecordSettings(
            anchor_url=system.home.anchors.as_uri(),
            signing_key=SecretStr(signing_key_of(system.home)),
        )
    )
    assert notary is not None
    wait_for(
        lambda: bool(verify_chain(system.store, notary).anchors), 30, tend=system.supervisor.tend
    )
    assert verify_chain(system.store, notary).reason is None
    package = tmp_path / "case.zip"
    write_package(system.store, notary, case_id, package, actor="cli")
    (key,) = notary.signer.trusted.values()
    verifying = example("verify_package")
    assert f"case {case_id}" in verifying.verify(package, [public_text(key)])
