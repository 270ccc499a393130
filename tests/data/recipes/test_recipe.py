"""A recipe is checked as it is read, learns once, and replays the same numbers."""

import math

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.data.recipes.reading import read_recipe, recipe_yaml
from lab.data.recipes.recipe import Recipe, fit, replay

TEXT = """
table: sales
time: day
by: [store]
fit_until: 2026-01-15T00:00Z
steps:
- fill: {columns: [units], method: linear, limit: 2}
- clip: {columns: [units], quantiles: [0.02, 0.98]}
- lag: {columns: [units], rows: [1, 7]}
- calendar: {column: day, parts: [weekday]}
- encode: {columns: [store]}
- normalise: {columns: [units], method: robust}
"""


@pytest.fixture
def sales():
    rng = np.random.default_rng(3)
    days = pd.date_range("2026-01-01", periods=30, tz="UTC")
    frame = pd.DataFrame(
        {
            "day": np.tile(days, 2),
            "store": np.repeat(["North", "South"], 30),
            "units": rng.normal(100, 20, 60),
        }
    )
    frame.loc[[4, 5, 40], "units"] = math.nan
    return frame


def test_replaying_gives_what_fitting_gave_after_a_trip_through_yaml(sales):
    fitted, shaped = fit(read_recipe(TEXT), sales)
    again = replay(read_recipe(recipe_yaml(fitted)), sales)
    pd.testing.assert_frame_equal(again, shaped, check_exact=True)


def test_new_rows_change_nothing_that_was_learnt(sales):
    early, late = sales[sales["day"] < "2026-01-15"], sales.assign(units=sales["units"] * 50)
    first, _ = fit(read_recipe(TEXT), early)
    wild = late.where(late["day"] >= "2026-01-15", sales)
    second, _ = fit(read_recipe(TEXT), wild)
    assert second.learnt == first.learnt


def test_the_order_of_the_rows_does_not_matter(sales):
    recipe = read_recipe(TEXT)
    mixed = sales.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(fit(recipe, mixed)[1], fit(recipe, sales)[1])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("steps: []\ntable: a", 1, "steps"),
        ("table: a\nsteps:\n- fly: {}", 2, "no step named 'fly'"),
        ("table: a\nsteps:\n- fill: {columns: [x], way: up}", 1, "way"),
        ("table: a\nsteps: [{drop: {columns: [x]}}]\nfit_until: 2026-01-01T00:00Z", 1, "time"),
        ("table: a\ntime: t\nsteps: [{drop: {columns: [x]}}]\nfit_until: 2026-01-01", 1, "zone"),
        ("- drop", 1, "begins with"),
        ("table: [", 1, "not YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(text, line, words):
    with pytest.raises(BadInput, match=f"Line {line}") as caught:
        read_recipe(text)
    assert words in caught.value.message


def test_an_empty_fit_window_and_an_unfitted_replay_are_refused(sales):
    with pytest.raises(BadInput, match="before 2025"):
        fit(read_recipe(TEXT.replace("2026-01-15", "2025-01-15")), sales)
    with pytest.raises(BadInput, match="never fitted"):
        replay(read_recipe(TEXT), sales)


def test_what_was_learnt_must_fit_the_steps():
    with pytest.raises(ValueError, match="one entry for each step"):
        Recipe(table="a", steps=({"drop": {"columns": ["x"]}},), learnt=())
