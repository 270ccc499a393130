"""A stretch of the shop's life, cut into minutes: what each target shows, and how it all is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from lab.world.lenses.metrics import Series, Totals, series
from lab.world.lenses.metrics_nodes import BOUNDS, share_within
from lab.world.live.exposition import Point, named
from lab.world.live.signals import Edge, Signals, edges, nodes, quantile
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import HOST_NAMES, HOSTS, NODE_NAMES
from lab.world.signals import Array

TARGETS = (*NODE_NAMES, *HOST_NAMES)
EDGES = (*BOUNDS, np.inf)
PERCENTILE = 0.95
MINUTE = pd.Timedelta(minutes=1)


@dataclass(frozen=True)
class HostUse:
    """One host in one minute; each a share in use, 0 to 1."""

    name: str
    cpu: float
    memory: float
    disk: float


@dataclass(frozen=True)
class Minute:
    """One minute of the world.

    Args:
        time: Its end, UTC: when a scrape sees it.
        nodes: Every service and store.
        edges: Every call.
        hosts: Every host.
        pages: What each target shows; a target that cannot be scraped is absent.
    """

    time: datetime
    nodes: tuple[Signals, ...]
    edges: tuple[Edge, ...]
    hosts: tuple[HostUse, ...]
    pages: Mapping[str, tuple[Point, ...]]


class Telemetry:
    """Turns stretches into minutes, with counters carried on from one to the next."""

    def __init__(self) -> None:
        """Begin with every counter at zero."""
        self._totals = Totals()
        self._names: dict[tuple[str, ...], tuple[str, str, str]] = {}

    def minutes(self, run: ShopRun, usual_ms: Mapping[str, float]) -> Iterator[Minute]:
        """Cut a stretch into minutes; stretches must come in their order.

        Args:
            run: What happened.
            usual_ms: 95th percentile of latency when all is well, by node.

        Yields:
            Each minute.
        """
        shown = [one for one in series(run, self._totals) if one.metric != "up"]
        for at, time in enumerate(run.times):
            p95 = {name: _p95_ms(run, at, place) for place, name in enumerate(NODE_NAMES)}
            yield Minute(
                (time + MINUTE).to_pydatetime(),
                nodes(run, at, p95, usual_ms),
                edges(run, at),
                _hosts(run, at),
                self._pages(shown, at),
            )

    def _pages(self, shown: list[Series], at: int) -> dict[str, tuple[Point, ...]]:
        pages: dict[str, list[Point]] = {}
        for one in shown:
            value = float(one.values[at])
            if np.isnan(value):
                continue  # a target without any sample has no page
            target = one.labels["instance"].partition(":")[0]
            key = (one.metric, *one.labels.values())
            if key not in self._names:
                self._names[key] = named(one.metric, one.labels, one.kind)
            pages.setdefault(target, []).append(Point(*self._names[key], value))
        return {target: tuple(points) for target, points in pages.items()}


def _p95_ms(run: ShopRun, at: int, place: int) -> float:
    """From the buckets, so that Prometheus says the same."""
    mean, arrivals = run.flows.latency_seconds[at : at + 1, place], run.flows.arrivals[at, place]
    counts: Array = np.array([np.floor(arrivals * share_within(mean, b)[0] + 0.5) for b in EDGES])
    found = quantile(PERCENTILE, EDGES, counts)
    return 1000 * (float(mean[0]) if np.isnan(found) else found)


def _hosts(run: ShopRun, at: int) -> tuple[HostUse, ...]:
    flows = run.flows
    return tuple(
        HostUse(
            host.name,
            float(flows.host_cpu[at, place]),
            float(flows.host_memory_bytes[at, place]) / host.memory_bytes,
            float(flows.host_disk_bytes[at, place]) / host.disk_bytes,
        )
        for place, host in enumerate(HOSTS)
    )
