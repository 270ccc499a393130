"""Load a file: look, check, stage, reconcile, and land whole or not at all."""

import hashlib
import uuid
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, unknown
from lab.core.progress import Progress, Steps, rescaled
from lab.core.workspace import Workspace
from lab.data.catalog import DatasetCard, bundled, card, verify
from lab.data.landed import MODES, LoadRecord, land_load
from lab.data.landing import build_metrics, build_table, content_hash, count_rows, type_rows
from lab.data.mapping import Mapping, checked_mapping
from lab.data.preview import Preview, preview, resolve
from lab.data.records import Dialect
from lab.data.source import Source
from lab.data.staging import Tally, stage_rows, staged_database, sweep_spill

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

# A text table staged as text, then typed, then landed, takes about this many times its size.
SPACE_FACTOR = 6
SHOWN_REASONS = 10


@dataclass(frozen=True)
class LoadSummary:
    """What a load did, with counts that add up.

    Args:
        load_id: Its id in tables ``loads`` and ``rejects``.
        dataset: Name of the data set or table.
        kind: metrics or table.
        source: What the person calls the file.
        rows_read: Data rows met: ``rows_loaded`` + ``rows_rejected``.
        rows_loaded: Rows that landed.
        rows_rejected: Rows turned away, whole.
        physical_lines: Lines in the file; 0 for Parquet.
        lines: Where they went: row, bad, header, blank, comment, preamble.
        values: Samples landed in observations; 0 for a table.
        series: Series landed; 0 for a table.
        incidents: Labelled incidents that came with it.
        start: First moment, ISO 8601; empty for a table without time.
        end: Last moment.
        reasons: The commonest reasons of rejection with how often.
        content_hash: Hash of what landed, whatever its order.
        sha256: Hash of the file.
        mapping: The mapping used.
    """

    load_id: str
    dataset: str
    kind: str
    source: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    physical_lines: int
    lines: dict[str, int]
    values: int
    series: int
    incidents: int
    start: str
    end: str
    reasons: list[tuple[str, int]]
    content_hash: str
    sha256: str
    mapping: dict[str, Any] = field(default_factory=dict)


def ingest(
    ws: Workspace,
    source: Path | str,
    mapping: Dict[str, Any] | None = None,
    *,
    mode: str = "replace",
    name: str = "",
) -> Steps[LoadSummary]:
    """Load a file or a bundled data set.

    Args:
        ws: The workspace.
        source: A path, or the name of a bundled data set.
        mapping: Fields of ``lab.data.mapping.Mapping`` that differ from the guess.
        mode: ``replace`` what is there under that name, or ``add`` rows by their key.
        name: What the person calls the file; its own name when not given.

    Yields:
        Progress.

    Returns:
        The counts, which add up to the lines of the file.

    Raises:
        NotFound: There is no such file, data set or column.
        BadInput: The file cannot be read, a question is open, or counts do not add up; nothing
            is loaded.
        Busy: Somebody else held the database all the time.
    """
    if mode not in MODES:
        raise unknown("way of loading", mode, MODES)
    given, bundle = dict(mapping or {}), _bundle(source)
    path = Path(source).expanduser().absolute()
    if bundle is not None:
        verify(bundle)
        path, given = bundle.path, {**bundle.mapping, **given}
    yield Progress(0, 100, "Looking at the file")
    ws.store.sweep()
    sweep_spill(ws)
    found = preview(ws, path, _dialect(given), name)
    chosen = checked_mapping(resolve(found, given), found.source.columns)
    ws.need_space(SPACE_FACTOR * path.stat().st_size)
    incidents = _incidents(bundle, chosen)
    with ws.store.stage() as staged:
        with staged_database(ws, staged, path) as connection:
            tally = yield from _staged(connection, found.source, chosen)
            summary = _summarise(connection, chosen, tally, found)
        yield Progress(88, 100, f"Landing {summary.rows_loaded:,} rows")
        record = _record(summary)
        ws.store.publish(
            staged, {}, lambda shared: land_load(shared, record, chosen, mode, incidents)
        )
    yield Progress(100, 100, "Done")
    return replace(summary, incidents=0 if incidents is None else len(incidents))


