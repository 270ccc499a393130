"""Which faults can be laid over series, and what each does to what is measured."""

from dataclasses import dataclass
from typing import Literal, get_args

from lab.core.errors import unknown
from lab.world.faults.catalogue import FAULTS
from lab.world.overlay.meaning import Meaning
from lab.world.overlay.shapes import Shape

Reach = Literal["by meaning", "one series", "one counter", "all series"]


@dataclass(frozen=True)
class Effect:
    """What a fault does to one kind of series.

    Attributes:
        shape: The shape it takes.
        amount: How hard at severity 1, in the unit of the shape.
    """

    shape: Shape
    amount: float


@dataclass(frozen=True)
class Laid:
    """A fault as it is laid over series.

    Attributes:
        kind: Its name; the same as in the shop's catalogue where it is there too.
        title: A few words for people.
        note: What a series shows of it, in a sentence.
        effects: What it does, by what a series measures; what shows it most comes first.
        minutes: Shortest and longest duration.
        reach: Whether it strikes series by what they measure, any one, a counter, or all of a host.
        lasting: Whether severity is how long it lasts instead of how far it goes.
    """

    kind: str
    title: str
    note: str
    effects: dict[Meaning, Effect]
    minutes: tuple[int, int]
    reach: Reach = "by meaning"
    lasting: bool = False


def _known(kind: str, minutes: tuple[int, int], **effects: tuple[Shape, float]) -> Laid:
    """A fault of the shop, by what it does to what."""
    fault = FAULTS[kind]
    named: dict[str, Meaning] = {meaning: meaning for meaning in _MEANINGS}
    return Laid(
        kind,
        fault.title,
        fault.note,
        {named[name]: Effect(*effect) for name, effect in effects.items()},
        minutes,
    )


_MEANINGS: tuple[Meaning, ...] = get_args(Meaning)


def _any(
    kind: str, title: str, note: str, effect: Effect, minutes: tuple[int, int], reach: Reach,
    lasting: bool = False,
) -> Laid:  # fmt: skip
    """A fault that any series can show."""
    return Laid(kind, title, note, dict.fromkeys(_MEANINGS, effect), minutes, reach, lasting)


LAID: dict[str, Laid] = {
    laid.kind: laid
    for laid in (
        _known("error_rate", (30, 90), errors=("shift", 14), latency=("shift", 3)),
        _known("latency", (30, 90), latency=("shift", 14)),
        _known("memory_leak", (180, 480), memory_free=("ramp", -20), memory_used=("ramp", 20)),
        _known("cpu_hog", (30, 120), cpu=("shift", 14), load=("shift", 10), idle=("shift", -14)),
        _known("gc_pauses", (30, 120), latency=("bursts", 14), cpu=("shift", 4)),
        _known("queue_lag", (60, 180), queue=("ramp", 20), latency=("ramp", 8)),
        _known("cache_loss", (30, 60), latency=("shift", 8), load=("shift", 5), cpu=("shift", 5)),
        _known("dependency_down", (15, 60), errors=("shift", 16), traffic=("drop", 0.7),
               latency=("shift", 10)),
        _known("scaled_to_zero", (15, 60), traffic=("drop", 1.0), cpu=("drop", 0.9),
               load=("drop", 0.9)),
        _known("packet_loss", (30, 90), traffic=("drop", 0.6), latency=("bursts", 10)),
        _known("packet_delay", (30, 90), latency=("shift", 10)),
        _known("disk_fill", (180, 480), disk_free=("ramp", -20), disk_used=("ramp", 20)),
        _known("node_pressure", (30, 120), memory_free=("shift", -12), memory_used=("shift", 12),
               load=("shift", 6)),
        _known("bad_deploy", (60, 240), errors=("shift", 10), latency=("shift", 6),
               cpu=("shift", 8), load=("shift", 6), memory_free=("shift", -4)),
        _known("sale_day", (240, 480), traffic=("times", 2.0), cpu=("times", 1.2),
               load=("times", 1.2), latency=("shift", 4)),
        _known("flood", (20, 60), traffic=("times", 6.0), cpu=("times", 2.5), load=("times", 2.5),
               latency=("shift", 8)),
        _any("target_down", FAULTS["target_down"].title,
             "Every series of a host has a gap; severity is how long.",
             Effect("gap", 1), (10, 120), "all series", lasting=True),
        _any("missing_series", FAULTS["missing_series"].title,
             "One series has a gap while the others go on; severity is how long.",
             Effect("gap", 1), (30, 180), "one series", lasting=True),
        _any("counter_reset", FAULTS["counter_reset"].title,
             "One counter begins again at zero, as after a restart.",
             Effect("reset", 1), (5, 15), "one counter"),
        _any("clock_skew", FAULTS["clock_skew"].title,
             "A host reports what was true hours ago, up to eight.",
             Effect("skew", 1), (120, 360), "all series"),
        _any("level_shift", "A new level",
             "One series moves to another level and stays there.",
             Effect("shift", 10), (180, 480), "one series"),
        _any("slow_drift", "A slow drift",
             "One series climbs a little with every sample.",
             Effect("ramp", 14), (240, 600), "one series"),
        _any("spike", "A spike",
             "One series is far up for a few samples.",
             Effect("shift", 20), (1, 4), "one series"),
        _any("drop", "A drop",
             "One series falls, at full severity to nothing.",
             Effect("drop", 1), (20, 90), "one series"),
        _any("stuck", "A stuck value",
             "One series repeats its last value; severity is how long.",
             Effect("flat", 1), (30, 360), "one series", lasting=True),
        _any("more_noise", "More noise",
             "One series fluctuates many times as much as usual.",
             Effect("noise", 8), (60, 180), "one series"),
    )
}  # fmt: skip


def laid(kind: str) -> Laid:
    """Look up how a fault is laid over series.

    Raises:
        NotFound: It cannot be laid over series; near matches are named.

    >>> laid("stuck").effects["cpu"].shape
    'flat'
    """
    if kind not in LAID:
        raise unknown("fault to lay over series", kind, LAID)
    return LAID[kind]
