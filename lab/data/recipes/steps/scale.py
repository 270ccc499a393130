"""Numbers brought into bounds and onto one scale, by what the fit window had."""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from lab.core.errors import BadInput
from lab.data.recipes.step import Around, Learnt, Names, Step, floats, need_numbers

if TYPE_CHECKING:
    import pandas as pd

Share = Annotated[float, Field(ge=0, le=1)]
# Median absolute deviations of a normal distribution, times this, are its standard deviation.
NORMAL_MAD = 1.4826


class Clip(Step):
    """Bring values that lie outside of bounds to the nearest bound.

    Args:
        columns: Columns of numbers.
        lower: Least value; none when not given.
        upper: Greatest value; none when not given.
        quantiles: Instead: the shares, in [0, 1], whose quantiles in the fit window are bounds.
    """

    kind: ClassVar[str] = "clip"
    columns: Names
    lower: float | None = None
    upper: float | None = None
    quantiles: tuple[Share, Share] | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        fixed = self.lower is not None or self.upper is not None
        if fixed == (self.quantiles is not None):
            raise ValueError("give either 'quantiles', or 'lower' or 'upper'")
        low, high = self.quantiles or (self.lower, self.upper)
        if low is not None and high is not None and low >= high:
            raise ValueError(f"the lower bound {low} must be less than the upper {high}")
        return self

    def fit(self, rows: "pd.DataFrame") -> Learnt:
        """The two bounds of each column."""
        need_numbers(rows, self.columns)
        if self.quantiles is None:
            return {name: [self.lower, self.upper] for name in self.columns}
        return {
            name: [_plain(float(floats(rows, name).quantile(share))) for share in self.quantiles]
            for name in self.columns
        }

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del around
        need_numbers(rows, self.columns)
        return rows.assign(**{n: floats(rows, n).clip(*learnt[n]) for n in self.columns})


class Normalise(Step):
    """Subtract a centre and divide by a spread, both from the fit window.

    Args:
        columns: Columns of numbers.
        method: ``standard`` uses mean and standard deviation; ``robust`` median and scaled
            median absolute deviation; ``min_max`` puts the fit window between 0 and 1.
    """

    kind: ClassVar[str] = "normalise"
    columns: Names
    method: Literal["standard", "robust", "min_max"] = "standard"

    def fit(self, rows: "pd.DataFrame") -> Learnt:
        """Centre and spread of each column; the spread of a constant column is 1."""
        need_numbers(rows, self.columns)
        return {name: self._learn(floats(rows, name).dropna()) for name in self.columns}

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del around
        need_numbers(rows, self.columns)
        return rows.assign(
            **{n: (floats(rows, n) - learnt[n][0]) / learnt[n][1] for n in self.columns}
        )

    def _learn(self, values: "pd.Series") -> list[float]:
        if values.empty:
            raise BadInput(
                f"Column {values.name!r} has no value in the fit window.",
                "Fill it first, choose a later fit_until, or leave it out.",
            )
        if self.method == "min_max":
            centre, spread = values.min(), values.max() - values.min()
        elif self.method == "robust":
            centre = values.median()
            spread = NORMAL_MAD * (values - centre).abs().median()
        else:
            centre, spread = values.mean(), values.std(ddof=0)
        return [float(centre), float(spread) if spread > 0 else 1.0]


def _plain(value: float) -> float | None:
    return None if value != value else float(value)


STEPS = (Clip, Normalise)
