"""Which faults are laid over a data set, where and when; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.flows.detection_rows import scored_window
from lab.flows.metric_hosts import hosts, span

if TYPE_CHECKING:
    import pandas as pd

    from lab.world.overlay.plan import Overlay, Series, Window

USUAL_STEP = """
SELECT median(apart) FROM (SELECT epoch(timestamp - lag(timestamp) OVER
(PARTITION BY series_id ORDER BY timestamp)) AS apart FROM observations WHERE dataset = ?)"""


@dataclass(frozen=True)
class FaultPlan:
    """Faults to be laid over a data set.

    Args:
        overlays: The faults, in order of time.
        window: Where they may be laid.
        asked: How many were asked for.
        series: Ids of the series of each host.
    """

    overlays: "tuple[Overlay, ...]"
    window: "Window"
    asked: int
    series: dict[str, tuple[str, ...]]


def fault_titles(ws: Workspace, dataset: str) -> dict[str, str]:
    """Title by kind of the faults that strike a series of a data set."""
    from lab.world.overlay.effects import LAID
    from lab.world.overlay.plan import applicable

    return {kind: LAID[kind].title for kind in applicable(host_series(ws, dataset), list(LAID))}


def fault_plan(
    ws: Workspace,
    dataset: str,
    faults: Sequence[str] | None,
    severity: Sequence[float],
    count: int,
    seed: int,
    train_until: str | None,
) -> FaultPlan:
    """Plan what ``lab.flows.overlay.overlay`` lays; its arguments are described there.

    Raises:
        NotFound: There is no such data set or fault.
        BadInput: A number is out of range, or nothing was chosen.
    """
    from lab.world.overlay.effects import laid
    from lab.world.overlay.plan import Window, plan

    if not severity or any(not 0 < each <= 1 for each in severity) or count < 1 or seed < 0:
        raise BadInput(
            f"Severities lie above 0 and at most at 1, the count is 1 or more and the seed 0 or "
            f"more, got {list(severity)}, {count} and {seed}.",
            "The usual severities are 0.3, 0.6 and 1.",
        )
    found = hosts(ws, dataset)
    kinds = list(fault_titles(ws, dataset)) if faults is None else list(faults)
    if not kinds:
        raise BadInput("No fault is chosen.", "Choose at least one, or leave them out for all.")
    for kind in kinds:
        laid(kind)  # refuse before any work
    first, last = span(ws, dataset, found)
    step = ws.store.rows(USUAL_STEP, [dataset])[0][0]
    if not step:
        raise BadInput(f"{dataset!r} has no series with two samples.", "Load more of it.")
    start = scored_window(first, last, train_until).start
    window = Window(start.to_pydatetime(), last.to_pydatetime(), float(step))
    overlays = plan(host_series(ws, dataset), kinds, severity, window, seed, count)
    asked = len(kinds) * len(severity) * count
    return FaultPlan(overlays, window, asked, {host.name: host.series for host in found})


def host_samples(ws: Workspace, dataset: str, planned: FaultPlan, host: str) -> "pd.DataFrame":
    """The samples of a host as they came: ``series_id``, ``timestamp`` and ``value``."""
    return ws.store.read(
        "SELECT series_id, timestamp, value FROM observations WHERE dataset = ?"
        " AND series_id IN (SELECT unnest(?)) ORDER BY series_id, timestamp",
        [dataset, list(planned.series[host])],
    )


def host_series(ws: Workspace, dataset: str) -> "dict[str, list[Series]]":
    """The series of each host that faults may be laid over."""
    from lab.world.overlay.plan import Series

    rows = ws.store.rows("SELECT series_id, metric FROM series WHERE dataset = ?", [dataset])
    metrics: dict[str, str] = dict(rows)
    return {
        host.name: [Series(each, metrics[each]) for each in host.series]
        for host in hosts(ws, dataset)
    }
