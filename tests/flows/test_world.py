"""Days of the shop as tables: what lands, that it repeats, and that nothing lands by halves."""

import json
from collections.abc import Callable, Mapping

import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.core.progress import drain
from lab.core.store import Store
from lab.core.workspace import Workspace
from lab.data.rollups import sum_up
from lab.flows import world
from lab.flows.world import WorldSummary, batch
from lab.flows.world_incidents import drawn
from lab.flows.world_truth import unseal
from lab.world.lenses.metrics import Totals, series
from lab.world.shop.run import ShopRun
from lab.world.shop.simulate import simulate

START = "2026-03-02T00:00Z"
# Of the metrics of a healthy day; it changes with every change of the dynamics or the lens.
GOLDEN = "159ab21e1046fa909dfb5026526f3a6bcabaff93638d84bd76fed27922ed455c"


@pytest.fixture(autouse=True)
def only_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the metrics alone; the other lenses have tests of their own."""
    monkeypatch.setattr(world, "lenses", lambda: ())


def made(ws: Workspace, **options: object) -> WorldSummary:
    return drain(batch(ws, days=1, **options))  # type: ignore[arg-type]


def values(ws: Workspace, name: str, dataset: str = "shop") -> pd.DataFrame:
    return ws.store.read(
        "SELECT timestamp, value FROM observations WHERE series_id LIKE ? AND dataset = ? "
        "ORDER BY timestamp",
        [name, dataset],
    )


def test_what_lands_is_what_the_lens_shows(ws: Workspace) -> None:
    summary = made(ws, incidents=2)
    counted = ws.store.rows("SELECT count(*), count(DISTINCT series_id) FROM observations")[0]
    assert counted == (summary.rows["observations"], summary.series)
    assert summary.rows["series"] == summary.series
    struck = drawn(7, pd.Timestamp(START).to_pydatetime(), 1, 2)
    run = simulate(7, START, 1440, struck)
    wanted = next(one for one in series(run, Totals()) if one.metric == "node_load1")
    found = values(ws, 'node_load1{instance="host-a"%')
    assert found["value"].tolist() == wanted.values.tolist()
    assert found["timestamp"][0] == pd.Timestamp("2026-03-02T00:01Z")
    labels = ws.store.rows("SELECT labels FROM series WHERE metric = 'node_load1' ORDER BY 1")
    assert json.loads(labels[0][0]) == {"instance": "host-a", "job": "node"}
    record = ws.store.rows("SELECT dataset, kind, rows_loaded, sha256 FROM loads")[0]
    assert record == ("shop", "metrics", sum(summary.rows.values()), summary.sha256)


def test_same_seed_same_table_on_any_machine(ws: Workspace) -> None:
    assert made(ws, seed=3, incidents=0).sha256 == GOLDEN


def test_truth_is_labelled_and_sealed(ws: Workspace) -> None:
    assert made(ws, incidents=2).incidents == 2
    rows = ws.store.read("SELECT * FROM incidents ORDER BY start")
    truth = unseal(ws, "shop")
    assert rows["incident_id"].tolist() == [one.incident_id for one in truth]
    assert (rows["start"] >= pd.Timestamp("2026-03-02T12:00Z")).all()
    made(ws, incidents=2, sealed=True)
    assert ws.store.rows("SELECT count(*) FROM incidents") == [(0,)]
    assert len(unseal(ws, "shop")) == 2


def test_same_seed_same_rows_and_the_twin_has_the_same_first_half(ws: Workspace) -> None:
    one, twin = made(ws, incidents=3, dataset="one"), made(ws, incidents=0, dataset="twin")
    again = made(ws, incidents=3, dataset="one")
    assert one.sha256 == again.sha256 != twin.sha256
    apart = ws.store.rows(
        "SELECT count(*) FROM observations a JOIN observations b USING (series_id, timestamp) "
        "WHERE a.dataset = 'one' AND b.dataset = 'twin' AND a.value IS DISTINCT FROM b.value "
        "AND a.timestamp <= TIMESTAMPTZ '2026-03-02 12:00Z'"
    )
    assert apart == [(0,)]
    assert ws.store.rows("SELECT count(*) FROM loads") == [(3,)]


def test_a_world_too_many_leaves_the_old_one(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = made(ws)

    def broken(run: ShopRun) -> Mapping[str, pd.DataFrame]:
        raise RuntimeError("on the way")

    monkeypatch.setattr(world, "lenses", lambda: (broken,))
    with pytest.raises(RuntimeError, match="on the way"):
        made(ws, seed=8)
    assert ws.store.rows("SELECT count(*) FROM observations") == [(before.rows["observations"],)]
    assert ws.store.rows("SELECT source FROM loads") == [("shop:7",)]


@pytest.mark.parametrize(
    ("before", "way"),
    [("nothing", "adopted"), ("world", "grown"), ("writer", "published"), ("much", "published")],
)
def test_ways_to_land(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, before: str, way: str
) -> None:
    """The first world takes over the file; later ones are put beside it, in a copy if they can."""
    ws.store.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    if before != "nothing":
        made(ws, dataset="other")
        made(ws, seed=8)
    if before == "writer":
        write = "INSERT INTO mine VALUES (43)"
        monkeypatch.setattr(world, "lenses", lambda: (lambda _: ws.store.execute(write) or {},))
    if before == "much":
        monkeypatch.setattr(world, "DAY_BYTES", 1000)
    taken = watched(monkeypatch)
    summary = made(ws)
    assert taken == [way]
    assert ws.store.rows("SELECT max(answer) FROM mine") == [(43 if before == "writer" else 42,)]
    counts = dict(ws.store.rows("SELECT dataset, count(*) FROM observations GROUP BY 1"))
    assert counts["shop"] == summary.rows["observations"]
    assert len(counts) == (1 if before == "nothing" else 2)
    assert ws.store.rows("SELECT sha256 FROM loads WHERE dataset = 'shop'")[-1:] == [
        (summary.sha256,)
    ]
    assert ws.store.rows("SELECT count(DISTINCT series_id), count(*) FROM series") == [
        (summary.series, summary.series * len(counts))
    ]


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which way worlds land from now on."""
    taken: list[str] = []
    adopt, grow, publish = world.adopt_generated, world.take_over, Store.publish

    def watch(way: str, done: Callable[..., bool | None]) -> Callable[..., bool | None]:
        def landing(*given: object) -> bool | None:
            found = done(*given)
            taken.extend([way] if found or way == "published" else [])
            return found

        return landing

    monkeypatch.setattr(world, "adopt_generated", watch("adopted", adopt))
    monkeypatch.setattr(world, "take_over", watch("grown", grow))
    monkeypatch.setattr(Store, "publish", watch("published", publish))
    return taken


