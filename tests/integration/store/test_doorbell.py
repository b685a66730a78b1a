"""The doorbell rings the queue of a stage, and shrugs when nobody is there to hear."""

from __future__ import annotations

import json
import time
import uuid

import pytest
import redis

from ekyc.embedded import Servers
from pipeline.stages import QUEUES, Stage
from store.doorbell import make_producer, ring


@pytest.mark.parametrize("stage", Stage)
def test_a_bell_is_a_message_of_the_stages_task(
    servers: Servers, broker: redis.Redis, stage: Stage
) -> None:
    case_id = uuid.uuid4()
    ring(make_producer(servers.broker_url), [(stage, case_id)])
    (message,) = broker.lrange(QUEUES[stage], 0, -1)
    assert json.loads(message)["headers"]["task"] == f"ekyc.{stage}"
    assert str(case_id) in json.loads(message)["headers"]["argsrepr"]
    assert make_producer(servers.broker_url).answers()


def test_a_lost_bell_is_no_error_and_no_long_wait() -> None:
    bell = make_producer("redis://127.0.0.1:1/0")
    began = time.monotonic()
    ring(bell, [(Stage.READ_CARD, uuid.uuid4())])
    assert not bell.answers()
    assert time.monotonic() - began < 10
