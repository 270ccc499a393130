"""The look at a file before it is loaded: schema, sample, a guess, and what must be asked."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.data.column_types import ColumnGuess, guess_column, known_column
from lab.data.mapping import Mapping
from lab.data.mapping_guess import guess_mapping
from lab.data.reading import Reading
from lab.data.records import Dialect
from lab.data.source import SAMPLE_ROWS, Source, open_source, sample
from lab.data.sql_console import read_file

SHOWN_ROWS = 20
_PLURALS = {"integer": "whole numbers", "number": "numbers", "date": "days", "time": "times"}


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


@dataclass(frozen=True)
class Preview:
    """What a file seems to be.

    Args:
        source: The file and how it is read.
        name: What the person calls the file.
        size_bytes: Its size on disk.
        columns: Its columns, with guessed types.
        rows: The first rows, as text.
        physical_lines: Lines of a text file; 0 for Parquet.
        mapping: The guessed mapping.
        questions: What must be answered before it can be loaded.
        doubts: What is uncertain, in sentences.
        problems: Line and reason of the bad rows among the first ones.
        mended: Line of the rows among them that are mended, and what is done to them.
    """

    source: Source
    name: str
    size_bytes: int
    columns: tuple[ColumnGuess, ...]
    rows: tuple[tuple[str | None, ...], ...]
    physical_lines: int
    mapping: Mapping
    questions: tuple[Question, ...]
    doubts: tuple[str, ...]
    problems: tuple[tuple[int, str], ...]
    mended: tuple[tuple[int, str], ...] = ()


def preview(
    ws: Workspace,
    path: Path | str,
    dialect: Dialect | None = None,
    name: str = "",
    asked: Reading | None = None,
    *,
    counted: bool = True,
) -> Preview:
    """Look at a file without loading it.

    Args:
        ws: The workspace.
        path: The file.
        dialect: How its text is written, when a person has said so.
        name: What the person calls the file; its own name when not given.
        asked: Which part of the file is read, and how, as far as a person has said so.
        counted: Whether its lines are counted, which reads all of it.

    Returns:
        Schema, sample, guessed mapping and open questions.

    Raises:
        NotFound: There is no such file.
        BadInput: It cannot be read as a table.
    """
    path = Path(path).expanduser().absolute()
    source = open_source(ws, path, dialect, asked)
    rows, problems, mended = _sample(ws, source)
    if not rows and not problems:
        raise BadInput(f"{path.name} has a header but no rows.", "Choose a file with rows.")
    if not rows:
        line, reason = problems[0]
        raise BadInput(
            f"No row of {path.name} can be read; line {line} {reason}.",
            "Check the delimiter and the header.",
        )
    cells = list(zip(*rows, strict=True))
    columns = [
        known_column(guess_column(column, cells[i]), source.types.get(column, ""))
        for i, column in enumerate(source.columns)
    ]
    dialect = source.dialect if source.format.is_text else None
    # A log or a document may hold numbers, and is no set of metrics for that.
    whole = source.format.name == "log" or source.reading.layout == "documents"
    kind = "table" if whole else ""
    mapping = guess_mapping(Path(name or path.name).stem, columns, dialect, kind)
    mapping = replace(mapping, reading=source.reading)
    return Preview(
        source=source,
        name=name or path.name,
        size_bytes=path.stat().st_size,
        columns=tuple(columns),
        rows=tuple(rows[:SHOWN_ROWS]),
        physical_lines=source.physical_lines() if counted else 0,
        mapping=mapping,
        questions=open_questions(columns, mapping),
        doubts=source.doubts + tuple(_misfits(columns)),
        problems=tuple(problems),
        mended=tuple(mended),
    )


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
        times = ", ".join(guesses[naive[0]].examples[:1])
        asked.append(
            Question(
                "timezone",
                f"Times such as {times} carry no time zone. Where was that clock?",
                (("UTC", "UTC, as servers mostly log"),),
            )
        )
    return tuple(asked)


def suggested(found: Preview, kind: str) -> Mapping:
    """The best mapping of a file to a kind of data set.

    Args:
        found: The look at the file.
        kind: ``metrics`` or ``table``.
    """
    if kind == found.mapping.kind:
        return found.mapping
    guess = guess_mapping(Path(found.name).stem, found.columns, found.mapping.dialect, kind)
    return replace(guess, reading=found.mapping.reading)


def answered(mapping: Mapping, answers: Dict[str, str]) -> Mapping:
    """A mapping with questions answered.

    Args:
        mapping: The mapping.
        answers: Answer by the key of its question.
    """
    types = {k.partition(":")[2]: v for k, v in answers.items() if k.startswith("type:")}
    zone = answers.get("timezone", mapping.timezone)
    return replace(mapping, types={**mapping.types, **types}, timezone=zone)


def resolve(found: Preview, given: Dict[str, Any] | None) -> Mapping:
    """The guessed mapping with what a person said on top.

    Args:
        found: The preview.
        given: Fields of ``Mapping`` that differ from the guess.

    Raises:
        BadInput: A question is still open.
    """
    mapping = found.mapping.changed(given or {})
    for question in open_questions(found.columns, mapping):
        key, _, column = question.key.partition(":")
        value = question.options[0][0]
        told = {"types": {column: value}} if column else {key: value}
        raise BadInput(question.text, f"Choose it on the form, or say so: mapping={told}.")
    return mapping


def _sample(
    ws: Workspace, source: Source
) -> tuple[list[tuple[str | None, ...]], list[tuple[int, str]], list[tuple[int, str]]]:
    if source.is_text:
        rows, bad = sample(source)
        mended = [(item.line, item.reason) for item in rows if item.reason]
        problems = [(item.line, item.reason) for item in bad]
        return [tuple(item.cells) for item in rows], problems, mended
    sql = "SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1)"
    rows_there = read_file(ws, sql, source.path, min(SAMPLE_ROWS, 1_000)).rows
    return list(rows_there), [], []


def _misfits(columns: Sequence[ColumnGuess]) -> list[str]:
    return [
        f"Column {column.name!r} holds {_PLURALS.get(column.type.partition(':')[0], 'values')}, "
        f"except {len(column.misfits):,} of the first cells, such as {column.misfits[0][:40]!r}; "
        "their rows are rejected unless its type is text."
        for column in columns
        if column.misfits
    ]


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