def test_charts_forget_what_a_world_replaces(ws: Workspace) -> None:
    made(ws)
    made(ws, dataset="other")
    with ws.store.transaction() as connection:
        for dataset in ("shop", "other"):
            sum_up(connection, dataset)
    made(ws, seed=8)
    assert ws.store.rows("SELECT DISTINCT dataset FROM observation_rollups") == [("other",)]


def test_other_lenses_land_beside_the_metrics(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(run: ShopRun) -> Mapping[str, pd.DataFrame]:
        day = run.times[0].date()
        return {"sales": pd.DataFrame({"date": [day], "store": ["a"], "product": ["b"]})}

    monkeypatch.setattr(world, "lenses", lambda: (look,))
    monkeypatch.setattr(world, "STRETCH_DAYS", 1)
    assert drain(batch(ws, days=2, incidents=0)).rows["sales"] == 2
    assert drain(batch(ws, days=2, incidents=0)).rows["sales"] == 2
    assert ws.store.rows("SELECT count(*) FROM sales") == [(2,)]


def test_stretches_make_no_difference(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = drain(batch(ws, days=2, incidents=1))
    monkeypatch.setattr(world, "STRETCH_DAYS", 1)
    drain(batch(ws, days=2, incidents=1, dataset="parts"))
    apart = ws.store.rows(
        "SELECT count(*) FROM observations a FULL JOIN observations b "
        "ON a.series_id = b.series_id AND a.timestamp = b.timestamp AND a.value = b.value "
        "AND a.dataset = 'shop' AND b.dataset = 'parts' "
        "WHERE (a.dataset = 'shop' AND b.value IS NULL) "
        "OR (b.dataset = 'parts' AND a.value IS NULL)"
    )
    assert apart == [(0,)]
    assert whole.rows["observations"] > 500_000


@pytest.mark.parametrize(
    "wrong", [{"incidents": 61}, {"incidents": -1}, {"seed": -1}, {"start": "soon"},
              {"start": "2026-03-02"}, {"dataset": "../x"}]
)  # fmt: skip
def test_refusals(ws: Workspace, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        made(ws, **wrong)
    with pytest.raises(BadInput, match="Days"):
        drain(batch(ws, days=0))
    assert not ws.store.has("observations")
