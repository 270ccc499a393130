"""Read rows that keep coming, each exactly once: from a folder, over HTTP, from Kafka."""

import math
import os
import time
from collections.abc import Mapping as Dict
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

from lab.core.errors import Busy, LabError, Unavailable
from lab.core.names import checked_table
from lab.core.process import write_json
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.data.stream import Batch, Outcome, Sink, StreamSource, claimed
from lab.data.stream_folder import POLL_SECONDS, FolderSource
from lab.data.stream_http import HttpSource, checked_port, listening
from lab.data.stream_kafka import KafkaSource
from lab.data.stream_landing import land_batch, positions
from lab.data.times import checked_zone
from lab.flows.contracts import find_contract
from lab.flows.stream_places import address_file, http_token, token_file, watchable
from lab.flows.stream_summary import StreamSummary

PORT = 8765


def stream_folder(
    ws: Workspace,
    folder: str,
    table: str,
    *,
    types: Dict[str, str] | None = None,
    timezone: str = "",
    settle_seconds: float = 2.0,
    idle_seconds: float = 0.0,
) -> Steps[StreamSummary]:
    """Watch a folder: each file dropped in is a batch that lands exactly once.

    A file counts as written once it stays as it is for a while; names ending in .part or .tmp
    are left alone. It is moved to done/ when it has landed, to failed/ with the reason when it
    cannot be read. Rows that break the contract of the table are turned away.

    Args:
        ws: The workspace.
        folder: The folder.
        table: Table the rows land in; a new one has the columns of its first 1,000 rows.
        types: Column types, where the guess from the first file is wrong.
        timezone: IANA zone of times without one.
        settle_seconds: How long a file must stay as it is.
        idle_seconds: Stop after so long without a file; 0: run until stopped.

    Yields:
        Progress, without an end.

    Returns:
        The counts.

    Raises:
        NotFound: There is no such folder.
        BadInput: It is one whose files must stay where they are.
        Busy: Somebody else watches it.
    """
    place = watchable(ws, folder)
    source = FolderSource(ws, place, settle_seconds)
    sink = _sink(source, table, types, timezone)
    wait = idle_seconds and idle_seconds + settle_seconds
    with claimed(ws, source.name, place):
        return (yield from _run(ws, source, sink, wait, f"Watching {place}"))


def stream_http(
    ws: Workspace,
    table: str,
    *,
    port: int = PORT,
    types: Dict[str, str] | None = None,
    timezone: str = "",
    idle_seconds: float = 0.0,
) -> Steps[StreamSummary]:
    """Take batches of JSON over HTTP on this machine, each exactly once.

    Programs post JSON lines or an array of objects to /rows, with the headers Authorization and
    Idempotency-Key. The answer comes after the commit, so what is answered has landed, and what
    is sent again with the same key lands no second time. Rows that break the contract of the
    table are turned away.

    Args:
        ws: The workspace; the token lies in its state folder, readable by you alone.
        table: Table the rows land in; a new one has the columns of its first 1,000 rows.
        port: Port on 127.0.0.1; 0 for any that is free.
        types: Column types, where the guess from the first batch is wrong.
        timezone: IANA zone of times without one.
        idle_seconds: Stop after so long without a batch; 0: run until stopped.

    Yields:
        Progress, without an end.

    Returns:
        The counts.

    Raises:
        Busy: A stream into that table is open already.
        Unavailable: The port is taken.
    """
    source = HttpSource(checked_table(table), http_token(ws, table))
    sink = _sink(source, table, types, timezone)
    with ExitStack() as stack:
        stack.enter_context(claimed(ws, source.name))
        url = f"http://127.0.0.1:{stack.enter_context(listening(source, checked_port(port)))}/rows"
        note = address_file(ws, table)
        write_json(note, {"url": url, "pid": os.getpid()})
        stack.callback(note.unlink, missing_ok=True)
        about = f"Listening at {url}; the token is in {token_file(ws, table)}"
        return (yield from _run(ws, source, sink, idle_seconds, about))


def stream_kafka(
    ws: Workspace,
    topic: str,
    table: str,
    *,
    servers: str = "127.0.0.1:9092",
    config: Dict[str, str] | None = None,
    types: Dict[str, str] | None = None,
    timezone: str = "",
    idle_seconds: float = 0.0,
) -> Steps[StreamSummary]:
    """Read a Kafka topic of JSON records, each exactly once.

    How far each partition was read is written with its rows, not to the broker. Records that
    break the contract of the table are turned away; where a batch cannot land at all, the
    stream ends, and goes on from there when it is started again.

    Args:
        ws: The workspace.
        topic: The topic; all of its partitions are read.
        table: Table the rows land in; a new one has the columns of its first 1,000 rows.
        servers: Addresses of brokers, as host:port,host:port.
        config: More settings of librdkafka, such as those of TLS.
        types: Column types, where the guess from the first records is wrong.
        timezone: IANA zone of times without one.
        idle_seconds: Stop after so long without a record; 0: run until stopped.

    Yields:
        Progress, without an end.

    Returns:
        The counts.

    Raises:
        Unavailable: The client is not installed, or no broker answers.
        NotFound: There is no such topic.
        BadInput: Records cannot land, or are missing since the last time.
        Busy: Somebody else reads it into this workspace.
    """
    source = KafkaSource(servers, topic, config or {})
    sink = _sink(source, table, types, timezone)
    with claimed(ws, source.name):
        return (yield from _run(ws, source, sink, idle_seconds, f"Reading topic {topic}"))


def _sink(source: StreamSource, table: str, types: Dict[str, str] | None, timezone: str) -> Sink:
    zone = checked_zone(timezone) if timezone else ""
    return Sink(source.name, checked_table(table), types or {}, zone)


def _run(
    ws: Workspace, source: StreamSource, sink: Sink, idle_seconds: float, about: str
) -> Steps[StreamSummary]:
    summary, idle = StreamSummary(sink.stream, sink.table), 0.0
    yield Progress(0, math.inf, about)
    begun = ws.store.change(lambda connection: positions(connection, sink.stream))
    for batch in source.batches(begun):
        if batch is None:
            idle += POLL_SECONDS
            if idle_seconds and idle >= idle_seconds:
                return summary
        else:
            outcome = yield from _landed(ws, sink, batch)
            source.settle(batch, outcome)
            summary, idle = summary.after(batch, outcome), 0.0
        yield Progress(summary.loaded, math.inf, f"{about} · {summary.sentence}")
    return summary


def _landed(ws: Workspace, sink: Sink, batch: Batch) -> Steps[Outcome]:
    """Land a batch, however long the database is held or the disk is full: it is not to blame."""
    while True:
        try:
            return _land(ws, sink, batch)
        except (Busy, Unavailable) as wait:
            yield Progress(0, None, f"Waiting: {wait}")
            time.sleep(POLL_SECONDS)
        except LabError as error:
            return Outcome(problem=error.message, hint=error.hint)


def _land(ws: Workspace, sink: Sink, batch: Batch) -> Outcome:
    # Looked up for each batch: one that is kept or taken away meanwhile counts from then on.
    promised = find_contract(ws, sink.table)
    held = replace(sink, contract=promised)
    if promised is None:
        return ws.store.change(lambda connection: land_batch(connection, held, batch))
    from lab.data.quality.hourly import note_batch
    from lab.data.quality.streamed import OtherColumns

    try:
        return ws.store.change(lambda connection: land_batch(connection, held, batch))
    except OtherColumns as broken:
        outcome, now = (broken.findings, 0, 0), datetime.now(UTC)
        ws.store.change(lambda c: note_batch(c, promised, held.load_id, outcome, now))
        raise
