"""What a file leaves open, and must be asked before it is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.data.column_types import ColumnGuess
from lab.data.mapping import Mapping
from lab.data.times import ZONED


@dataclass(frozen=True)
class Question:
    """Something only a person can know.

    Args:
        key: ``timezone`` or ``type:<column>``, as ``answered`` takes it.
        text: The question.
        options: Answer and what it means, the likelier first; any zone is an answer to
            ``timezone``.
    """

    key: str
    text: str
    options: tuple[tuple[str, str], ...]


def open_questions(columns: Sequence[ColumnGuess], mapping: Mapping) -> tuple[Question, ...]:
    """What a mapping still leaves open.

    Args:
        columns: The guessed columns.
        mapping: The mapping as it stands.

    Returns:
        One question for each choice that would otherwise be a silent guess.
    """
    guesses = {column.name: column for column in columns}
    asked = []
    for name in mapping.used:
        if mapping.types[name].endswith(":?"):
            asked.append(_which(guesses[name]))
    naive = [n for n in mapping.used if _naive(guesses[n], mapping.types[n], mapping)]
    if naive and not mapping.timezone:
        examples = guesses[naive[0]].examples
        times = next((text for text in examples if not ZONED.search(text)), "".join(examples[:1]))
        asked.append(
            Question(
                "timezone",
                f"Times such as {times} carry no time zone. Where was that clock?",
                (("UTC", "UTC, as servers mostly log"),),
            )
        )
    return tuple(asked)


def _which(column: ColumnGuess) -> Question:
    example = column.examples[0] if column.examples else ""
    options = tuple((choice, _meaning(choice, example)) for choice in column.choices)
    what = "number" if column.choices[0].startswith("number") else "date"
    text = f"Column {column.name!r} has {what}s such as {example}, which can be read in two ways."
    return Question(f"type:{column.name}", text, options)


def _meaning(choice: str, example: str) -> str:
    if choice == "number:comma":
        return f"the comma is a decimal mark: {example} means {example.replace(',', '.')}"
    if choice == "number:thousands":
        return f"the comma parts thousands: {example} means {example.replace(',', '')}"
    return "the day comes first" if choice.partition(":")[2].startswith("%d") else "the month first"


def _naive(column: ColumnGuess, kind: str, mapping: Mapping) -> bool:
    """Whether a column holds moments without a zone; days need one only as time of metrics."""
    base = kind.partition(":")[0]
    if base == "date":
        return mapping.kind == "metrics" and column.name == mapping.time_column
    if kind != column.type and not kind.endswith(":?"):
        # A person has set the type; the guess knows only about its own.
        return base == "time" and ":epoch" not in kind and not kind.endswith(("%z", "Z"))
    return base == "time" and not column.zoned
