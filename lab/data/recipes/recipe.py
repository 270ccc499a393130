"""A recipe: where rows come from, which of them teach, and the steps in order."""

import pkgutil
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lab.core.errors import BadInput, unknown
from lab.data.recipes import steps
from lab.data.recipes.step import Around, Learnt, Name, Step, need_columns

if TYPE_CHECKING:
    import pandas as pd

MOST_STEPS = 50


@cache
def kinds() -> dict[str, type[Step]]:
    """Every kind of step there is, by name."""
    names = [module.name for module in pkgutil.iter_modules(steps.__path__)]
    found = [import_module(f"{steps.__name__}.{name}").STEPS for name in names]
    return {step.kind: step for group in found for step in group}


class Recipe(BaseModel):
    """Steps that clean and shape one table.

    Args:
        table: Table the rows come from.
        time: Column that orders rows, a day or a time; empty when there is none.
        by: Columns that tell groups apart; steps that look at neighbours stay within a group.
        fit_until: Only rows before this time teach; all rows when not given.
        steps: Steps as ``{kind: options}``, in order.
        learnt: What each step learnt, once the recipe was fitted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: Name
    time: str = ""
    by: tuple[Name, ...] = Field(default=(), max_length=20)
    fit_until: datetime | None = None
    steps: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=MOST_STEPS)
    learnt: tuple[Learnt, ...] | None = None

    @field_validator("steps")
    @classmethod
    def _known(cls, given: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        for number, step in enumerate(given, start=1):
            if len(step) != 1:
                raise ValueError(f"step {number} must be one kind with its options")
            kind = next(iter(step))
            if kind not in kinds():
                raise ValueError(f"step {number}: {unknown('step', kind, kinds())}")
        return given

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        self.ready()
        if self.learnt is not None and len(self.learnt) != len(self.steps):
            raise ValueError("'learnt' must have one entry for each step")
        if self.fit_until is not None and not self.time:
            raise ValueError("'fit_until' needs 'time'")
        if self.fit_until is not None and self.fit_until.tzinfo is None:
            raise ValueError("'fit_until' needs a time zone, such as 2026-03-01T00:00Z")
        return self

    def ready(self) -> list[Step]:
        """The steps with their options checked."""
        return [
            kinds()[kind].model_validate(options or {})
            for one in self.steps
            for kind, options in one.items()
        ]

    @property
    def joined(self) -> tuple[str, ...]:
        """Names of other tables the steps read."""
        found = [getattr(step, "table", "") for step in self.ready()]
        return tuple(dict.fromkeys(name for name in found if name))


def fit(
    recipe: Recipe, rows: "pd.DataFrame", tables: Mapping[str, "pd.DataFrame"] | None = None
) -> "tuple[Recipe, pd.DataFrame]":
    """Learn a recipe from rows and apply it to them.

    Args:
        recipe: The recipe; what it had learnt before is forgotten.
        rows: Rows of its table.
        tables: Other tables it joins, by name.

    Returns:
        The recipe with what it learnt, and all rows shaped, in the order of groups and time.

    Raises:
        NotFound: A column is missing.
        BadInput: No row lies in the fit window, or a step cannot use what it meets.
    """
    around, shaped = _around(recipe, tables), _ordered(recipe, rows)
    learnt: list[Learnt] = []
    for step in recipe.ready():
        learnt.append(step.fit(_teaching(recipe, shaped)))
        shaped = step.apply(shaped, learnt[-1], around)
    return recipe.model_copy(update={"learnt": tuple(learnt)}), shaped.reset_index(drop=True)


def replay(
    recipe: Recipe, rows: "pd.DataFrame", tables: Mapping[str, "pd.DataFrame"] | None = None
) -> "pd.DataFrame":
    """Apply a fitted recipe to rows, learning nothing.

    Args:
        recipe: A recipe from ``fit``.
        rows: Rows of its table, or new ones like them.
        tables: Other tables it joins, by name.

    Returns:
        Rows with the same columns as at the fit, in the order of groups and time.

    Raises:
        NotFound: A column is missing.
        BadInput: The recipe was never fitted, or a step cannot use what it meets.
    """
    if recipe.learnt is None:
        raise BadInput(f"The recipe for {recipe.table} was never fitted.", "Fit it first.")
    around, shaped = _around(recipe, tables), _ordered(recipe, rows)
    for step, learnt in zip(recipe.ready(), recipe.learnt, strict=True):
        shaped = step.apply(shaped, learnt, around)
    return shaped.reset_index(drop=True)


def _around(recipe: Recipe, tables: "Mapping[str, pd.DataFrame] | None") -> Around:
    return Around(time=recipe.time, by=recipe.by, tables=tables or {})


def _ordered(recipe: Recipe, rows: "pd.DataFrame") -> "pd.DataFrame":
    keys = [*recipe.by, *([recipe.time] if recipe.time else [])]
    need_columns(rows, keys)
    # Stable, so that rows of the same moment keep the order they came in.
    return rows.sort_values(keys, kind="stable", ignore_index=True) if keys else rows.copy()


def _teaching(recipe: Recipe, rows: "pd.DataFrame") -> "pd.DataFrame":
    if recipe.fit_until is None:
        return rows
    import pandas as pd

    need_columns(rows, [recipe.time])
    early = rows[pd.to_datetime(rows[recipe.time], utc=True) < pd.Timestamp(recipe.fit_until)]
    if early.empty:
        raise BadInput(
            f"No row of {recipe.table} lies before {recipe.fit_until.isoformat()}.",
            "Choose a later fit_until, or load older rows.",
        )
    return early
