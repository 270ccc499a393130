"""The alert lens: notifications as Alertmanager sends them, each as often as it is sent."""

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd

from lab.world.lenses.alert_noise import Event, noise
from lab.world.lenses.dice import Dice
from lab.world.lenses.fingerprint import fingerprint
from lab.world.lenses.firing import ALERT_DICE, CALM, Firing, Standing, firing
from lab.world.lenses.numbered import numbered
from lab.world.lenses.rules import ALERTS
from lab.world.shop.run import ShopRun

REPEAT_MINUTES = 240  # Alertmanager's repeat_interval
LEAST_WAIT, MOST_WAIT = 5.0, 30.0  # seconds that alerts are gathered before they are sent
COPY_SECONDS = 3.0
NOTICES_A_MINUTE = 100_000
MINUTE = pd.Timedelta(minutes=1)
COLUMNS = ["notification_id", "received_at", "fingerprint", "status", "alertname", "severity",
           "service", "instance", "starts_at", "ends_at", "labels", "annotations",
           "generator_url"]  # fmt: skip
TEXTS = [name for name in COLUMNS if not name.endswith(("_at", "_id"))]


class Alerts:
    """The alerts of a shop, carried from stretch to stretch."""

    def __init__(self) -> None:
        """Begin with nothing firing."""
        self._standing, self._seed = CALM, 0
        self._start = pd.Timestamp(0, tz="UTC")

    def __call__(self, run: ShopRun) -> dict[str, pd.DataFrame]:
        """Return the notifications of the next stretch.

        Args:
            run: What happened; stretches must come in their order.

        Returns:
            Table ``alerts``; see ``alerts``.
        """
        rows, self._standing = alerts(run, self._standing)
        self._start = run.times[0] - run.first_minute * MINUTE
        return {"alerts": rows}

    @property
    def active(self) -> list[dict[str, str]]:
        """What fires at the end of the last stretch: the labels of each and ``startsAt``."""
        since = self._standing.since
        return [
            {**ALERTS[place][0].labels(ALERTS[place][1]),
             "startsAt": (self._start + (int(since[place]) + 1) * MINUTE).isoformat()}
            for place in self._standing.active
        ]  # fmt: skip


def alerts(run: ShopRun, before: Standing = CALM) -> tuple[pd.DataFrame, Standing]:
    """Return the notifications of a run, and how the alerts stand at its end.

    Args:
        run: What happened.
        before: How they stood when it began.

    Returns:
        One row a notification, minute by minute: ``notification_id``, ``received_at`` (UTC),
        ``fingerprint``, ``status`` (``firing`` or ``resolved``), ``alertname``, ``severity``,
        ``service`` or ``instance`` (the host), ``starts_at``, ``ends_at`` (empty while it
        fires), ``labels`` and ``annotations`` (JSON objects), ``generator_url``. The same alert
        has the same fingerprint whenever it comes.
    """
    found = firing(run, before)
    told = sorted([*_events(run, found), *noise(run)], key=lambda event: (event.minute, event.key))
    return _sent(run, told), found.standing


def _events(run: ShopRun, found: Firing) -> Iterator[Event]:
    minutes = run.first_minute + np.arange(len(run.times))[:, None]
    again = found.on & (minutes > found.since) & ((minutes - found.since) % REPEAT_MINUTES == 0)
    for row, place in np.argwhere(found.began | found.ended | again).tolist():
        rule, target = ALERTS[place]
        over = bool(found.ended[row, place])
        # A rule is evaluated once the minute it looks at is over.
        now = run.times[row] + MINUTE
        starts = now - int(minutes[row, 0] - found.since[row, place]) * MINUTE
        yield Event(row, place, "resolved" if over else "firing", rule.labels(target),
                    rule.summary.format(target=target), starts, now if over else None)  # fmt: skip


def _sent(run: ShopRun, told: list[Event]) -> pd.DataFrame:
    dice = Dice(run.seed, ALERT_DICE)
    row = np.array([event.minute for event in told], dtype=np.int64)
    key = np.array([event.key for event in told], dtype=np.int64)
    minute = run.first_minute + row
    times = run.knobs["alert_repeats"][row]
    copies = np.floor(times + dice.uniform("copies", minute, key)).astype(np.int64)
    which, copy = numbered(copies)
    drawn = dice.uniform("wait", minute[which], key[which], copy)
    wait = LEAST_WAIT + (MOST_WAIT - LEAST_WAIT) * drawn + COPY_SECONDS * copy
    held_up = dice.uniform("held up", minute[which], key[which], copy) + 0.5
    wait = wait + held_up * run.knobs["alert_delay_seconds"][row[which]]
    sent = pd.DatetimeIndex(run.times[row[which]] + MINUTE).as_unit("us")
    sent += pd.to_timedelta(np.floor(wait * 1000), unit="ms").as_unit("us")
    _, rank = numbered(np.bincount(row[which], minlength=len(run.times)))
    cells = [_cells(event) for event in told]
    rows = pd.DataFrame([cells[i] for i in which.tolist()], columns=COLUMNS[2:])
    rows.insert(0, "received_at", sent)
    rows.insert(0, "notification_id", minute[which] * NOTICES_A_MINUTE + rank)
    moments = dict.fromkeys(("starts_at", "ends_at", "received_at"), "datetime64[us, UTC]")
    return rows.astype(dict.fromkeys(TEXTS, "str") | moments)


def _cells(event: Event) -> tuple[object, ...]:
    labels = event.labels
    return (
        fingerprint(labels), event.status, labels["alertname"], labels["severity"],
        labels.get("service"), labels.get("instance"), event.starts, event.ends,
        json.dumps(labels, sort_keys=True), json.dumps({"summary": event.summary}), "",
    )  # fmt: skip
