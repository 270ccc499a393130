"""Features: one definition for the past and for now, nothing from the future, nothing expired."""

import math
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lab.core.errors import BadInput, NotFound
from lab.core.workspace import Workspace, open_workspace
from lab.flows.feature_values import offline_features, training_features
from lab.flows.features import define_features, feature_sets, feature_text, keep_features
from lab.flows.features_online import materialise, read_online
from tests.flows.feature_twin import DEFINITION, START, WANTED, many, naive, put, same


def test_past_and_now_agree_on_two_hundred_entities(ws: Workspace) -> None:
    events = many(6000)
    put(ws, events)
    keep_features(ws, DEFINITION)
    entities = sorted({(e["store"], e["till"]) for e in events})
    assert len(entities) == 200
    by_entity = {one: [e for e in events if (e["store"], e["till"]) == one] for one in entities}
    for hours in (0, 7, 24, 50):
        at = START + timedelta(hours=hours, minutes=13)
        done = materialise(ws, "shop", at.isoformat())
        asked = [{"store": store, "till": till} for store, till in entities]
        now = read_online(ws, "shop", asked, at.isoformat()) if done.entities else None
        rows = pd.DataFrame(asked).assign(at=at)
        past = offline_features(ws, "shop", rows)
        assert done.entities == past["newest_event"].notna().sum()
        for i, entity in enumerate(entities):
            twin = naive(WANTED, by_entity[entity], entity, at)
            for name, value in twin.items():
                assert same(value, past[name].iloc[i]), (hours, entity, name)
                if now is not None:
                    assert same(value, now[name].iloc[i]), (hours, entity, name)


EVENT = st.fixed_dictionaries({
    "store": st.sampled_from(["a", "b"]),
    "till": st.sampled_from([1, 2]),
    "happened": st.integers(0, 48).map(lambda q: START + timedelta(minutes=15 * q)),
    "arrived": st.none() | st.integers(0, 60).map(lambda q: START + timedelta(minutes=15 * q)),
    "x": st.none() | st.floats(-1e6, 1e6),
    "s": st.none() | st.sampled_from(["u", "v"]),
})  # fmt: skip
ASK = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([1, 2]), st.integers(0, 220))


@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(EVENT, max_size=15), st.lists(ASK, min_size=1, max_size=6))
def test_nothing_but_the_past_is_seen(tmp_path_factory, events, asked) -> None:
    ws = open_workspace(tmp_path_factory.getbasetemp() / "features")
    put(ws, events)
    keep_features(ws, DEFINITION)
    times = [START + timedelta(minutes=5 * q) for _, _, q in asked]
    rows = pd.DataFrame(
        {"store": [a[0] for a in asked], "till": [a[1] for a in asked], "at": times}
    )
    found = offline_features(ws, "shop", rows)
    for i, (store, till, _) in enumerate(asked):
        twin = naive(WANTED, events, (store, till), times[i])
        assert {n: v for n, v in twin.items() if not same(v, found[n].iloc[i])} == {}
    # What happens or arrives later changes nothing.
    put(ws, [e for e in events if max(e["happened"], e["arrived"] or e["happened"]) <= max(times)])
    again = offline_features(ws, "shop", rows)
    pd.testing.assert_frame_equal(found, again)


def one_event(**given) -> dict:
    return {"store": "a", "till": 1, "happened": START, "arrived": None, "x": 2.0, "s": "u"} | given


def test_what_has_expired_is_empty_when_looked_up_later(ws: Workspace) -> None:
    put(ws, [one_event()])
    keep_features(ws, DEFINITION)
    materialise(ws, "shop", "2026-01-01T01:00")
    asked = [{"store": "a", "till": 1}, {"store": "zz", "till": 1}, {"store": "a", "till": "x"}]
    fresh = read_online(ws, "shop", asked, "2026-01-01T05:59")
    assert fresh["total"].tolist()[0] == 2.0
    assert fresh["total"].isna().tolist() == [False, True, True]
    assert read_online(ws, "shop", asked, "2026-01-01T06:00")["total"].isna().all()
    early = read_online(ws, "shop", asked, "2026-01-01T00:59")
    assert early["newest_event"].isna().all()


