"""What a step of a recipe is, and the things every step checks."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from lab.core.errors import BadInput, unknown

if TYPE_CHECKING:
    import pandas as pd

Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[Name, ...], Field(min_length=1, max_length=500)]
Learnt = dict[str, Any]


class Step(BaseModel):
    """One step: its options are the fields, what it learns is plain JSON.

    A step sees whole rows in the order of the recipe's time. It never changes the frame it is
    given, and what it does to a row depends on what was learnt, on the row, and for steps that
    say so on other rows of the same group.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: ClassVar[str]

    def fit(self, rows: "pd.DataFrame") -> Learnt:
        """Learn what replaying needs, from the rows of the fit window alone.

        Args:
            rows: Rows as the steps before left them.

        Returns:
            Plain values that JSON can hold; empty when there is nothing to learn.
        """
        del rows
        return {}

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: "Around") -> "pd.DataFrame":
        """Change rows.

        Args:
            rows: Rows as the steps before left them.
            learnt: What ``fit`` gave.
            around: Where the rows stand: their time, their groups, other tables.

        Returns:
            A new frame.

        Raises:
            BadInput: A column is missing or holds what the step cannot use.
        """
        raise NotImplementedError


class Around(BaseModel):
    """What a step may know besides its rows.

    Args:
        time: Column that orders rows; empty when they have no time.
        by: Columns that tell groups apart, such as store and product.
        tables: Other tables by name, for joins.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)
    time: str = ""
    by: tuple[str, ...] = ()
    tables: Mapping[str, Any] = {}


def need_columns(rows: "pd.DataFrame", names: Sequence[str]) -> None:
    """Check that columns are there.

    Raises:
        NotFound: One is not.
    """
    for name in names:
        if name not in rows.columns:
            raise unknown("column", name, map(str, rows.columns))


def need_numbers(rows: "pd.DataFrame", names: Sequence[str]) -> None:
    """Check that columns are there and hold numbers.

    Raises:
        NotFound: One is not there.
        BadInput: One holds something else.
    """
    import pandas as pd

    need_columns(rows, names)
    for name in names:
        kind = rows[name].dtype
        if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
            raise BadInput(
                f"Column {name!r} holds no numbers ({kind}).",
                "Choose columns of numbers, or add a cast before this step.",
            )


def need_time(around: Around, step: str) -> None:
    """Check that the recipe says which column is the time.

    Raises:
        BadInput: It does not.
    """
    if not around.time:
        raise BadInput(
            f"Step {step!r} needs to know the time of a row.",
            "Name the column under 'time:' at the top of the recipe.",
        )


def floats(rows: "pd.DataFrame", name: str) -> "pd.Series":
    """A column as float64, missing and infinite values as NaN."""
    import numpy as np

    values = rows[name].astype("Float64").to_numpy(dtype="float64", na_value=np.nan, copy=True)
    values[~np.isfinite(values)] = np.nan
    return type(rows[name])(values, index=rows.index, name=name)
