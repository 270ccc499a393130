"""A Kafka topic as a stream; where to go on stands with the rows, never with the broker."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.words import grouped
from lab.data.records import MAX_REJECT_TEXT
from lab.data.stream import Batch, Outcome, Record
from lab.data.stream_records import record

POLL_SECONDS = 0.5
ANSWER_SECONDS = 10.0
MAX_RECORDS = 5_000
MAX_LETTERS = 10_000_000


@dataclass(frozen=True)
class KafkaSource:
    """Every partition of one topic, from where the rows in the table end.

    Args:
        servers: Addresses of brokers, as ``host:port,host:port``.
        topic: The topic.
        config: More settings of librdkafka, such as those of TLS.
    """

    servers: str
    topic: str
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Brokers and topic."""
        return f"kafka:{self.servers}/{self.topic}"

    def batches(self, positions: Mapping[str, int]) -> Iterator[Batch | None]:
        """What came since, by partition; ``None`` while nothing does."""
        kafka = _library()
        settings = {
            "bootstrap.servers": self.servers,
            "group.id": "lab",  # asked for, and never used: nothing is committed to the broker
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "allow.auto.create.topics": False,
            **self.config,
        }
        with closing(kafka.Consumer(settings)) as consumer:
            consumer.assign(self._assigned(kafka, consumer, positions))
            while True:
                messages = consumer.consume(MAX_RECORDS, POLL_SECONDS)
                yield from self._by_partition(kafka, messages)
                if not messages:
                    yield None

    def settle(self, batch: Batch, outcome: Outcome) -> None:
        """Nothing for a batch that landed: the position was committed with its rows.

        Raises:
            BadInput: It was turned away. The next one would move the position past its records.
        """
        if outcome.problem:
            raise BadInput(f"{batch.label}: {outcome.problem}", outcome.hint)

    def _assigned(self, kafka: Any, consumer: Any, positions: Mapping[str, int]) -> list[Any]:
        try:
            found = consumer.list_topics(self.topic, timeout=ANSWER_SECONDS).topics[self.topic]
        except kafka.KafkaException as error:
            raise Unavailable(
                f"No Kafka broker answers at {self.servers}: {error.args[0].str()}.",
                "Check the address, and that the broker runs.",
            ) from error
        if found.error is not None or not found.partitions:
            raise NotFound(f"There is no topic {self.topic!r}.", "Check its name.")
        return [self._begin(kafka, consumer, number, positions) for number in found.partitions]

    def _begin(self, kafka: Any, consumer: Any, number: int, positions: Mapping[str, int]) -> Any:
        partition = kafka.TopicPartition(self.topic, number)
        first, end = consumer.get_watermark_offsets(partition, timeout=ANSWER_SECONDS)
        landed = positions.get(self._key(number), 0)
        if (landed and landed < first) or landed > end:
            raise BadInput(
                f"Partition {number} of {self.topic!r} holds records {grouped(first)} to "
                f"{grouped(end)}, but {grouped(landed)} comes next: the topic was cut "
                "or made anew.",
                "Records are missing. Load under another table, which begins with the first.",
            )
        partition.offset = max(first, landed)
        return partition

    def _by_partition(self, kafka: Any, messages: list[Any]) -> Iterator[Batch]:
        parted: dict[int, list[Record]] = {}
        for message in messages:
            if (error := message.error()) is not None:
                if error.code() == kafka.KafkaError._PARTITION_EOF:
                    continue
                raise Unavailable(f"Kafka: {error.str()}.", "Start the stream again.")
            parted.setdefault(message.partition(), []).append(_record(message))
        for number, records in parted.items():
            label = f"partition {number}, to {grouped(records[-1].position)}"
            yield Batch(self._key(number), records, label=label)

    def _key(self, number: int) -> str:
        return f"{self.topic}/{number}"


def _record(message: Any) -> Record:
    value = message.value()
    if value is None:
        return Record(message.offset(), None, "is empty", "")
    text = value.decode("utf-8", "surrogateescape")
    if len(text) > MAX_LETTERS:
        return Record(message.offset(), None, "is too long", text[:MAX_REJECT_TEXT])
    return record(message.offset(), text)


def _library() -> Any:
    try:
        import confluent_kafka
    except ImportError as error:
        raise Unavailable(
            "The Kafka client is not installed.", "Install it: pip install confluent-kafka"
        ) from error
    return confluent_kafka
