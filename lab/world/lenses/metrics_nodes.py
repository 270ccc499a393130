"""What every service and store shows of itself: requests, latency, memory, replicas."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lab.world.lenses.counters import Totals
from lab.world.lenses.samples import Kind, Series
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import HOST_NAMES, NODE_NAMES
from lab.world.signals import Array, Flags

JOB, PORT = "shop", 8080
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
VERSION = "1.4.0"
# Mean over scale of a log-logistic distribution of shape 4: (pi / 4) / sin(pi / 4).
MEAN_TO_SCALE = 1.1107207345395915
STARTED_BEFORE = 86_400.0  # seconds before the world began


@dataclass(frozen=True)
class Target:
    """A node as a scrape sees it.

    Attributes:
        place: Its number in ``NODES``.
        labels: Labels of the target.
        seen: Whether it can be scraped, shape (T,).
        begins: Whether its process began again, shape (T,).
        totals: Counters so far.
    """

    place: int
    labels: dict[str, str]
    seen: Flags
    begins: Flags
    totals: Totals

    def gauge(self, metric: str, values: Array, **labels: str) -> Series:
        """A gauge of this target, with a gap where it cannot be scraped."""
        return self._series(metric, values, "gauge", labels)

    def counter(self, metric: str, growth: Array, **labels: str) -> Series:
        """A counter of this target that grows by so much each minute."""
        key = (metric, self.place, *sorted(labels.items()))
        values = self.totals.counted(key, growth, self.begins)
        return self._series(metric, np.round(values, 6), "counter", labels)

    def _series(self, metric: str, values: Array, kind: Kind, labels: dict[str, str]) -> Series:
        return Series(metric, self.labels | labels, kind, np.where(self.seen, values, np.nan))


def target(run: ShopRun, place: int, totals: Totals) -> Target:
    """Return a node as a scrape sees it.

    Args:
        run: What happened.
        place: Its number in ``NODES``.
        totals: Counters so far.
    """
    name, flows = NODE_NAMES[place], run.flows
    seen = (run.knobs["scrape"][:, place] > 0) & (flows.replicas[:, place] > 0)
    begins = (flows.restarts[:, place] > 0) | (run.knobs["counter_reset"][:, place] > 0)
    labels = {"instance": instance_of(name), "job": JOB, "service": name}
    return Target(place, labels, seen, begins, totals)


def instance_of(name: str) -> str:
    """Return label ``instance`` of a node or a host; nothing for what is neither.

    >>> instance_of("payment"), instance_of("host-a"), instance_of("orders")
    ('payment:8080', 'host-a', '')
    """
    if name in NODE_NAMES:
        return f"{name}:{PORT}"
    return name if name in HOST_NAMES else ""


def node_series(run: ShopRun, totals: Totals) -> list[Series]:
    """Return the series of all nodes.

    Args:
        run: What happened.
        totals: Counters so far; they go on.

    Returns:
        The series, node by node.
    """
    found: list[Series] = []
    for place in range(len(NODE_NAMES)):
        at = target(run, place, totals)
        found.append(Series("up", at.labels, "gauge", at.seen.astype(float)))
        found += [*_requests(run, at), *_durations(run, at), *_process(run, at), *_build(run, at)]
    return found


def _requests(run: ShopRun, at: Target) -> Iterator[Series]:
    flows, n = run.flows, at.place
    codes = {
        "200": flows.served[:, n],
        "401": flows.refused[:, n],
        "500": flows.failed_here[:, n] - flows.refused[:, n],
        "502": flows.failed[:, n] - flows.failed_here[:, n],
    }
    for code, growth in codes.items():
        yield at.counter("http_requests_total", growth, code=code)
    yield at.gauge("http_requests_in_flight", np.round(flows.in_flight[:, n], 4))


def _durations(run: ShopRun, at: Target) -> Iterator[Series]:
    """A histogram whose sum is exact and whose buckets follow a log-logistic of that mean."""
    metric, n = "http_request_duration_seconds", at.place
    arrivals, mean = run.flows.arrivals[:, n], run.flows.latency_seconds[:, n]
    gone = run.knobs["series_missing"][:, n] > 0
    here = Target(n, at.labels, at.seen & ~gone, at.begins, at.totals)
    for bound in (*BOUNDS, np.inf):
        within = np.floor(arrivals * share_within(mean, bound) + 0.5)
        yield _part(here.counter(f"{metric}_bucket", within, le=_bound(bound)))
    yield _part(here.counter(f"{metric}_sum", arrivals * mean))
    yield _part(here.counter(f"{metric}_count", arrivals))


def share_within(mean: Array, bound: float) -> Array:
    """Return the share of requests that take no longer than a bound.

    Latency has a long tail: log-logistic of shape 4 (Fisk, 1961), whose median is 0.9 and whose
    99th percentile is 2.8 times the mean.

    Args:
        mean: Mean latency in seconds, shape (T,).
        bound: Seconds, or infinity.

    Returns:
        Share from 0 to 1, shape (T,).
    """
    if bound == np.inf:
        return np.ones_like(mean)
    scale = mean / MEAN_TO_SCALE
    return np.asarray(bound**4 / (bound**4 + (scale * scale) * (scale * scale)))


def _bound(bound: float) -> str:
    return "+Inf" if bound == np.inf else f"{bound:g}"


def _part(one: Series) -> Series:
    return Series(one.metric, one.labels, "histogram", one.values)


def _process(run: ShopRun, at: Target) -> Iterator[Series]:
    flows, n = run.flows, at.place
    now = run.times.as_unit("s").asi8.astype(np.float64) + 60.0
    first = float(now[0]) - 60.0 * (run.first_minute + 1) - STARTED_BEFORE
    started = at.totals.latest(("started", n), now - 60.0, at.begins, first)
    yield at.gauge("process_start_time_seconds", started)
    yield at.gauge("process_resident_memory_bytes", np.floor(flows.memory_bytes[:, n]))
    yield at.counter("process_cpu_seconds_total", flows.cpu_seconds[:, n])
    yield at.gauge("service_replicas", flows.replicas[:, n])
    yield at.gauge("service_time_seconds", now + run.knobs["clock_skew_seconds"][:, n])


def _build(run: ShopRun, at: Target) -> Iterator[Series]:
    """Which build runs: the one that was released, or one that never was."""
    other = run.knobs["digest_differs"][:, at.place] > 0
    for known, runs in ((True, ~other), (False, other)):
        labels = {"version": VERSION, "digest": digest(NODE_NAMES[at.place], released=known)}
        there = Target(at.place, at.labels, at.seen & runs, at.begins, at.totals)
        yield there.gauge("app_build_info", np.ones(len(other)), **labels)


def digest(service: str, *, released: bool = True) -> str:
    """Return the digest of a service's image.

    Args:
        service: Name of the node.
        released: Whether it is the one that was released.

    >>> digest("payment")[:15]
    'sha256:115e5a26'
    """
    text = f"{service}:{VERSION}" + ("" if released else " unreleased")
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
