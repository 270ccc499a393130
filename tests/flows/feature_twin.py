"""Features computed event by event, as the convention says it, and events to compute them from."""

import math
from datetime import UTC, datetime, timedelta

import pandas as pd

from lab.core.workspace import Workspace
from lab.data.features import FeatureSet, read_features

START = datetime(2026, 1, 1, tzinfo=UTC)
DEFINITION = """
name: shop
source: events
entity: [store, till]
event_time: happened
created: arrived
delay: 5min
ttl: 6h
features:
  n: {how: count, window: 2h}
  n_x: {how: count, window: 2h, column: x}
  total: {how: sum, window: 2h, column: x}
  mean: {how: mean, window: 3h, column: x}
  low: {how: min, window: 3h, column: x}
  high: {how: max, window: 12h, column: x}
  newest: {how: last, window: 4h, column: x}
  word: {how: last, window: 4h, column: s}
"""
WANTED = read_features(DEFINITION)


def naive(wanted: FeatureSet, events: list[dict], entity: tuple, at: datetime) -> dict:
    """Event by event, as the convention says it."""
    delay = timedelta(seconds=wanted.delay)
    known = []
    for event in events:
        arrived = max(
            event["happened"] + delay, event["arrived"] or datetime.min.replace(tzinfo=UTC)
        )
        if (event["store"], event["till"]) == entity and event["happened"] <= at and arrived <= at:
            known.append({**event, "known": arrived})
    newest = max((event["happened"] for event in known), default=None)
    if newest is None or (at - newest).total_seconds() >= wanted.ttl:
        return {"newest_event": None, **dict.fromkeys(wanted.features)}
    found: dict = {"newest_event": newest}
    for name, feature in wanted.features.items():
        inside = [e for e in known if (at - e["happened"]).total_seconds() < feature.window]
        column = feature.column
        there = [e for e in inside if column is None or e[column] is not None]
        values = [e[column] for e in there] if column else there
        if feature.how == "count":
            found[name] = len(values)
        elif feature.how == "sum":
            found[name] = math.fsum(values)
        elif not values:
            found[name] = None
        elif feature.how == "last":
            found[name] = max(there, key=lambda e: (e["happened"], e["known"], e[column]))[column]
        else:
            how = {"mean": lambda v: math.fsum(v) / len(v), "min": min, "max": max}[feature.how]
            found[name] = how(values)
    return found


def same(one, other) -> bool:
    if one is None or (not isinstance(one, str) and pd.isna(one)):
        return other is None or (not isinstance(other, str) and pd.isna(other))
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


def put(ws: Workspace, events: list[dict]) -> None:
    ws.store.execute(
        "CREATE OR REPLACE TABLE events (store VARCHAR, till BIGINT, happened TIMESTAMPTZ, "
        "arrived TIMESTAMPTZ, x DOUBLE, s VARCHAR)"
    )
    if events:
        ws.store.write("events", pd.DataFrame(events), mode="append")


def many(count: int) -> list[dict]:
    """Events of 200 entities over two days, some late, some with gaps."""
    return [
        {
            "store": f"s{i % 40}",
            "till": i // 40 % 5,
            "happened": START + timedelta(seconds=(i * 7919) % 172_800),
            "arrived": START + timedelta(seconds=(i * 7919) % 172_800 + i % 9000)
            if i % 3
            else None,
            "x": None if i % 11 == 0 else math.sin(i) * 10 ** (i % 7),
            "s": f"w{i % 13}",
        }
        for i in range(count)
    ]