def _bundle(source: Path | str) -> DatasetCard | None:
    if isinstance(source, Path) or Path(source).suffix or "/" in source or Path(source).exists():
        return None
    if source in {one.name for one in bundled()}:
        return card(source)
    raise unknown("file or bundled data set", source, [one.name for one in bundled()])


def _dialect(given: Dict[str, Any]) -> Dialect | None:
    told = given.get("dialect")
    return Dialect(**told) if isinstance(told, dict) else told


def _staged(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping
) -> Steps[Tally]:
    tally = yield from _scaled(stage_rows(connection, source), 2, 60)
    yield Progress(60, 100, f"Checking {tally.rows:,} rows")
    type_rows(connection, source, mapping)
    loaded, rejected = count_rows(connection)
    tally.check(loaded, rejected)
    if not loaded:
        raise BadInput(f"None of {tally.rows:,} rows can be loaded. {_first(connection)}",
                       "Correct the mapping or the file.")  # fmt: skip
    yield Progress(75, 100, f"Arranging {loaded:,} rows")
    (build_metrics if mapping.kind == "metrics" else build_table)(connection, source, mapping)
    return tally


def _scaled(steps: Steps[Tally], start: float, end: float) -> Steps[Tally]:
    while True:
        try:
            yield rescaled(next(steps), start, end, 100)
        except StopIteration as stop:
            tally: Tally = stop.value
            return tally


def _summarise(
    connection: "duckdb.DuckDBPyConnection", mapping: Mapping, tally: Tally, found: Preview
) -> LoadSummary:
    loaded, rejected = count_rows(connection)
    metrics = mapping.kind == "metrics"
    values, series, start, end = (0, 0, None, None)
    if metrics:
        values, series, start, end = connection.execute(
            "SELECT count(*), count(DISTINCT series_id), min(timestamp), max(timestamp) "
            "FROM observations"
        ).fetchall()[0]
    reasons = connection.execute(
        # The cell differs from line to line; the rest of the reason is what they share.
        "SELECT regexp_replace(reason, '^(.*?): .* ((is|carries|does|happens) )', '\\1: … \\2'),"
        " count(*) FROM rejects GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        [SHOWN_REASONS],
    ).fetchall()
    return LoadSummary(
        load_id=uuid.uuid4().hex[:12],
        dataset=mapping.dataset,
        kind=mapping.kind,
        source=found.name,
        rows_read=tally.rows,
        rows_loaded=loaded,
        rows_rejected=rejected,
        physical_lines=tally.physical_lines,
        lines=tally.lines,
        values=values,
        series=series,
        incidents=0,
        start=start.isoformat() if start else "",
        end=end.isoformat() if end else "",
        reasons=reasons,
        content_hash=content_hash(connection, "observations" if metrics else "landing"),
        sha256=_sha256(found.source.path),
        mapping=mapping.as_dict(),
    )


def _record(summary: LoadSummary) -> LoadRecord:
    kept = {f.name: getattr(summary, f.name) for f in fields(LoadRecord) if f.name != "loaded_at"}
    return LoadRecord(**kept, loaded_at=datetime.now(UTC))


def _first(connection: "duckdb.DuckDBPyConnection") -> str:
    found = connection.execute("SELECT line, reason FROM rejects ORDER BY line LIMIT 1").fetchall()
    return f"First: line {found[0][0]}: {found[0][1]}."


def _incidents(bundle: DatasetCard | None, mapping: Mapping) -> "pd.DataFrame | None":
    """The labelled truth of a bundled set of metrics, as rows of table ``incidents``."""
    if bundle is None or bundle.labels_path is None:
        return None
    import pandas as pd

    frame = pd.read_csv(bundle.labels_path, dtype="str", keep_default_na=False)
    for column in ("start", "end"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    return frame.assign(dataset=mapping.dataset)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
