"""The look at a file before it is loaded: schema, sample, a guess, and what must be asked."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.column_types import ColumnGuess, guess_column, known_column
from lab.data.mapping import Mapping
from lab.data.mapping_guess import guess_mapping
from lab.data.questions import Question as Question
from lab.data.questions import open_questions as open_questions
from lab.data.reading import Reading
from lab.data.records import Dialect, Item
from lab.data.source import SAMPLE_ROWS, Source, open_source, sample
from lab.data.sql_console import read_file

SHOWN_ROWS, SHOWN_CHARS = 20, 160
# Rows that share time and labels with another are events, not samples of a metric.
MOST_REPEATS = 0.4
_PLURALS = {"integer": "whole numbers", "number": "numbers", "date": "days", "time": "times"}


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
    if not rows:
        raise _no_rows(source, problems)
    cells = list(zip(*rows, strict=True))
    columns = [
        known_column(guess_column(column, cells[i]), source.types.get(column, ""))
        for i, column in enumerate(source.columns)
    ]
    mapping = _guessed(Path(name or path.name).stem, source, columns, rows)
    return Preview(
        source=source,
        name=name or path.name,
        size_bytes=path.stat().st_size,
        columns=tuple(columns),
        rows=tuple(rows[:SHOWN_ROWS]),
        physical_lines=source.physical_lines() if counted else 0,
        mapping=mapping,
        questions=open_questions(columns, mapping),
        doubts=(*source.doubts, *_misfits(columns), *_unused(columns, mapping)),
        problems=tuple(problems),
        mended=tuple(mended),
    )


def _no_rows(source: Source, problems: Sequence[tuple[int, str]]) -> BadInput:
    if problems:
        line, reason = problems[0]
        return BadInput(
            f"No row of {source.path.name} can be read; line {line} {reason}.",
            "Check the delimiter and the header.",
        )
    others = [name for name in source.parts if name != source.reading.part]
    hint = f"Choose another part: {', '.join(others)}." if others else "Choose a file with rows."
    return BadInput(f"{source.path.name} has a header but no rows.", hint)


def _guessed(
    stem: str,
    source: Source,
    columns: Sequence[ColumnGuess],
    rows: "Sequence[Sequence[str | None]]",
) -> Mapping:
    dialect = source.dialect if source.format.is_text else None
    # A log or a document may hold numbers, and is no set of metrics for that.
    whole = source.format.name == "log" or source.reading.layout == "documents"
    mapping = guess_mapping(stem, columns, dialect, "table" if whole else "")
    if mapping.kind == "metrics" and _repeats(rows, source.columns, mapping) > MOST_REPEATS:
        mapping = guess_mapping(stem, columns, dialect, "table")
    return replace(mapping, reading=source.reading)


def _repeats(
    rows: "Sequence[Sequence[str | None]]", columns: Sequence[str], mapping: Mapping
) -> float:
    """Share of sampled rows whose time and labels an earlier one has: metrics have few."""
    key = (mapping.time_column, mapping.metric_column, *mapping.label_columns)
    places = [columns.index(name) for name in key if name]
    return 1 - len({tuple(row[place] for place in places) for row in rows}) / len(rows)


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
        mended = [
            (item.line, f"{item.reason}; read as {_shown(item)}") for item in rows if item.reason
        ]
        problems = [(item.line, item.reason) for item in bad]
        return [tuple(item.cells) for item in rows], problems, mended
    sql = "SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1)"
    rows_there = read_file(ws, sql, source.path, min(SAMPLE_ROWS, 1_000)).rows
    return list(rows_there), [], []


def _shown(item: Item) -> str:
    return " | ".join(str(cell or "") for cell in item.cells)[:SHOWN_CHARS]


def _misfits(columns: Sequence[ColumnGuess]) -> list[str]:
    return [
        f"Column {column.name!r} holds {_PLURALS.get(column.type.partition(':')[0], 'values')}, "
        f"except {grouped(len(column.misfits))} of the first cells, such as "
        f"{column.misfits[0][:40]!r}; their rows are rejected unless its type is text."
        for column in columns
        if column.misfits
    ]


def _unused(columns: Sequence[ColumnGuess], mapping: Mapping) -> list[str]:
    return [
        f"Column {column.name!r} is empty in the first rows and is not read; choose it as a value "
        "or a label if it is one."
        for column in columns
        if column.missing == 1 and column.name not in mapping.used
    ]
