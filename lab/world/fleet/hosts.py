"""A fortnight of cloud hosts, minute by minute, with labelled incidents and a fault-free twin.

What is modelled, and why it is enough to practise on: traffic follows people (days, weeks,
hosts with roles of their own) and causes CPU, load and memory; logs fill disks and rotate at
midnight; nightly jobs look like trouble and are not. Faults act on the hidden drivers
(``lab.world.fleet.background``), so an incident is seen in every metric it would really reach.
"""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from lab.core.errors import BadInput
from lab.world.fleet.background import METRICS, background, observe
from lab.world.fleet.plan import Strike, plan
from lab.world.fleet.roles import role_of
from lab.world.signals import DAY_MINUTES, utc

START = "2026-03-02T00:00Z"
JOB = "node"
LEAST_DAYS = 4


@dataclass(frozen=True)
class HostWorld:
    """What a world of hosts emits, and the truth about it.

    Attributes:
        metrics: Columns ``timestamp`` (UTC, one per minute), ``instance``, ``job``, then the
            five metrics of ``lab.world.fleet.background.METRICS``; sorted by instance and time.
        incidents: Columns ``incident_id``, ``start``, ``end`` (half-open, UTC), ``instance``,
            ``metric`` (the one that shows it most), ``kind``, ``note``; sorted by start.
    """

    metrics: pd.DataFrame
    incidents: pd.DataFrame


def host_metrics(
    seed: int = 7,
    days: int = 14,
    hosts: int = 10,
    start: str | datetime = START,
    *,
    incidents: bool = True,
    noise: float = 1.0,
) -> HostWorld:
    """Simulate hosts and the incidents that befall them.

    The first half of the days is always free of incidents, so that it can train a detector;
    ``host-07`` never has one. The same call with ``incidents=False`` gives the twin: exactly
    the same background, nothing wrong. Two worlds with different ``hosts`` agree on the
    background of the hosts they share.

    Args:
        seed: World seed, 0 or more.
        days: Length, 1 or more; at least 4 with incidents.
        hosts: Number of hosts, 1 to 99; roles repeat after ten.
        start: First minute, with a time zone; a midnight keeps days whole.
        incidents: Whether faults strike.
        noise: Factor on every random fluctuation, 0 or more; 1 is ordinary.

    Returns:
        Metrics of shape (hosts * days * 1440, 8), and the labelled incidents.

    Raises:
        BadInput: An argument is out of range, or ``start`` has no time zone.

    >>> world = host_metrics(seed=7, days=4, hosts=2)
    >>> world.metrics.shape, sorted(world.incidents["instance"].unique())
    ((11520, 8), ['host-01', 'host-02'])
    """
    _check(seed, days, hosts, incidents, noise)
    times = pd.date_range(utc(start), periods=days * DAY_MINUTES, freq="min", unit="us")
    strikes = plan(seed, times, hosts) if incidents else ()
    frames = [_host_frame(seed, number, times, strikes, noise) for number in range(1, hosts + 1)]
    return HostWorld(pd.concat(frames, ignore_index=True), _incident_frame(strikes, times))


def _host_frame(
    seed: int, number: int, times: pd.DatetimeIndex, strikes: tuple[Strike, ...], noise: float
) -> pd.DataFrame:
    role = role_of(number)
    drivers = background(role, times, seed, number, noise)
    for strike in strikes:
        if strike.number == number:
            drivers = strike.fault.effect(drivers, role, strike.window, strike.strength)
    columns = {"timestamp": times, "instance": host_name(number), "job": JOB}
    return pd.DataFrame(columns | observe(drivers, role))


def _incident_frame(strikes: tuple[Strike, ...], times: pd.DatetimeIndex) -> pd.DataFrame:
    minute = pd.Timedelta(minutes=1)
    return pd.DataFrame(
        {
            "incident_id": [f"inc-{i:02d}" for i in range(1, len(strikes) + 1)],
            "start": _moments([times[s.window.start] for s in strikes]),
            "end": _moments([times[s.window.stop - 1] + minute for s in strikes]),
            "instance": [host_name(s.number) for s in strikes],
            "metric": [s.fault.metric for s in strikes],
            "kind": [s.fault.kind for s in strikes],
            "note": [s.fault.note for s in strikes],
        }
    ).astype(dict.fromkeys(["incident_id", "instance", "metric", "kind", "note"], "str"))


def _moments(values: list[pd.Timestamp]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(values, dtype="datetime64[us, UTC]")


def host_name(number: int) -> str:
    """Return the name of a host, as the label ``instance`` has it.

    >>> host_name(7)
    'host-07'
    """
    return f"host-{number:02d}"


def _check(seed: int, days: int, hosts: int, incidents: bool, noise: float) -> None:
    least = LEAST_DAYS if incidents else 1
    if seed < 0:
        raise BadInput(f"Seed must be 0 or more, got {seed}.", "Choose another seed.")
    if days < least:
        raise BadInput(
            f"Days must be {least} or more, got {days}.",
            "With incidents a world needs four days; incidents=False needs one.",
        )
    if not 1 <= hosts <= 99:
        raise BadInput(f"Hosts must be 1 to 99, got {hosts}.", "Choose a number in that range.")
    if noise < 0:
        raise BadInput(f"Noise must be 0 or more, got {noise}.", "1 is ordinary, 2 is doubled.")


__all__ = ["METRICS", "HostWorld", "host_metrics", "host_name"]
