"""Light up the shop: load metrics and prove that nothing was lost, moved or invented."""

from typing import TYPE_CHECKING

from lab.core.progress import Steps
from lab.core.words import counted, grouped
from lab.flows.ingest import ingest
from lab.learn.belongings import Belongings
from lab.learn.contract import Finding, Findings, Task, judge
from lab.learn.exercises.light_up_the_shop.rate import judge_rate, rate_of
from lab.learn.exercises.light_up_the_shop.world import COUNTER, ZONE, csv, day, long, outage
from lab.learn.loads import made_by_loads
from lab.world.signals import DAY_MINUTES, generator

if TYPE_CHECKING:
    import pandas as pd

ROWS_WITHIN, AGGREGATE_WITHIN = 0.01, 0.005
HOSTS_WANTED, METRICS_WANTED = 6, 5
WINDOWS, WINDOW_MINUTES = 5, 180
WINDOW_STREAM = 520_021
SAMPLES = "SELECT timestamp, series_id, value FROM observations WHERE dataset = ?"


def setup(task: Task) -> str:
    """Write the first day as CSV."""
    path = task.file(f"{first(task)}.csv")
    path.write_text(csv(day(task, 0)), encoding="utf-8")
    return f"{path.name}: one day of six hosts"


def check(task: Task) -> Findings:
    """Hold the loaded samples against those of the generator."""
    found, source = samples(task, first(task)), long(day(task, 0))
    yield _loaded(task, "loaded", first(task), found)
    if found.empty:
        return
    yield _series(found)
    yield (moved := _utc(found, source))
    yield _rows(found, source)
    yield _duplicates(task, found)
    if moved.status == "fail":
        return
    yield _aggregate(task, found, source)
    if task.broken:
        yield from _after_break(task)


def solve(task: Task) -> Steps[None]:
    """Load the first day as what it is."""
    yield from _load(task, first(task))


def break_(task: Task) -> None:
    """Write the day on which monitoring fails."""
    task.file(f"{second(task)}.csv").write_text(csv(day(task, 1)), encoding="utf-8")


def solve_break(task: Task) -> Steps[None]:
    """Load both days as what they are, and the rate worked out around the restart."""
    yield from _load(task, first(task))
    yield from _load(task, second(task))
    rate = rate_of(samples(task, second(task)), outage(task).instance)
    path = task.file(f"{third(task)}.csv")
    rate.to_csv(path, index=False, lineterminator="\n")
    yield from ingest(task.ws, path, {"dataset": third(task), "kind": "metrics"})


def reset(task: Task) -> Belongings:
    """The three data sets with the record of their loads."""
    return made_by_loads(task.ws, (first(task), second(task), third(task)))


def first(task: Task) -> str:
    """Name of the data set of the first day."""
    return f"shop_hosts_{task.nonce}"


def second(task: Task) -> str:
    """Name of the data set of the day after."""
    return f"shop_hosts_{task.nonce}_day2"


def third(task: Task) -> str:
    """Name of the data set of the rate."""
    return f"shop_rate_{task.nonce}"


def samples(task: Task, dataset: str) -> "pd.DataFrame":
    """What is in the store under a name: time, series, value."""
    import pandas as pd

    if not task.ws.store.has("observations"):
        return pd.DataFrame(columns=["timestamp", "series_id", "value"])
    return task.ws.store.read(SAMPLES, [dataset]).dropna()


def _load(task: Task, dataset: str) -> Steps[None]:
    yield from ingest(
        task.ws,
        task.file(f"{dataset}.csv"),
        {"dataset": dataset, "kind": "metrics", "timezone": ZONE},
    )


def _loaded(task: Task, check: str, dataset: str, found: "pd.DataFrame") -> Finding:
    there = "nothing under that name"
    if found.empty and task.ws.store.has(dataset):
        there = "a table of that name; load it as metrics over time"
    elif found.empty and task.ws.store.has("series"):
        names = task.ws.store.rows("SELECT DISTINCT dataset FROM series ORDER BY 1")
        others = ", ".join(name for (name,) in names) or "none"
        there = f"no such data set; loaded: {others}"
    said = f"{grouped(len(found))} samples" if len(found) else there
    evidence = f"SELECT count(*) FROM observations WHERE dataset = '{dataset}'"
    return judge(check, not found.empty, f"data set {dataset}", said, evidence)


def _series(found: "pd.DataFrame") -> Finding:
    parts = (
        found["series_id"]
        .drop_duplicates()
        .str.extract(r'^(?P<metric>.+?)\{.*instance="(?P<host>[^"]*)"')
    )
    metrics = parts.groupby("host")["metric"].nunique()
    enough = int((metrics >= METRICS_WANTED).sum())
    said = "no series has a label instance"
    if len(metrics):
        said = f"{counted(enough, 'host')} with that many, the best has {metrics.max()}"
    return judge("series", enough >= HOSTS_WANTED, "6 hosts, 5 metrics or more each", said)


