"""Alerts about nothing: what a badly kept set of rules would send."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from lab.world.lenses.dice import Dice
from lab.world.lenses.firing import ALERT_DICE
from lab.world.lenses.numbered import numbered
from lab.world.lenses.rules import ALERTS
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import NODE_NAMES

Status = Literal["firing", "resolved"]

NAMES = ("BackupLate", "CertificateExpires", "ConfigReloadSlow", "CronJobSkipped",
         "LogVolumeHigh", "PodEvicted", "ScrapeSlow", "TimeDrift")  # fmt: skip
SEVERITIES = ("info", "warning")
LONGEST_SECONDS = 50


@dataclass(frozen=True)
class Event:
    """Something to be told about an alert, before it is sent.

    Attributes:
        minute: Row of the minute in which it is told.
        key: What tells it from other events of the minute.
        status: Whether the alert fires or is over.
        labels: Its labels.
        summary: One sentence.
        starts: When it began to fire.
        ends: When it was over, if it is.
    """

    minute: int
    key: int
    status: Status
    labels: dict[str, str]
    summary: str
    starts: pd.Timestamp
    ends: pd.Timestamp | None


def noise(run: ShopRun) -> Iterator[Event]:
    """Alerts about nothing, each over again before its minute is.

    Args:
        run: What happened; knob ``alert_noise`` says how many there are.

    Yields:
        Two events each.
    """
    rate, dice = run.knobs["alert_noise"], Dice(run.seed, ALERT_DICE)
    minutes = run.first_minute + np.arange(len(run.times))
    counts = np.floor(rate + dice.uniform("noise", minutes)).astype(np.int64) * (rate > 0)
    row, number = numbered(counts)
    drawn = (
        row, number, dice.whole("noise name", len(NAMES), minutes[row], number),
        dice.whole("noise service", len(NODE_NAMES), minutes[row], number),
        dice.whole("noise severity", len(SEVERITIES), minutes[row], number),
        dice.whole("noise length", LONGEST_SECONDS, minutes[row], number),
    )  # fmt: skip
    for at, nth, name, service, severity, seconds in zip(
        *map(np.ndarray.tolist, drawn), strict=True
    ):
        labels = {"alertname": NAMES[name], "job": "shop", "severity": SEVERITIES[severity],
                  "service": NODE_NAMES[service]}  # fmt: skip
        starts = run.times[at]
        ends = starts + pd.Timedelta(seconds=1 + seconds)
        summary, key = f"{NAMES[name]} on {NODE_NAMES[service]}", len(ALERTS) + 2 * nth
        yield Event(at, key, "firing", labels, summary, starts, None)
        yield Event(at, key + 1, "resolved", labels, summary, starts, ends)
