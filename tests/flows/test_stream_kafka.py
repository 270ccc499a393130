"""Kafka as a stream, against librdkafka's own broker: the real protocol, on this machine."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.data.stream import Batch, Record, Sink
from lab.data.stream_kafka import KafkaSource
from lab.data.stream_landing import land_batch
from lab.flows.stream import stream_kafka
from tests.flows.stream_parts import landed, rows

kafka = pytest.importorskip("confluent_kafka")
MOCK = {"test.mock.num.brokers": 1}
TOPIC = "events"
LATE_SECONDS = 60


@pytest.fixture
def broker() -> Iterator[Any]:
    """A producer with a broker of its own; it has the address under ``servers``."""
    producer = kafka.Producer({**MOCK, "bootstrap.servers": "mock"})
    meta = producer.list_topics(
        TOPIC, timeout=LATE_SECONDS
    )  # asking makes the topic, with four partitions
    host = next(iter(meta.brokers.values()))
    yield producer, f"{host.host}:{host.port}"
    producer.flush(LATE_SECONDS)


def send(producer: Any, records: list[Any]) -> None:
    for place, one in enumerate(records):
        value = one if isinstance(one, bytes) or one is None else json.dumps(one).encode()
        producer.produce(TOPIC, value, partition=place % 2)
    producer.flush(LATE_SECONDS)


def read(ws: Workspace, servers: str, records: int = 0, **more: Any) -> tuple[int, int]:
    """Read on, start after start, until so many records came; gives loaded and rejected.

    A stream ends when nothing comes for a while, and a busy machine may be later than that.
    """
    kept = {"types": {"n": "integer"}, "servers": servers, "idle_seconds": 1.0, **more}
    loaded, rejected, deadline = 0, 0, time.monotonic() + 2 * LATE_SECONDS
    while True:
        done = drain(stream_kafka(ws, TOPIC, "events", **kept))
        loaded, rejected = loaded + done.loaded, rejected + done.rejected
        if loaded + rejected >= records or time.monotonic() > deadline:
            return loaded, rejected


def test_every_record_lands_once_over_restarts(ws: Workspace, broker: Any) -> None:
    producer, servers = broker
    for turn in range(3):
        send(producer, rows(40, start=40 * turn))
        assert read(ws, servers, 40) == (40, 0)
    assert read(ws, servers) == (0, 0)
    assert landed(ws, "events") == list(range(120))
    found = ws.store.rows("SELECT key, position FROM stream_offsets ORDER BY position DESC LIMIT 2")
    assert sum(position for _, position in found) == 120


def test_bad_records_are_named_and_the_stream_goes_on(ws: Workspace, broker: Any) -> None:
    producer, servers = broker
    send(producer, [{"n": 1}, b"{oops", None, b'{"n": "\xff"}', {"n": "x"}, {"n": 2}])
    assert read(ws, servers, 6) == (2, 4)
    reasons = " ".join(reason for (reason,) in ws.store.rows("SELECT reason FROM rejects"))
    for words in ("is not JSON", "is empty", "0xFF", "x is not a whole number"):
        assert words in reasons


def test_a_batch_that_cannot_land_ends_the_stream_and_is_read_again(
    ws: Workspace, broker: Any
) -> None:
    """Going on would move the position past its records."""
    producer, servers = broker
    naive = [{"n": n, "at": "2026-01-01 10:00:00"} for n in range(20)]
    send(producer, naive)
    with pytest.raises(BadInput, match=r"partition \d.*carry no time zone"):
        read(ws, servers, 20, types={"n": "integer", "at": "time"})
    typed = {"types": {"n": "integer", "at": "time"}, "timezone": "UTC"}
    assert read(ws, servers, 20, **typed) == (20, 0)
    assert landed(ws, "events") == list(range(20))


def test_broken_off_between_read_and_commit(ws: Workspace, broker: Any) -> None:
    """The consumer has read on, the rows did not land: the next one begins at the rows."""
    producer, servers = broker
    send(producer, rows(20))
    source = KafkaSource(servers, TOPIC)
    got = []
    for batch in source.batches({}):
        got += [batch] if batch else []
        if sum(len(one.records) for one in got) == 20:
            break
    sink = Sink(source.name, "events", {"n": "integer"})
    ws.store.change(lambda c: land_batch(c, sink, got[0]))
    left = 20 - len(got[0].records)
    assert read(ws, servers, left) == (left, 0)
    assert landed(ws, "events") == list(range(20))


def test_topic_made_anew_is_said(ws: Workspace, broker: Any) -> None:
    _, servers = broker
    source = KafkaSource(servers, TOPIC)
    far = [Record(9_999, {"n": "1"})]
    sink = Sink(source.name, "events", {"n": "integer"})
    ws.store.change(lambda c: land_batch(c, sink, Batch(f"{TOPIC}/0", far)))
    with pytest.raises(BadInput, match="was cut or made anew"):
        read(ws, servers)


def test_no_broker_and_no_topic(ws: Workspace, broker: Any, free_port: int) -> None:
    _, servers = broker
    with pytest.raises(NotFound, match="no topic 'other'"):
        drain(stream_kafka(ws, "other", "events", servers=servers, config={}))
    import lab.data.stream_kafka as module

    module_seconds, module.ANSWER_SECONDS = module.ANSWER_SECONDS, 1.0
    try:
        with pytest.raises(Unavailable, match="No Kafka broker answers"):
            read(open_workspace(ws.root / "b"), f"127.0.0.1:{free_port}")
    finally:
        module.ANSWER_SECONDS = module_seconds