def _utc(found: "pd.DataFrame", source: "pd.DataFrame") -> Finding:
    start, end = source["timestamp"].min(), source["timestamp"].max()
    hours = (found["timestamp"].min() - start).total_seconds() / 3600
    same = found["timestamp"].min() == start and found["timestamp"].max() == end
    said = f"{found['timestamp'].min():%Y-%m-%d %H:%M} to {found['timestamp'].max():%H:%M} UTC"
    if not same and hours == round(hours) and hours:
        way = "late" if hours > 0 else "early"
        said += (
            f": everything is {abs(hours):g} h too {way}, as when the zone of the clock is wrong"
        )
    return judge("utc", same, "the day as Berlin's clock means it", said)


def _rows(found: "pd.DataFrame", source: "pd.DataFrame", check: str = "rows") -> Finding:
    there = found.groupby("series_id").size()
    wanted = source.groupby("series_id").size()
    there = there.reindex(wanted.index, fill_value=0)
    off = (there - wanted).abs() / wanted
    bad = off[off > ROWS_WITHIN]
    said = f"all {len(wanted)} series have theirs"
    if len(bad):
        worst = bad.index[0]
        share = f"{grouped(there[worst])} of {grouped(wanted[worst])}"
        said = f"{len(bad)} of {len(wanted)} series differ; {worst} has {share}"
    return judge(check, bad.empty, "samples of each series as in the file, within 1 %", said)


def _duplicates(task: Task, found: "pd.DataFrame") -> Finding:
    twice = int(found.duplicated(["series_id", "timestamp"]).sum())
    evidence = (
        "SELECT series_id, timestamp, count(*) FROM observations "
        f"WHERE dataset = '{first(task)}' GROUP BY ALL HAVING count(*) > 1"
    )
    return judge(
        "duplicates", twice == 0, "each time once in a series", f"{grouped(twice)} twice", evidence
    )


def _aggregate(task: Task, found: "pd.DataFrame", source: "pd.DataFrame") -> Finding:
    """Means over windows drawn from the seed; which ones is never said."""
    rng = generator(task.seed, WINDOW_STREAM)
    ids = sorted(source["series_id"].unique())
    start, worst = source["timestamp"].min(), 0.0
    for name in rng.choice(ids, WINDOWS, replace=False):
        at = start + _minutes(int(rng.integers(0, DAY_MINUTES - WINDOW_MINUTES)))
        ours, theirs = (_mean(rows, name, at) for rows in (found, source))
        worst = max(worst, abs(ours - theirs) / max(abs(theirs), 1e-9)) if ours == ours else 1.0
    said = "they agree" if worst <= AGGREGATE_WITHIN else f"one is {worst:.1%} off"
    return judge("aggregate", worst <= AGGREGATE_WITHIN, "the source's means, within 0.5 %", said)


def _mean(rows: "pd.DataFrame", name: str, at: "pd.Timestamp") -> float:
    inside = (rows["timestamp"] >= at) & (rows["timestamp"] < at + _minutes(WINDOW_MINUTES))
    return float(rows.loc[inside & (rows["series_id"] == name), "value"].mean())


def _minutes(count: int) -> "pd.Timedelta":
    import pandas as pd

    return pd.Timedelta(minutes=count)


def _after_break(task: Task) -> Findings:
    found, source = samples(task, second(task)), long(day(task, 1))
    whole = _rows(found, source, "next_day") if len(found) else None
    if whole is None:
        yield _loaded(task, "next_day", second(task), found)
        return
    gone = outage(task)
    inside = found[
        found["timestamp"].between(*gone.span(source["timestamp"].min()), inclusive="left")
        & found["series_id"].str.contains(f'instance="{gone.instance}"', regex=False)
    ]
    # Invented samples make the counts differ as well; the better message is about the gap.
    yield judge("next_day", True) if len(inside) else whole
    yield _gap(gone.instance, inside)
    yield _counter(gone.instance, found, source)
    yield judge_rate(task, third(task), samples(task, third(task)), source)


def _gap(instance: str, inside: "pd.DataFrame") -> Finding:
    said = "no sample while nothing was measured"
    if len(inside):
        zeros = int((inside["value"] == 0).sum())
        what = f"{grouped(zeros)} of them zero" if zeros else "copied or guessed from the rest"
        said = f"{grouped(len(inside))} samples that nobody measured, {what}"
    return judge("gap", inside.empty, f"nothing from {instance} during the outage", said)


def _counter(instance: str, found: "pd.DataFrame", source: "pd.DataFrame") -> Finding:
    def growth(rows: "pd.DataFrame") -> "tuple[int, float]":
        mine = rows["series_id"].str.startswith(COUNTER + "{") & rows["series_id"].str.contains(
            f'instance="{instance}"', regex=False
        )
        values = rows[mine].sort_values("timestamp")["value"]
        steps = values.diff().dropna()
        return int((steps < 0).sum()), float(steps.where(steps >= 0, values).sum())

    (falls, grown), (_, wanted) = growth(found), growth(source)
    right = falls == 1 and abs(grown - wanted) <= AGGREGATE_WITHIN * wanted
    said = f"it falls {counted(falls, 'time')} and grows by {grouped(grown, '.0f')} bytes"
    if not grown:
        said = f"no counter of {instance}"
    elif falls == 0:
        said += ": the restart was smoothed away"
    expected = f"one fall, at the restart, and {grouped(wanted, '.0f')} bytes of growth around it"
    return judge("counter", right, expected, said)
