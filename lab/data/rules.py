"""What a column of a table promises beyond its type: its range, its values, its name, its unit.

A row that breaks a promise is turned away with its line and the reason, never mended in silence.
"""

import math
from collections.abc import Mapping as Dict
from dataclasses import dataclass, fields, replace
from typing import Any

from lab.core.errors import BadInput, check_known
from lab.core.sql import literal
from lab.data.casts import Cast, literals

SHOWN = 6


@dataclass(frozen=True)
class Rule:
    """What one column promises.

    Args:
        name: What it is called in the table; as in the file when empty.
        divide_by: How many units of the file make one of the table, such as 100 for pence and
            pounds; the range is in units of the table.
        required: Whether it must have a value.
        least: Smallest number allowed.
        most: Largest number allowed.
        only: The texts allowed; any when empty.
    """

    name: str = ""
    divide_by: float = 1.0
    required: bool = False
    least: float | None = None
    most: float | None = None
    only: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether it makes sense for numbers only."""
        return self.divide_by != 1.0 or self.least is not None or self.most is not None


def rule(given: "Rule | Dict[str, Any]") -> Rule:
    """Read a rule from plain values.

    Args:
        given: Fields of ``Rule`` by name, or a rule.

    Raises:
        NotFound: A field does not exist.

    >>> rule({"least": 0, "only": ["a"]})
    Rule(name='', divide_by=1.0, required=False, least=0, most=None, only=('a',))
    """
    if isinstance(given, Rule):
        return given
    check_known("rule", given, [field.name for field in fields(Rule)])
    return replace(Rule(**given), only=tuple(given.get("only") or ()))


def check_rule(column: str, kind: str, promised: Rule) -> None:
    """Refuse a rule that cannot be carried out.

    Args:
        column: Name of the column.
        kind: Its type.
        promised: The rule.

    Raises:
        BadInput: It contradicts the type or itself.
    """
    base = kind.partition(":")[0]
    if promised.numeric and base not in ("integer", "number"):
        raise BadInput(
            f"Column {column!r} holds {base}; a range or a unit is for numbers.",
            "Take the rule away, or set the type of the column.",
        )
    if promised.only and base != "text":
        raise BadInput(
            f"Column {column!r} holds {base}; a list of allowed texts is for text.",
            "Take the list away, or set the type of the column.",
        )
    if not (math.isfinite(promised.divide_by) and promised.divide_by > 0):
        raise BadInput(
            f"Column {column!r} cannot be divided by {promised.divide_by}.",
            "Give a number above 0.",
        )
    least, most = promised.least, promised.most
    if least is not None and most is not None and least > most:
        raise BadInput(
            f"Nothing in column {column!r} is {least:g} or more and {most:g} or less.",
            "Turn the two around.",
        )


def kept(cell: Cast, promised: Rule, column: str) -> Cast:
    """Hold a typed cell to a rule.

    Args:
        cell: Value and reason as the type gives them.
        promised: A checked rule.
        column: SQL name of the text column.

    Returns:
        The value in units of the table, and the first reason against it.
    """
    value = cell.value
    if promised.divide_by != 1.0:
        value = f"(CAST(({value}) AS DOUBLE) / {float(promised.divide_by)!r})"
    shown, whens = f"left({column}, 60)", []
    if promised.required:
        whens.append(f"WHEN ({value}) IS NULL THEN 'is empty'")
    for bound, sign, words in ((promised.least, "<", "less"), (promised.most, ">", "more")):
        if bound is not None:
            said = literal(f" is {words} than {_as_written(bound, promised)}")
            whens.append(f"WHEN ({value}) {sign} {float(bound)!r} THEN {shown} || {said}")
    if promised.only:
        more = f" and {len(promised.only) - SHOWN} more" if len(promised.only) > SHOWN else ""
        said = literal(f" is not one of {', '.join(promised.only[:SHOWN])}{more}")
        whens.append(f"WHEN ({value}) NOT IN ({literals(promised.only)}) THEN {shown} || {said}")
    reason = f"coalesce({cell.reason}, CASE {' '.join(whens)} END)" if whens else cell.reason
    return Cast(value, reason)


def _as_written(bound: float, promised: Rule) -> str:
    """A bound in the units of the file, which is what stands beside it in the reason."""
    return f"{bound * promised.divide_by:g}"
