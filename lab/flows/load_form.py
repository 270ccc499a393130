"""What the form of a load asks and how its answers become a mapping."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pandas as pd

from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.catalog import DatasetCard, bundled
from lab.data.column_types import BASE, NUMERIC
from lab.data.preview import Preview, Question, open_questions, suggested
from lab.flows.ingest import preview

KNOWN = "Table, workbook, database, JSON or log; also packed"
KINDS = {"metrics": "Metrics over time", "table": "A table of its own"}
KEY = "Columns that make a row unique; a second row with the same is rejected."
TYPES = {"column": "Column", "examples": "Examples", "missing": "Missing (%)"}
RULES = {
    "column": "Column",
    "required": "Required",
    "least": "At least",
    "most": "At most",
    "only": "One of (a, b, …)",
    "name": "Name in the table",
    "divide_by": "Divide by",
}
MODES = {"replace": "Replace what is there", "add": "Add or update rows by key"}


def cards() -> dict[str, DatasetCard]:
    """The bundled data sets by name."""
    return {card.name: card for card in bundled()}


def file_stamp(source: str) -> str:
    """A text that changes whenever a file does; empty for a bundled set or no file."""
    path = Path(source).expanduser()
    if not source or not path.is_file():
        return ""
    return f"{path.stat().st_mtime_ns}.{path.stat().st_size}"


def look(
    ws: Workspace,
    source: str,
    name: str,
    stamp: str,
    mend: bool = False,
    asked: Dict[str, Any] | None = None,
) -> Preview:
    """A look at a file; ``stamp`` makes a remembered look end when the file changes.

    With ``mend``, rows that do not fit are put right instead of turned away; ``asked`` holds
    fields of ``lab.data.reading.Reading``.
    """
    del stamp
    found = preview(ws, source, name=name, asked=asked)
    dialect = found.mapping.dialect
    if not (mend and dialect and can_be_mended(found)):
        return found
    again = preview(ws, source, asdict(replace(dialect, repair=True)), name, asked)
    return replace(again, doubts=found.doubts)


def can_be_mended(found: Preview) -> bool:
    """Whether bad rows of a file may be put right: those of delimited text alone."""
    damaged = bool(found.problems or found.mended)
    return damaged and found.source.format.name == "csv"


def facts(found: Preview) -> str:
    """One line about a file: how it is written and how much there is."""
    mapping = found.mapping
    dialect = mapping.dialect
    parts = [found.source.format.title]
    if dialect and found.source.format.name == "csv":
        mark = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar"}
        parts.append(f"parted by {mark.get(dialect.delimiter, repr(dialect.delimiter))}")
    if dialect:
        parts.append(dialect.encoding.upper())
    rows = found.physical_lines or found.source.rows
    kind = found.source.format.name
    word = {"csv": "lines", "jsonl": "lines", "log": "lines", "json": "records"}.get(kind, "rows")
    parts.append(f"{grouped(rows)} {word}")
    parts.append(f"{len(found.columns)} column{'s' * (len(found.columns) != 1)}")
    return " · ".join(parts)


def sample_rows(found: Preview) -> pd.DataFrame:
    """The first rows, as the text they are."""
    return pd.DataFrame(list(found.rows), columns=list(found.source.columns))


def schema_rows(found: Preview) -> pd.DataFrame:
    """Columns with their guessed types, for a person to correct."""
    return pd.DataFrame(
        {
            "column": [column.name for column in found.columns],
            "type": [column.type for column in found.columns],
            "examples": [", ".join(column.examples) for column in found.columns],
            "missing": [round(100 * column.missing, 1) for column in found.columns],
        }
    )


def rule_rows(found: Preview) -> pd.DataFrame:
    """What each column promises, to be filled in by a person; an empty cell promises nothing."""
    columns = [column.name for column in found.columns]
    nothing: dict[str, Any] = {"required": False, "least": None, "most": None, "only": "",
                               "name": "", "divide_by": None}  # fmt: skip
    frame = pd.DataFrame({"column": columns} | {k: [v] * len(columns) for k, v in nothing.items()})
    return frame.astype(dict.fromkeys(["least", "most", "divide_by"], "float64"))


def rules_of(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """The rules a filled-in form stands for, by column; only what was filled in."""
    rules = {}
    for row in rows.to_dict("records"):
        given = {str(k): v for k, v in row.items() if k != "column" and not pd.isna(v) and v}
        given |= {k: row[k] for k in ("least", "most") if not pd.isna(row[k])}
        if "only" in given:
            given["only"] = [text.strip() for text in given["only"].split(",") if text.strip()]
        if given:
            rules[str(row["column"])] = given
    return rules


def problem_rows(found: Preview) -> pd.DataFrame:
    """Line and reason of bad rows among the first ones, and of those that are mended."""
    rows = [(line, reason, "Rejected") for line, reason in found.problems]
    rows += [(line, what, "Mended") for line, what in found.mended]
    return pd.DataFrame(rows, columns=["Line", "Reason", "Outcome"])


def said_problems(found: Preview) -> str:
    """How many of the first rows do not fit, and what becomes of them; empty when all fit."""
    counts = {"will be rejected": len(found.problems), "will be mended": len(found.mended)}
    said = [f"{grouped(count)} of the first rows {fate}" for fate, count in counts.items() if count]
    return ", ".join(said) + "." if said else ""


def type_options(found: Preview) -> list[str]:
    """Every type a column may be given."""
    own = [column.type for column in found.columns]
    choices = [choice for column in found.columns for choice in column.choices]
    return list(dict.fromkeys([*BASE, *NUMERIC, *own, *choices]))


def zones(own: str = "") -> list[str]:
    """Time zones to choose from: UTC first, then the person's own, then all."""
    return list(dict.fromkeys(["UTC", *filter(None, [own]), *sorted(available_timezones())]))


