"""The rate of a counter that restarted: per second, never negative, silent in the gap."""

from typing import TYPE_CHECKING

from lab.core.words import counted, grouped
from lab.learn.contract import Finding, Task, judge
from lab.learn.exercises.light_up_the_shop.world import COUNTER, outage

if TYPE_CHECKING:
    import pandas as pd

WITHIN = 0.01
MINUTE = 60.0


def rate_of(samples: "pd.DataFrame", instance: str) -> "pd.DataFrame":
    """The right answer: growth per second between neighbouring minutes.

    Args:
        samples: ``timestamp``, ``series_id`` and ``value`` of the day.
        instance: The host.

    Returns:
        ``time`` and ``rate`` in bytes per second; nothing across the gap.
    """
    mine = samples["series_id"].str.startswith(COUNTER + "{") & samples["series_id"].str.contains(
        f'instance="{instance}"', regex=False
    )
    rows = samples[mine].sort_values("timestamp")
    seconds = rows["timestamp"].diff().dt.total_seconds()
    rates = rows.assign(time=rows["timestamp"], rate=rows["value"].diff() / seconds)
    neighbours: pd.DataFrame = rates.loc[seconds == MINUTE, ["time", "rate"]]
    return neighbours


def judge_rate(task: Task, name: str, found: "pd.DataFrame", source: "pd.DataFrame") -> Finding:
    """Hold the learner's rate against the right one.

    Args:
        task: The attempt.
        name: Data set of the rate.
        found: What is loaded under it.
        source: The samples of the day as they truly are.
    """
    gone = outage(task)
    right = rate_of(source, gone.instance)
    expected = (
        f"data set {name}: bytes per second of the counter of the host that was down, "
        "never below zero, nothing during the outage"
    )
    said = _fault(task, name, found, right, gone.span(source["timestamp"].min()))
    evidence = f"SELECT * FROM observations WHERE dataset = '{name}' ORDER BY timestamp"
    return judge("rate", not said, expected, said or "a rate that fits the counter", evidence)


def _fault(
    task: Task,
    name: str,
    found: "pd.DataFrame",
    right: "pd.DataFrame",
    down: "tuple[pd.Timestamp, pd.Timestamp]",
) -> str:
    """The first thing wrong with a rate, in words; empty when nothing is."""
    if found.empty:
        table = task.ws.store.has(name)
        return f"{name} is a table; load it as metrics over time" if table else f"no {name} yet"
    if found["series_id"].nunique() != 1:
        return f"{found['series_id'].nunique()} series, where one is wanted"
    below = found[found["value"] < 0]
    if len(below):
        first = below["timestamp"].min()
        return f"{counted(len(below), 'rate')} below zero, first at {first:%H:%M} UTC"
    inside = int(found["timestamp"].between(*down, inclusive="left").sum())
    if inside:
        return f"{counted(inside, 'rate')} during the outage, when nothing was measured"
    times = (found["timestamp"].min() - right["time"].min()).total_seconds() / MINUTE
    if abs(times) > 1 or abs(len(found) / len(right) - 1) > WITHIN:
        first, wanted = (f"{one.min():%d %b %H:%M}" for one in (found["timestamp"], right["time"]))
        return (
            f"{grouped(len(found))} rates from {first} UTC on, where {grouped(len(right))} "
            f"from {wanted} are wanted"
        )
    times_too_high = float(found["value"].mean() / right["rate"].mean())
    if abs(times_too_high - 1) > WITHIN:
        per = ": per minute, not per second" if abs(times_too_high / MINUTE - 1) < WITHIN else ""
        return f"on average {times_too_high:.3g} times what it should be{per}"
    return ""
