"""What a series measures, guessed from its name."""

import re
from typing import Literal

Meaning = Literal[
    "errors", "latency", "memory_free", "memory_used", "disk_free", "disk_used", "idle", "cpu",
    "load", "queue", "traffic", "other",
]  # fmt: skip

# The first that fits is it: mem_available_bytes is memory before it is bytes.
PATTERNS: tuple[tuple[Meaning, str], ...] = (
    ("errors", r"error|fail|exception|5xx|rejected|timeouts?(?:_|$)"),
    ("memory_free", r"(?:mem|swap|heap).*(?:avail|free)|(?:avail|free).*mem"),
    ("memory_used", r"mem|rss|heap|swap"),
    ("disk_free", r"(?:disk|filesystem|fs|volume|storage).*(?:avail|free)|free_(?:disk|space)"),
    ("disk_used", r"disk|filesystem|volume|storage"),
    ("idle", r"idle"),
    ("cpu", r"cpu|processor"),
    ("load", r"load(?:1|5|15|_|$)"),
    ("queue", r"queue|lag(?:_|$)|backlog|pending|depth|in_flight"),
    ("latency", r"latenc|duration|response_time|rtt|wait|_ms$|elapsed|delay"),
    ("traffic", r"network|receive|transmit|byte|request|rps|qps|throughput|traffic|packets|hits"),
)
COUNTER = re.compile(r"_(?:total|count|sum|bucket)$")


def meaning(metric: str, labels: str = "") -> Meaning:
    """Guess what a series measures.

    Args:
        metric: Name of the metric.
        labels: Its labels in any text form; only an idle CPU is told by them.

    Returns:
        The first meaning whose pattern fits, else ``other``.

    >>> meaning("node_memory_MemAvailable_bytes"), meaning("http_requests_total")
    ('memory_free', 'traffic')
    >>> meaning("node_cpu_seconds_total", 'mode="idle"'), meaning("weather")
    ('idle', 'other')
    """
    name = metric.lower()
    if re.search(r"cpu", name) and re.search(r"\bidle\b", labels.lower()):
        return "idle"
    return next((kind for kind, pattern in PATTERNS if re.search(pattern, name)), "other")


def is_counter(metric: str) -> bool:
    """Whether a metric only grows, as Prometheus' naming conventions give it away.

    >>> is_counter("http_requests_total"), is_counter("node_load1")
    (True, False)
    """
    return bool(COUNTER.search(metric))
