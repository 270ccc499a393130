"""Columns of another table: by equal keys, or as they were known at the time of each row."""

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, model_validator

from lab.core.errors import BadInput
from lab.data.recipes.step import Around, Learnt, Name, Names, Step, need_columns, need_time

if TYPE_CHECKING:
    import pandas as pd


class Join(Step):
    """Add columns of another table; no row is lost or doubled, what has no match is missing.

    Args:
        table: The other table.
        keys: Columns that are equal on both sides.
        columns: Columns to add.
        as_of: Time column of the other table. When given, each row gets the newest match
            whose time is at or before its own, never a later one.
        within_seconds: A match that is older than this counts as none; any age when 0.
    """

    kind: ClassVar[str] = "join"
    table: Name
    keys: tuple[Name, ...] = Field(default=(), max_length=20)
    columns: Names
    as_of: str = ""
    within_seconds: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.keys and not self.as_of:
            raise ValueError("give 'keys', 'as_of' or both")
        return self

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del learnt
        other = around.tables[self.table]
        need_columns(rows, self.keys)
        need_columns(other, [*self.keys, *self.columns, *([self.as_of] if self.as_of else [])])
        for name in self.columns:
            if name in rows.columns:
                raise BadInput(
                    f"The rows already have a column {name!r}.", "Rename or drop it first."
                )
        return self._newest(rows, other, around) if self.as_of else self._equal(rows, other)

    def _equal(self, rows: "pd.DataFrame", other: "pd.DataFrame") -> "pd.DataFrame":
        keys = list(self.keys)
        if other.duplicated(keys).any():
            raise BadInput(
                f"Table {self.table} has several rows for the same {', '.join(keys)}.",
                "Join on more columns, or give 'as_of'.",
            )
        return rows.merge(other[[*keys, *self.columns]], how="left", on=keys)

    def _newest(
        self, rows: "pd.DataFrame", other: "pd.DataFrame", around: Around
    ) -> "pd.DataFrame":
        import pandas as pd

        need_time(around, self.kind)
        left = pd.DataFrame({"at": _times(rows[around.time])})
        right = other[list(self.columns)].reset_index(drop=True)
        right["at"] = _times(other[self.as_of]).array
        left["group"], right["group"] = self._groups(rows, other)
        left["place"] = range(len(left))
        found = pd.merge_asof(
            left.sort_values("at", kind="stable"),
            right.dropna(subset=["at"]).sort_values("at", kind="stable"),
            on="at",
            by="group",
            tolerance=pd.Timedelta(seconds=self.within_seconds) if self.within_seconds else None,
        ).sort_values("place")
        return rows.assign(**{name: found[name].array for name in self.columns})

    def _groups(self, rows: "pd.DataFrame", other: "pd.DataFrame") -> "tuple[pd.Series, pd.Series]":
        """Numbers that are equal where the keys are; a missing key equals nothing."""
        import pandas as pd

        names = list(self.keys)
        if not names:
            return pd.Series(0, index=rows.index), pd.Series(0, index=range(len(other)))
        both = pd.concat([rows[names], other[names]], ignore_index=True).astype("object")
        numbers = both.groupby(names, sort=False, dropna=True).ngroup().astype("int64")
        left, right = numbers[: len(rows)], numbers[len(rows) :]
        # Groups of rows with a missing key are -1 on one side and -2 on the other.
        return (
            left.set_axis(rows.index),
            right.mask(right < 0, -2).reset_index(drop=True),
        )


def _times(column: "pd.Series") -> "pd.Series":
    import pandas as pd

    return pd.to_datetime(column, utc=True).astype("datetime64[us, UTC]")


STEPS = (Join,)