def test_late_rows_count_once_they_are_there(ws: Workspace) -> None:
    put(ws, [one_event(), one_event(happened=START + timedelta(minutes=10), x=5.0,
                                    arrived=START + timedelta(hours=1))])  # fmt: skip
    keep_features(ws, DEFINITION)
    rows = pd.DataFrame({"store": "a", "till": 1, "at": [
        "2026-01-01T00:04", "2026-01-01T00:30", "2026-01-01T01:00"]})  # fmt: skip
    found = offline_features(ws, "shop", rows)
    assert found["n"].tolist()[1:] == [1, 2]
    assert pd.isna(found["n"].tolist()[0])  # not even the first is known yet
    assert found["newest"].tolist()[1:] == [2.0, 5.0]


def test_days_and_whole_tables(ws: Workspace, tmp_path: Path) -> None:
    days = pd.date_range("2026-01-01", periods=10, freq="D")
    rows = {"date": days.repeat(2), "store": ["a", "b"] * 10, "product": "tea", "units": range(20)}
    ws.store.write("sales", pd.DataFrame(rows))
    file = tmp_path / "f.yaml"
    file.write_text(
        "name: daily\nsource: sales\nentity: [store]\nevent_time: date\ndelay: 1d\n"
        "ttl: 3d\nfeatures: {units_3d: {how: sum, window: 3d, column: units}}"
    )
    assert define_features(ws, str(file)) == "daily"
    assert training_features(ws, "daily", "sales", "date", "train") == 20
    got = ws.store.read("SELECT * FROM train WHERE store = 'a' ORDER BY date")["units_3d"].tolist()
    # At midnight of a day, the days before it are known: yesterday and the day before.
    assert math.isnan(got[0])
    assert got[1:4] == [0.0, 0.0 + 2.0, 2.0 + 4.0]
    listed = feature_sets(ws)
    assert listed[["name", "source", "entity", "as_of"]].to_numpy().tolist() == [
        ["daily", "sales", "store", ""]]  # fmt: skip
    materialise(ws, "daily", "2026-01-05")
    assert feature_sets(ws)["as_of"].tolist() == ["2026-01-05T00:00:00+00:00"]
    assert "units_3d" in feature_text(ws, "daily")
    with pytest.raises(BadInput, match="read from"):
        training_features(ws, "daily", "sales", "date", "sales")


def test_a_changed_definition_must_be_materialised_again(ws: Workspace) -> None:
    put(ws, [one_event()])
    keep_features(ws, DEFINITION)
    with pytest.raises(BadInput, match="is not materialised"):
        read_online(ws, "shop", [{"store": "a", "till": 1}])
    materialise(ws, "shop", "2026-01-01T01:00")
    keep_features(ws, DEFINITION.replace("ttl: 6h", "ttl: 7h"))
    with pytest.raises(BadInput, match="was changed since"):
        read_online(ws, "shop", [{"store": "a", "till": 1}])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ttl: 6h", "ttl: soon", "no length of time"),
        ("ttl: 6h", "ttl: 0s", "ttl"),
        ("how: sum", "how: median", "how"),
        ("how: sum, window: 2h, column: x", "how: sum, window: 2h", "needs a column"),
        ("  n:", "  store:", "may not be called 'store'"),
        ("name: shop", "name: ../x", "name"),
        ("delay: 5min", "delays: 5min", "delays"),
        ("entity: [store, till]", "entity: [store", "Line 5: this is not YAML"),
        ("entity: [store, till]", "entity: &a [store]\nx: *a", "aliases"),
    ],
)
def test_a_wrong_definition_is_refused(ws: Workspace, old: str, new: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        keep_features(ws, DEFINITION.replace(old, new))


def test_what_is_not_there_is_named(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="table"):
        keep_features(ws, DEFINITION)
    put(ws, [one_event()])
    with pytest.raises(NotFound, match="column of events"):
        keep_features(ws, DEFINITION.replace("column: x", "column: xx"))
    keep_features(ws, DEFINITION)
    with pytest.raises(NotFound, match="column"):
        offline_features(ws, "shop", pd.DataFrame({"store": ["a"], "at": ["2026-01-01"]}))
    with pytest.raises(NotFound, match="set of features"):
        materialise(ws, "shops")
    with pytest.raises(NotFound, match="column"):
        read_online(ws, "shop", [{"store": "a"}])
    with pytest.raises(BadInput, match="not a time"):
        materialise(ws, "shop", "soon")
    rows = pd.DataFrame({"store": ["a"], "till": [1], "at": ["2026-01-01"], "n": [1]})
    with pytest.raises(BadInput, match="column 'n' already"):
        offline_features(ws, "shop", rows)
