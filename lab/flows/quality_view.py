"""A quality report as people read it: promises in a table, bad rows, shares to draw, a trend."""

from typing import Any

import pandas as pd

from lab.core.schemas import QUALITY_RESULTS, TABLES
from lab.core.sql import quoted
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.core.yaml_models import Problem
from lab.data.quality.whole import LINE
from lab.flows.contracts import ContractText, find_contract, stored_text, suggest_contract
from lab.flows.load_report import rejects
from lab.flows.metric_hosts import metric_datasets
from lab.flows.quality_rows import table_relation

SHOWN_ROWS = 1_000
# Tables the lab declares whose rows come from a person's files.
LOADED = ("sales", "orders")
PROMISES = {
    "type": "type", "extra": "no other column", "required": "never empty", "least": "at least",
    "most": "at most", "only": "one of a list", "pattern": "written as", "complete": "complete",
    "unique": "never repeats", "rows": "number of rows", "most_bad": "few bad rows",
    "fresh": "fresh", "drift": "no drift",
}  # fmt: skip
VERDICTS = {"fail": "✗ broken", "warn": "! warning", "pass": "✓ kept"}
BAD = {"line": "Line", "column_name": "Column", "reason": "Reason", "text": "The row"}
TEMPLATE = """dataset: {name}
policy: block
# One line for each column of the file.
columns:
  value: {{type: number, required: true}}
"""


def names(ws: Workspace) -> list[str]:
    """Tables and data sets that can have a contract, a person's own tables first."""
    if not ws.database.exists():
        return []
    tables = [info.name for info in ws.store.tables()]
    own = [name for name in tables if name not in TABLES or name in LOADED]
    return [*own, *(name for name in metric_datasets(ws) if name not in own)]


def is_table(ws: Workspace, name: str) -> bool:
    """Whether a name is a table that can be checked as it lies; metrics are held when loaded."""
    return ws.store.has(name)


def contract_text(ws: Workspace, name: str) -> ContractText:
    """The text to begin with: the kept contract, a suggestion, or a template for metrics."""
    if kept := stored_text(ws, name):
        return ContractText(name, True, kept)
    text = suggest_contract(ws, name) if is_table(ws, name) else TEMPLATE.format(name=name)
    return ContractText(name, False, text)


def standing(stored: bool, table: bool) -> str:
    """Whether a contract holds, in a sentence.

    Args:
        stored: Whether it is kept.
        table: Whether it is about a table, not about metrics.
    """
    if stored:
        return "Kept: every load and stream under this name is held to it."
    begun = "A suggestion from the table as it lies" if table else "A template for its file"
    return f"{begun}. It holds once you keep it."


def next_step(table: bool) -> str:
    """What to do with a contract that nothing has been held to."""
    if table:
        return "Read the contract, change what should be stricter, and keep it."
    return "Name the columns of its file and keep the contract; the next load is held to it."


def mistakes(text: str) -> list[Problem]:
    """What is wrong in the text of a contract, by line."""
    from lab.data.quality.reading import problems

    return problems(text)


def checks(ws: Workspace, name: str) -> pd.DataFrame:
    """Every check of a table, the newest first.

    Args:
        ws: The workspace.
        name: Table or data set.

    Returns:
        ``quality_id``, ``at`` (UTC), ``what`` (a load, an hour of a stream or a check as it
        lay), ``verdict``,
        ``rows``, ``bad_rows``, ``kept`` and ``promises``.
    """
    columns = ["quality_id", "at", "what", "verdict", "rows", "bad_rows", "kept", "promises"]
    if not (ws.database.exists() and ws.store.has(QUALITY_RESULTS.name)):
        return pd.DataFrame(columns=columns)
    return ws.store.read(
        'SELECT quality_id, any_value(checked_at) AS "at", '
        "CASE WHEN any_value(load_id) = '' THEN 'as it lay' "
        "WHEN any_value(load_id) LIKE 'stream %' THEN 'stream' ELSE 'load' END AS what, "
        "CASE max(CASE verdict WHEN 'fail' THEN 2 WHEN 'warn' THEN 1 ELSE 0 END) "
        "WHEN 2 THEN 'fail' WHEN 1 THEN 'warn' ELSE 'pass' END AS verdict, "
        "any_value(rows) AS rows, any_value(rows_bad_in_all) AS bad_rows, "
        "count(*) FILTER (WHERE verdict = 'pass') AS kept, count(*) AS promises "
        'FROM quality_results WHERE dataset = ? GROUP BY quality_id ORDER BY "at" DESC',
        [name],
    )


