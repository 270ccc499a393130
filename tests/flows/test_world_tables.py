"""A batch of the shop fills every table, and each has a query worth trying."""

import pytest

from lab.core.progress import drain
from lab.core.shop_tables import SHOP_TABLES
from lab.core.workspace import open_workspace
from lab.flows import chart_data, explore
from lab.flows.world import batch


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    ws = open_workspace(tmp_path_factory.mktemp("shop"))
    drain(batch(ws, days=1, incidents=3))
    return ws


def test_a_batch_fills_every_table(shop):
    filled = explore.tables_by_interest(shop)
    for declared in SHOP_TABLES:
        assert filled[declared.name].rows, declared.name
        (datasets,) = shop.store.rows(f"SELECT list(DISTINCT dataset) FROM {declared.name}")[0]
        assert datasets == ["shop"]


def test_tables_agree_with_each_other(shop):
    def count(sql):
        return shop.store.rows(sql)[0][0]

    assert count("SELECT count(*) FROM logs ANTI JOIN spans USING (trace_id)"
                 " WHERE trace_id IS NOT NULL") == 0  # fmt: skip
    assert count("SELECT count(*) FROM order_labels ANTI JOIN orders USING (order_id)") == 0
    assert count("SELECT max(labelled_at) < '2026-03-03 00:00Z'::TIMESTAMPTZ FROM order_labels")
    # A counter that falls has begun again with its process.
    paid = count(
        "SELECT sum(if(value < before, value, value - before)) FROM (SELECT value,"
        " lag(value, 1, 0) OVER (PARTITION BY series_id ORDER BY timestamp) AS before"
        " FROM observations JOIN series USING (dataset, series_id)"
        " WHERE metric = 'shop_orders_total')"
    )
    assert paid == count("SELECT count(DISTINCT order_id) FROM orders")


@pytest.mark.parametrize("name", [declared.name for declared in SHOP_TABLES])
def test_explore_shows_every_table(shop, name):
    assert len(explore.summary(shop, name)) > 3
    assert len(explore.sample(shop, name))


def test_every_example_answers(shop):
    examples = explore.examples(shop)
    assert "Errors by service and hour" in examples
    for title, sql in examples.items():
        assert explore.ask(shop, sql).rows, title


def test_charts_draw_what_is_worth_drawing(shop):
    drawn = chart_data.chartable(shop)[chart_data.COLUMNS]
    assert set(drawn) >= {"logs", "spans", "changes", "orders", "daily_sales"}
    assert "alerts" not in drawn
    assert chart_data.chart_columns(shop, "orders").numbers[-1] == "amount"
    assert chart_data.chart_columns(shop, "spans").numbers[-1] == "duration_ms"
