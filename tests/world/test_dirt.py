"""The dirty batch: a careful cleaner ends with exactly the clean table."""

import io
from difflib import get_close_matches

import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.world.trade.dirt import DUPLICATE, REASONS, REJECT, DirtySales, dirty_sales
from lab.world.trade.goods import PRODUCTS
from lab.world.trade.sales import shop_sales


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return shop_sales(days=60, drift=False)


@pytest.fixture(scope="module", params=[5, 6, 7])
def dirty(request, sales) -> DirtySales:
    return dirty_sales(sales, seed=request.param)


def found(text: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean a batch knowing only the rules, not the truth; return findings and clean rows."""
    rows = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    names = [product.name for product in PRODUCTS]
    units = pd.to_numeric(rows["units"], errors="coerce")
    near = {
        name: get_close_matches(name.strip().lower(), names)[0] for name in set(rows["product"])
    }
    product = rows["product"].map(near)
    date = pd.to_datetime(rows["date"], format="%Y-%m-%d", errors="coerce")
    tests = {
        "missing_units": rows["units"] == "",
        "text_in_number": units.isna() & (rows["units"] != ""),
        "negative_units": units < 0,
        "bad_date": date.isna(),
        "price_in_pence": rows["price"].astype(float) > 50,
        "misspelt_product": rows["product"] != product,
        DUPLICATE: rows.duplicated(["date", "store", "product"]) & date.notna(),
    }
    findings = [(i + 2, reason) for reason in tests for i in rows.index[tests[reason]]]
    bad = pd.concat([tests[reason] for reason in (*REJECT, DUPLICATE)], axis=1).any(axis=1)
    price = rows["price"].astype(float)
    kept = rows.assign(
        date=date,
        product=product,
        price=price.where(price < 50, price / 100),
        promotion=rows["promotion"] == "true",
        holiday=rows["holiday"] == "true",
        temperature_c=rows["temperature_c"].astype(float),
        rain_mm=rows["rain_mm"].astype(float),
        units=units,
    )[~bad]
    return pd.DataFrame(sorted(findings), columns=["line", "reason"]), kept


def test_the_truth_is_exact(dirty):
    findings, _ = found(dirty.csv)
    pd.testing.assert_frame_equal(findings, dirty.truth[["line", "reason"]], check_dtype=False)
    assert set(dirty.truth["reason"]) == set(REASONS)


def test_cleaning_by_the_rules_gives_the_clean_table(dirty):
    _, kept = found(dirty.csv)
    kept = kept.sort_values(["date", "store", "product"], ignore_index=True)
    pd.testing.assert_frame_equal(kept, dirty.clean, check_dtype=False)


def test_every_line_is_accounted_for(dirty, sales):
    lines = dirty.csv.count("\n") - 1
    assert lines == len(sales) + len(dirty.lines(DUPLICATE))
    rejected = sum(len(dirty.lines(reason)) for reason in REJECT)
    assert lines == len(dirty.clean) + rejected + len(dirty.lines(DUPLICATE))
    assert dirty.truth["line"].is_unique


def test_a_copy_stands_below_its_original(dirty):
    lines = dirty.csv.splitlines()
    copies = dirty.lines(DUPLICATE)
    assert len(copies)
    for line in copies:
        assert lines.index(lines[line - 1]) < line - 1


def test_a_seed_always_gives_the_same_dirt(sales):
    assert dirty_sales(sales, seed=9).csv == dirty_sales(sales, seed=9).csv
    assert dirty_sales(sales, seed=9).csv != dirty_sales(sales, seed=10).csv


def test_the_input_is_left_alone(sales):
    before = sales.copy()
    dirty_sales(sales)
    pd.testing.assert_frame_equal(sales, before)


@pytest.mark.parametrize("arguments", [{"seed": -1}, {"share": 0.0}, {"share": 0.5}])
def test_bad_arguments_are_refused(sales, arguments):
    with pytest.raises(BadInput):
        dirty_sales(sales, **arguments)
    with pytest.raises(BadInput, match="rows"):
        dirty_sales(sales.head(10))
