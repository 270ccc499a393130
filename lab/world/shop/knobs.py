"""The knobs of the world: what faults, remedies and the instructor turn, and nothing else.

Dynamics and lenses read knobs; they never know which fault turned them. So an incident is
seen through every lens that it would really reach.
"""

from dataclasses import dataclass
from math import inf
from typing import Literal

Scope = Literal["node", "host", "shop"]
Joining = Literal["add", "multiply", "max"]


@dataclass(frozen=True)
class Knob:
    """Something that can be turned.

    Attributes:
        name: Its name.
        scope: Whether there is one for every node, every host, or one for the shop.
        neutral: Its value when nothing is wrong.
        joining: How several turns of the same knob combine.
        meaning: What it is, with its unit and range.
        highest: No turn takes it beyond this; none takes any knob below 0.
        switch: Whether it is on or off, so that any turn, however light, is a full one.
    """

    name: str
    scope: Scope
    neutral: float
    joining: Joining
    meaning: str
    highest: float = inf
    switch: bool = False


KNOBS = {
    knob.name: knob
    for knob in (
        # The dynamics read these.
        Knob("error_rate", "node", 0, "add", "chance that a request fails here, 0 to 1", 1),
        Knob("latency_seconds", "node", 0, "add", "time a request waits here on top, no CPU"),
        Knob("slowdown", "node", 1, "multiply", "factor on the work of a request, CPU included"),
        Knob("leak_bytes", "node", 0, "add", "memory each replica gains in a minute, bytes"),
        Knob("pause_seconds", "node", 0, "add", "time in each minute when nothing is answered", 60),
        Knob("replicas", "node", 1, "multiply", "factor on the replicas that run, 0 or more"),
        Knob("reachable", "node", 1, "multiply",
             "share of replicas that calls can reach, 0 to 1", 1),
        Knob("refused", "node", 0, "add", "share of calls refused as unauthorised, 0 to 1", 1),
        Knob("loss", "node", 0, "add", "share of packets to it that are lost, 0 to 1", 1),
        Knob("delay_seconds", "node", 0, "add", "network delay of each call to it"),
        Knob("cpu_taken", "host", 0, "add",
             "share of the CPU that something else takes, 0 to 1", 1),
        Knob("memory_taken", "host", 0, "add", "share of memory that something else takes", 1),
        Knob("disk_bytes", "host", 0, "add", "disk filled in a minute on top of logs, bytes"),
        Knob("demand", "shop", 1, "multiply", "factor on what customers ask for"),
        Knob("cache_hits", "shop", 1, "multiply", "factor on the hit rate of the cache, 0 to 1", 1),
        Knob("consumers", "shop", 1, "multiply", "factor on how fast the queue is drained", 1),
        # What can be seen, as opposed to what is: telemetry reads these.
        Knob("scrape", "node", 1, "multiply", "0 when its metrics cannot be scraped", 1, True),
        Knob("counter_reset", "node", 0, "max",
             "1 in the minute in which its counters restart", 1, True),
        Knob("series_missing", "node", 0, "max", "1 while its latency histogram is gone", 1, True),
        Knob("clock_skew_seconds", "node", 0, "add", "how far its clock is ahead"),
        Knob("log_lines", "node", 1, "multiply", "factor on the log lines it writes"),
        Knob("log_format", "node", 0, "max",
             "1 when its lines are written in another format", 1, True),
        Knob("leaked_key", "node", 0, "max", "1 while its log lines carry an access key", 1, True),
        Knob("digest_differs", "node", 0, "max",
             "1 while it runs what was never released", 1, True),
        Knob("alert_repeats", "shop", 1, "multiply", "how often each alert is sent"),
        Knob("alert_flapping", "shop", 0, "add",
             "chance that a firing alert resolves, a minute", 1),
        Knob("alert_delay_seconds", "shop", 0, "add", "how late alerts arrive"),
        Knob("alert_noise", "shop", 0, "add", "alerts about nothing, a minute"),
        # The business data: orders, labels and sales read these.
        Knob("null_share", "shop", 0, "add", "share of order rows without an amount", 1),
        Knob("renamed", "shop", 0, "max", "1 while column amount is called total", 1, True),
        Knob("unit_factor", "shop", 1, "multiply",
             "factor on amounts, as pence for pounds", inf, True),
        Knob("stale", "shop", 0, "max", "1 while no new orders are delivered", 1, True),
        Knob("repeat_share", "shop", 0, "add", "share of order rows delivered twice", 1),
        Knob("leak_column", "shop", 0, "max", "1 while a column gives the label away", 1, True),
        Knob("label_flips", "shop", 0, "add", "share of fraud labels that are wrong", 1),
        Knob("covariate_shift", "shop", 0, "add", "shift of basket size, in deviations"),
        Knob("prior_shift", "shop", 0, "add", "extra share of fraudulent orders", 1),
        Knob("concept_shift", "shop", 0, "add", "how much fraud changes its habits, 0 to 1", 1),
        Knob("segment_shift", "shop", 0, "add", "the same in one country only, 0 to 1", 1),
        Knob("serving_skew", "shop", 0, "add", "share by which served amounts are off"),
        Knob("label_delay_days", "shop", 0, "add", "days labels arrive later than usual"),
        Knob("label_loss", "shop", 0, "add", "share of labels that never arrive, 0 to 1", 1),
    )
}  # fmt: skip
