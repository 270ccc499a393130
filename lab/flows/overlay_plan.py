"""Which faults are laid over a data set, where and when; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.flows.detection_rows import scored_window
from lab.flows.metric_hosts import Host, hosts, span

if TYPE_CHECKING:
    import pandas as pd

    from lab.world.overlay.plan import Overlay, Series, Window

# The usual distance of samples is read off a few series, not off all of them.
ENOUGH = 20
USUAL_STEP = """
SELECT median(apart) FROM (SELECT epoch(timestamp - lag(timestamp) OVER
(PARTITION BY series_id ORDER BY timestamp)) AS apart FROM observations
WHERE dataset = ? AND series_id IN (SELECT unnest(?)))"""


@dataclass(frozen=True)
class Ground:
    """What faults may be laid over.

    Args:
        dataset: Name of the data set.
        hosts: Series by host.
        window: Where they may be laid.
    """

    dataset: str
    hosts: "dict[str, list[Series]]"
    window: "Window"


@dataclass(frozen=True)
class FaultPlan:
    """Faults to be laid.

    Args:
        overlays: The faults, in order of time.
        asked: How many were asked for.
    """

    overlays: "tuple[Overlay, ...]"
    asked: int


def laying_ground(
    ws: Workspace,
    dataset: str,
    metrics: Sequence[str] | None = None,
    train_until: str | None = None,
) -> Ground:
    """Find what faults may be laid over.

    Args:
        ws: The workspace.
        dataset: Data set with metrics.
        metrics: Metrics to lay them over; all when not given.
        train_until: Nothing is laid before this time; half of the data when not given.

    Raises:
        NotFound: There is no such data set or metric.
        BadInput: The time is not within the data, or no series has two samples.
    """
    from lab.world.overlay.plan import Window

    found = hosts(ws, dataset, metrics)
    first, last = span(ws, dataset, found)
    some = [series_id for host in found for series_id in host.series][:ENOUGH]
    step = ws.store.rows(USUAL_STEP, [dataset, some])[0][0]
    if not step:
        raise BadInput(f"{dataset!r} has no series with two samples.", "Load more of it.")
    start = scored_window(first, last, train_until).start
    window = Window(start.to_pydatetime(), last.to_pydatetime(), float(step))
    return Ground(dataset, _series(ws, dataset, found), window)


def fault_titles(
    ws: Workspace, dataset: str, metrics: Sequence[str] | None = None
) -> dict[str, str]:
    """Title by kind of the faults that strike a series of a data set."""
    from lab.world.overlay.effects import LAID
    from lab.world.overlay.plan import applicable

    found = _series(ws, dataset, hosts(ws, dataset, metrics))
    return {kind: LAID[kind].title for kind in applicable(found, list(LAID))}


def fault_plan(
    ground: Ground,
    faults: Sequence[str] | None,
    severity: Sequence[float],
    count: int,
    seed: int,
) -> FaultPlan:
    """Plan what ``lab.flows.overlay.overlay`` lays; its arguments are described there.

    Raises:
        NotFound: There is no such fault.
        BadInput: A number is out of range, or nothing was chosen.
    """
    from lab.world.overlay.effects import LAID, laid
    from lab.world.overlay.plan import applicable, plan

    if not severity or any(not 0 < each <= 1 for each in severity) or count < 1 or seed < 0:
        raise BadInput(
            f"Severities lie above 0 and at most at 1, the count is 1 or more and the seed 0 or "
            f"more, got {list(severity)}, {count} and {seed}.",
            "The usual severities are 0.3, 0.6 and 1.",
        )
    kinds = applicable(ground.hosts, list(LAID)) if faults is None else list(faults)
    if not kinds:
        raise BadInput("No fault is chosen.", "Choose at least one, or leave them out for all.")
    for kind in kinds:
        laid(kind)  # refuse before any work
    overlays = plan(ground.hosts, kinds, severity, ground.window, seed, count)
    return FaultPlan(overlays, len(kinds) * len(severity) * count)


def host_samples(ws: Workspace, ground: Ground, host: str) -> "pd.DataFrame":
    """The samples of a host as they came: ``series_id``, ``timestamp`` and ``value``."""
    return ws.store.read(
        "SELECT series_id, timestamp, value FROM observations WHERE dataset = ?"
        " AND series_id IN (SELECT unnest(?)) ORDER BY series_id, timestamp",
        [ground.dataset, [each.series_id for each in ground.hosts[host]]],
    )


def _series(ws: Workspace, dataset: str, found: Sequence[Host]) -> "dict[str, list[Series]]":
    from lab.world.overlay.plan import Series

    rows = ws.store.rows("SELECT series_id, metric FROM series WHERE dataset = ?", [dataset])
    metrics: dict[str, str] = dict(rows)
    return {host.name: [Series(each, metrics[each]) for each in host.series] for host in found}
