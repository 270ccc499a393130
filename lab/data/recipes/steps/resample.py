"""One row for each step of time: rows of the same interval are put together, gaps stay gaps."""

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, field_validator

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.data.recipes.step import Around, Learnt, Name, Step, need_columns, need_numbers, need_time

if TYPE_CHECKING:
    import pandas as pd

Summary = Literal["mean", "sum", "min", "max", "first", "last", "count"]
NUMERIC = ("mean", "sum", "min", "max")
MOST_ROWS = 20_000_000


class Resample(Step):
    """Put rows of the same interval together, within each group.

    Intervals are half-open, [t, t + every), and are named by their beginning. An interval
    without rows is a row without values between the first and the last of its group; a sum of
    nothing is missing, not 0.

    Args:
        every: Length of an interval as pandas writes it, such as ``5min`` or ``1D``.
        columns: Columns to keep, each with how its values are put together.
    """

    kind: ClassVar[str] = "resample"
    every: str
    columns: dict[Name, Summary] = Field(min_length=1, max_length=500)

    @field_validator("every")
    @classmethod
    def _length(cls, given: str) -> str:
        import pandas as pd

        try:
            length = pd.Timedelta(given)
        except ValueError as error:
            raise ValueError(f"{given!r} is no length of time, such as 5min or 1D") from error
        if not length > pd.Timedelta(0):
            raise ValueError("an interval must be longer than nothing")
        return given

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        import pandas as pd

        del learnt
        need_time(around, self.kind)
        need_numbers(rows, [name for name, how in self.columns.items() if how in NUMERIC])
        need_columns(rows, list(self.columns))
        timed = rows.assign(**{around.time: pd.to_datetime(rows[around.time], utc=True)})
        self._check_size(timed, around)
        groups = timed.groupby(list(around.by), sort=True, dropna=False) if around.by else None
        pieces = [((), timed)] if groups is None else groups
        shaped = [self._one(piece, key, around) for key, piece in pieces if len(piece)]
        return pd.concat(shaped, ignore_index=True) if shaped else timed.iloc[:0]

    def _one(self, piece: "pd.DataFrame", key: tuple[Any, ...], around: Around) -> "pd.DataFrame":
        binned = piece.resample(self.every, on=around.time, origin="epoch")
        summed = {
            name: binned[name].sum(min_count=1) if how == "sum" else getattr(binned[name], how)()
            for name, how in self.columns.items()
        }
        frame = type(piece)(summed).reset_index()
        for place, (name, value) in enumerate(zip(around.by, key, strict=True)):
            frame.insert(place, name, value)
        return frame

    def _check_size(self, rows: "pd.DataFrame", around: Around) -> None:
        import pandas as pd

        keys = [rows[name] for name in around.by] or [pd.Series(0, index=rows.index)]
        ends = rows.groupby(keys, dropna=False)[around.time].agg(["min", "max"])
        seconds = float((ends["max"] - ends["min"]).dt.total_seconds().sum())
        count = seconds / pd.Timedelta(self.every).total_seconds()
        if count > MOST_ROWS:
            raise BadInput(
                f"Intervals of {self.every} would make {grouped(count, '.0f')} rows; at most "
                f"{grouped(MOST_ROWS)} are allowed.",
                "Choose a longer interval.",
            )


STEPS = (Resample,)
