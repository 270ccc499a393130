"""Light up the shop, done wrong in the ways people do it."""

import json
from typing import TYPE_CHECKING

from lab.core.progress import drain
from lab.flows.ingest import ingest
from lab.learn.contract import Task, Wrong
from lab.learn.exercises.light_up_the_shop import exercise
from lab.learn.exercises.light_up_the_shop.world import COUNTER, ZONE, day, long, outage
from lab.world.fleet.background import CPU

if TYPE_CHECKING:
    import pandas as pd


def _put(task: Task, dataset: str, rows: "pd.DataFrame") -> None:
    """Write samples straight into the store, as from a notebook."""
    rows = rows.assign(dataset=dataset)
    task.ws.store.execute("DELETE FROM observations WHERE dataset = ?", [dataset])
    ids = rows[["dataset", "series_id"]].drop_duplicates()
    series = ids.assign(metric=ids["series_id"].str.partition("{")[0], labels=json.dumps({}))
    task.ws.store.write("series", series, mode="upsert")
    task.ws.store.change(lambda connection: _append(connection, rows))


def _append(connection: object, rows: "pd.DataFrame") -> None:
    # Past the contract of the table, which would refuse a sample that is there twice.
    from typing import Any, cast

    sink = cast("Any", connection)
    sink.register("put", rows)
    sink.execute("INSERT INTO observations BY NAME SELECT * FROM put")
    sink.unregister("put")


def _loaded(task: Task) -> "pd.DataFrame":
    drain(exercise.solve(task))
    return exercise.samples(task, exercise.first(task))


def _as_utc(task: Task) -> None:
    name = exercise.first(task)
    drain(ingest(task.ws, task.file(f"{name}.csv"), {"timezone": "UTC"}))


def _under_another_name(task: Task) -> None:
    name = exercise.first(task)
    drain(ingest(task.ws, task.file(f"{name}.csv"), {"timezone": "UTC", "dataset": "metrics"}))


def _one_host_only(task: Task) -> None:
    rows = _loaded(task)
    _put(task, exercise.first(task), rows[rows["series_id"].str.contains("host-01")])


def _half_the_minutes(task: Task) -> None:
    rows = _loaded(task)
    _put(task, exercise.first(task), rows[rows["timestamp"].dt.minute % 2 == 1])


def _every_minute_but_a_few(task: Task) -> None:
    rows = _loaded(task)
    gone = rows["series_id"].str.startswith(CPU) & (rows["timestamp"].dt.hour == 7)
    _put(task, exercise.first(task), rows[~gone])


def _loaded_twice(task: Task) -> None:
    import pandas as pd

    rows = _loaded(task)
    _put(task, exercise.first(task), pd.concat([rows, rows.head(500)]))


def _per_cent(task: Task) -> None:
    rows = _loaded(task)
    rows["value"] = rows["value"] * 1.02
    _put(task, exercise.first(task), rows)


def _nothing(task: Task) -> None:
    del task


def _zeros_in_the_gap(task: Task) -> None:
    rows = day(task, 1)
    _put(task, exercise.second(task), long(rows.fillna(0.0)))


def _last_value_in_the_gap(task: Task) -> None:
    rows = day(task, 1)
    _put(task, exercise.second(task), long(rows.ffill()))


def _smoothed_counter(task: Task) -> None:
    rows = day(task, 1)
    gone = outage(task)
    minute = rows.groupby("instance").cumcount()
    after = (rows["instance"] == gone.instance) & (minute >= gone.end)
    before = (rows["instance"] == gone.instance) & (minute == gone.start - 1)
    rows.loc[after, COUNTER] += rows.loc[before, COUNTER].iloc[0]
    _put(task, exercise.second(task), long(rows))


def _host_left_out(task: Task) -> None:
    rows = day(task, 1)
    _put(task, exercise.second(task), long(rows[rows["instance"] != outage(task).instance]))


def _minute() -> "pd.Timedelta":
    import pandas as pd

    return pd.Timedelta(minutes=1)


