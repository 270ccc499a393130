"""Log lines: they tell what the run says, in the format of their writer, and name their trace."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from lab.world.lenses.logs import logs
from lab.world.lenses.traces import spans
from lab.world.shop.topology import NODE_NAMES, SERVICES
from tests.world.lenses.stretches import START, calm, struck

CLASSIC = re.compile(
    r"(?P<time>\S+Z) (?P<level>[A-Z]+) (?P<instance>\S+) "
    r"(?:\[trace=(?P<trace>\w{32})\] )?(?P<message>.+)"
)
REQUEST = re.compile(r"(?:GET|POST|PUT) \S+ \d{3} \d+ms")
BAD = slice(60, 180)


def rows_of(kind: str, target: str = "") -> pd.DataFrame:
    return logs(struck(kind, target))


def while_bad(rows: pd.DataFrame) -> pd.DataFrame:
    minute = (rows["timestamp"] - pd.Timestamp(START)) / pd.Timedelta("1min")
    return rows[(minute >= BAD.start) & (minute < BAD.stop)]


@pytest.mark.parametrize("name", ["edge", "web", "catalogue"])
def test_the_share_of_errors_tracks_the_failures(name):
    run = struck("bad_deploy", "catalogue")
    rows = while_bad(logs(run))
    rows = rows[(rows["service"] == name) & rows["message"].str.match(REQUEST)]
    flows, node = run.flows, NODE_NAMES.index(name)
    wanted = flows.failed[BAD, node].sum() / flows.arrivals[BAD, node].sum()
    share = np.average(rows["level"] == "ERROR", weights=rows["weight"])
    assert share == pytest.approx(wanted, abs=0.06)
    assert wanted > 0.05


def test_every_trace_in_the_lines_is_in_the_spans():
    run = struck("bad_deploy", "catalogue")
    named = set(logs(run)["trace_id"].dropna())
    assert named
    assert named <= set(spans(run)["trace_id"])


def test_every_request_a_service_answered_has_one_line():
    run = calm()
    rows, found = logs(run), spans(run)
    asked = rows[rows["message"].str.match(REQUEST)].groupby("service", observed=True).size()
    served = found[found["service"].isin(SERVICES)].groupby("service", observed=True).size()
    assert asked.to_dict() == served.to_dict()


def test_lines_can_be_parsed_and_say_what_the_columns_say():
    for row in rows_of("bad_deploy", "web").sample(400, random_state=1).itertuples():
        if row.line.startswith("{"):
            said = json.loads(row.line)
            said = {**said, "trace": said.get("trace_id")}
        else:
            said = CLASSIC.fullmatch(row.line).groupdict()
        assert said["message"] == row.message
        assert (said["level"], said["instance"]) == (row.level, row.instance)
        assert (said["trace"] or None) == (None if pd.isna(row.trace_id) else row.trace_id)
        moment = pd.Timestamp(said["time"])
        assert abs(moment - row.timestamp) < pd.Timedelta("1ms")


def test_a_failed_request_names_what_failed_it():
    rows = rows_of("bad_deploy", "catalogue")
    web = rows[(rows["service"] == "web") & (rows["level"] == "ERROR")]
    assert web["message"].str.contains("call to catalogue failed").mean() > 0.9


def test_a_format_change_reaches_its_service_alone():
    rows = while_bad(rows_of("log_format_change", "web"))
    other = rows["line"].str.startswith("ts=")
    assert other[rows["service"] == "web"].all()
    assert not other[rows["service"] != "web"].any()


def test_a_wrong_clock_shifts_the_lines_of_its_service():
    calm_rows, rows = logs(calm()), logs(struck("clock_skew", "web"))
    both = calm_rows.merge(rows, on=["trace_id", "service", "message"], suffixes=("", "_skewed"))
    shift = (both["timestamp_skewed"] - both["timestamp"]) / pd.Timedelta("1s")
    assert set(shift[both["service"] != "web"]) == {0.0}
    assert set(shift[both["service"] == "web"]) == {0.0, 600.0}
    assert not (rows["log_id"].diff() < 0).any()


def test_a_flood_and_a_leaked_key():
    usual = len(while_bad(logs(calm()))[lambda rows: rows["service"] == "web"])
    flood = while_bad(logs(struck("log_flood", "web")))
    assert (flood["service"] == "web").sum() > 20 * usual
    assert (flood["service"] == "web").sum() / 120 > 200
    leaked = while_bad(logs(struck("leaked_key")))
    keys = leaked["message"].str.extract(r"\b(AKIA[A-Z0-9]{16})\b")[0].dropna()
    assert keys.nunique() == 1
    assert keys.str.contains("FAKE").all()
    assert set(leaked.loc[keys.index, "service"]) == {"payment"}
    assert not logs(calm())["message"].str.contains("AKIA").any()


@pytest.mark.parametrize(("kind", "target", "words"), [
    ("gc_pauses", "web", "GC pause"), ("disk_fill", "host-b", "disk is"),
    ("queue_lag", "queue", "consumer lag"), ("auth_revoked", "payment", "unauthorised"),
    ("cache_loss", "cache", "cache miss"), ("bad_deploy", "web", "starting version"),
    ("slow_deploy", "web", "slow request"), ("bad_image_tag", "web", "cannot start"),
])  # fmt: skip
def test_trouble_is_told(kind, target, words):
    more = rows_of(kind, target)["message"].str.contains(words).sum()
    assert more > logs(calm())["message"].str.contains(words).sum()