def questions(found: Preview, kind: str) -> tuple[Question, ...]:
    """What must be asked before a file can be loaded as a kind of data set."""
    return open_questions(found.columns, suggested(found, kind))


def form_mapping(
    found: Preview,
    kind: str,
    dataset: str,
    *,
    types: pd.DataFrame,
    time_column: str = "",
    values: Sequence[str] = (),
    labels: Sequence[str] = (),
    key: Sequence[str] = (),
    rules: pd.DataFrame | None = None,
    answers: Dict[str, str | None] | None = None,
) -> dict[str, Any]:
    """The mapping a filled-in form stands for, as ``ingest`` takes it.

    Args:
        found: The look at the file.
        kind: ``metrics`` or ``table``.
        dataset: Name of the data set or table.
        types: Rows with ``column`` and ``type``, as the person left them.
        time_column: Time of metrics.
        values: Value columns of metrics; ignored where the layout is long.
        labels: Label columns of metrics.
        key: Key columns of a table.
        rules: Rows as ``rule_rows`` gives them, as the person left them.
        answers: Answers by the key of their question; ``None`` is no answer.

    Returns:
        Only the fields that differ from the guess, and the name.
    """
    guess = suggested(found, kind)
    given = {k: v for k, v in (answers or {}).items() if v}
    chosen = dict(zip(types["column"], types["type"], strict=True))
    chosen |= {k.removeprefix("type:"): v for k, v in given.items() if k.startswith("type:")}
    wanted: dict[str, Any] = {
        "kind": kind,
        "dataset": dataset.strip(),
        "types": {k: v for k, v in chosen.items() if v and guess.types.get(k, v) != v},
        "timezone": given.get("timezone", guess.timezone),
    }
    if kind == "metrics":
        wanted |= {"time_column": time_column, "label_columns": list(labels)}
        long = {"metric_column": guess.metric_column, "value_column": guess.value_column}
        wanted |= long if guess.value_column else {"value_columns": list(values)}
    else:
        wanted |= {"key": list(key), "rules": {} if rules is None else rules_of(rules)}
    was = found.mapping.as_dict()
    same = {k for k, v in wanted.items() if was.get(k) == (tuple(v) if isinstance(v, list) else v)}
    same |= {"types"} if not wanted["types"] else set()
    wanted["reading"] = {k: v for k, v in asdict(found.mapping.reading).items() if v}
    same |= {"reading"} if not wanted["reading"] else set()
    mended = {"dialect": asdict(found.source.dialect)} if found.source.dialect.repair else {}
    return {k: v for k, v in wanted.items() if k not in same or k == "dataset"} | mended
