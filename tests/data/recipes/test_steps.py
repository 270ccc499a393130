"""Every step of a recipe against a slow and obvious twin."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.errors import BadInput, LabError, NotFound
from lab.data.recipes.recipe import Recipe, fit, kinds, replay

START = pd.Timestamp("2026-03-02T00:00Z")


def rows(values, by="a", minutes=None):
    minutes = range(len(values)) if minutes is None else minutes
    times = [START + pd.Timedelta(minutes=m) for m in minutes]
    groups = [by] * len(values) if isinstance(by, str) else by
    return pd.DataFrame({"t": times, "g": groups, "x": np.array(values, dtype="float64")})


def made(step, frame, **more):
    recipe = Recipe(table="rows", time="t", by=("g",), steps=(step,), **more)
    return fit(recipe, frame)[1]


def numbers(series):
    return [None if pd.isna(v) else float(v) for v in series]


def test_every_kind_of_step_is_found_and_says_what_it_does():
    assert set(kinds()) == {
        "resample", "fill", "clip", "normalise", "encode", "join",
        "rename", "drop", "keep", "cast", "calendar", "lag",
    }  # fmt: skip
    assert all(step.__doc__ and "Args:" in step.__doc__ for step in kinds().values())


@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(-9, 9)), min_size=1, max_size=30),
    st.sampled_from(["mean", "sum", "min", "max", "count", "last", "first"]),
)
@settings(max_examples=60)
def test_resampling_agrees_with_going_through_every_interval(found, how):
    found.sort(key=lambda pair: pair[0])
    frame = rows([v for _, v in found], minutes=[m for m, _ in found])
    shaped = made({"resample": {"every": "7min", "columns": {"x": how}}}, frame)
    slow = {
        "mean": lambda v: sum(v) / len(v), "sum": sum, "min": min, "max": max,
        "count": len, "last": lambda v: v[-1], "first": lambda v: v[0],
    }[how]  # fmt: skip
    epoch = int(START.timestamp()) // 60
    bins = [(epoch + m) // 7 for m, _ in found]
    expected = []
    for one in range(min(bins), max(bins) + 1):
        inside = [v for (_, v), place in zip(found, bins, strict=True) if place == one]
        nothing = 0 if how == "count" else None
        expected.append(slow(inside) if inside else nothing)
    assert numbers(shaped["x"]) == pytest.approx(expected, nan_ok=True)


def slow_forward(values, limit):
    out, gap = list(values), []
    for i, value in enumerate([*values, 0.0]):
        if math.isnan(value):
            gap.append(i)
            continue
        if gap and gap[0] > 0 and (not limit or len(gap) <= limit):
            for place in gap:
                out[place] = values[gap[0] - 1]
        gap = []
    return out


def slow_line(values, limit):
    out, known = list(values), [i for i, v in enumerate(values) if not math.isnan(v)]
    for left, right in pairwise(known):
        if limit and right - left - 1 > limit:
            continue
        for i in range(left + 1, right):
            share = (i - left) / (right - left)
            out[i] = values[left] + share * (values[right] - values[left])
    return out


@given(
    st.lists(st.one_of(st.just(math.nan), st.floats(-9, 9)), min_size=1, max_size=25),
    st.integers(0, 3),
    st.sampled_from(["forward", "linear"]),
)
@settings(max_examples=80)
def test_filling_agrees_with_walking_along(values, limit, method):
    frame = rows(values)
    shaped = made({"fill": {"columns": ["x"], "method": method, "limit": limit}}, frame)
    slow = slow_forward if method == "forward" else slow_line
    assert shaped["x"].to_list() == pytest.approx(slow(values, limit), nan_ok=True)


def test_a_gap_of_one_group_is_never_filled_from_another():
    frame = rows([1.0, math.nan, math.nan, 4.0], by=["a", "a", "b", "b"])
    shaped = made({"fill": {"columns": ["x"], "method": "forward"}}, frame)
    assert numbers(shaped["x"]) == [1.0, 1.0, None, 4.0]


def test_clip_and_normalise_learn_from_the_fit_window_alone():
    frame = rows([0.0, 1, 2, 3, 4, 1000, -1000])
    until = START + pd.Timedelta(minutes=5)
    clipped = made({"clip": {"columns": ["x"], "quantiles": [0.25, 0.75]}}, frame, fit_until=until)
    assert numbers(clipped["x"]) == [1, 1, 2, 3, 3, 3, 1]
    for method, (centre, spread) in {
        "standard": (2.0, math.sqrt(2)),
        "robust": (2.0, 1.4826),
        "min_max": (0.0, 4.0),
    }.items():
        step = {"normalise": {"columns": ["x"], "method": method}}
        shaped = made(step, frame, fit_until=until)
        assert shaped["x"].to_list() == pytest.approx(
            [(v - centre) / spread for v in frame["x"]]
        ), method


def test_a_constant_column_is_centred_and_not_divided_by_nothing():
    shaped = made({"normalise": {"columns": ["x"]}}, rows([5.0, 5.0, 5.0]))
    assert shaped["x"].to_list() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("method", ["one_hot", "ordinal"])
def test_new_and_missing_categories_are_known_as_such(method):
    seen = pd.DataFrame({"g": ["b", "a", "b"], "x": [1.0, 2, 3]})
    recipe = Recipe(table="rows", steps=({"encode": {"columns": ["g"], "method": method}},))
    fitted, first = fit(recipe, seen)
    again = replay(fitted, pd.DataFrame({"g": ["a", "c", None], "x": [1.0, 2, 3]}))
    assert list(again.columns) == list(first.columns)
    if method == "one_hot":
        assert again[["g=a", "g=b"]].to_numpy().tolist() == [[1, 0], [0, 0], [0, 0]]
    else:
        assert again["g"].to_list() == [0, -1, -1]


def test_a_new_category_can_be_refused_by_name():
    recipe = Recipe(table="rows", steps=({"encode": {"columns": ["g"], "unknown": "refuse"}},))
    fitted, _ = fit(recipe, pd.DataFrame({"g": ["a"]}))
    with pytest.raises(BadInput, match="'z'"):
        replay(fitted, pd.DataFrame({"g": ["z"]}))


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), min_size=1, max_size=15),
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from("ab")), max_size=15),
    st.sampled_from([0, 300]),
)
@settings(max_examples=80)
def test_a_join_in_time_takes_the_newest_match_and_never_a_later_one(left, right, within):
    left = sorted(left, key=lambda pair: (pair[1], pair[0]))
    frame = rows([0.0] * len(left), by=[g for _, g in left], minutes=[m for m, _ in left])
    other = pd.DataFrame(
        {
            "at": [START + pd.Timedelta(minutes=m) for m, _ in right],
            "g": [g for _, g in right],
            "y": np.arange(len(right), dtype="float64"),
        }
    ).astype({"at": "datetime64[us, UTC]", "g": "str"})
    step = {"join": {"table": "other", "keys": ["g"], "columns": ["y"], "as_of": "at",
                     "within_seconds": within}}  # fmt: skip
    recipe = Recipe(table="rows", time="t", by=("g",), steps=(step,))
    shaped = fit(recipe, frame, {"other": other})[1]
    expected = []
    for minute, group in left:
        known = [
            (m, i) for i, (m, g) in enumerate(right)
            if g == group and m <= minute and (not within or (minute - m) * 60 <= within)
        ]  # fmt: skip
        expected.append(float(max(known)[1]) if known else None)
    assert numbers(shaped["y"]) == expected


def test_a_join_by_keys_keeps_every_row_once():
    other = pd.DataFrame({"g": ["a"], "size": [7]})
    recipe = Recipe(
        table="rows", steps=({"join": {"table": "o", "keys": ["g"], "columns": ["size"]}},)
    )
    shaped = fit(recipe, rows([1.0, 2], by=["a", "b"]), {"o": other})[1]
    assert numbers(shaped["size"]) == [7, None]
    twice = pd.concat([other, other])
    with pytest.raises(BadInput, match="several rows"):
        fit(recipe, rows([1.0]), {"o": twice})


def test_columns_and_rows_chosen_and_cast():
    frame = pd.DataFrame({"day": ["2026-03-07", "2026-03-09", None], "n": ["1", "x", "3"]})
    recipe = Recipe(
        table="rows",
        steps=(
            {"cast": {"columns": {"day": "time", "n": "number"}}},
            {"calendar": {"column": "day", "parts": ["weekday", "weekend"]}},
            {"rename": {"columns": {"n": "count"}}},
            {"keep": {"column": "count", "is": ">=", "value": 1}},
            {"drop": {"columns": ["day"]}},
        ),
    )
    shaped = fit(recipe, frame)[1]
    assert list(shaped.columns) == ["count", "day_weekday", "day_weekend"]
    assert shaped["count"].to_list() == [1.0, 3.0]
    assert numbers(shaped["day_weekday"]) == [5, None]
    assert numbers(shaped["day_weekend"]) == [1, None]


def test_a_lag_stays_within_its_group():
    frame = rows([1.0, 2, 3, 4], by=["a", "a", "b", "b"])
    shaped = made({"lag": {"columns": ["x"], "rows": [1]}}, frame)
    assert numbers(shaped["x_lag_1"]) == [None, 1, None, 3]


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ({"fill": {"columns": ["y"]}}, NotFound),
        ({"normalise": {"columns": ["g"]}}, BadInput),
        ({"keep": {"column": "x", "is": ">", "value": "many"}}, BadInput),
        ({"rename": {"columns": {"x": "g"}}}, BadInput),
        ({"lag": {"columns": ["x"], "rows": [0]}}, BadInput),
        ({"resample": {"every": "1us", "columns": {"x": "mean"}}}, BadInput),
    ],
)
def test_what_a_step_cannot_use_is_said(step, what):
    with pytest.raises(what) as caught:
        made(step, rows([1.0, 2.0]))
    assert isinstance(caught.value, LabError)
    assert caught.value.hint


def test_the_rows_given_are_left_as_they_are():
    frame = rows([1.0, math.nan, 100.0])
    before = frame.copy(deep=True)
    made({"fill": {"columns": ["x"], "method": "mean"}}, frame)
    pd.testing.assert_frame_equal(frame, before)
