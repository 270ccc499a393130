"""What the page about the live world shows: its newest minute and its newest hour, as tables."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.flows.live_steer import ask, truth
from lab.world.faults.catalogue import FAULTS, OF_BUSINESS
from lab.world.live.cures import MOST_REPLICAS, MOST_TRAFFIC, ORDERS, TARGETS

if TYPE_CHECKING:
    import pandas as pd

HOUR = 60
SHOWN = 9  # as many rows as stand beside the drawing
SPEEDS = {0.0: "Pause", 1.0: "1×", 10.0: "10×", 60.0: "60×", 300.0: "300×"}
SAID = {"slow": "slow", "failing": "failing", "down": "down", "unseen": "without metrics"}
WELL = ("healthy", "busy")
# What an order does, for people who give it the first time.
DOES = {
    "restart": "Down for a minute, then as if new.",
    "scale": "Runs so many replicas from now on.",
    "roll_back": "Goes back to the version before.",
    "clean_disk": "Frees the disk of a host.",
    "set_traffic": "Lets a share of the customers in; 1 is all of them.",
    "fail_over": "Moves the work to a machine that is well; away for a minute, then as if new.",
    "rotate_key": "Replaces keys and certificates, one replica after the other.",
    "silence": "Nothing is told about it for an hour; what is wrong stays wrong.",
}
# Orders that need a number: its name, what to begin with, the least, the most and the step.
AMOUNTS = {
    "scale": ("Replicas", 3.0, 0.0, float(MOST_REPLICAS), 1.0),
    "set_traffic": ("Share of customers", 0.5, 0.1, MOST_TRAFFIC, 0.1),
}
__all__ = [
    "AMOUNTS", "DOES", "ORDERS", "SPEEDS", "TARGETS", "Watch", "faults", "offered_speed",
    "order_words", "running_incidents", "targets_of", "watch",
]  # fmt: skip


@dataclass(frozen=True)
class Watch:
    """The live world at a glance, without the truth.

    Args:
        world: Its name.
        time: Its time in words.
        pace: How fast it runs, in words.
        customers: Requests of customers in a second, in words.
        unwell: How many parts are not well, in words.
        nodes: One row per service and store, with its golden signals.
        edges: One row per call.
        hosts: One row per host.
        signals: The newest hour: one row per minute and node.
        happened: Newest first: alerts, deploys, configuration, and what the operator did.
        sentence: How it all is.
        busiest: What the golden signals say, in a sentence.
    """

    world: str
    time: str
    pace: str
    customers: str
    unwell: str
    nodes: "pd.DataFrame"
    edges: "pd.DataFrame"
    hosts: "pd.DataFrame"
    signals: "pd.DataFrame"
    happened: "pd.DataFrame"
    sentence: str
    busiest: str

    @property
    def health(self) -> dict[str, str]:
        """How each part is, in a word."""
        return dict(zip(self.nodes["name"], self.nodes["health"], strict=True))


def watch(ws: Workspace) -> Watch:
    """Look at the live world.

    Args:
        ws: The workspace.

    Returns:
        Its newest minute and hour.

    Raises:
        NotFound: No live world runs.
        Unavailable: It does not answer.
    """
    import pandas as pd

    state, minutes = ask(ws, "/state"), ask(ws, "/signals", minutes=HOUR)["minutes"]
    nodes = pd.DataFrame(state["nodes"])
    rows = [{"time": minute["time"], **node} for minute in minutes for node in minute["nodes"]]
    signals = pd.DataFrame(rows)
    signals["time"] = pd.to_datetime(signals["time"], utc=True, format="ISO8601")
    return Watch(
        state["world"],
        f"{datetime.fromisoformat(state['time']):%Y-%m-%d %H:%M} UTC",
        _pace(state),
        f"{grouped(nodes['traffic'].iloc[0], '.0f')} requests/s",
        f"{int((~nodes['health'].isin(WELL)).sum())} of {len(nodes)} parts",
        nodes,
        pd.DataFrame(state["edges"]),
        pd.DataFrame(state["hosts"]),
        signals,
        _happened(state),
        _sentence(nodes),
        _busiest(nodes),
    )


def offered_speed(ws: Workspace) -> float | None:
    """How fast the live world runs, if that is one of the speeds that are offered."""
    speed: float = ask(ws, "/health")["speed"]
    return speed if speed in SPEEDS else None


def running_incidents(ws: Workspace) -> list[dict[str, Any]]:
    """What goes on in the live world, newest first: for the instructor."""
    return [dict(one) for one in truth(ws) if one["running"]]


def faults() -> dict[str, str]:
    """Faults that show in a live shop, by kind, with their words."""
    return {one.kind: one.title for one in FAULTS.values() if one.family not in OF_BUSINESS}


def targets_of(kind: str) -> tuple[str, ...]:
    """Where a fault can strike; the first is the usual place."""
    return FAULTS[kind].targets


def _pace(state: dict[str, Any]) -> str:
    if not state["speed"]:
        return "Paused"
    return "With the wall clock" if state["caught_up"] else f"{state['speed']:g} times as fast"


def _happened(state: dict[str, Any]) -> "pd.DataFrame":
    """Alerts, changes and what the operator did, in one feed, newest first."""
    import pandas as pd

    done = [(one["time"], one["target"], _done(one["order"], one["amount"]))
            for one in state["operated"]]  # fmt: skip
    made = [(one["timestamp"], one["service"], f"{one['kind'].capitalize()}: {one['summary']}")
            for one in state["changes"]]  # fmt: skip
    told = [(one["received_at"], one["service"] or one["instance"], _told(one))
            for one in state["alerts"]]  # fmt: skip
    feed = pd.DataFrame([*done, *made, *told], columns=["time", "service", "what"])
    feed["time"] = pd.to_datetime(feed["time"], utc=True, format="ISO8601")
    return feed.sort_values("time", ascending=False, kind="stable").head(SHOWN)


def _told(alert: dict[str, Any]) -> str:
    return f"{'Over' if alert['status'] == 'resolved' else 'Alert'}: {alert['alertname']}"


def _done(order: str, amount: float | None) -> str:
    words = order_words(order)
    return f"Operator: {words.lower()}" + ("" if amount is None else f" to {amount:g}")


def order_words(order: str) -> str:
    """An order as people say it."""
    return order.replace("_", " ").capitalize()


def _sentence(nodes: "pd.DataFrame") -> str:
    unwell = nodes[~nodes["health"].isin(WELL)]
    if unwell.empty:
        return "Every part of the shop is well."
    said = [
        f"{name} is {SAID[health]}"
        for name, health in zip(unwell["name"], unwell["health"], strict=True)
    ]
    joined = f"{', '.join(said[:-1])} and {said[-1]}" if said[:-1] else said[0]
    return _begun(f"{joined}.")


def _busiest(nodes: "pd.DataFrame") -> str:
    slowest = nodes.sort_values("latency_ms").iloc[-1]
    failing = nodes.sort_values("errors").iloc[-1]
    return _begun(
        f"{slowest['name']} is slowest, 95% within {grouped(slowest['latency_ms'], '.0f')} ms; "
        f"{failing['name']} fails most, {failing['errors']:.1%} of its requests."
    )


def _begun(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}"
