"""A file as a source of rows: one way in, whatever kind of file it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.careful import Careful, careful
from lab.data.door import Door, Opened
from lab.data.encodings import rescued
from lab.data.formats import Format, archived, detect
from lab.data.json_blocks import json_line_blocks
from lab.data.json_documents import open_json
from lab.data.json_rows import parse_object, row_parser
from lab.data.lines import count_file, first_lines, guess_encoding, open_text, split_lines
from lab.data.log_file import looks_like_log, open_log
from lab.data.reading import Reading
from lab.data.records import Dialect, Item, csv_items, json_items
from lab.data.row_blocks import RowBlock
from lab.data.sheets import open_rows
from lab.data.sniff import heading_of, named_columns, sniff, table_rows
from lab.data.sql_console import read_file

MAX_COLUMNS = 2_000
# 300 million rows fit in a Parquet file of half a megabyte.
MAX_PARQUET_ROWS = 50_000_000
MAX_PARQUET_CELLS = 500_000_000
SAMPLE_ROWS = 5_000


@dataclass(frozen=True)
class Source:
    """A file that was looked at once, so that it can be read the same way again.

    Args:
        path: The file.
        format: How it is written.
        columns: Its column names, in order.
        dialect: How its text is written; only ``encoding`` counts for JSON lines.
        rows: Rows a Parquet file says it has; 0 for text.
        doubts: Sentences about what is uncertain.
        reading: Which part of the file is read, and how, with every choice made.
        parts: Sheets, tables, files or lists to choose from; none where there is no choice.
        door: The way into a file that is neither rows of text nor Parquet.
        header: The names as the file has them, maybe empty or repeated; none without a header.
        types: Column types that are known, not guessed.
    """

    path: Path
    format: Format
    columns: tuple[str, ...]
    dialect: Dialect
    rows: int = 0
    doubts: tuple[str, ...] = ()
    reading: Reading = Reading()
    parts: tuple[str, ...] = ()
    door: Door | None = None
    header: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Whether it has physical lines, or rows and records that are numbered like lines."""
        return self.format.name != "parquet"

    def items(self) -> Iterator[Item]:
        """Every physical line of a text file, as rows and what is no row."""
        if self.door is not None:
            yield from self.door.items()
            return
        with open_text(self.path, self.format, self.dialect.encoding) as text:
            lines = split_lines(text, self.path.name)
            if self.format.name == "jsonl":
                yield from json_items(lines, row_parser(self.columns))
            elif self.dialect.repair:
                yield from self._careful().items(csv_items(lines, self.dialect, self.width))
            else:
                yield from csv_items(lines, self.dialect, self.width)

    @property
    def in_blocks(self) -> bool:
        """Whether it comes many rows at a time: all but delimited text and Parquet."""
        return self.door is not None or self.format.name == "jsonl"

    def blocks(self) -> Iterator[RowBlock]:
        """What ``items`` gives, many at a time, where ``in_blocks`` holds."""
        if self.door is not None:
            yield from self.door.blocks()
            return
        with open_text(self.path, self.format, self.dialect.encoding) as text:
            yield from json_line_blocks(text, self.path.name, self.columns)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def _careful(self) -> Careful:
        first = first_lines(self.path, self.format, self.dialect.encoding)
        rows = table_rows(first, self.dialect)
        return careful(rows, self.dialect, self.width)

    def physical_lines(self) -> int:
        """Lines of a text file, counted without looking at what they hold; 0 for Parquet."""
        if not self.is_text:
            return 0
        if self.door is not None:
            return self.door.count()
        return count_file(self.path, self.format, self.dialect.encoding)


def open_source(
    ws: Workspace, path: Path, dialect: Dialect | None = None, asked: Reading | None = None
) -> Source:
    """Look at a file that is to be loaded, in which each column needs a name of its own.

    Arguments, result and errors are those of ``look``.
    """
    source = look(ws, path, dialect, asked)
    _check_columns(path.name, source.columns)
    return source


def look(
    ws: Workspace, path: Path, dialect: Dialect | None = None, asked: Reading | None = None
) -> Source:
    """Look at a file: format, encoding, dialect and columns.

    Args:
        ws: The workspace, whose limits hold for the look at Parquet.
        path: The file.
        dialect: How its text is written, when a person has said so.
        asked: Which part is read, and how, as far as a person has said so.

    Returns:
        The source.

    Raises:
        NotFound: There is no such file.
        BadInput: It cannot be read as a table.
    """
    asked = asked or Reading()
    kind = detect(path, asked.part)
    if kind.packing.member:
        asked = replace(asked, part="")  # it named the file in the archive
    if kind.name == "parquet":
        source = _parquet(ws, path, kind)
    elif not kind.is_text:
        source = _through(path, kind, Dialect(), open_rows(ws, path, kind.name, asked.part))
    else:
        guess = guess_encoding(path, kind)
        encoding = dialect.encoding if dialect else guess.name
        doubts = (guess.doubt,) if guess.doubt and not dialect else ()
        if kind.name == "json" or (kind.name == "jsonl" and asked.layout):
            opened = open_json(path, kind, encoding, asked)
            source = _through(path, kind, Dialect(encoding=encoding), opened)
        elif asked.pattern or (not dialect and looks_like_log(path, kind, encoding)):
            kind = replace(kind, name="log")
            opened = open_log(path, kind, encoding, asked)
            source = _through(path, kind, Dialect(encoding=encoding), opened)
        else:
            read = _json if kind.name == "jsonl" else _csv
            source = read(path, kind, dialect or Dialect(encoding=encoding), dialect is None)
        source = replace(source, doubts=doubts + source.doubts)
    if kind.packing.member:
        told = replace(source.reading, part=kind.packing.member)
        source = replace(source, reading=told, parts=tuple(archived(path)))
    return source


