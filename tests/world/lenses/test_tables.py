"""All lenses together: twins, chunks, seeds, and which lens shows which fault."""

import hashlib
from datetime import timedelta

import pandas as pd
import pytest

from lab.core.contracts import validate
from lab.core.schemas import TABLES
from lab.world.faults.catalogue import FAULTS
from lab.world.faults.incident import strike, twin
from lab.world.lenses.fraud import ordered
from lab.world.lenses.labels import labels
from lab.world.lenses.sales import ONLINE, Sales
from lab.world.lenses.tables import business, operations
from lab.world.shop.simulate import Shop, simulate
from lab.world.trade.sales import DAYS, shop_sales
from tests.world.lenses.stretches import SEED, START, incident, struck

CHUNKS, WHOLE = (1, 57, 13, 9), (80,)

EMPTY = ["amount", "total"]  # may be
EVERY = ("logs", "spans", "alerts", "changes", "orders", "order_labels", "daily_sales")


def early(run) -> dict[str, pd.DataFrame]:
    """Labels long before they are known, so that a short stretch has some."""
    return {"order_labels": labels(run)}


def told(minutes=WHOLE, incidents=(), seed=SEED, start=START, also=(early,)):
    """All tables of a shop that lives through some stretches."""
    shop, lenses = Shop(seed, start), (*operations(), *business(), *also)
    parts: dict[str, list[pd.DataFrame]] = {}
    for count in minutes:
        run = shop.advance(count, incidents)
        for look in lenses:
            for name, rows in look(run).items():
                parts.setdefault(name, []).append(rows)
    return {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}


def words(rows: pd.DataFrame) -> list[str]:
    """Columns of words: which categories a column might have is no matter."""
    return [name for name, kind in rows.dtypes.items() if kind == "category"]


def sums(tables: dict[str, pd.DataFrame]) -> dict[str, str]:
    """A hash of each table."""
    return {
        name: hashlib.sha256(
            pd.util.hash_pandas_object(rows.astype(dict.fromkeys(words(rows), "str")), index=False)
            .to_numpy()
            .tobytes()
        ).hexdigest()[:16]
        for name, rows in tables.items()
    }


@pytest.fixture(scope="module")
def calm_tables():
    return told()


def test_tables_keep_their_contracts(calm_tables):
    struck_tables = told(incidents=[incident("bad_deploy", "catalogue"), incident("alert_storm")])
    assert set(calm_tables) == set(EVERY)
    for tables in (calm_tables, struck_tables):
        for name, rows in tables.items():
            checked = validate(rows.assign(dataset="shop"), TABLES[name])
            assert len(checked.columns) == len(rows.columns) + 1


def test_a_shop_in_chunks_is_the_same(calm_tables):
    incidents = [incident("bad_deploy", "catalogue"), incident("duplicate_rows")]
    assert sums(told(CHUNKS, incidents)) == sums(told(incidents=incidents))
    assert sums(told(CHUNKS)) == sums(calm_tables)


def test_the_twin_is_the_shop_without_incidents(calm_tables):
    kinds = ("bad_deploy", "log_flood", "alert_storm", "duplicate_rows", "poisoned_labels")
    assert sums(told(incidents=[twin(incident(kind)) for kind in kinds])) == sums(calm_tables)


def test_the_same_seed_gives_the_same_tables_and_another_seed_others(calm_tables):
    found, others = sums(calm_tables), sums(told(seed=SEED + 1))
    assert {name for name in found if found[name] == others[name]} <= {"alerts", "daily_sales"}


def test_golden_tables():
    fails = strike("bad_deploy", "cart", start=START, minutes=40, severity=0.9)
    found = told((1440,), [fails], start=START.replace(hour=0), also=())
    assert set(found) == set(EVERY)
    assert all(len(rows) for rows in found.values())
    assert sums(found) == GOLDEN


