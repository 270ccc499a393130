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
        on: Columns that are equal on both sides.
        columns: Columns to add.
        as_of: Time column of the other table. When given, each row gets the newest match
            whose time is at or before its own, never a later one.
        within_seconds: A match that is older than this counts as none; any age when 0.
    """

    kind: ClassVar[str] = "join"
    table: Name
    on: tuple[Name, ...] = Field(default=(), max_length=20)
    columns: Names
    as_of: str = ""
    within_seconds: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.on and not self.as_of:
            raise ValueError("give 'on', 'as_of' or both")
        return self

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del learnt
        other = around.tables[self.table]
        need_columns(rows, self.on)
        need_columns(other, [*self.on, *self.columns, *([self.as_of] if self.as_of else [])])
        for name in self.columns:
            if name in rows.columns:
                raise BadInput(
                    f"The rows already have a column {name!r}.", "Rename or drop it first."
                )
        return self._newest(rows, other, around) if self.as_of else self._equal(rows, other)

    def _equal(self, rows: "pd.DataFrame", other: "pd.DataFrame") -> "pd.DataFrame":
        keys = list(self.on)
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
        left = pd.DataFrame({"at": pd.to_datetime(rows[around.time], utc=True).dt.as_unit("us")})
        right = other[[*self.on, *self.columns]].copy()
        right["at"] = pd.to_datetime(other[self.as_of], utc=True).dt.as_unit("us")
        keys = [f"key{number}" for number in range(len(self.on))]
        for key, name in zip(keys, self.on, strict=True):
            left[key], right[key] = rows[name].to_numpy(), right[name].to_numpy()
        left["place"] = range(len(left))
        right = right[["at", *keys, *self.columns]].dropna(subset=["at"])
        found = pd.merge_asof(
            left.sort_values("at", kind="stable"),
            right.sort_values("at", kind="stable"),
            on="at",
            by=keys or None,
            tolerance=pd.Timedelta(seconds=self.within_seconds) if self.within_seconds else None,
        ).sort_values("place")
        return rows.assign(**{name: found[name].array for name in self.columns})


STEPS = (Join,)
