import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.mlops.models.model_input import ModelInput, checked_frame, inputs_of, parsed_text

INPUTS = (
    ModelInput("price", "double"),
    ModelInput("day", "long"),
    ModelInput("promotion", "boolean"),
    ModelInput("store", "string"),
)
ROW = {"price": 1.5, "day": 3, "promotion": True, "store": "north"}


def frame(**changed) -> pd.DataFrame:
    return pd.DataFrame([{**ROW, **changed}])


def test_types_and_order_come_out_as_declared():
    given = pd.DataFrame({"store": ["a"], "promotion": [False], "day": [1], "price": [2]})
    checked = checked_frame(given, INPUTS)
    assert list(checked) == ["price", "day", "promotion", "store"]
    assert [str(dtype) for dtype in checked.dtypes] == ["float64", "int64", "bool", "str"]
    assert inputs_of(checked) == INPUTS


def test_object_cells_of_the_right_kind_pass():
    checked = checked_frame(pd.DataFrame([ROW, {**ROW, "price": 2}], dtype=object), INPUTS)
    assert checked["price"].tolist() == [1.5, 2.0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("price", "1.5"), ("price", None), ("price", float("nan")), ("price", float("inf")),
        ("price", True), ("price", [1.0]),
        ("day", 1.0), ("day", 1.5), ("day", "1"), ("day", None), ("day", True), ("day", 2**63),
        ("promotion", 1), ("promotion", "true"), ("promotion", None),
        ("store", 1), ("store", None), ("store", float("nan")), ("store", {"a": 1}),
    ],
    ids=lambda value: str(value)[:12],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [None, object])
def test_a_value_of_another_kind_is_refused_by_name(column, value, dtype):
    given = pd.DataFrame([{**ROW, column: value}], dtype=dtype)
    with pytest.raises(BadInput, match=f"'{column}'") as caught:
        checked_frame(given, INPUTS)
    assert caught.value.hint


def test_a_number_too_large_for_a_double_is_refused():
    given = pd.DataFrame([{**ROW, "price": 1}], dtype=object)
    given.at[0, "price"] = 10**400
    with pytest.raises(BadInput, match="'price'"):
        checked_frame(given, INPUTS)


def test_the_row_at_fault_is_named():
    given = pd.DataFrame([ROW, ROW, {**ROW, "price": np.inf}])
    with pytest.raises(BadInput, match="row 2"):
        checked_frame(given, INPUTS)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (frame().drop(columns="day"), "missing 'day'"),
        (frame(colour="red"), "unknown 'colour'"),
        (pd.concat([frame(), frame()[["day"]]], axis="columns"), "repeated 'day'"),
        (frame().iloc[:0], "no row"),
        (pd.DataFrame(), "missing"),
    ],
)
def test_columns_must_be_exactly_the_declared_ones(given, reason):
    with pytest.raises(BadInput, match=reason):
        checked_frame(given, INPUTS)


def test_the_given_frame_is_not_changed():
    given = frame(price=2)
    before = given.copy()
    checked_frame(given, INPUTS)
    pd.testing.assert_frame_equal(given, before)


def test_text_cells_are_read_by_the_declared_type():
    given = pd.DataFrame(
        {"price": ["1.5"], "day": ["3"], "promotion": ["True"], "store": ["007"]}, dtype=str
    )
    row = checked_frame(parsed_text(given, INPUTS), INPUTS).iloc[0]
    assert row.to_dict() == {"price": 1.5, "day": 3, "promotion": True, "store": "007"}


@pytest.mark.parametrize(
    ("column", "text"), [("price", "dear"), ("day", "1.5"), ("promotion", "1")]
)
def test_text_that_is_not_the_type_is_refused(column, text):
    given = pd.DataFrame([{key: str(value) for key, value in {**ROW, column: text}.items()}])
    with pytest.raises(BadInput, match=f"'{column}'"):
        parsed_text(given, INPUTS)


def test_a_date_column_is_no_input():
    with pytest.raises(BadInput, match="'when'"):
        inputs_of(pd.DataFrame({"when": [pd.Timestamp("2026-01-01")]}))
