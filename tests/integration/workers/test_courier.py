"""Webhooks against real receivers: that take, fail, dawdle, lie, or are not there."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from ekyc.cli import app
from pipeline.case import CaseEvent
from pipeline.reasons import ReasonCode, Severity
from pipeline.stages import Stage
from pipeline.verdict import Outcome, Reason
from store import audit, cases, deliveries, webhooks
from store.database import Store, open_store
from store.errors import WebhookUnknown, WebhookUrlRefused
from store.gauges import read_gauges
from store.kek_rotation import rotate_kek
from store.settings import StoreSettings
from store.webhooks import EventKind
from tests.integration.store import cases_made as made
from tests.integration.store.test_kek_rotation import fresh_kek
from tests.integration.workers.receivers import (
    ROOT,
    Received,
    always,
    certificate,
    example,
    receiver,
    server_side,
)
from workers.courier import deliver_next
from workers.webhook_settings import WebhookSettings

SOFT = Reason(code=ReasonCode.FACE_BORDERLINE, stage=Stage.MATCH_FACE, weight=Severity.SOFT)
HERE = WebhookSettings(
    allow_http=True, allow_networks=(ip_network("127.0.0.0/8"),), timeout_s=2, lease_s=4,
    retry_s=0.1, retry_max_s=0.2, max_attempts=3, slots=2, poll_s=0.05,
)  # fmt: skip
RECEIVE = example("webhook_receiver")


def add(store: Store, url: str, *kinds: EventKind) -> tuple[UUID, str]:
    return webhooks.add_endpoint(
        store, url=url, kinds=kinds or list(EventKind), allow_http=True, actor="cli"
    )


def decided(store: Store, outcome: Outcome = Outcome.APPROVED) -> UUID:
    return made.decided_case(store, made.verdict(outcome, SOFT))


def deliver_all(store: Store, settings: WebhookSettings = HERE, timeout_s: float = 30) -> None:
    """Deliver until nothing is pending."""
    deadline = time.monotonic() + timeout_s
    while deliveries.list_deliveries(store, status="pending"):
        assert time.monotonic() < deadline
        if not deliver_next(store, settings):
            time.sleep(0.02)


def states(store: Store) -> list[tuple[str, int, int | None, str | None]]:
    rows = reversed(deliveries.list_deliveries(store))
    return [(row.status, row.attempts, row.http_status, row.error_code) for row in rows]


def test_every_status_is_told_once_in_order_and_signed(store: Store) -> None:
    with receiver(always(200)) as (url, came):
        _, secret = add(store, url)
        case_id = decided(store, Outcome.REVIEW)
        cases.record_review(
            store, case_id, event=CaseEvent.REVIEWER_APPROVES, reason="seen", retake=(),
            actor="user:ann",
        )  # fmt: skip
        cases.erase_case(store, case_id, actor="key:admin")
        deliver_all(store)
    assert [message.told["status"] for message in came] == ["review", "approved", "erased"]
    sequences = [message.told["sequence"] for message in came]
    assert sequences == sorted(set(sequences))
    first = came[0].told
    assert first == {
        "event_id": came[0].headers["ekyc-event-id"], "kind": "case_decided", "at": first["at"],
        "case_id": str(case_id), "status": "review", "outcome": "review", "attempt": 1,
        "sequence": first["sequence"], "reasons": ["face_borderline"], "retake": [],
        "policy_version": "test",
    }  # fmt: skip
    secrets = RECEIVE.read_secrets(secret)
    for message in came:
        header = message.headers["ekyc-signature"]
        assert RECEIVE.is_genuine(header, message.body, secrets, time.time())
        assert not RECEIVE.is_genuine(header, message.body + b" ", secrets, time.time())
        assert not RECEIVE.is_genuine(header, message.body, [b"other"], time.time())
        assert not RECEIVE.is_genuine(header, message.body, secrets, time.time() + 301)
        late = header.replace(header.split(",")[0], f"t={int(time.time()) + 5}")
        assert not RECEIVE.is_genuine(late, message.body, secrets, time.time())
    assert not RECEIVE.is_genuine("", b"", secrets, time.time())


def test_a_status_changed_by_hand_or_by_the_clock_is_told_too(
    store: Store, settings: StoreSettings
) -> None:
    with receiver(always(204)) as (url, came):
        add(store, url)
        by_hand, left_open = decided(store, Outcome.REVIEW), made.new_case(store)
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as superuser:
            superuser.execute("UPDATE cases SET status = 'rejected' WHERE id = %s", (by_hand,))
            superuser.execute("UPDATE cases SET expires_at = now() WHERE id = %s", (left_open,))
        assert cases.expire_due(store, open_ttl_s=3600) == 1
        deliver_all(store)
    assert [(m.told["kind"], m.told["status"]) for m in came] == [
        ("case_decided", "review"), ("case_decided", "rejected"), ("case_expired", "expired"),
    ]  # fmt: skip


def test_no_endpoint_no_delivery_and_only_the_kinds_asked_for(store: Store) -> None:
    decided(store)
    assert deliveries.list_deliveries(store) == []
    assert not deliver_next(store, HERE)
    with receiver(always(200)) as (url, came):
        add(store, url, EventKind.CASE_ERASED)
        case_id = decided(store)
        assert deliveries.list_deliveries(store) == []
        cases.erase_case(store, case_id, actor="key:admin")
        deliver_all(store)
    assert [message.told["kind"] for message in came] == ["case_erased"]


def test_a_verdict_undone_is_not_told(store: Store) -> None:
    with receiver(always(200)) as (url, _):
        add(store, url)
        case_id = made.submitted_case(store)
        with store.engine.connect() as connection:
            connection.execute(
                text("UPDATE cases SET status = 'approved' WHERE id = :id"), {"id": case_id}
            )
            connection.rollback()
    assert deliveries.list_deliveries(store) == []


def test_a_receiver_that_fails_is_tried_again_and_then_given_up(store: Store) -> None:
    with receiver(always(500)) as (url, came):
        endpoint_id, _ = add(store, url)
        case_id = decided(store)
        deliver_all(store)
    assert states(store) == [("dead", 3, 500, "webhook_answer_refused")]
    assert len({message.headers["ekyc-event-id"] for message in came}) == 1
    gaps = [later.at - earlier.at for earlier, later in pairwise(came)]
    assert gaps[0] >= 0.05
    assert gaps[1] >= 0.1
    (last,) = [e for e in audit.events(store, case_id) if e.kind == "webhook_dead"]
    assert last.payload == {
        "endpoint": str(endpoint_id), "event": came[0].headers["ekyc-event-id"], "attempts": 3,
        "error": "webhook_answer_refused",
    }  # fmt: skip
    assert read_gauges(store).deliveries == {"pending": 0, "dead": 1}


def test_what_was_given_up_is_sent_again_when_asked(store: Store) -> None:
    answers = [500, 500, 500]
    with receiver(lambda *_: answers.pop() if answers else 200) as (url, came):
        endpoint_id, _ = add(store, url)
        first = decided(store)
        deliver_all(store)
        decided(store)
        deliver_all(store)
        assert deliveries.replay(store, endpoint_id, actor="cli", dead=True) == 1
        deliver_all(store)
        assert deliveries.replay(store, endpoint_id, actor="cli", case_id=first) == 1
        deliver_all(store)
    assert [state[0] for state in states(store)] == ["delivered", "delivered"]
    events = [message.headers["ekyc-event-id"] for message in came]
    assert events[0] == events[4] == events[5] != events[3]
    with pytest.raises(WebhookUnknown):
        deliveries.replay(store, first, actor="cli", dead=True)


def test_later_events_of_a_case_wait_for_the_earlier_one(store: Store) -> None:
    answers = [503, 503]
    with receiver(lambda *_: answers.pop() if answers else 200) as (url, came):
        add(store, url)
        case_id = decided(store, Outcome.REVIEW)
        cases.record_review(
            store, case_id, event=CaseEvent.REVIEWER_REJECTS, reason="no", retake=(), actor="user:a"
        )
        deliver_all(store)
    assert [m.told["status"] for m in came] == ["review", "review", "review", "rejected"]


def test_one_case_does_not_wait_for_another(store: Store) -> None:
    stuck: list[str] = []

    def behave(message: Received, _handler: BaseHTTPRequestHandler) -> int:
        stuck.append(message.told["case_id"])
        return 500 if message.told["case_id"] == stuck[0] else 200

    with receiver(behave) as (url, _):
        add(store, url)
        for _ in range(3):
            decided(store)
        deliver_all(store)
    assert sorted(state[0] for state in states(store)) == ["dead", "delivered", "delivered"]


def test_a_receiver_that_is_down_gets_it_when_it_is_back(store: Store) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    add(store, f"http://127.0.0.1:{port}/")
    decided(store)
    assert deliver_next(store, HERE)
    assert states(store) == [("pending", 1, None, "webhook_unreachable")]
    assert 0 < read_gauges(store).outbox_lag_s < 60
    with receiver(always(200)) as (url, came):
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE webhook_endpoints SET url = :url"), {"url": url})
        deliver_all(store)
    assert len(came) == 1
    assert read_gauges(store).outbox_lag_s == 0


def _dawdle(send: Callable[[BaseHTTPRequestHandler], None]) -> Callable[..., int | None]:
    def behave(_message: Received, handler: BaseHTTPRequestHandler) -> None:
        try:
            send(handler)
        except OSError:
            return

    return behave


def _trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        handler.wfile.write(b"X-More: and more\r\n")
        handler.wfile.flush()
        time.sleep(0.1)


def _flood(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        handler.wfile.write(f"X-{number}: {'y' * 900}\r\n".encode())


@pytest.mark.parametrize(
    ("send", "error_code"),
    [
        (lambda _: time.sleep(5), "webhook_timeout"),
        (_trickle, "webhook_timeout"),
        (_flood, "webhook_unreachable"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n"), "webhook_unreachable"),
        (lambda handler: handler.connection.close(), "webhook_unreachable"),
    ],
    ids=["silent", "trickle", "flood", "no HTTP", "hangs up"],
)
def test_no_receiver_holds_an_attempt_longer_than_its_time(
    store: Store, send: Callable[[BaseHTTPRequestHandler], None], error_code: str
) -> None:
    with receiver(_dawdle(send)) as (url, _):
        add(store, url)
        decided(store)
        began = time.monotonic()
        assert deliver_next(store, HERE.model_copy(update={"timeout_s": 1.0}))
        assert time.monotonic() - began < 3
    assert states(store) == [("pending", 1, None, error_code)]


def test_a_large_answer_is_not_read(store: Store) -> None:
    def behave(_message: Received, handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            for _ in range(1000):
                handler.wfile.write(bytes(100_000))
        except OSError:
            return

    with receiver(behave) as (url, _):
        add(store, url)
        decided(store)
        deliver_all(store)
    assert states(store) == [("delivered", 1, 200, None)]


def test_a_redirect_is_not_followed(store: Store) -> None:
    with receiver(always(200)) as (elsewhere, came):

        def behave(_message: Received, handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(307)
            handler.send_header("Location", elsewhere)
            handler.end_headers()

        with receiver(behave) as (url, _):
            add(store, url)
            decided(store)
            assert deliver_next(store, HERE)
    assert states(store) == [("pending", 1, 307, "webhook_answer_refused")]
    assert came == []


def test_the_certificate_must_be_the_host_s(store: Store, tmp_path: Path) -> None:
    good, good_key = certificate(tmp_path)
    other, other_key = certificate(tmp_path, host="bank.example", name="other")
    trusting = HERE.model_copy(update={"ca_file": good})
    with receiver(always(200), tls=server_side(good, good_key)) as (url, came):
        add(store, url)
        decided(store)
        assert deliver_next(store, HERE)
        assert states(store) == [("pending", 1, None, "webhook_certificate_refused")]
        assert came == []
        deliver_all(store, trusting)
    assert [state[0] for state in states(store)] == ["delivered"]
    with receiver(always(200), tls=server_side(other, other_key)) as (url, came):
        add(store, url, EventKind.CASE_DECIDED)
        decided(store)
        while deliver_next(store, HERE.model_copy(update={"ca_file": other})):
            pass
    assert came == []
    assert "webhook_certificate_refused" in {state[3] for state in states(store)}


def test_a_private_address_is_not_reached_unless_it_is_allowed(store: Store) -> None:
    with receiver(always(200)) as (url, came):
        add(store, url)
        decided(store)
        assert deliver_next(store, HERE.model_copy(update={"allow_networks": ()}))
        assert states(store) == [("pending", 1, None, "webhook_address_refused")]
        assert came == []


def test_a_name_that_moves_after_it_was_checked_changes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer would lead elsewhere, and nobody asks for it."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *rest: object, **more: object) -> list[object]:
        if host == "hook.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return real(host, *rest, **more)  # type: ignore[arg-type,return-value]

    with receiver(always(200)) as (url, came):
        add(store, url.replace("127.0.0.1", "hook.example"))
        decided(store)
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        monkeypatch.setattr("workers.outbound.checked_addresses.__defaults__", (resolve,))
        assert deliver_next(store, HERE)
        assert (len(came), asked) == (1, ["hook.example"])
        assert came[0].headers["host"].startswith("hook.example:")
        decided(store)
        assert deliver_next(store, HERE)
    assert [state[3] for state in states(store)] == [None, "webhook_address_refused"]
    assert len(came) == 1


def test_both_secrets_sign_until_the_overlap_ends(store: Store) -> None:
    with receiver(always(200)) as (url, came):
        endpoint_id, former = add(store, url)
        fresh = webhooks.rotate_secret(store, endpoint_id, overlap_s=60, actor="cli")
        decided(store)
        deliver_all(store)
        newest = webhooks.rotate_secret(store, endpoint_id, overlap_s=0, actor="cli")
        decided(store)
        deliver_all(store)

    def knows(message: Received, secret: str) -> bool:
        header = message.headers["ekyc-signature"]
        return bool(
            RECEIVE.is_genuine(header, message.body, RECEIVE.read_secrets(secret), time.time())
        )

    assert [knows(came[0], s) for s in (former, fresh, newest)] == [True, True, False]
    assert [knows(came[1], s) for s in (former, fresh, newest)] == [False, False, True]


def test_an_endpoint_switched_off_waits_and_is_told_later(store: Store) -> None:
    with receiver(always(200)) as (url, came):
        endpoint_id, _ = add(store, url)
        decided(store)
        webhooks.switch_endpoint(store, endpoint_id, active=False, actor="cli")
        decided(store)
        assert not deliver_next(store, HERE)
        assert read_gauges(store).outbox_lag_s == 0
        webhooks.switch_endpoint(store, endpoint_id, active=True, actor="cli")
        deliver_all(store)
        assert len(came) == 1
        view = webhooks.list_endpoints(store)[0]
        assert deliveries.replay(store, endpoint_id, actor="cli", since=view.created_at) == 2
        deliver_all(store)
    assert len(came) == 3


def test_secrets_are_sealed_and_move_to_a_new_kek(store: Store, settings: StoreSettings) -> None:
    with receiver(always(200)) as (url, came):
        _, secret = add(store, url)
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as superuser:
            kept = superuser.execute("SELECT sealed, wrapped FROM webhook_secrets").fetchall()
        raw = base64.b64decode(secret.removeprefix("whsec_"))
        assert raw not in b"".join(part for row in kept for part in row)
        changed = {"kek": fresh_kek(), "kek_id": "k2", "kek_old": {"k1": settings.kek}}
        rotating = open_store(settings.model_copy(update=changed))
        assert rotate_kek(rotating, actor="cli", progress=lambda _: None) == 1
        rotating.engine.dispose()
        new_alone = open_store(settings.model_copy(update={**changed, "kek_old": {}}))
        decided(new_alone)
        deliver_all(new_alone)
        new_alone.engine.dispose()
    header = came[0].headers["ekyc-signature"]
    assert RECEIVE.is_genuine(header, came[0].body, [raw], time.time())


def test_a_secret_that_cannot_be_opened_does_not_stop_the_other_receivers(
    store: Store, settings: StoreSettings
) -> None:
    with receiver(always(200)) as (bad, unsigned), receiver(always(200)) as (good, came):
        sealed_elsewhere = open_store(
            settings.model_copy(update={"kek": fresh_kek(), "kek_id": "k9"})
        )
        add(sealed_elsewhere, bad)
        sealed_elsewhere.engine.dispose()
        add(store, good)
        decided(store)
        deliver_all(store)
    assert [state for state in states(store) if state[0] == "dead"] == [
        ("dead", 3, None, "seal_broken")
    ]
    assert (len(unsigned), len(came)) == (0, 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://bank.example/", "ftp://bank.example/", "https:///hook", "https://user:pw@bank.example/",
        "https://bank.example/#here", "https://bank.example:port/", "file:///etc/passwd", "https://bänk.example/",
    ],
)  # fmt: skip
def test_urls_that_are_refused_at_once(store: Store, url: str) -> None:
    with pytest.raises(WebhookUrlRefused):
        webhooks.add_endpoint(store, url=url, kinds=list(EventKind), allow_http=False, actor="cli")
    assert webhooks.list_endpoints(store) == []


# ---------------------------------------------------------------- real processes


@pytest.fixture
def start_sweeper(environment: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    settings = {
        "EKYC_WEBHOOK_ALLOW_HTTP": "1", "EKYC_WEBHOOK_ALLOW_NETWORKS": '["127.0.0.0/8"]',
        "EKYC_WEBHOOK_TIMEOUT_S": "1.5", "EKYC_WEBHOOK_LEASE_S": "3", "EKYC_WEBHOOK_POLL_S": "0.1",
        "EKYC_WEBHOOK_RETRY_S": "0.2",
    }  # fmt: skip

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ekyc", "sweeper"]
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **settings}, stderr=subprocess.DEVNULL
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def receiving(tmp_path: Path) -> Iterator[Callable[[str], tuple[str, Path]]]:
    """The example receiver as its own process."""
    started: list[subprocess.Popen[bytes]] = []

    def start(secret: str) -> tuple[str, Path]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        script, out = ROOT / "docs" / "examples" / "webhook_receiver.py", tmp_path / "events.jsonl"
        started.append(
            subprocess.Popen(
                [sys.executable, str(script), "--port", str(port), "--out", str(out)],
                env={**os.environ, "EKYC_WEBHOOK_SECRET": secret},
            )
        )
        return f"http://127.0.0.1:{port}/", out

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_is_lost_when_the_courier_is_killed_while_it_delivers(
    store: Store, start_sweeper: Callable[[], subprocess.Popen[bytes]], broker: object
) -> None:
    held: list[str] = []

    def hold_the_first(message: Received, _handler: BaseHTTPRequestHandler) -> int:
        if not held:
            held.append(message.headers["ekyc-event-id"])
            time.sleep(1.2)
        return 200

    with receiver(hold_the_first) as (url, came):
        add(store, url)
        expected = {str(decided(store)) for _ in range(5)}
        killed = start_sweeper()
        wait_until(lambda: bool(held))
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert deliveries.list_deliveries(store, status="pending")
        start_sweeper()
        wait_until(lambda: not deliveries.list_deliveries(store, status="pending"))
    assert {message.told["case_id"] for message in came} == expected
    again = [m for m in came if m.headers["ekyc-event-id"] == held[0]]
    assert len(again) == 2
    assert again[0].body == again[1].body


def test_the_example_receiver_takes_each_event_once(
    store: Store,
    start_sweeper: Callable[[], subprocess.Popen[bytes]],
    receiving: Callable[[str], tuple[str, Path]],
    broker: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EKYC_WEBHOOK_ALLOW_HTTP", "1")
    run = CliRunner().invoke
    endpoint_id, secret = run(app, ["webhook", "add", "http://127.0.0.1:1/"]).output.split()
    url, out = receiving(secret)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE webhook_endpoints SET url = :url"), {"url": url})
    case_id = decided(store, Outcome.REVIEW)
    start_sweeper()

    def settled() -> bool:
        return not deliveries.list_deliveries(store, status="pending")

    wait_until(settled)
    cases.record_review(
        store, case_id, event=CaseEvent.REVIEWER_APPROVES, reason="ok", retake=(), actor="user:a"
    )
    wait_until(settled)
    sent_again = run(app, ["webhook", "replay", endpoint_id, "--case", str(case_id)])
    assert "2 deliveries are due" in sent_again.output
    wait_until(settled)
    taken = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(event["status"], event["took"]) for event in taken] == [
        ("review", "taken"), ("approved", "taken"),
    ]  # fmt: skip
    shown = run(app, ["webhook", "deliveries", "--status", "delivered"], env={"COLUMNS": "200"})
    assert shown.output.count("case_decided") == 2
    assert run(app, ["webhook", "disable", endpoint_id]).exit_code == 0
    assert run(app, ["webhook", "rotate-secret", endpoint_id]).output.startswith("whsec_")
    assert secret not in run(app, ["webhook", "list"]).output
    assert run(app, ["webhook", "replay", endpoint_id]).exit_code == 2
    assert run(app, ["webhook", "enable", str(case_id)]).exit_code == 2
