"""The day of the exercise and the day after: what the files hold and what is true."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.schemas import series_id
from lab.learn.contract import Task
from lab.world.fleet.background import METRICS, NETWORK
from lab.world.fleet.hosts import host_metrics, host_name
from lab.world.signals import DAY_MINUTES, generator

if TYPE_CHECKING:
    import pandas as pd

HOSTS, ZONE = 6, "Europe/Berlin"
OUTAGE_STREAM = 520_019
COUNTER = "node_network_receive_bytes_total"
VALUES = (*METRICS, COUNTER)
LABELS = ("instance", "job")


@dataclass(frozen=True)
class Outage:
    """When the monitoring of one host was down, in minutes of the day, half-open."""

    instance: str
    start: int
    end: int

    def span(self, midnight: "pd.Timestamp") -> "tuple[pd.Timestamp, pd.Timestamp]":
        """The first moment of it and the first after it."""
        import pandas as pd

        minute = pd.Timedelta(minutes=1)
        return midnight + self.start * minute, midnight + self.end * minute


def day(task: Task, number: int) -> "pd.DataFrame":
    """One day of all hosts: ``timestamp`` (UTC), the labels, the values.

    Args:
        task: The attempt, for its seed.
        number: 0 for the first day; 1 for the one with the outage.
    """
    metrics = host_metrics(task.seed, days=2, hosts=HOSTS, incidents=False).metrics
    minute = metrics.groupby("instance").cumcount()
    grown = 60 * metrics.groupby("instance")[NETWORK].cumsum()
    frame = metrics.assign(**{COUNTER: grown.round()})
    frame = frame[minute // DAY_MINUTES == number].reset_index(drop=True)
    return frame if number == 0 else _broken(frame, outage(task))


def outage(task: Task) -> Outage:
    """The outage of the second day."""
    rng = generator(task.seed, OUTAGE_STREAM)
    start, host = int(rng.integers(400, 900)), int(rng.integers(1, HOSTS + 1))
    return Outage(host_name(host), start, start + int(rng.integers(60, 120)))


def long(frame: "pd.DataFrame") -> "pd.DataFrame":
    """A day as samples: ``timestamp``, ``series_id``, ``value``, without what is missing."""
    melted = frame.melt(["timestamp", *LABELS], list(VALUES), "metric", "value").dropna()
    names = {
        key: series_id(key[2], {"instance": key[0], "job": key[1]})
        for key in melted[[*LABELS, "metric"]].drop_duplicates().itertuples(index=False, name=None)
    }
    keys = zip(melted["instance"], melted["job"], melted["metric"], strict=True)
    samples = melted.assign(series_id=[names[key] for key in keys])
    return samples[["timestamp", "series_id", "value"]]


def csv(frame: "pd.DataFrame") -> str:
    """A day as the file holds it: Berlin's wall clock without saying so."""
    local = frame["timestamp"].dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d %H:%M:%S")
    columns = frame.assign(time=local)[["time", *LABELS, *VALUES]]
    return str(columns.to_csv(index=False, lineterminator="\n"))


def _broken(frame: "pd.DataFrame", gone: Outage) -> "pd.DataFrame":
    mine = frame["instance"] == gone.instance
    minute = frame.groupby("instance").cumcount()
    frame.loc[mine & (minute >= gone.start) & (minute < gone.end), list(VALUES)] = None
    after = mine & (minute >= gone.end)
    frame.loc[after, COUNTER] -= frame.loc[after, COUNTER].iloc[0]
    return frame
