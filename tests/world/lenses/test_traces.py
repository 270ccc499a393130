"""Spans: they follow the topology, take as long as the run says, and fail where it says."""

import numpy as np
import pandas as pd
import pytest

from lab.world.lenses.traces import span_rows, spans, traced
from lab.world.lenses.traces_tree import SLOW
from lab.world.shop.simulate import simulate
from lab.world.shop.topology import CALLS, NODE_NAMES
from tests.world.lenses.stretches import SEED, START, calm, struck

ASYNC = {(call.caller, call.callee) for call in CALLS if call.kind == "async"}
EDGES = {(call.caller, call.callee) for call in CALLS}


def with_parents(rows: pd.DataFrame) -> pd.DataFrame:
    """Each span beside the one that called it."""
    parents = rows.set_index("span_id")[["trace_id", "service", "start", "duration_ms", "status"]]
    return rows.dropna(subset="parent_id").join(parents, on="parent_id", rsuffix="_above")


@pytest.mark.parametrize("kind", ["", "bad_image_tag", "slow_deploy", "packet_loss"])
def test_calls_follow_the_topology_and_fit_into_their_callers(kind):
    rows = spans(struck(kind) if kind else calm())
    inner = with_parents(rows)
    assert len(inner) == rows["parent_id"].notna().sum()
    assert (inner["trace_id"] == inner["trace_id_above"]).all()
    seen = inner[~inner["operation"].astype(str).str.startswith("call ")]
    pairs = set(zip(seen["service_above"], seen["service"], strict=True))
    assert pairs <= EDGES
    waited = seen[[pair not in ASYNC for pair in
                   zip(seen["service_above"], seen["service"], strict=True)]]  # fmt: skip
    assert (waited["duration_ms"] <= waited["duration_ms_above"] + 0.001).all()
    assert (waited["start"] >= waited["start_above"]).all()
    over = waited["start"] + pd.to_timedelta(waited["duration_ms"], unit="ms")
    above = waited["start_above"] + pd.to_timedelta(waited["duration_ms_above"], unit="ms")
    assert (over <= above + pd.Timedelta(microseconds=20)).all()


def test_every_trace_begins_at_the_edge_in_its_minute():
    rows = spans(calm())
    first = rows[rows["parent_id"].isna()]
    assert first["trace_id"].is_unique
    assert first["trace_id"].nunique() == rows["trace_id"].nunique()
    assert (first["service"] == "edge").all()
    assert first["start"].between(calm().times[0], calm().times[-1] + pd.Timedelta("1min")).all()
    assert rows["span_id"].is_unique
    assert rows["trace_id"].str.fullmatch("[0-9a-f]{32}").all()


@pytest.mark.parametrize("name", NODE_NAMES)
def test_weighted_spans_stand_for_the_requests_of_the_run(name):
    run = calm(1440)
    found = traced(run)
    at, weight = found.tree.node == NODE_NAMES.index(name), found.tree.weight
    node = NODE_NAMES.index(name)
    flows = run.flows
    assert weight[at].sum() == pytest.approx(flows.arrivals[:, node].sum(), rel=0.08)
    mean = (weight * found.timing.seconds)[at].sum() / weight[at].sum()
    wanted = np.average(flows.latency_seconds[:, node], weights=flows.arrivals[:, node])
    assert mean == pytest.approx(wanted, rel=0.06)


@pytest.mark.parametrize("name", ["edge", "web", "catalogue", "cart"])
def test_failures_are_as_frequent_as_in_the_run(name):
    run = struck("bad_deploy", "catalogue")
    found, node = traced(run), NODE_NAMES.index(name)
    bad = slice(60, 180)
    flows = run.flows
    wanted = flows.failed[bad, node].sum() / flows.arrivals[bad, node].sum()
    at = (found.tree.node == node) & (found.tree.minute >= 60) & (found.tree.minute < 180)
    share = np.average(found.tree.failed[at], weights=found.tree.weight[at])
    assert share == pytest.approx(wanted, abs=0.06)


def test_errors_go_up_from_the_node_that_failed():
    rows = with_parents(spans(struck("bad_deploy", "catalogue")))
    tried = rows[rows["service"] == "catalogue"].groupby("parent_id", observed=True)
    above = tried["status_above"].first()
    # web asks the catalogue twice at most: it fails when both attempts do.
    lost = tried["status"].agg(lambda status: (status == "error").sum()) == 2
    assert lost.sum() > 20
    assert (above[lost] == "error").all()
    saved = tried["status"].agg(lambda status: "ok" in set(status))
    assert (above[saved] == "ok").mean() > 0.97


def test_failed_requests_are_traced_more_often():
    rows = spans(struck("bad_deploy", "catalogue"))
    first = rows[rows["parent_id"].isna()]
    mean = first.groupby("status", observed=True)["weight"].mean()
    assert mean["error"] < mean["ok"]


def test_no_requests_no_spans():
    run = simulate(SEED, START, 2)
    run.flows.arrivals[:] = run.flows.served[:] = run.flows.failed[:] = 0
    rows = span_rows(run, traced(run))
    assert rows.empty
    assert "trace_id" in rows


@pytest.mark.parametrize(("kind", "target"), [("latency", "web"), ("slow_queries", "database")])
@pytest.mark.parametrize("name", ["edge", "web", "database"])
def test_spans_take_as_long_as_the_run_says_in_trouble_too(kind, target, name):
    run, node = struck(kind, target), NODE_NAMES.index(name)
    found, bad = traced(run), slice(60, 180)
    at = (found.tree.node == node) & (found.tree.minute >= 60) & (found.tree.minute < 180)
    mean = np.average(found.timing.seconds[at], weights=found.tree.weight[at])
    weights = run.flows.arrivals[bad, node]
    wanted = np.average(run.flows.latency_seconds[bad, node], weights=weights)
    assert mean == pytest.approx(wanted, rel=0.25)


def test_who_timed_out_used_up_its_time():
    run = struck("slow_queries", "database")
    found = traced(run)
    slow = (found.tree.cause == SLOW) & (found.tree.node == NODE_NAMES.index("edge"))
    assert slow.sum() > 20
    assert found.timing.seconds[slow] == pytest.approx(10.0)
