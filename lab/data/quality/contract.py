"""What a table promises: columns with types, ranges and patterns, and marks of the whole table."""

import datetime as dt
import math
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Kind = Literal["integer", "number", "text", "boolean", "date", "time"]
Policy = Literal["block", "warn"]
Verdict = Literal["pass", "warn", "fail"]
NUMBERS = ("integer", "number")
TIMES = ("date", "time")
MOST_COLUMNS = 500
Name = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _plain(value: object) -> object:
    """A bound as the type it is compared as: YAML reads days as dates."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, dt.date)):
        raise ValueError("must be a number or a time")  # noqa: TRY004  # pydantic's own way
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value.isoformat() if isinstance(value, dt.date) else value


Bound = Annotated[int | float | str, BeforeValidator(_plain)]


class Clause(BaseModel):
    """Anything in a contract: a misspelt word is an error, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Column(Clause):
    """What one column promises.

    Args:
        type: What it holds.
        required: Whether every row must have a value; a row without is turned away.
        least: Smallest value allowed; a number, or an ISO time for days and times.
        most: Largest value allowed.
        only: The texts allowed; any when empty.
        pattern: Regular expression (RE2) that a whole text must match.
        complete: Share of rows that must have a value, in [0, 1]; of the table as a whole.
    """

    type: Kind
    required: bool = False
    least: Bound | None = None
    most: Bound | None = None
    only: tuple[Annotated[str, Field(max_length=500)], ...] = Field(default=(), max_length=1000)
    pattern: str = Field(default="", max_length=200)
    complete: Share = 0.0

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        bounds = [bound for bound in (self.least, self.most) if bound is not None]
        if bounds and self.type not in (*NUMBERS, *TIMES):
            raise ValueError(f"a range is for numbers and times, not for {self.type}")
        for bound in bounds:
            if isinstance(bound, str) != (self.type in TIMES):
                raise ValueError(f"{bound!r} is no {self.type}")
            if isinstance(bound, str):
                dt.datetime.fromisoformat(bound)
        if len(bounds) == 2 and bounds[0] > bounds[1]:  # type: ignore[operator]
            raise ValueError(f"nothing is {bounds[0]} or more and {bounds[1]} or less")
        if (self.only or self.pattern) and self.type != "text":
            raise ValueError(f"'only' and 'pattern' are for text, not for {self.type}")
        if self.pattern:
            _check_pattern(self.pattern)
        return self


class Rows(Clause):
    """How many rows the table has: from ``least`` to ``most``."""

    least: int = Field(default=0, ge=0)
    most: int | None = Field(default=None, ge=0)


class Freshness(Clause):
    """How old the newest value of a day or time column may be, in days."""

    column: Name
    within_days: float = Field(gt=0)


class ColumnDrift(Clause):
    """How a column is compared: a method of ``lab.mlops.drift`` and where drift begins."""

    method: str = Field(default="psi", max_length=40)
    limit: float | None = Field(default=None, ge=0)


class Drift(Clause):
    """Columns that must still look as they do in a reference.

    Args:
        reference: A table, or ``snapshot:`` and the id of one.
        columns: Columns with how each is compared.
    """

    reference: Name
    columns: dict[Name, ColumnDrift] = Field(min_length=1, max_length=MOST_COLUMNS)


class Contract(Clause):
    """What a table promises.

    Args:
        dataset: The table or data set it is for.
        version: Of this way to write contracts.
        policy: Whether a broken promise of the whole table blocks a load or only warns.
        columns: Columns with what each promises.
        extra_columns: Whether the table may have other columns.
        unique: Groups of columns that never repeat together.
        rows: How many rows.
        most_bad: Largest share of rows that may be turned away, in [0, 1].
        freshness: How old the newest row may be.
        drift: What must look as it did.
    """

    dataset: Name
    version: Literal[1] = 1
    policy: Policy = "block"
    columns: dict[Name, Column] = Field(min_length=1, max_length=MOST_COLUMNS)
    extra_columns: bool = True
    unique: tuple[tuple[Name, ...], ...] = Field(default=(), max_length=20)
    rows: Rows = Rows()
    most_bad: Share = 1.0
    freshness: Freshness | None = None
    drift: Drift | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        named = [("unique", name) for group in self.unique for name in group]
        named += [("freshness", self.freshness.column)] if self.freshness else []
        named += [("drift", name) for name in self.drift.columns] if self.drift else []
        for part, name in named:
            if name not in self.columns:
                raise ValueError(f"{part}: column {name!r} is not among the columns")
        if self.freshness and self.columns[self.freshness.column].type not in TIMES:
            raise ValueError(f"freshness: needs days or times; {self.freshness.column!r} has none")
        return self


def _check_pattern(pattern: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array(["x"]), pattern)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
