"""Faults a host can suffer: each changes the hidden drivers within a half-open window."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lab.world.fleet.background import CPU, DISK, LOAD, MEMORY, NETWORK, Drivers
from lab.world.fleet.roles import Role
from lab.world.signals import Array

Effect = Callable[[Drivers, Role, slice, float], Drivers]


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:
        kind: Its name.
        metric: The metric that shows it most.
        minutes: Shortest and longest duration.
        note: One sentence for people.
        effect: Changes drivers within a window, by a strength from 0 to 1.
        at_night: It is odd only at night, so it begins between 01:00 and 03:00 UTC.
    """

    kind: str
    metric: str
    minutes: tuple[int, int]
    note: str
    effect: Effect
    at_night: bool = False


def _within(values: Array, window: slice, new: Array) -> Array:
    changed = values.copy()
    changed[window] = new
    return changed


def _ramp(window: slice) -> Array:
    """Return a line from just above 0 to 1 over the window."""
    length = window.stop - window.start
    return np.asarray(np.arange(1, length + 1) / length)


def cpu_hog(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """A runaway process takes up to 70 % of the CPU; the queue grows beyond the cores."""
    del role
    return replace(
        drivers, own_cpu=_within(drivers.own_cpu, window, drivers.own_cpu[window] + 0.7 * strength)
    )


def memory_leak(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """A process keeps what it allocates, up to 45 % of memory, until it is restarted."""
    lost = 0.45 * strength * role.memory * _ramp(window)
    return replace(drivers, memory=_within(drivers.memory, window, drivers.memory[window] + lost))


def disk_fill(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """A forgotten debug log eats up to half of the disk until somebody deletes it."""
    grown = 0.5 * strength * role.disk * _ramp(window)
    return replace(drivers, disk=_within(drivers.disk, window, drivers.disk[window] + grown))


def network_flood(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """Unwanted requests arrive on top of the ordinary ones, up to three times a busy peak."""
    flood = drivers.traffic[window] + 3.0 * strength * role.traffic
    return replace(drivers, traffic=_within(drivers.traffic, window, flood))


def network_drop(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """The host is cut off: up to 97 % of its traffic no longer arrives."""
    del role
    left = drivers.traffic[window] * (1 - 0.97 * strength)
    return replace(drivers, traffic=_within(drivers.traffic, window, left))


def io_stall(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """Storage hangs: processes queue up, and the work that waits for them slows down."""
    queued = drivers.waiting[window] + 2.5 * strength * role.cores
    slowed = drivers.traffic[window] * (1 - 0.35 * strength)
    return replace(
        drivers,
        waiting=_within(drivers.waiting, window, queued),
        traffic=_within(drivers.traffic, window, slowed),
    )


def level_shift(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """A release needs more CPU and memory all the time, until it is rolled back."""
    own_cpu = drivers.own_cpu[window] + 0.3 * strength
    memory = drivers.memory[window] + 0.1 * strength * role.memory
    return replace(
        drivers,
        own_cpu=_within(drivers.own_cpu, window, own_cpu),
        memory=_within(drivers.memory, window, memory),
    )


def point_spike(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """For a minute or two everything runs at once, as when a hundred timers fire together."""
    queued = drivers.waiting[window] + 4.0 * strength * role.cores
    return replace(drivers, waiting=_within(drivers.waiting, window, queued))


def night_load(drivers: Drivers, role: Role, window: slice, strength: float) -> Drivers:
    """Traffic that would be ordinary at noon arrives in the middle of the night."""
    noon = role.traffic * 0.85 * strength
    raised = drivers.traffic[window] * noon / (role.traffic * drivers.busy[window])
    return replace(drivers, traffic=_within(drivers.traffic, window, raised))


FAULTS = {
    fault.kind: fault
    for fault in (
        Fault("cpu_hog", CPU, (40, 120), "A runaway process takes the CPU.", cpu_hog),
        Fault(
            "memory_leak", MEMORY, (240, 540), "A process leaks until it is restarted.", memory_leak
        ),
        Fault("disk_fill", DISK, (180, 480), "A forgotten debug log fills the disk.", disk_fill),
        Fault(
            "network_flood", NETWORK, (20, 90), "Unwanted requests flood the host.", network_flood
        ),
        Fault("network_drop", NETWORK, (20, 90), "The host is cut off from traffic.", network_drop),
        Fault("io_stall", LOAD, (20, 80), "Storage hangs and processes queue up.", io_stall),
        Fault(
            "level_shift", CPU, (360, 600), "A release costs more until rolled back.", level_shift
        ),
        Fault("point_spike", LOAD, (2, 4), "Many timers fire at once.", point_spike),
        Fault(
            "night_load",
            NETWORK,
            (60, 120),
            "A crawler brings daytime traffic at night.",
            night_load,
            at_night=True,
        ),
    )
}
