"""Missing values: filled by a rule that is written down, or kept missing."""

from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from lab.data.recipes.step import (
    Around,
    Learnt,
    Names,
    Step,
    floats,
    need_columns,
    need_numbers,
)  # fmt: skip

if TYPE_CHECKING:
    import pandas as pd


class Fill(Step):
    """Fill missing values, within each group.

    Args:
        columns: Columns to fill.
        method: ``forward`` repeats the last value; ``linear`` draws a line to the next one,
            which a model could not know at the time, so do not use it on what is predicted
            from; ``value`` writes a fixed one; ``mean`` and ``median`` write what the fit
            window had.
        limit: A gap of more rows than this stays a gap, whole; any length is filled when 0.
        value: What ``value`` writes.
    """

    kind: ClassVar[str] = "fill"
    columns: Names
    method: Literal["forward", "linear", "value", "mean", "median"] = "forward"
    limit: int = Field(default=0, ge=0)
    value: float | str | bool | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if (self.method == "value") != (self.value is not None):
            raise ValueError("'value' goes with method 'value', and only with it")
        return self

    def fit(self, rows: "pd.DataFrame") -> Learnt:
        """The mean or median of each column, where asked for."""
        if self.method not in ("mean", "median"):
            return {}
        need_numbers(rows, self.columns)
        found = {name: getattr(floats(rows, name), self.method)() for name in self.columns}
        return {name: None if value != value else float(value) for name, value in found.items()}

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        need_columns(rows, self.columns)
        if self.method in ("linear", "mean", "median"):
            need_numbers(rows, self.columns)
        groups = list(around.by)
        filled = {name: self._one(rows, name, groups, learnt.get(name)) for name in self.columns}
        return rows.assign(**filled)

    def _one(
        self, rows: "pd.DataFrame", name: str, groups: list[str], learnt: float | None
    ) -> "pd.Series":
        column = rows[name] if self.method in ("forward", "value") else floats(rows, name)
        keys = [rows[by] for by in groups]
        if self.method == "forward":
            new = column.groupby(keys, dropna=False).ffill() if keys else column.ffill()
        elif self.method == "linear":
            new = _lines(column, keys)
        else:
            with_value = self.value if self.method == "value" else learnt
            new = column if with_value is None else column.fillna(with_value)
        return new if not self.limit else new.where(~_long_gaps(column, keys, self.limit), column)


def _lines(column: "pd.Series", keys: "list[pd.Series]") -> "pd.Series":
    def line(values: "pd.Series") -> "pd.Series":
        return values.interpolate("linear", limit_area="inside")

    return column.groupby(keys, dropna=False).transform(line) if keys else line(column)


def _long_gaps(column: "pd.Series", keys: "list[pd.Series]", limit: int) -> "pd.Series":
    """Which missing values belong to a gap of more rows than the limit."""
    missing = column.isna()
    runs = (missing != missing.shift()).cumsum()
    return missing & (missing.groupby([*keys, runs], dropna=False).transform("size") > limit)


STEPS = (Fill,)