def _joined(*frames: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    return pd.concat(frames)


def _as_a_table(task: Task) -> None:
    name = exercise.first(task)
    mapping = {"kind": "table", "dataset": name, "timezone": ZONE}
    drain(ingest(task.ws, task.file(f"{name}.csv"), mapping))


def _one_metric(task: Task) -> None:
    name = exercise.first(task)
    mapping = {"dataset": name, "timezone": ZONE, "value_columns": [CPU]}
    drain(ingest(task.ws, task.file(f"{name}.csv"), mapping))


def _rates(task: Task) -> "pd.DataFrame":
    """The second day done right, and its rate as samples; the one thing wrong comes on top."""
    drain(exercise.solve_break(task))
    return exercise.samples(task, exercise.third(task))


def _no_rate(task: Task) -> None:
    drain(exercise.solve_break(task))
    name = exercise.third(task)
    task.ws.store.execute("DELETE FROM observations WHERE dataset = ?", [name])


def _rate_as_a_table(task: Task) -> None:
    _no_rate(task)
    name = exercise.third(task)
    drain(ingest(task.ws, task.file(f"{name}.csv"), {"kind": "table", "dataset": name}))


def _rate_below_zero(task: Task) -> None:
    rows = _rates(task)
    restart = long(day(task, 1))["timestamp"].min() + outage(task).end * _minute()
    extra = rows.head(1).assign(timestamp=restart, value=-1e6)
    _put(task, exercise.third(task), _joined(rows, extra))


def _rate_in_the_gap(task: Task) -> None:
    rows = _rates(task)
    start = long(day(task, 1))["timestamp"].min()
    silent = range(outage(task).start, outage(task).end)
    extra = rows.head(1).assign(value=0.0)
    filled = [extra.assign(timestamp=start + minute * _minute()) for minute in silent]
    _put(task, exercise.third(task), _joined(rows, *filled))


def _rate_per_minute(task: Task) -> None:
    rows = _rates(task)
    _put(task, exercise.third(task), rows.assign(value=rows["value"] * 60))


def _rate_of_half_a_day(task: Task) -> None:
    rows = _rates(task)
    _put(task, exercise.third(task), rows.head(len(rows) // 2))


WRONG = (
    Wrong("takes Berlin's clock for UTC", _as_utc, "utc", "1 h too late"),
    Wrong("loads it as a table", _as_a_table, "loaded", "load it as metrics over time"),
    Wrong("loads under another name", _under_another_name, "loaded", "loaded: metrics"),
    Wrong("maps one metric only", _one_metric, "series", "the best has 1"),
    Wrong("keeps one host", _one_host_only, "series", "1 host with that many"),
    Wrong("thins the samples", _half_the_minutes, "rows", "has 720 of 1\u202f440"),
    Wrong(
        "loses an hour of one metric",
        _every_minute_but_a_few,
        "rows",
        "has 1\u202f380 of 1\u202f440",
    ),
    Wrong("adds the file to itself", _loaded_twice, "duplicates", "500 twice"),
    Wrong("scales the values", _per_cent, "aggregate", "2.0% off"),
    Wrong("forgets the next day", _nothing, "next_day", "no such data set", True),
    Wrong("writes zeros into the gap", _zeros_in_the_gap, "gap", "of them zero", True),
    Wrong("copies the last value", _last_value_in_the_gap, "gap", "copied or guessed", True),
    Wrong("smooths the counter", _smoothed_counter, "counter", "smoothed away", True),
    Wrong("leaves the host out", _host_left_out, "next_day", "of 36 series differ", True),
    Wrong("works out no rate", _no_rate, "rate", "no shop_rate", True),
    Wrong("loads the rate as a table", _rate_as_a_table, "rate", "is a table", True),
    Wrong("lets the restart show as a negative rate", _rate_below_zero, "rate", "below zero", True),
    Wrong("calls silence a rate of zero", _rate_in_the_gap, "rate", "during the outage", True),
    Wrong("works it out per minute", _rate_per_minute, "rate", "not per second", True),
    Wrong("stops half-way", _rate_of_half_a_day, "rate", "are wanted", True),
)
