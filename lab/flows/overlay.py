"""Lay faults over a person's own metrics, as a data set beside the original."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.names import checked_name
from lab.core.progress import Progress, Steps
from lab.core.schemas import INCIDENTS, OBSERVATIONS, OVERLAYS, ROLLUPS, SERIES
from lab.core.workspace import Workspace
from lab.flows.overlay_plan import Ground, fault_plan, host_samples, laying_ground

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lab.world.overlay.plan import Overlay

SUFFIX = "_with_faults"
SEVERITIES = (0.3, 0.6, 1.0)
SAMPLE_BYTES = 40


@dataclass(frozen=True)
class OverlaySummary:
    """What was laid over a data set.

    Args:
        dataset: Data set with the faults.
        original: Data set without; not changed.
        laid: Faults laid.
        asked: Faults asked for; where there was no room, fewer were laid.
        hosts: Hosts that got at least one.
        samples: Samples that are another now, or gone.
        laid_from: Nothing was laid before this time, ISO.
    """

    dataset: str
    original: str
    laid: int
    asked: int
    hosts: int
    samples: int
    laid_from: str


def overlay(
    ws: Workspace,
    dataset: str,
    faults: Sequence[str] | None = None,
    *,
    metrics: Sequence[str] | None = None,
    severity: Sequence[float] = SEVERITIES,
    count: int = 1,
    seed: int = 1,
    name: str = "",
    train_until: str | None = None,
) -> Steps[OverlaySummary]:
    """Lay faults over the metrics of a data set, in a copy of it.

    The original stays as it is. Truth about every fault is written to the table incidents, so
    that a detector run on the copy is judged by it.

    Args:
        ws: The workspace.
        dataset: Data set with metrics.
        faults: Kinds of faults; all that strike one of its series when not given.
        metrics: Metrics to lay them over; all when not given.
        severity: How hard each is laid, above 0, to 1; in units of what is ordinary for a series.
        count: How often each fault is laid at each severity, 1 or more.
        seed: What draws hosts and times.
        name: Name of the copy; that of the data set and ``_with_faults`` when not given.
        train_until: Nothing is laid before this time, so that a detector can learn what is
            usual; half of the data when not given.

    Yields:
        Progress by host.

    Returns:
        What was laid.

    Raises:
        NotFound: There is no such data set or fault.
        BadInput: No fault could be laid, or the name is taken by other data.
    """
    from lab.world.overlay.laying import lay

    copy = checked_name(name or f"{dataset}{SUFFIX}", "data set")
    ground = laying_ground(ws, dataset, metrics, train_until)
    planned = fault_plan(ground, faults, severity, count, seed)
    _refuse_taken(ws, copy, dataset)
    names = sorted({each.host for each in planned.overlays})
    laid: list[Overlay] = []
    parts: list[pd.DataFrame] = []
    for number, host in enumerate(names):
        yield Progress(number, len(names) + 1, f"Laying faults over {host or 'the series'}")
        mine = [each for each in planned.overlays if each.host == host]
        changed = lay(host_samples(ws, ground, host), mine, ground.window.step_seconds)
        laid += changed.overlays
        parts.append(changed.samples)
    if not laid:
        raise BadInput(
            f"No fault could be laid over {dataset!r}.",
            "Choose faults that strike its metrics, or load a longer stretch of time.",
        )
    yield Progress(len(names), len(names) + 1, "Writing the copy")
    samples = _write(ws, ground, copy, laid, parts)
    return OverlaySummary(
        dataset=copy,
        original=dataset,
        laid=len(laid),
        asked=planned.asked,
        hosts=len({each.host for each in laid}),
        samples=samples,
        laid_from=ground.window.start.isoformat(),
    )


def _refuse_taken(ws: Workspace, copy: str, dataset: str) -> None:
    """A copy takes the place of an earlier one, never of anything else."""
    taken = ws.store.rows("SELECT 1 FROM series WHERE dataset = ? LIMIT 1", [copy])
    ours = ws.store.has("overlays") and ws.store.rows(
        "SELECT 1 FROM overlays WHERE dataset = ? LIMIT 1", [copy]
    )
    if copy == dataset or (taken and not ours):
        raise BadInput(
            f"{copy!r} is the name of data that faults must not be laid into.",
            "Choose another name for the copy.",
        )


def _write(
    ws: Workspace,
    ground: Ground,
    copy: str,
    laid: "Sequence[Overlay]",
    parts: "Sequence[pd.DataFrame]",
) -> int:
    """Land the copy, its truth and where it came from together or not at all."""
    import pandas as pd

    from lab.core.sql import write_rows

    changed = pd.concat(parts, ignore_index=True)
    incidents, sources = _truth(ground, copy, laid)

    def landing(connection: "duckdb.DuckDBPyConnection") -> None:
        # With what charts knew of an earlier copy.
        for table in (OBSERVATIONS, SERIES, ROLLUPS, INCIDENTS, OVERLAYS):
            connection.execute(table.ddl())
            connection.execute(f"DELETE FROM {table.name} WHERE dataset = ?", [copy])
        for table in (SERIES, INCIDENTS):
            connection.execute(
                f"INSERT INTO {table.name} SELECT * REPLACE (? AS dataset) FROM {table.name}"
                " WHERE dataset = ?",
                [copy, ground.dataset],
            )
        connection.register("changed", changed)
        connection.execute(
            "INSERT INTO observations SELECT * REPLACE (? AS dataset) FROM observations"
            " ANTI JOIN changed USING (series_id, timestamp) WHERE dataset = ?",
            [copy, ground.dataset],
        )
        connection.execute(
            "INSERT INTO observations BY NAME SELECT ? AS dataset, * FROM changed"
            " WHERE NOT isnan(value)",
            [copy],
        )
        connection.unregister("changed")
        write_rows(connection, INCIDENTS.name, incidents)
        write_rows(connection, OVERLAYS.name, sources)

    counted = "SELECT count(*) FROM observations WHERE dataset = ?"
    ws.need_space(ws.store.rows(counted, [ground.dataset])[0][0] * SAMPLE_BYTES)
    ws.store.change(landing)
    return len(changed)


def _truth(
    ground: Ground, copy: str, laid: "Sequence[Overlay]"
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Rows of ``incidents`` and ``overlays``."""
    import pandas as pd

    from lab.world.overlay.effects import laid as fault_laid

    ids = {"dataset": copy, "incident_id": [each.incident_id for each in laid]}
    incidents = {
        "start": [each.start for each in laid],
        "end": [each.end for each in laid],
        "instance": [each.host for each in laid],
        "metric": [each.touches[0].series.metric for each in laid],
        "kind": [each.kind for each in laid],
        "note": [f"{fault_laid(each.kind).note} Severity {each.severity:g}." for each in laid],
    }
    sources = {
        "original": ground.dataset,
        "laid_at": pd.Timestamp.now("UTC"),
        "laid_from": ground.window.start,
        "severity": [each.severity for each in laid],
        "series": [json.dumps([t.series.series_id for t in each.touches]) for each in laid],
    }
    return pd.DataFrame(ids | incidents), pd.DataFrame(ids | sources)
