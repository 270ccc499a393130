"""Work out from a table what a model could learn from it; anything can be said instead."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.api import types

from lab.core.errors import BadInput, unknown
from lab.core.words import grouped
from lab.mlops.models.checks import check_target, leaks
from lab.mlops.models.features import as_times
from lab.mlops.models.recipe import Recipe
from lab.mlops.models.rhythm import Rhythm, rhythm

TIME_NAMES = ("timestamp", "time", "datetime", "date", "day", "ds")
MOST_LABELS = 50  # values of one text feature; more is an id or free text
MOST_GROUPS = 2000


@dataclass(frozen=True)
class Inferred:
    """A recipe and what a person should know about it.

    Args:
        recipe: What would be learned.
        notes: Sentences: columns left out and why, features that look too good.
    """

    recipe: Recipe
    notes: tuple[str, ...] = ()


def infer(
    table: pd.DataFrame,
    target: str,
    *,
    time: str | None = None,
    groups: Sequence[str] | None = None,
    leave_out: Sequence[str] = (),
    horizon: int | None = None,
) -> Inferred:
    """Choose time, groups and features of a table.

    Every other column is taken as known when the prediction is made (a planned price, a weather
    forecast). One that is not must be named in ``leave_out``.

    Args:
        table: The rows.
        target: Number column to predict.
        time: Time column; the first that holds times when not given.
        groups: Columns that tell rows of one time apart; the fewest that do when not given.
        leave_out: Columns not to learn from.
        horizon: Steps ahead; one season for daily and faster data when not given.

    Returns:
        The recipe with notes.

    Raises:
        NotFound: A named column is not in the table.
        BadInput: The target is no number or constant, there is no time column, rows cannot be
            told apart, time steps are irregular, or a feature is the target itself.
    """
    for name in (target, *leave_out, *(groups or ()), *([time] if time else ())):
        if name not in table.columns:
            raise unknown("column", name, map(str, table.columns))
    check_target(table[target])
    time = time or time_column(table, target)
    times = as_times(table[time])
    groups = tuple(groups) if groups is not None else group_columns(table, times, target, leave_out)
    beat = rhythm(times, horizon)
    rest = [c for c in table.columns if c not in {target, time, *groups, *leave_out}]
    numeric, categorical, notes = _features(table[rest])
    close = leaks(table[[*numeric, target]], target)
    return Inferred(_recipe(target, time, groups, numeric, categorical, beat), (*notes, *close))


def time_column(table: pd.DataFrame, target: str) -> str:
    """The column that holds times.

    Raises:
        BadInput: There is none.
    """
    others = [str(c) for c in table.columns if c != target]
    found = [c for c in others if _is_time(table[c])]
    if not found:
        raise BadInput(
            "No column of the table holds times; forecasting needs one.",
            f"Name it if it has an unusual form. The columns: {', '.join(others)}.",
        )
    return min(found, key=lambda c: (c.lower() not in TIME_NAMES, others.index(c)))


def group_columns(
    table: pd.DataFrame, times: pd.Series, target: str, leave_out: Sequence[str] = ()
) -> tuple[str, ...]:
    """The fewest columns that, with the time, tell every row apart.

    Raises:
        BadInput: None do.
    """
    if not times.duplicated().any():
        return ()
    others = [c for c in table.columns if c not in {target, times.name, *leave_out}]
    texts = [c for c in others if _is_label(table[c])]
    whole = [c for c in others if types.is_integer_dtype(table[c])]
    candidates = [c for c in (*texts, *whole) if 1 < table[c].nunique() <= MOST_GROUPS]
    chosen: list[str] = []
    for name in candidates:
        if not _repeats(table, times, chosen):
            break
        chosen.append(name)
    if _repeats(table, times, chosen):
        raise BadInput(
            f"Several rows share a value of {times.name!r} and no column tells them apart.",
            "Sum them up first, or name the columns that make a row unique as groups.",
        )
    for name in list(chosen):  # an earlier one may not be needed after all
        rest = [c for c in chosen if c != name]
        if not _repeats(table, times, rest):
            chosen = rest
    return tuple(chosen)


def _repeats(table: pd.DataFrame, times: pd.Series, groups: Sequence[str]) -> bool:
    return bool(table[list(groups)].assign(_time=times).duplicated().any())


def _is_time(column: pd.Series) -> bool:
    if types.is_datetime64_any_dtype(column):
        return True
    if not _is_label(column) or column.dropna().empty:
        return False
    try:
        pd.to_datetime(column.dropna().head(200), format="ISO8601", utc=True)
    except (ValueError, TypeError):
        return False
    return True


def _is_label(column: pd.Series) -> bool:
    return bool(
        types.is_string_dtype(column)
        or types.is_object_dtype(column)
        or isinstance(column.dtype, pd.CategoricalDtype)
    )


def _features(rest: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Number features, text features, and why other columns are left out."""
    numeric: list[str] = []
    categorical: list[str] = []
    notes: list[str] = []
    for name in map(str, rest.columns):
        column = rest[name]
        values = column.nunique()
        if values < 2:
            notes.append(f"{name} is left out: it is always the same.")
        elif types.is_bool_dtype(column) or types.is_numeric_dtype(column):
            infinite = types.is_float_dtype(column) and bool(np.isinf(column).any())
            (notes if infinite else numeric).append(
                f"{name} is left out: it holds infinite values." if infinite else name
            )
        elif _is_label(column) and values <= MOST_LABELS:
            categorical.append(name)
        else:
            notes.append(f"{name} is left out: {grouped(values)} values are too many for a label.")
    return tuple(numeric), tuple(categorical), tuple(notes)


def _recipe(target: str, time: str, groups: tuple[str, ...], numeric: tuple[str, ...],
            categorical: tuple[str, ...], beat: Rhythm) -> Recipe:  # fmt: skip
    taken = Recipe(target, time, groups, numeric, categorical, beat.step_seconds, beat.season,
                   beat.horizon, beat.lags, beat.windows)  # fmt: skip
    clash = set(taken.history + taken.calendar) & {target, time, *groups, *numeric, *categorical}
    if clash:
        raise BadInput(
            f"Column {sorted(clash)[0]!r} has the name of a feature the lab makes itself.",
            "Rename it, or leave it out.",
        )
    return taken
