"""The hosts: repeatable, coherent, and wrong only where the labels say so."""

import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.world.fleet.background import CPU, DISK, LOAD, MEMORY, METRICS, NETWORK
from lab.world.fleet.faults import FAULTS
from lab.world.fleet.hosts import HostWorld, host_metrics
from lab.world.fleet.roles import role_of
from tests.world.content import content_hash

TRACE = pd.Timedelta(minutes=10)
NO_TRACE = pd.Timedelta(0)


@pytest.fixture(scope="module")
def world() -> HostWorld:
    return host_metrics()


@pytest.fixture(scope="module")
def twin() -> HostWorld:
    return host_metrics(incidents=False)


def inside(metrics: pd.DataFrame, incident, trace: pd.Timedelta = NO_TRACE) -> pd.Series:
    time = metrics["timestamp"]
    return (
        (metrics["instance"] == incident.instance)
        & (time >= incident.start)
        & (time < incident.end + trace)
    )


def test_a_seed_always_gives_the_same_world(world):
    assert content_hash(world.metrics) == "557c32624c5d2349"
    assert content_hash(world.incidents) == "e243fadd78fefd16"


def test_another_seed_gives_another_world(world):
    other = host_metrics(seed=8)
    assert content_hash(other.metrics) != content_hash(world.metrics)
    assert not other.incidents["start"].equals(world.incidents["start"])


def test_shape_and_types(world):
    metrics = world.metrics
    assert list(metrics.columns) == ["timestamp", "instance", "job", *METRICS]
    assert len(metrics) == 14 * 1440 * 10
    assert not metrics.isna().any(axis=None)
    assert not metrics.duplicated(["instance", "timestamp"]).any()
    assert str(metrics["timestamp"].dtype) == "datetime64[us, UTC]"
    steps = metrics.groupby("instance")["timestamp"].diff().dropna()
    assert (steps == pd.Timedelta(minutes=1)).all()


@pytest.mark.parametrize("seed", [7, 1, 20, 300])
def test_values_stay_within_the_machine(seed):
    metrics = host_metrics(seed=seed).metrics
    for number in range(1, 11):
        host = metrics[metrics["instance"] == f"host-{number:02d}"]
        role = role_of(number)
        assert host[CPU].between(0.005, 1).all()
        assert host[MEMORY].between(0, role.memory).all()
        assert host[DISK].between(0, role.disk).all()
        assert (host[NETWORK] >= 0).all()
        assert (host[LOAD] >= 0).all()


def test_traffic_causes_cpu_and_load(twin):
    host = twin.metrics[twin.metrics["instance"] == "host-01"]
    assert host[NETWORK].corr(host[CPU]) > 0.95
    assert host[CPU].corr(host[LOAD]) > 0.95
    assert host[NETWORK].corr(host[MEMORY]) < -0.3


def test_disk_fills_and_logs_rotate_at_midnight(twin):
    host = twin.metrics[twin.metrics["instance"] == "host-03"].set_index("timestamp")
    freed = host[DISK].diff()
    jumps = freed[freed > 0]
    assert len(jumps) == 13
    assert (jumps.index.hour == 0).all()
    after_rotation = host[DISK][host.index.hour == 1].resample("D").mean()
    assert after_rotation.is_monotonic_decreasing


def test_the_twin_differs_only_where_the_labels_say(world, twin):
    allowed = pd.Series(False, index=world.metrics.index)
    for incident in world.incidents.itertuples():
        allowed |= inside(world.metrics, incident, TRACE)
    changed = (world.metrics[list(METRICS)] != twin.metrics[list(METRICS)]).any(axis=1)
    assert not (changed & ~allowed).any()
    assert changed.sum() > 1000
    assert twin.incidents.empty


def test_every_incident_visibly_moves_its_metric(world, twin):
    assert set(world.incidents["kind"]) == set(FAULTS)
    for incident in world.incidents.itertuples():
        rows = inside(world.metrics, incident)
        moved = (world.metrics.loc[rows, incident.metric] - twin.metrics[incident.metric]).abs()
        host = twin.metrics[twin.metrics["instance"] == incident.instance].set_index("timestamp")
        clock = host.index.hour * 60 + host.index.minute
        by_minute = host[incident.metric].groupby(clock)
        usual = (by_minute.quantile(0.9) - by_minute.quantile(0.1)).median()
        assert moved.max() > 0.9 * usual, (incident.incident_id, incident.kind)


def test_a_night_load_would_be_ordinary_by_day(world, twin):
    loads = world.incidents[world.incidents["kind"] == "night_load"]
    assert len(loads)
    for incident in loads.itertuples():
        rows = inside(world.metrics, incident)
        host = twin.metrics.loc[twin.metrics["instance"] == incident.instance, NETWORK]
        assert world.metrics.loc[rows, NETWORK].max() < host.max()


@pytest.mark.parametrize("seed", [7, 0, 1, 2, 3])
def test_the_first_week_and_the_quiet_host_have_no_incident(seed):
    world = host_metrics(seed=seed)
    incidents, first = world.incidents, world.metrics["timestamp"].min()
    assert 14 <= len(incidents) <= 18
    assert incidents["start"].min() >= first + pd.Timedelta(days=7)
    assert incidents["end"].max() <= first + pd.Timedelta(days=14)
    assert "host-07" not in set(incidents["instance"])
    assert incidents["incident_id"].is_unique
    for _, own in incidents.groupby("instance"):
        ordered = own.sort_values("start")
        gaps = ordered["start"].iloc[1:].to_numpy() - ordered["end"].iloc[:-1].to_numpy()
        assert (gaps > pd.Timedelta(minutes=60)).all(), "no two at once on one host"


def test_hosts_do_not_depend_on_how_many_there_are(twin):
    few = host_metrics(hosts=3, incidents=False).metrics
    same = twin.metrics[twin.metrics["instance"].isin(["host-01", "host-02", "host-03"])]
    pd.testing.assert_frame_equal(few, same.reset_index(drop=True))


def test_noise_is_a_factor():
    calm, loud = (
        host_metrics(days=2, hosts=1, incidents=False, noise=factor).metrics[LOAD].diff().std()
        for factor in (1.0, 2.0)
    )
    assert loud > 1.6 * calm


def test_a_start_in_another_zone_is_the_same_moment():
    east = host_metrics(days=1, hosts=1, start="2026-03-02T01:00+01:00", incidents=False)
    utc = host_metrics(days=1, hosts=1, incidents=False)
    pd.testing.assert_frame_equal(east.metrics, utc.metrics)


@pytest.mark.parametrize("days", [4, 5, 7, 21])
@pytest.mark.parametrize("start", ["2026-03-02T00:00Z", "2026-03-05T13:37Z"])
def test_any_length_from_four_days_has_incidents(days, start):
    world = host_metrics(seed=3, days=days, hosts=4, start=start)
    middle = world.metrics["timestamp"].min() + pd.Timedelta(days=days) / 2
    assert len(world.incidents) == 8
    assert (world.incidents["start"] >= middle).all()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"seed": -1}, "Seed"),
        ({"days": 3}, "Days"),
        ({"days": 0, "incidents": False}, "Days"),
        ({"hosts": 0}, "Hosts"),
        ({"noise": -1.0}, "Noise"),
        ({"start": "2026-03-02"}, "time zone"),
        ({"start": "soon"}, "not a time"),
    ],
)
def test_bad_arguments_are_named(arguments, says):
    with pytest.raises(BadInput, match=says) as caught:
        host_metrics(**arguments)
    assert caught.value.hint