def titles(found: pd.DataFrame) -> dict[str, str]:
    """What to call each check in a list."""
    return {
        row["quality_id"]: f"{row['at']:%Y-%m-%d %H:%M:%S} UTC · {row['what']} · "
        f"{VERDICTS[row['verdict']][2:]}"
        for row in found.to_dict("records")
    }


def promises(ws: Workspace, quality_id: str) -> pd.DataFrame:
    """What one check found, promise by promise.

    Args:
        ws: The workspace.
        quality_id: The check.

    Returns:
        ``Verdict``, ``Column``, ``Promise``, ``Expected``, ``Bad rows``, ``Share`` (of the
        rows, in [0, 1]) and ``Found``.
    """
    found = ws.store.read(
        "SELECT * FROM quality_results WHERE quality_id = ? ORDER BY CASE verdict "
        "WHEN 'fail' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END, position",
        [quality_id],
    )
    rows = found["rows"].clip(lower=1)
    return pd.DataFrame(
        {
            "Verdict": found["verdict"].map(VERDICTS),
            "Column": found["column_name"].replace("", "the table"),
            "Promise": found["promise"].map(PROMISES),
            "Expected": found["expected"],
            "Bad rows": found["bad_rows"],
            "Share": found["bad_rows"] / rows,
            "Found": found["found"],
        }
    )


def sentence(check: dict[str, Any]) -> str:
    r"""The verdict of a check in words.

    Args:
        check: A row of ``checks``.

    >>> check = {"kept": 3, "promises": 4, "rows": 1200, "bad_rows": 7}
    >>> sentence(check).replace("\u202f", " ")
    '3 of 4 promises kept. 7 of 1 200 rows are bad.'
    """
    rows, bad = (grouped(check[name]) for name in ("rows", "bad_rows"))
    return f"{check['kept']} of {check['promises']} promises kept. {bad} of {rows} rows are bad."


def figures(check: dict[str, Any]) -> dict[str, str]:
    """The few numbers of a check that matter."""
    share = check["bad_rows"] / max(check["rows"], 1)
    return {
        "Promises kept": f"{check['kept']} of {check['promises']}",
        "Rows": grouped(check["rows"]),
        "Bad rows": grouped(check["bad_rows"]),
        "Share bad": f"{share:.2%}",
    }


def bad_rows(ws: Workspace, name: str, quality_id: str) -> pd.DataFrame:
    """Rows that break the contract, with their number, the reason and the row itself.

    Of a load, what it turned away, as the lines stand in its file. Of a table as it lies, its
    rows as they are now, as JSON.

    Args:
        ws: The workspace.
        name: Table or data set.
        quality_id: The check.

    Returns:
        ``line``, ``column_name``, ``reason`` and ``text``; at most 1,000.
    """
    load_id, bad = ws.store.rows(
        "SELECT any_value(load_id), any_value(rows_bad_in_all) FROM quality_results "
        "WHERE quality_id = ?",
        [quality_id],
    )[0]
    if load_id:
        return rejects(ws, load_id)
    return _bad_in_place(ws, name) if bad else pd.DataFrame(columns=list(BAD))


def _bad_in_place(ws: Workspace, name: str) -> pd.DataFrame:
    from lab.data.quality.rows import bad_pieces

    promised = find_contract(ws, name)
    found: list[pd.DataFrame] = []
    if promised is None or not is_table(ws, name):
        return pd.DataFrame(columns=list(BAD))

    with table_relation(ws, name) as relation:
        for cells in bad_pieces(relation, promised):
            found.append(cells)
            if sum(map(len, found)) >= SHOWN_ROWS:
                break
        if not found:
            return pd.DataFrame(columns=list(BAD))
        cells = pd.concat(found, ignore_index=True).head(SHOWN_ROWS)
        relation.connection.register("bad_cells", cells)
        # Every name is said: a person's column may be called line, or like any alias.
        row = ", ".join(f"{quoted(one)} := t.{quoted(one)}" for one in relation.types)
        kept: pd.DataFrame = relation.connection.sql(
            "SELECT bad.line, bad.column_name, bad.reason, "
            f"CAST(to_json(struct_pack({row})) AS VARCHAR) AS text "
            f"FROM bad_cells bad JOIN ({relation.sql}) t ON bad.line = t.{LINE} ORDER BY ALL"
        ).df()
        return kept
