"""Columns renamed, dropped, turned into another type or taken from the calendar; rows kept."""

import operator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from lab.core.errors import BadInput
from lab.data.recipes.step import Around, Learnt, Name, Names, Step, floats, need_columns

if TYPE_CHECKING:
    import pandas as pd

Part = Literal["hour", "day", "weekday", "month", "quarter", "year", "weekend"]
COMPARE = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt,
    "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Rename(Step):
    """Give columns other names.

    Args:
        columns: Old names with new ones.
    """

    kind: ClassVar[str] = "rename"
    columns: dict[Name, Name] = Field(min_length=1, max_length=500)

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del learnt, around
        need_columns(rows, list(self.columns))
        renamed = rows.rename(columns=self.columns)
        if not renamed.columns.is_unique:
            raise BadInput("Two columns would have the same name.", "Choose other names.")
        return renamed


class Drop(Step):
    """Leave columns out.

    Args:
        columns: Their names.
    """

    kind: ClassVar[str] = "drop"
    columns: Names

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del learnt, around
        need_columns(rows, self.columns)
        return rows.drop(columns=list(self.columns))


class Keep(Step):
    """Keep rows whose value compares well; a missing value never does.

    Args:
        column: What is compared.
        is_: How, written ``is``: ``==``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.
        value: With what.
    """

    kind: ClassVar[str] = "keep"
    column: Name
    is_: Literal["==", "!=", "<", "<=", ">", ">="] = Field(alias="is")
    value: bool | int | float | str

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del learnt, around
        need_columns(rows, [self.column])
        column = rows[self.column]
        try:
            good = COMPARE[self.is_](column, self.value)
        except TypeError as error:
            raise BadInput(
                f"Column {self.column!r} cannot be compared with {self.value!r}.",
                "Give a value of the same kind as the column.",
            ) from error
        kept: pd.DataFrame = rows[good.fillna(False).astype(bool) & column.notna()]
        return kept


class Cast(Step):
    """Turn columns into another type; what does not fit becomes missing.

    Args:
        columns: Names with ``number``, ``text`` or ``time`` (UTC).
    """

    kind: ClassVar[str] = "cast"
    columns: dict[Name, Literal["number", "text", "time"]] = Field(min_length=1, max_length=500)

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        import pandas as pd

        del learnt, around
        need_columns(rows, list(self.columns))
        turn: dict[str, Any] = {
            "number": lambda column: pd.Series(
                pd.to_numeric(column, errors="coerce"), dtype="float64"
            ),
            "text": lambda column: column.astype("object").map(str, na_action="ignore"),
            "time": lambda column: pd.to_datetime(column, errors="coerce", utc=True),
        }
        return rows.assign(**{name: turn[kind](rows[name]) for name, kind in self.columns.items()})


class Calendar(Step):
    """Take parts of the date of a column, in UTC, as numbers.

    Args:
        column: A day or time.
        parts: Which; each becomes a column ``column_part``. Monday is weekday 0.
    """

    kind: ClassVar[str] = "calendar"
    column: Name
    parts: tuple[Part, ...] = Field(min_length=1, max_length=7)

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        import pandas as pd

        del learnt, around
        need_columns(rows, [self.column])
        when = pd.to_datetime(rows[self.column], utc=True)
        new = {f"{self.column}_{part}": _part(when, part) for part in self.parts}
        return rows.assign(**new)


class Lag(Step):
    """Add what a column was some rows earlier, within each group.

    Args:
        columns: Columns of numbers.
        rows: How many rows back, each 1 or more; each makes a column ``column_lag_n``.
    """

    kind: ClassVar[str] = "lag"
    columns: Names
    rows: tuple[int, ...] = Field(min_length=1, max_length=50)

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del learnt
        need_columns(rows, self.columns)
        if min(self.rows) < 1:
            raise BadInput("A lag looks back by 1 row or more.", "Give numbers of 1 or more.")
        keys = [rows[name] for name in around.by]
        new = {}
        for name in self.columns:
            values = floats(rows, name)
            for back in self.rows:
                shifted = (
                    values.groupby(keys, dropna=False).shift(back) if keys else values.shift(back)
                )
                new[f"{name}_lag_{back}"] = shifted
        return rows.assign(**new)


def _part(when: "pd.Series", part: Part) -> "pd.Series":
    """A part of each date, missing where the date is."""
    found: pd.Series = when.dt.weekday >= 5 if part == "weekend" else getattr(when.dt, part)
    return found.astype("Int64").mask(when.isna())


STEPS = (Rename, Drop, Keep, Cast, Calendar, Lag)
