"""Promises of columns: what lands, what is turned away, and what cannot be promised."""

from pathlib import Path

import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.data.rules import Rule, check_rule, rule
from lab.flows import load_form
from lab.flows.ingest import ingest, preview

CSV = "shop,cost,sold\nMarket,120,3\nMarket,,4\nPark,90000,5\nPark,150,-1\nMarkt,150,2\n"
RULES = {
    "shop": {"only": ["Market", "Park"], "name": "store"},
    "cost": {"name": "price", "divide_by": 100, "required": True, "most": 20},
    "sold": {"least": 0},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my_sales.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def test_rows_that_break_a_promise_are_turned_away(ws: Workspace, file: Path) -> None:
    done = drain(ingest(ws, file, {"rules": RULES}))
    assert (done.rows_loaded, done.rows_rejected) == (1, 4)
    assert ws.store.rows("FROM my_sales") == [("Market", 1.2, 3)]
    assert ws.store.rows("SELECT line, reason FROM rejects ORDER BY line") == [
        (3, "cost: is empty"),
        (4, "cost: 90000 is more than 2000"),
        (5, "sold: -1 is less than 0"),
        (6, "shop: Markt is not one of Market, Park"),
    ]


def test_a_recorded_mapping_can_be_used_again(ws: Workspace, file: Path) -> None:
    first = drain(ingest(ws, file, {"rules": RULES, "key": ["shop"]}))
    again = drain(ingest(ws, file, first.mapping, mode="add"))
    assert again.content_hash == first.content_hash
    assert ws.store.rows("SELECT count(*) FROM my_sales") == [(1,)]


def test_a_key_may_be_of_a_renamed_column(ws: Workspace, file: Path) -> None:
    done = drain(ingest(ws, file, {"rules": {"shop": {"name": "store"}}, "key": ["shop"]}))
    assert done.rows_rejected == 2
    assert "repeats the key (shop)" in done.reasons[0][0]


def test_two_columns_cannot_have_one_name(ws: Workspace, file: Path) -> None:
    with pytest.raises(BadInput, match="Two columns would be called 'sold'"):
        drain(ingest(ws, file, {"rules": {"cost": {"name": "sold"}}}))


def test_a_rule_for_a_column_that_is_not_there_is_refused(ws: Workspace, file: Path) -> None:
    with pytest.raises(NotFound, match="no column named 'price'"):
        drain(ingest(ws, file, {"rules": {"price": {"most": 20}}}))


@pytest.mark.parametrize(
    ("kind", "promised", "says"),
    [
        ("text", Rule(least=0), "a range or a unit is for numbers"),
        ("integer", Rule(only=("a",)), "allowed texts is for text"),
        ("number", Rule(divide_by=0), "cannot be divided"),
        ("number", Rule(divide_by=float("nan")), "cannot be divided"),
        ("number", Rule(least=2, most=1), "Nothing in column"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(kind: str, promised: Rule, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        check_rule("x", kind, promised)


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(NotFound, match="no rule named 'max'"):
        rule({"max": 3})


def test_text_in_a_rule_cannot_leave_its_quotes(ws: Workspace, file: Path) -> None:
    rules = {"shop": {"only": ["Market", "x') OR true --"]}}
    assert drain(ingest(ws, file, {"rules": rules})).rows_rejected == 3


def test_a_filled_in_form_becomes_rules(ws: Workspace, file: Path) -> None:
    found = preview(ws, file)
    rows = load_form.rule_rows(found)
    assert load_form.rules_of(rows) == {}
    rows.loc[0, "only"] = "Market, Park"
    rows.loc[1, ["name", "divide_by"]] = ["price", 100.0]
    rows.loc[2, ["least", "required"]] = [0.0, True]
    types = load_form.schema_rows(found)
    mapping = load_form.form_mapping(found, "table", "my_sales", types=types, rules=rows)
    assert mapping["rules"] == {
        "shop": {"only": ["Market", "Park"]},
        "cost": {"name": "price", "divide_by": 100.0},
        "sold": {"required": True, "least": 0.0},
    }
    assert drain(ingest(ws, file, mapping)).rows_rejected == 2