@pytest.mark.parametrize(("kind", "target", "lenses"), [
    ("log_flood", "web", {"logs"}), ("log_format_change", "web", {"logs", "changes"}),
    ("leaked_key", "payment", {"logs"}), ("clock_skew", "web", {"logs"}),
    ("alert_storm", "alerts", {"alerts"}), ("null_amounts", "orders", {"orders"}),
    ("renamed_column", "orders", {"orders", "changes"}), ("stale_feed", "orders", {"orders"}),
    ("unit_change", "orders", {"orders", "changes"}), ("duplicate_rows", "orders", {"orders"}),
    ("leak_column", "orders", {"orders"}), ("poisoned_labels", "order_labels", {"order_labels"}),
    ("slow_labels", "order_labels", {"order_labels"}),
    ("missing_labels", "order_labels", {"order_labels"}),
    ("covariate_drift", "orders", {"orders", "order_labels"}),
    ("concept_drift_sudden", "order_labels", {"order_labels"}),
    ("concept_drift_segment", "order_labels", {"order_labels"}),
    ("prediction_drift", "order_labels", {"orders", "order_labels"}),
    ("bad_deploy", "catalogue", set(EVERY) - {"daily_sales"}),
    ("error_rate", "payment", {"logs", "spans", "alerts", "orders", "order_labels"}),
    ("target_down", "web", {"alerts"}), ("missing_series", "web", set()),
])  # fmt: skip
def test_a_fault_shows_in_its_lenses_and_in_no_other(kind, target, lenses, calm_tables):
    found, usual = sums(told(incidents=[incident(kind, target)])), sums(calm_tables)
    assert {name for name in found if found[name] != usual[name]} == lenses


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_gives_sound_tables(kind):
    begin = START + timedelta(minutes=2)
    for name, rows in told((8,), [strike(kind, start=begin, minutes=5, severity=1.0)]).items():
        validate(rows.assign(dataset="shop"), TABLES[name])
        assert (
            not rows.select_dtypes("number")
            .drop(columns=EMPTY, errors="ignore")
            .isna()
            .any(axis=None)
        )


def test_sales_are_those_of_the_stores_and_of_the_orders():
    days, sales = 2, Sales()
    shop = Shop(SEED, "2026-03-01T22:00Z")
    parts, sold = [], 0
    for minutes in (100, 20, 1440, 700, 740, 30):
        run = shop.advance(minutes)
        parts.append(sales.rows(run, ordered(run)))
        sold += len(parts[-1])
    rows = pd.concat(parts, ignore_index=True)
    assert rows["date"].unique().tolist() == list(pd.date_range("2026-03-02", periods=days))
    stores = rows[rows["store"] != ONLINE].reset_index(drop=True)
    whole = shop_sales(SEED, "2026-03-01", DAYS, drift=False)
    wanted = whole[whole["date"].isin(stores["date"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(stores, wanted)
    assert len(rows[rows["store"] == ONLINE]) == days * 6


def test_an_outage_costs_sales():
    def online(run) -> int:
        rows = Sales().rows(run, ordered(run))
        return int(rows.loc[rows["store"] == ONLINE, "units"].sum())

    day = "2026-03-02T00:00Z"
    assert online(simulate(SEED, day, 1440, [incident("error_rate", "payment")])) < online(
        simulate(SEED, day, 1440)
    )
    run = simulate(SEED, day, 1440)
    made = ordered(run)
    near = made.items.sum() / 400
    assert online(run) == pytest.approx(near, rel=0.25)


def test_a_stretch_is_what_it_was_struck_with():
    # Guards the tests above: the incident begins and ends within the stretch.
    run = struck("stale_feed")
    assert run.knobs["stale"].sum() == 120


# Change these only together with what the lenses are meant to show.
GOLDEN = {
    "changes": "b493a78fe9a2e7b6",
    "spans": "91580fa70135c584",
    "logs": "511480232d74fad1",
    "alerts": "02751d441b57e349",
    "orders": "f736e50dc14bd929",
    "order_labels": "dac0e5bdb41af2b1",
    "daily_sales": "4d1a4f2c289d2ce3",
}
