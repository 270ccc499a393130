"""Words as numbers: categories of the fit window, and what to do with new ones."""

from typing import TYPE_CHECKING, ClassVar, Literal

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.data.recipes.step import Around, Learnt, Names, Step, need_columns

if TYPE_CHECKING:
    import pandas as pd

MOST_CATEGORIES = 1_000


class Encode(Step):
    """Write categories as numbers.

    Args:
        columns: Columns of categories.
        method: ``one_hot`` makes a column ``name=category`` of 0 and 1 for each category of
            the fit window and drops the column itself; ``ordinal`` numbers them from 0 in
            alphabetical order.
        unknown: A category that was not in the fit window, or a missing one: ``ignore`` gives
            0 in every column or -1; ``refuse`` is an error that names it.
    """

    kind: ClassVar[str] = "encode"
    columns: Names
    method: Literal["one_hot", "ordinal"] = "one_hot"
    unknown: Literal["ignore", "refuse"] = "ignore"

    def fit(self, rows: "pd.DataFrame") -> Learnt:
        """The categories of each column, sorted."""
        need_columns(rows, self.columns)
        found = {name: sorted(set(_words(rows[name]).dropna())) for name in self.columns}
        for name, categories in found.items():
            if len(categories) > MOST_CATEGORIES:
                raise BadInput(
                    f"Column {name!r} has {grouped(len(categories))} categories; at most "
                    f"{grouped(MOST_CATEGORIES)} can be encoded.",
                    "Leave it out, or encode something coarser.",
                )
        return found

    def apply(self, rows: "pd.DataFrame", learnt: Learnt, around: Around) -> "pd.DataFrame":
        """See the class."""
        del around
        need_columns(rows, self.columns)
        for name in self.columns:
            words, categories = _words(rows[name]), learnt[name]
            if self.unknown == "refuse":
                _refuse(name, words, categories)
            if self.method == "ordinal":
                numbers = {word: number for number, word in enumerate(categories)}
                rows = rows.assign(**{name: words.map(numbers).fillna(-1).astype("int64")})
            else:
                new = {f"{name}={one}": (words == one).astype("int64") for one in categories}
                rows = rows.drop(columns=name).assign(**new)
        return rows


def _words(column: "pd.Series") -> "pd.Series":
    """Categories as text, so that 1 in a file and 1 in a table are the same; missing stays so."""
    return column.astype("object").map(str, na_action="ignore")


def _refuse(name: str, words: "pd.Series", categories: list[str]) -> None:
    new = words[words.isna() | ~words.isin(categories)]
    if not new.empty:
        raise BadInput(
            f"Column {name!r} holds {new.iloc[0]!r}, which was not in the fit window.",
            "Fit the recipe again, or set 'unknown: ignore'.",
        )


STEPS = (Encode,)
