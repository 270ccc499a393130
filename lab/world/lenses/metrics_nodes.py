"""What every service and store shows of itself: requests, latency, memory, replicas."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.world.lenses.counters import Totals
from lab.world.lenses.releases import Releases, digest
from lab.world.lenses.samples import Kind, Series
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import NODE_NAMES
from lab.world.signals import Array, Flags

JOB, PORT = "shop", 8080
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
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
        builds: When each version of it ran, shape (T,) each.
    """

    place: int
    labels: dict[str, str]
    seen: Flags
    begins: Flags
    totals: Totals
    builds: dict[str, Flags]

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


def targets(run: ShopRun, totals: Totals) -> list[Target]:
    """Return every node as a scrape sees it, in the order of ``NODES``.

    Args:
        run: What happened.
        totals: Counters so far.
    """
    released = Releases(run)
    return [_target(run, place, totals, released) for place in range(len(NODE_NAMES))]


def _target(run: ShopRun, place: int, totals: Totals, released: Releases) -> Target:
    name, flows = NODE_NAMES[place], run.flows
    seen = (run.knobs["scrape"][:, place] > 0) & (flows.replicas[:, place] > 0)
    begins = (flows.restarts[:, place] > 0) | (run.knobs["counter_reset"][:, place] > 0)
    builds = released.running(name)
    # A new build is a new process.
    begins |= run.times.isin([since for since, _ in builds])
    labels = {"instance": instance_of(name), "job": JOB, "service": name}
    return Target(place, labels, seen, begins, totals, _when(run, builds))


def _when(run: ShopRun, builds: list[tuple[pd.Timestamp, str]]) -> dict[str, Flags]:
    """When each version ran, which may be more than once."""
    ran = {version: np.zeros(len(run.times), bool) for _, version in builds}
    ends = [*(since for since, _ in builds[1:]), run.times[-1] + pd.Timedelta(minutes=1)]
    for (since, version), end in zip(builds, ends, strict=True):
        ran[version] |= np.asarray((run.times >= since) & (run.times < end))
    return ran


def instance_of(name: str) -> str:
    """Return label ``instance`` of a node; hosts and tables go by their own names.

    >>> instance_of("payment"), instance_of("host-a"), instance_of("orders")
    ('payment:8080', 'host-a', 'orders')
    """
    return f"{name}:{PORT}" if name in NODE_NAMES else name


def node_series(run: ShopRun, nodes: list[Target]) -> list[Series]:
    """Return the series that every node has.

    Args:
        run: What happened.
        nodes: The nodes; their counters go on.

    Returns:
        The series, node by node.
    """
    found: list[Series] = []
    for at in nodes:
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
    here = replace(at, seen=at.seen & ~gone)
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
    """Which build runs: the one that was released, or another under its name."""
    tampered = run.knobs["digest_differs"][:, at.place] > 0
    name = NODE_NAMES[at.place]
    for version, ran in at.builds.items():
        for suffix, runs in (("", ran & ~tampered), (" unreleased", ran & tampered)):
            if runs.any():
                there = replace(at, seen=at.seen & runs)
                labels = {"version": version, "digest": digest(name, version + suffix)}
                yield there.gauge("app_build_info", np.ones(len(ran)), **labels)
