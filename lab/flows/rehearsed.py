"""Read what a rehearsal came to: fault by fault, at a glance, and close up."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.core.errors import NotFound
from lab.core.words import counted
from lab.core.workspace import Workspace
from lab.flows.detections import dataset_of
from lab.flows.detectors import detector_titles

if TYPE_CHECKING:
    import pandas as pd

CAUGHT, MISSED, ANYWAY = "caught", "missed", "pages anyway"
# What is shown of a series around a fault, as a multiple of the fault's length.
AROUND = 1.2
LEAST_MINUTES = 30  # that a fault counts for, however short it is
STRUCK = """
SELECT i.incident_id, i.kind, o.severity, i.instance, i.metric, i.start, i."end",
       o.series ->> '$[0]' AS series_id
FROM overlays o JOIN incidents i USING (dataset, incident_id)
WHERE dataset = ? ORDER BY i.start, i.incident_id"""
OUTDATED = """
SELECT 1 FROM anomaly_runs r JOIN overlays o USING (dataset)
WHERE r.run_id = ? AND o.laid_at > r.created_at LIMIT 1"""
FIRST_EVENT = """
SELECT l.incident_id, min(e.start) AS first
FROM (SELECT unnest(?) AS incident_id, unnest(?) AS instance, unnest(?) AS start,
             unnest(?) AS "end") l
JOIN anomaly_events e ON e.instance = l.instance AND e.start < l."end" AND e."end" > l.start
WHERE e.run_id = ? GROUP BY 1"""
SAMPLES = """
SELECT w.incident_id, o.dataset = ? AS struck, o.timestamp, o.value
FROM (SELECT unnest(?) AS incident_id, unnest(?) AS series_id, unnest(?) AS low,
             unnest(?) AS high) w
