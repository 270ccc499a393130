"""The change lens: what people released and configured, harmless or not, as a change log has it.

Harmless changes come at a rhythm of their own, fewer at weekends. A fault that came with a
change leaves a record of the same kind; nothing but its risk tells it from the others.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.world.faults.fault import Incident
from lab.world.lenses.changes_risk import Risk, risk
from lab.world.lenses.dice import Dice, hexadecimal
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import SERVICES

CHANGES = 502
CANDIDATES = 12  # changes a day at most
WEEKDAY_CHANGES, WEEKEND_CHANGES = 4.5, 0.8
BUSIEST_MINUTE, MINUTES_ASTRAY = 14 * 60, 190
CONFIG_SHARE = 0.3
MINUTE, DAY = pd.Timedelta(minutes=1), pd.Timedelta(days=1)
# What is deployed when a fault strikes a table rather than a service.
PIPELINES = {"orders": "order-feed", "labels": "label-feed", "predictions": "fraud-model"}
SUMMARIES = {
    "deploy": ("Update dependencies", "New layout", "Faster queries", "Fix rounding of prices",
               "Remove old code", "Better error messages", "Support another currency"),
    "config": ("Raise the pool size", "Change a timeout", "Switch a feature on",
               "Lower the log level", "New cache expiry", "Rotate a certificate"),
    "rollback": ("Back to the version before",),
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One change before it is written down: ``number`` tells it from all others of the seed."""

    at: pd.Timestamp
    number: int
    kind: str
    service: str
    version: str
    risk: Risk


def changes(run: ShopRun, incidents: Sequence[Incident] = ()) -> pd.DataFrame:
    """Return the changes of a run.

    Args:
        run: What happened.
        incidents: What struck; those without severity or without a change leave no record.

    Returns:
        One row a change, in order of time: ``timestamp`` (UTC), ``change_id``, ``kind``
        (``deploy``, ``config`` or ``rollback``), ``service``, ``version``, ``author`` (a role),
        ``summary``, ``digest`` (of the image; empty for configuration) and what risk is judged
        by: ``lines_changed``, ``files``, ``tests_passed`` (0 to 1), ``reviewers``, ``friday``,
        ``evening``, ``tenure_days`` (of the author).
    """
    first, last = run.times[0], run.times[-1]
    found = [*_harmless(run), *_of_incidents(run, incidents)]
    within = [change for change in found if first <= change.at <= last]
    within.sort(key=lambda change: (change.at, change.number))
    rows = pd.DataFrame([_row(run.seed, change) for change in within], columns=COLUMNS)
    return rows.astype(TYPES)


COLUMNS = [
    "timestamp", "change_id", "kind", "service", "version", "author", "summary", "digest",
    "lines_changed", "files", "tests_passed", "reviewers", "friday", "evening", "tenure_days",
]  # fmt: skip
TYPES = (
    dict.fromkeys(COLUMNS, "str")
    | dict.fromkeys(("lines_changed", "files", "reviewers", "tenure_days"), "int64")
    | dict.fromkeys(("friday", "evening"), "bool")
    | {"timestamp": "datetime64[us, UTC]", "tests_passed": "float64"}
)


def _harmless(run: ShopRun) -> Iterator[Change]:
    dice = Dice(run.seed, CHANGES)
    world = run.times[0] - run.first_minute * MINUTE
    for day in pd.date_range(run.times[0].normalize(), run.times[-1].normalize(), freq="D"):
        # Days are counted from a fixed one, so that a world begun at noon has whole days too.
        numbers = (day - pd.Timestamp(0, tz="UTC")).days * CANDIDATES + np.arange(CANDIDATES)
        mean = WEEKDAY_CHANGES if day.dayofweek < 5 else WEEKEND_CHANGES
        happens = dice.uniform("happens", numbers) < mean / CANDIDATES
        minute = BUSIEST_MINUTE + MINUTES_ASTRAY * dice.normal("minute", numbers)
        services = dice.whole("service", len(SERVICES), numbers)
        config = dice.uniform("config", numbers) < CONFIG_SHARE
        for i in np.flatnonzero(happens):
            at = day + int(np.clip(minute[i], 0, 1439)) * MINUTE
            if at > world:
                kind = "config" if config[i] else "deploy"
                version = f"{day:%Y.%m.%d}.{i + 1}"
                number = int(numbers[i])
                yield Change(at, number, kind, SERVICES[services[i]], version,
                             risk(dice, number, at, cautious=True))  # fmt: skip


def _of_incidents(run: ShopRun, incidents: Sequence[Incident]) -> Iterator[Change]:
    dice = Dice(run.seed, CHANGES)
    for incident in incidents:
        if not incident.fault.change or incident.severity <= 0:
            continue
        text = f"{incident.incident_id} {incident.target} {incident.start}"
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
        service = PIPELINES.get(incident.target, incident.target)
        at = pd.Timestamp(incident.start).floor("min")
        version = f"{at:%Y.%m.%d}.{CANDIDATES + 1 + number % CANDIDATES}"
        yield Change(at, number, incident.fault.change, service, version,
                     risk(dice, number, at, cautious=False))  # fmt: skip
        if incident.end is not None and "roll_back" in incident.fault.remedies:
            back = pd.Timestamp(incident.end).floor("min")
            before = f"{at - DAY:%Y.%m.%d}.1"
            yield Change(back, number + 1, "rollback", service, before,
                         risk(dice, number + 1, back, cautious=True))  # fmt: skip


def _row(seed: int, change: Change) -> tuple[object, ...]:
    dice, number = Dice(seed, CHANGES), np.array([change.number])
    summaries = SUMMARIES[change.kind]
    summary = summaries[dice.whole("summary", len(summaries), number)[0]]
    image = hashlib.sha256(f"{change.service}:{change.version}".encode()).hexdigest()
    judged = change.risk
    return (
        change.at, f"chg-{hexadecimal(dice.bits('id', number))[0][:8]}", change.kind,
        change.service, change.version, judged.author, summary,
        None if change.kind == "config" else f"sha256:{image}", judged.lines_changed, judged.files,
        judged.tests_passed, judged.reviewers, judged.friday, judged.evening, judged.tenure_days,
    )  # fmt: skip
