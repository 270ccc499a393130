"""Lines of a log taken apart, many at a time."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple, Protocol

from lab.data.log_columns import EPOCH, LINE, NAMED, RAW
from lab.data.log_patterns import KNOWN, MAX_HEADER_CHARS, LinePattern
from lab.data.logfmt import Shape, logfmt_pairs, shape_of

Texts = Sequence[str]
# A program writes a few kinds of lines; where it writes hundreds, trying them all costs more.
MAX_SHAPES = 8


class Taker(Protocol):
    """Takes lines apart."""

    @property
    def names(self) -> Texts:
        """What the values are called, each another column."""
        ...

    def take(self, lines: Texts) -> list[Texts] | None:
        """Take lines apart.

        Args:
            lines: Lines without their ends.

        Returns:
            The lines, and the columns of their values, trimmed; nothing but empty texts for a
            line that begins no event. ``None`` when they are better read one by one.
        """
        ...


class PatternTaker:
    """Takes lines apart by a pattern.

    Args:
        pattern: How they are written.
    """

    def __init__(self, pattern: LinePattern) -> None:
        self.pattern = pattern
        self.names: Texts = pattern.names
        self._tight = [name in KNOWN for name in self.names]
        distinct = len({NAMED.get(name, name) for name in self.names}) == len(self.names)
        self._usable = distinct and pattern.match("") is None

    def take(self, lines: Texts) -> list[Texts] | None:
        """Take lines apart, see ``Taker``."""
        if not self._usable:
            return None
        long = [i for i, line in enumerate(lines) if len(line) > MAX_HEADER_CHARS]
        short = list(lines)
        for i in long:
            short[i] = ""
        found = self.pattern.every.findall("\n".join(short))
        if len(found) != len(lines):
            return None
        for i in long:
            if (values := self.pattern.match(lines[i])) is not None:
                found[i] = (lines[i], *values.values())
        raws, *columns = zip(*found, strict=True)
        bare = zip(self._tight, columns, strict=True)
        return [
            raws,
            *(column if tight else list(map(str.strip, column)) for tight, column in bare),
        ]


class _Known(NamedTuple):
    """A shape, and how its values become those of a row."""

    shape: Shape
    arranged: Callable[[tuple[str, ...]], tuple[str, ...]]


class LogfmtTaker:
    """Takes lines of pairs apart, of which most have the keys of one before.

    Args:
        columns: Columns of a row.
    """

    def __init__(self, columns: Texts) -> None:
        self.names: Texts = [name for name in columns if name not in (LINE, RAW, EPOCH)]
        self._places = {name: place for place, name in enumerate(self.names)}
        self._known: list[_Known] = []
        self._none = ("",) * (len(self.names) + 1)

    def take(self, lines: Texts) -> list[Texts] | None:
        """Take lines apart, see ``Taker``."""
        rows = [row for line in lines if (row := self._row(line)) is not None]
        return list(zip(*rows, strict=True)) if len(rows) == len(lines) else None

    def _row(self, line: str) -> tuple[str, ...] | None:
        bare = line.strip()
        if "\\" not in bare:
            for turn, known in enumerate(self._known):
                if found := known.shape.pattern.fullmatch(bare):
                    if turn:
                        self._known.insert(0, self._known.pop(turn))
                    return line, *known.arranged((*found.groups(), ""))
        pairs = logfmt_pairs(bare)
        if pairs is None:
            return self._none
        if not self._fits(list(pairs)):
            return None
        self._learn(bare)
        named = {NAMED.get(key, key): value for key, value in pairs.items()}
        return line, *(named.get(name, "") for name in self.names)

    def _fits(self, keys: list[str]) -> bool:
        """Whether each key has a column of its own."""
        named = {NAMED.get(key, key) for key in keys}
        return len(named) == len(keys) and named <= self._places.keys()

    def _learn(self, line: str) -> None:
        shape = shape_of(line)
        if shape is None:
            return
        place = {NAMED.get(key, key): i for i, key in enumerate(shape.keys)}
        order = [place.get(name, len(shape.keys)) for name in self.names]
        if len(order) > 1:  # else it would give a text, not a tuple
            self._known = [_Known(shape, itemgetter(*order)), *self._known[: MAX_SHAPES - 1]]
