"""Columns of JSON objects, which are tuples of names and values here."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

# Where every object has other names, remembering them costs more than it saves.
MOST_ORDERS = 1_000
Pairs = tuple[tuple[str, Any], ...]
Order = Callable[[Sequence[Any]], tuple[Any, ...]]
_NAME, _VALUE = itemgetter(0), itemgetter(1)


def alike_columns(objects: Sequence[Pairs]) -> dict[str, list[Any]] | None:
    """The values of objects by name, where all have the same names in the same order.

    Args:
        objects: Objects, at least one.

    Returns:
        As many values under each name; ``None`` where objects differ, or name a field twice.

    >>> alike_columns([(("a", 1), ("b", 2)), (("a", 3), ("b", 4))])
    {'a': [1, 3], 'b': [2, 4]}
    """
    width = len(objects[0])
    if set(map(len, objects)) != {width}:
        return None
    columns: dict[str, list[Any]] = {}
    for place in range(width):
        pairs = list(map(itemgetter(place), objects))
        names = set(map(_NAME, pairs))
        if len(names) > 1:
            return None
        columns[names.pop()] = list(map(_VALUE, pairs))
    return columns if len(columns) == width else None


class Arranged:
    """Puts values in the order of columns, by an order found once for the same names.

    Args:
        columns: Every name there may be.

    >>> Arranged(("a", "b")).row(("b",), (1,))
    (None, 1)
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._orders: dict[tuple[str, ...], Order | None] = {}

    def columns(self, objects: Sequence[Pairs]) -> list[Sequence[Any]] | None:
        """The values of objects, column by column.

        Args:
            objects: Objects, at least one.

        Returns:
            The columns; ``None`` when a name of an object is strange or comes twice.
        """
        alike = alike_columns(objects)
        if alike is not None:
            return self.named(alike, len(objects))
        rows = list[tuple[Any, ...]]()
        for pairs in objects:
            row = self.row(*zip(*pairs, strict=True)) if pairs else self.row((), ())
            if row is None:
                return None
            rows.append(row)
        return list(zip(*rows, strict=True))

    def named(self, columns: Mapping[str, Sequence[Any]], count: int) -> list[Sequence[Any]] | None:
        """Columns by name in their order; ``None`` when a name is strange.

        Args:
            columns: Some of the columns.
            count: How many values each has.
        """
        nothing = [None] * count
        fits = columns.keys() <= set(self._columns)
        return [columns.get(name, nothing) for name in self._columns] if fits else None

    def row(self, names: tuple[str, ...], values: Sequence[Any]) -> tuple[Any, ...] | None:
        """A row.

        Args:
            names: What the values are called.
            values: As many values.

        Returns:
            A value for each column, ``None`` where there is none; ``None`` alone when a name is
            strange or comes twice.
        """
        try:
            order = self._orders[names]
        except KeyError:
            order = self._learned(names)
        return None if order is None else order((*values, None))

    def _learned(self, names: tuple[str, ...]) -> Order | None:
        if len(self._orders) >= MOST_ORDERS:
            self._orders.clear()
        place = {name: i for i, name in enumerate(names)}
        fits = len(place) == len(names) and place.keys() <= set(self._columns)
        self._orders[names] = self._order(place) if fits else None
        return self._orders[names]

    def _order(self, place: dict[str, int]) -> Order:
        if len(self._columns) == 1:  # of which it would give the value, not a tuple
            only = place.get(self._columns[0], -1)
            return lambda values: (values[only],)
        return itemgetter(*(place.get(name, -1) for name in self._columns))
