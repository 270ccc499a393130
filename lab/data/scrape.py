"""Scrapes targets as Prometheus does: labels, own timestamps, ``up``, and gaps for the absent."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import isfinite, isnan

from lab.core.errors import LabError
from lab.core.schemas import series_id
from lab.data.scrape_config import Target
from lab.data.scrape_format import Sample, parse
from lab.data.scrape_http import fetch

# As Prometheus: a clock may be ahead by this much.
AHEAD_MS = 600_000
AT_ONCE = 32


@dataclass(frozen=True)
class Row:
    """One sample that lands.

    Args:
        series_id: Metric and sorted labels in Prometheus text form.
        metric: Metric name.
        labels: Its labels, those of the target included.
        time_ms: Milliseconds since 1970.
        value: A finite number.
    """

    series_id: str
    metric: str
    labels: Mapping[str, str] = field(hash=False)
    time_ms: int
    value: float


@dataclass(frozen=True)
class Scraped:
    """What one scrape of one target gave.

    Args:
        target: Which one.
        rows: What lands, ``up`` first; only ``up 0`` when the target is down.
        rejected: Samples that do not land, each with its reason.
        problem: Why the target counts as down; empty when it is up.
        hint: What to do about it.
    """

    target: Target
    rows: tuple[Row, ...]
    rejected: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    hint: str = ""


def scrape_all(targets: Iterable[Target], now_ms: int) -> list[Scraped]:
    """Scrape targets side by side; one that hangs or fails keeps none of the others back.

    Args:
        targets: Which ones.
        now_ms: The time of this scrape, milliseconds since 1970.

    Returns:
        One outcome per target, in order.
    """
    with ThreadPoolExecutor(AT_ONCE, "scrape") as pool:
        return list(pool.map(lambda target: scrape_one(target, now_ms), targets))


def scrape_one(target: Target, now_ms: int) -> Scraped:
    """Scrape one target; a page that cannot be read whole is not taken in parts.

    Args:
        target: Which one.
        now_ms: The time of this scrape, milliseconds since 1970.

    Returns:
        The outcome; a target that is down is an outcome, not an error.
    """
    try:
        page = fetch(target.url, target.timeout_seconds, target.body_limit)
        samples = parse(page.body, page.content_type, target.sample_limit)
    except LabError as error:
        down = _row("up", target.labels, now_ms, 0.0)
        return Scraped(target, (down,), problem=error.message, hint=error.hint)
    rows, rejected = arrange(samples, target, now_ms)
    return Scraped(target, (_row("up", target.labels, now_ms, 1.0), *rows), tuple(rejected))


def arrange(
    samples: Iterable[Sample], target: Target, now_ms: int
) -> tuple[list[Row], list[tuple[str, str]]]:
    """Give samples the labels of their target, and turn away what is no number or said twice.

    Args:
        samples: As the target exposes them.
        target: Where they come from.
        now_ms: Time of samples that name none, milliseconds since 1970.

    Returns:
        Rows that land, and rejected samples with their reason. NaN is neither: it is a gap.
    """
    kept: dict[tuple[str, int], Row] = {}
    rejected: list[tuple[str, str]] = []
    for sample in samples:
        own = sample.time_ms if target.honor_timestamps else None
        labels = merged(sample.labels, target)
        row = _row(sample.metric, labels, now_ms if own is None else own, sample.value)
        if isnan(row.value):
            continue
        reason = _fault(row, kept, now_ms)
        if reason:
            rejected.append((f"{row.series_id} {sample.value:g} {row.time_ms}", reason))
        else:
            kept.setdefault((row.series_id, row.time_ms), row)
    return list(kept.values()), rejected


def merged(own: Mapping[str, str], target: Target) -> dict[str, str]:
    """Join the labels of a sample and of its target, as Prometheus does.

    Args:
        own: Labels of the sample.
        target: Its labels win unless they are to honour the sample's own; a label that loses
            is kept as ``exported_…``.

    Returns:
        All labels.
    """
    if target.honor_labels:
        return {**target.labels, **own}
    joined = {name: value for name, value in own.items() if name not in target.labels}
    joined.update(target.labels)
    for name in sorted(set(own) & set(target.labels), key=len):
        if own[name]:
            joined[_exported(name, {*own, *joined})] = own[name]
    return joined


def _exported(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"exported_{name}"
    return name


def _fault(row: Row, kept: Mapping[tuple[str, int], Row], now_ms: int) -> str:
    if not isfinite(row.value):
        return "The value is infinite"
    if not 0 <= row.time_ms <= now_ms + AHEAD_MS:
        return "Its time is more than 10 minutes ahead, or before 1970"
    same = kept.get((row.series_id, row.time_ms))
    return "The same series has another value at that time" if same and same != row else ""


def _row(metric: str, labels: Mapping[str, str], time_ms: int, value: float) -> Row:
    return Row(series_id(metric, labels), metric, labels, time_ms, value)


def rows_of(scraped: Iterable[Scraped]) -> Iterator[Row]:
    """Everything that lands of several scrapes."""
    for one in scraped:
        yield from one.rows