JOIN observations o ON o.series_id = w.series_id AND o.timestamp BETWEEN w.low AND w.high
WHERE o.dataset IN (?, ?) ORDER BY 1, 3"""


@dataclass(frozen=True, eq=False)
class CloseUp:
    """One fault on one series, with what was there before.

    Args:
        title: The fault in a few words.
        words: Where it struck and what became of it.
        verdict: ``caught``, ``missed`` or ``pages anyway``; empty when nothing looked yet.
        metric: Metric shown.
        samples: ``timestamp`` (UTC), ``before`` and ``after``; of a counter, its growth.
        start: First moment of the fault.
        end: First moment after.
    """

    title: str
    words: str
    verdict: str
    metric: str
    samples: "pd.DataFrame"
    start: "pd.Timestamp"
    end: "pd.Timestamp"


def verdicts(ws: Workspace, run_id: str, twin_run_id: str) -> "pd.DataFrame":
    """Judge a detector fault by fault.

    Args:
        ws: The workspace.
        run_id: Detection run on the data set with faults.
        twin_run_id: The same on the untouched data set.

    Returns:
        One row for each fault in order of time: ``incident_id``, ``kind``, ``title``,
        ``severity``, ``instance``, ``metric``, ``start``, ``end``, ``series_id``, ``verdict``
        and ``delay_seconds``. ``caught`` has an event that overlaps it and is not there without
        it; ``pages anyway`` has one with and without.

    Raises:
        NotFound: There is no such run, or other faults were laid since.
    """
    from lab.world.overlay.effects import laid

    rows = ws.store.read(STRUCK, [dataset_of(ws, run_id)])
    if ws.store.rows(OUTDATED, [run_id]):
        raise NotFound("Other faults were laid into the copy since this run.", "Rehearse again.")
    windows = [rows[name].tolist() for name in ("incident_id", "instance", "start", "end")]
    struck, quiet = (
        ws.store.read(FIRST_EVENT, [*windows, each]).set_index("incident_id")["first"]
        for each in (run_id, twin_run_id)
    )
    first = struck.reindex(rows["incident_id"]).set_axis(rows.index)
    alarmed = first.notna()
    late = (first - rows["start"]).dt.total_seconds().clip(lower=0)
    verdict = alarmed.map({True: CAUGHT, False: MISSED})
    verdict = verdict.mask(alarmed & rows["incident_id"].isin(quiet.index), ANYWAY)
    return rows.assign(
        title=[laid(kind).title for kind in rows["kind"]],
        verdict=verdict,
        delay_seconds=late.where(verdict == CAUGHT),
    )


def by_fault(ws: Workspace, run_id: str, twin_run_id: str) -> "pd.DataFrame":
    """Count what became of each kind of fault, the best caught first.

    Returns:
        Columns ``title``, ``laid``, ``caught``, ``recall``, ``mildest`` (the lowest severity
        caught) and ``delay_seconds`` (the median).
    """
    rows = verdicts(ws, run_id, twin_run_id)
    hit = rows["verdict"] == CAUGHT
    groups = rows.assign(
        hit=hit, mild=rows["severity"].where(hit)
    ).groupby("title", sort=True)  # fmt: skip
    table = (
        groups.agg(
            laid=("hit", "size"),
            caught=("hit", "sum"),
            recall=("hit", "mean"),
            mildest=("mild", "min"),
            delay_seconds=("delay_seconds", "median"),
        )
        .round(2)
        .reset_index()
    )
    return table.sort_values(
        ["recall", "mildest", "title"], ascending=[False, True, True], ignore_index=True
    )


def close_ups(ws: Workspace, run_id: str, twin_run_id: str, severity: float) -> list[CloseUp]:
    """Each fault laid at a severity, on the series that shows it most; the first of its kind.

    They come in the order of the catalogue.

    Args:
        ws: The workspace.
        run_id: Detection run on the data set with faults.
        twin_run_id: The same on the untouched data set.
        severity: As it was laid.
    """
    import pandas as pd

    from lab.world.overlay.effects import LAID

    rows = verdicts(ws, run_id, twin_run_id)
    rows = rows[rows["severity"] == severity].drop_duplicates("kind")
    rows = rows.sort_values("kind", key=lambda kinds: kinds.map(list(LAID).index))
    least = pd.Timedelta(minutes=LEAST_MINUTES)
    around = AROUND * (rows["end"] - rows["start"]).mask(lambda long: long < least, least)
    low, high = (rows["start"] - around).tolist(), (rows["end"] + around).tolist()
    names = [dataset_of(ws, each) for each in (run_id, twin_run_id)]
    ids = [rows["incident_id"].tolist(), rows["series_id"].tolist()]
    long = ws.store.read(SAMPLES, [names[0], *ids, low, high, *names])
    found = {str(name): group for name, group in long.groupby("incident_id")}
    return [_close_up(row, found[row["incident_id"]]) for row in rows.to_dict("records")]


def severities(ws: Workspace, run_id: str) -> list[float]:
    """Severities faults were laid at in the data set of a run, the mildest first."""
    sql = "SELECT DISTINCT severity FROM overlays WHERE dataset = ? ORDER BY 1"
    return [row[0] for row in ws.store.rows(sql, [dataset_of(ws, run_id)])]


def sentence(result: Mapping[str, Any]) -> str:
    """What a rehearsal says, from its result as plain values."""
    name = result["detector"]
    return (
        f"{detector_titles().get(name, name)} caught {result['caught']} of "
        f"{counted(result['faults'], 'fault')}; on your untouched data it pages "
        f"{round(result['false_pages_per_day'], 2):g} times a day."
    )


def room_note(result: Mapping[str, Any]) -> str:
    """What to do about faults that found no room; empty when all did."""
    out = result["asked"] - result["faults"]
    if not out:
        return ""
    return (
        f"{counted(out, 'more fault')} found no room in the time after learning. Load a longer "
        "stretch, end learning earlier, or choose fewer faults."
    )


def _close_up(row: "Mapping[Hashable, Any]", long: "pd.DataFrame") -> CloseUp:
    from lab.world.overlay.meaning import is_counter

    wide = long.pivot_table("value", "timestamp", "struck").reindex(columns=[False, True])
    wide = wide.set_axis(["before", "after"], axis=1)
    samples = wide.diff() if is_counter(row["metric"]) else wide
    # A neighbour's window may reach into the picture; only this fault is shown.
    inside = (samples.index >= row["start"]) & (samples.index < row["end"])
    samples["after"] = samples["after"].where(inside, samples["before"])
    late = row["delay_seconds"]
    when = f" after {late / 60:.0f} min" if late >= 60 else ""
    place = f"{row['instance']} · " if row["instance"] else ""
    return CloseUp(
        title=row["title"],
        words=f"{place}{row['verdict']}{when}",
        verdict=row["verdict"],
        metric=row["metric"],
        samples=samples.reset_index(),
        start=row["start"],
        end=row["end"],
    )
