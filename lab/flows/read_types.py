"""Types of the columns of a table that goes by row by row."""

from collections.abc import Sequence
from typing import Any

from lab.data.column_types import ColumnGuess, checked_column, guess_column

# Rows from which types are guessed, and by which all later ones are held against them.
CHUNK_ROWS = 1_000
SHOWN = 80
MAX_MISFITS = 3


class TypedColumns:
    """Column types, guessed from the first rows and held against all others."""

    def __init__(self, names: Sequence[str]) -> None:
        """Start without a row.

        Args:
            names: The columns.
        """
        self.names = names
        self.guesses: list[ColumnGuess] = []
        self.misfit_lines: dict[str, int] = {}
        self._lines: list[int] = []
        self._rows: list[Sequence[str | None]] = []
        self._any = False

    def take(self, line: int, cells: Sequence[str | None]) -> None:
        """Take one row.

        Args:
            line: Its line in the file.
            cells: Its cells, one for each column.
        """
        self._lines.append(line)
        self._rows.append(cells)
        if len(self._rows) == CHUNK_ROWS:
            self._settle()

    def told(self) -> list[dict[str, Any]]:
        """What the columns hold: name, type, share of missing cells, choices and misfits."""
        if self._rows or not self.guesses:
            self._settle()
        return [
            {
                "name": one.name,
                "type": one.type,
                "missing": round(one.missing, 4) if self._any else None,
                "choices": list(one.choices),
                "misfits": [text[:SHOWN] for text in one.misfits[:MAX_MISFITS]],
            }
            for one in self.guesses
        ]

    def _settle(self) -> None:
        self._any = self._any or bool(self._rows)
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self.names)
        before = self.guesses
        if before:
            pairs = zip(before, columns, strict=True)
            self.guesses = [checked_column(guess, cells) for guess, cells in pairs]
        else:
            pairs_of_names = zip(self.names, columns, strict=True)
            self.guesses = [guess_column(name, cells) for name, cells in pairs_of_names]
        for guess, cells in zip(self.guesses, columns, strict=True):
            if guess.misfits and guess.name not in self.misfit_lines:
                texts = [(cell or "").strip() for cell in cells]
                self.misfit_lines[guess.name] = self._lines[texts.index(guess.misfits[0])]
        self._lines.clear()
        self._rows.clear()
