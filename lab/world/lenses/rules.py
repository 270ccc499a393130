"""Alerting rules of the shop as data, in the manner of Prometheus."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.world.shop.run import ShopRun
from lab.world.shop.sizes import DISK, MEMORY, REPLICAS, SWAP
from lab.world.shop.topology import HOST_NAMES, NODE_NAMES
from lab.world.signals import Array, Flags

Subject = Literal["service", "instance"]
Severity = Literal["info", "warning", "critical"]

FEWEST_REQUESTS = 20.0  # a minute; fewer tell nothing
USUAL_CONVERSION = 0.43  # orders for each visit on the best of days


@dataclass(frozen=True)
class Rule:
    """One alerting rule: it fires once its measure has been beyond the limit long enough.

    Attributes:
        name: Value of label ``alertname``.
        severity: Value of label ``severity``.
        measure: What is watched, shape (T, targets).
        above: Where it begins.
        minutes: How long it must hold on end before it fires; 0 for at once.
        summary: Annotation, with ``{target}``.
        label: Label that names the target.
        targets: What is watched, in the order of the measure's columns.
    """

    name: str
    severity: Severity
    measure: Callable[[ShopRun], Array]
    above: float
    minutes: int
    summary: str
    label: Subject = "service"
    targets: tuple[str, ...] = NODE_NAMES

    def labels(self, target: str) -> dict[str, str]:
        """The labels of the alert about a target."""
        return {"alertname": self.name, "job": "shop", "severity": self.severity,
                self.label: target}  # fmt: skip


def _error_ratio(run: ShopRun) -> Array:
    arrivals = run.flows.arrivals
    ratio = run.flows.failed / np.maximum(arrivals, 1.0)
    return np.asarray(np.where(arrivals >= FEWEST_REQUESTS, ratio, 0.0))


def _down(run: ShopRun) -> Array:
    return np.asarray((run.knobs["scrape"] <= 0) | (run.flows.replicas <= 0), dtype=float)


def _missing_replicas(run: ShopRun) -> Array:
    return np.asarray(1 - run.flows.replicas / REPLICAS)


def _shop(values: Array) -> Array:
    return values[:, None]


def _cache_misses(run: ShopRun) -> Array:
    reads = run.flows.cache_hits + run.flows.cache_misses
    return _shop(run.flows.cache_misses / np.maximum(reads, 1.0))


def _orders_lost(run: ShopRun) -> Array:
    expected = run.flows.sessions * USUAL_CONVERSION
    lost = 1 - run.flows.orders / np.maximum(expected, 1.0)
    return _shop(np.where(expected >= FEWEST_REQUESTS / 2, lost, 0.0))


RULES = (
    Rule("HighErrorRatio", "critical", _error_ratio, 0.05, 3,
         "{target} fails more than 5 % of its requests"),
    Rule("HighLatency", "warning", lambda run: run.flows.latency_seconds, 0.5, 5,
         "{target} takes more than half a second on average"),
    Rule("Saturated", "warning", lambda run: run.flows.utilisation, 0.9, 5,
         "{target} has hardly a worker free"),
    Rule("TargetDown", "critical", _down, 0.5, 2, "{target} cannot be scraped"),
    Rule("ReplicasMissing", "warning", _missing_replicas, 0.01, 5,
         "{target} runs fewer replicas than it should"),
    Rule("Restarted", "warning", lambda run: run.flows.restarts, 0.5, 0, "{target} restarted"),
    Rule("HostCpuBusy", "warning", lambda run: run.flows.host_cpu, 0.9, 10,
         "{target} uses more than 90 % of its CPU", "instance", HOST_NAMES),
    Rule("HostMemoryLow", "warning", lambda run: run.flows.host_memory_bytes / MEMORY, 0.92, 5,
         "{target} uses more than 92 % of its memory", "instance", HOST_NAMES),
    Rule("HostSwapping", "warning", lambda run: run.flows.host_swap_bytes / SWAP, 0.1, 5,
         "{target} has swapped out", "instance", HOST_NAMES),
    Rule("DiskFilling", "warning", lambda run: run.flows.host_disk_bytes / DISK, 0.85, 10,
         "the disk of {target} is more than 85 % full", "instance", HOST_NAMES),
    Rule("DiskFull", "critical", lambda run: run.flows.host_disk_bytes / DISK, 0.97, 2,
         "the disk of {target} is full", "instance", HOST_NAMES),
    Rule("QueueLag", "warning", lambda run: _shop(run.flows.queue_age_seconds), 120.0, 5,
         "messages wait in the {target} for more than two minutes", targets=("queue",)),
    Rule("CacheMisses", "warning", _cache_misses, 0.3, 5,
         "the {target} answers less than 70 % of its reads", targets=("cache",)),
    Rule("OrdersDropped", "critical", _orders_lost, 0.5, 5,
         "fewer than half of the usual orders are paid", targets=("payment",)),
)  # fmt: skip


def holds(run: ShopRun) -> Flags:
    """Whether the condition of every rule holds, for every target.

    Args:
        run: What happened.

    Returns:
        Shape (T, A), one column an alert, in the order of ``ALERTS``.
    """
    return np.concatenate([rule.measure(run) > rule.above for rule in RULES], axis=1)


ALERTS = tuple((rule, target) for rule in RULES for target in rule.targets)