def sample(source: Source, count: int = SAMPLE_ROWS) -> tuple[list[Item], list[Item]]:
    """The first good rows of a text file, and the bad ones met on the way."""
    rows: list[Item] = []
    bad: list[Item] = []
    for item in source.items():
        if item.kind == "row":
            rows.append(item)
        elif item.kind == "bad":
            bad.append(item)
        if len(rows) >= count or len(bad) >= count:
            break
    return rows, bad


def _through(path: Path, kind: Format, dialect: Dialect, opened: Opened) -> Source:
    told = Reading(opened.part, opened.layout, opened.pattern, opened.year)
    return Source(path, kind, opened.columns, dialect, doubts=opened.doubts, reading=told,
                  parts=opened.parts, door=opened.door, types=opened.types)  # fmt: skip


def _csv(path: Path, kind: Format, dialect: Dialect, guessed: bool) -> Source:
    doubts: list[str] = []
    lines = first_lines(path, kind, dialect.encoding)
    if guessed:
        dialect, doubts = sniff(lines, dialect.encoding)
    heading = heading_of(lines, dialect)
    if not heading.width:
        raise BadInput(f"{path.name} holds no rows.", "Choose a file with a header and rows.")
    names = tuple(rescued(name).replace("\0", "") for name in heading.names)
    if names != heading.names:
        doubts.append("Names held bytes that no text has; they are read as Windows-1252.")
    columns = tuple(named_columns(names or [""] * heading.width, dialect.header))
    return Source(path, kind, columns, dialect, doubts=tuple(doubts), header=names)


def _json(path: Path, kind: Format, dialect: Dialect, guessed: bool) -> Source:
    del guessed  # nothing is sniffed but the encoding
    names: dict[str, None] = {}
    with open_text(path, kind, dialect.encoding) as text:
        for line in islice(split_lines(text, path.name), SAMPLE_ROWS):
            try:
                names.update(dict.fromkeys(parse_object(line)) if line.strip() else {})
            except (ValueError, RecursionError):
                continue  # such a line is rejected, with its reason, when rows are read
    if not names:
        raise BadInput(
            f"{path.name} has no line that is a JSON object.",
            'Write one object on each line, such as {"a": 1}.',
        )
    return Source(path, kind, tuple(names), dialect)


def _parquet(ws: Workspace, path: Path, kind: Format) -> Source:
    try:
        about = read_file(ws, "SELECT num_rows FROM parquet_file_metadata($1)", path, 1)
    except BadInput as error:
        raise BadInput(f"{path.name} is damaged: it cannot be read as Parquet.",
                       "Copy or export it again.") from error  # fmt: skip
    rows = int(about.rows[0][0])
    described = read_file(
        ws, "SELECT column_name FROM (DESCRIBE FROM read_parquet($1))", path, MAX_COLUMNS + 1
    )
    columns = tuple(str(name) for (name,) in described.rows)
    if rows > MAX_PARQUET_ROWS or rows * len(columns) > MAX_PARQUET_CELLS:
        raise BadInput(
            f"{path.name} unpacks to {grouped(rows)} rows of {len(columns)} columns; at most "
            f"{grouped(MAX_PARQUET_ROWS)} rows and {grouped(MAX_PARQUET_CELLS)} cells can be "
            "loaded.",
            "Load a part of it.",
        )
    return Source(path, kind, columns, Dialect(), rows=rows)


def _check_columns(file: str, columns: tuple[str, ...]) -> None:
    if len(columns) > MAX_COLUMNS:
        raise BadInput(
            f"{file} has {grouped(len(columns))} columns; at most {grouped(MAX_COLUMNS)} can be "
            "loaded.",
            "Check the delimiter, or write it in the long layout.",
        )
    seen: dict[str, int] = {}
    for position, name in enumerate(columns, start=1):
        # DuckDB does not tell names apart by case.
        first = seen.setdefault(name.lower(), position)
        if first != position:
            raise BadInput(
                f"{file} names two columns {name!r}: number {first} and number {position}.",
                "Rename one of them in the file.",
            )
