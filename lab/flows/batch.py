"""Score a batch with a registered model: no server, one table, the same after every run."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, NotFound
from lab.core.names import checked_table
from lab.core.progress import Progress, Steps
from lab.core.schemas import TABLES
from lab.core.sql import land, quoted
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.flows.audit import record
from lab.flows.registry import NAME, champion, model_version

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lab.mlops.models.artifact import LoadedModel, ModelInput

CHUNK = 1000
MADE = ("prediction", "model", "version", "first_predicted_at", "predicted_at")


@dataclass(frozen=True)
class BatchSummary:
    """What scoring a batch came to.

    Args:
        table: Table the predictions are in.
        rows: Rows of this batch.
        total: Rows of the table now; the same batch again changes nothing here.
        key: Columns that tell its rows apart.
        model: Registered name.
        version: Its version.
        seconds: How long it took.
    """

    table: str
    rows: int
    total: int
    key: tuple[str, ...]
    model: str
    version: str
    seconds: float


def score_batch(
    ws: Workspace,
    source: str,
    table: str = "batch_predictions",
    *,
    name: str = NAME,
    version: str | None = None,
) -> Steps[BatchSummary]:
    """Predict every row of a file or a table, and keep one prediction for each key.

    What the model does not take is the key of a row. A row that was scored before is replaced,
    so that a batch that is run twice leaves the table as one run does.

    Args:
        ws: The workspace.
        source: A CSV file, or a table: the columns the model takes and a key.
        table: Table for the predictions; made on first use.
        name: Registered name.
        version: Version to use; the champion when not given.

    Yields:
        Progress by rows.

    Returns:
        How many rows were scored and how many the table holds.

    Raises:
        NotFound: There is no such file, table or version.
        BadInput: Columns do not fit the model, a row has no key of its own, or the table is
            another one.
    """
    import pandas as pd

    from lab.mlops.models.artifact import load_model

    began = datetime.now(UTC)
    yield Progress(0, None, "Reading the batch")
    chosen = champion(ws, name) if version is None else model_version(ws, name, version)
    model = load_model(chosen.folder)
    rows = _rows(ws, source, model.manifest.inputs)
    key = _key(rows, model.manifest.inputs)
    _check_table(ws, table, key)
    values = yield from _predicted(model, rows.drop(columns=list(key)))
    scored = rows[list(key)].assign(
        prediction=pd.Series(values, rows.index), model=chosen.name, version=chosen.version,
        first_predicted_at=began, predicted_at=began,
    )  # fmt: skip
    total = ws.store.change(lambda connection: _landed(connection, table, scored, key))
    record(ws, "scored", f"table {table}", {"model": chosen.name, "version": chosen.version,
           "rows": len(rows)})  # fmt: skip
    seconds = round((datetime.now(UTC) - began).total_seconds(), 2)
    return BatchSummary(table, len(rows), total, key, chosen.name, chosen.version, seconds)


def _rows(ws: Workspace, source: str, inputs: "Sequence[ModelInput]") -> "pd.DataFrame":
    from lab.mlops.models.model_input import parsed_text

    path = Path(source).expanduser()
    if path.is_file():
        return parsed_text(_text(path), inputs)
    if ws.store.has(source):
        return ws.store.read(f"SELECT * FROM {quoted(source)}")
    raise NotFound(
        f"There is no file and no table {source!r}.", "Give the path of a CSV file, or a table."
    )


def _text(path: Path) -> "pd.DataFrame":
    """The cells of a CSV as they are written; nothing is guessed."""
    import pandas as pd

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file, strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} cannot be read as CSV: {error}.", "Save it as CSV.") from error
    odd = [line for line in lines if len(line) != len(lines[0])]
    if len(lines) < 2 or odd:
        said = f"a row of {len(odd[0])} cells under {len(lines[0])} names" if odd else "no rows"
        raise BadInput(f"{path.name} has {said}.", "Correct the file.")
    return pd.DataFrame(lines[1:], columns=lines[0])


def _key(rows: "pd.DataFrame", inputs: "Sequence[ModelInput]") -> tuple[str, ...]:
    taken = {given.name for given in inputs}
    key = tuple(str(column) for column in rows.columns if column not in taken)
    if not key:
        raise BadInput(
            "The batch has no key: the model takes every column of it.",
            "Add a column that names each row, such as an order number.",
        )
    if set(key) & set(MADE):
        clash = sorted(set(key) & set(MADE))[0]
        raise BadInput(f"Column {clash!r} is one the lab writes itself.", "Rename it.")
    twice = int(rows.duplicated(list(key)).sum())
    if twice:
        raise BadInput(
            f"{grouped(twice)} rows repeat their {', '.join(key)}.", "Give each its own key."
        )
    return key


def _check_table(ws: Workspace, table: str, key: Sequence[str]) -> None:
    checked_table(table)
    there = {info.name: {name for name, _ in info.columns} for info in ws.store.tables()}
    if table in TABLES or there.get(table, {*key, *MADE}) != {*key, *MADE}:
        raise BadInput(
            f"Table {table} is there and holds something else.", "Choose another name for it."
        )


def _predicted(model: "LoadedModel", rows: "pd.DataFrame") -> Steps[list[float]]:
    from lab.mlops.models.train import single_thread

    values: list[float] = []
    for start in range(0, len(rows), CHUNK):
        with single_thread():
            values += map(float, model.predict(rows.iloc[start : start + CHUNK]))
        yield Progress(
            len(values), len(rows), f"Scored {grouped(len(values))} of {grouped(len(rows))} rows"
        )
    return values


def _landed(
    connection: "duckdb.DuckDBPyConnection", table: str, scored: Any, key: Sequence[str]
) -> int:
    """Replace rows by key, keeping when each was scored first; returns the rows of the table."""
    connection.register("scored", scored)
    land(connection, table, "(FROM scored LIMIT 0)")
    names = ", ".join(map(quoted, key))
    before = (
        f"(SELECT {names}, min(first_predicted_at) AS earlier FROM {quoted(table)} GROUP BY ALL)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE dated AS SELECT * EXCLUDE (earlier)"
        " REPLACE (coalesce(earlier, first_predicted_at) AS first_predicted_at)"
        f" FROM scored LEFT JOIN {before} USING ({names})"
    )
    land(connection, table, "dated", "upsert", key)
    connection.execute("DROP TABLE dated")
    connection.unregister("scored")
    return int(connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchall()[0][0])
